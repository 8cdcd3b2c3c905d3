// Records as JSON, in the public vocabulary. Everything that a suspect said has passed redaction; who
// reported a host is nowhere in it, and who excluded it only in what the operator reads.
#pragma once

#include "store/records.hpp"
#include "store/store.hpp"
#include "tools/api/context.hpp"
#include "tools/api/timeline.hpp"

#include <boost/json.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace provenbl::tools::api {

// All that is known of a host now, read in one transaction.
struct HostFacts {
    Address address;
    std::optional<Host> host;
    std::optional<Exclusion> exclusion;
    std::optional<Scan> last_visit;            // the newest that has finished
    std::optional<Scan> next_visit;            // running, or else queued
    bool shut_down = false;                    // the list as a whole: nothing is in DNS
    Prefix covers = Prefix::of(Address{}, 32); // what a listing of the address is a listing of
    Time now{};

    [[nodiscard]] bool listed() const { return host && host->listed(); }
    [[nodiscard]] ClassSet classes() const { return host ? host->classes() : ClassSet{}; }
};
[[nodiscard]] HostFacts read_facts(const ReadTxn& txn, const Address& address, Time now);

[[nodiscard]] boost::json::object describe(const HostFacts& facts, const Context& context);
[[nodiscard]] boost::json::object describe(const Scan& scan, const Context& context);
[[nodiscard]] boost::json::object describe(const ScanStep& step, std::size_t number, const Context& context);
[[nodiscard]] boost::json::object describe(const CaseEvidence& evidence, const Context& context); // redacts
[[nodiscard]] boost::json::object describe(const Change& change, const Context& context);
[[nodiscard]] boost::json::object describe(const LifeLine& line, const Context& context);
[[nodiscard]] boost::json::object describe(const Exclusion& exclusion, Time now);
// ... and who decided it, which is nobody else's business.
[[nodiscard]] boost::json::object describe_to_operator(const Exclusion& exclusion, Time now);
// Without who entered it.
[[nodiscard]] boost::json::object describe(const ManualListing& entry);
[[nodiscard]] boost::json::array describe(const std::vector<ManualListing>& entries);
[[nodiscard]] boost::json::object describe(const Notice& notice);
[[nodiscard]] boost::json::array describe(ClassSet classes);
// Null for "never".
[[nodiscard]] boost::json::value describe(Time time);

// Whether some zone has the address as a test entry of RFC 5782, which is in DNS whatever is listed.
[[nodiscard]] bool is_test_entry(const Address& address, const Context& context);

// Why a hole matters, in plain words.
[[nodiscard]] std::string explain(const Hole& hole);

} // namespace provenbl::tools::api
