// The figures of this process, as one page of Prometheus' text format. Each process tells what it does itself, so that
// sums over processes count nothing twice: docs/observing.md says which tells what.
#pragma once

#include "dnsbl/watch/statistics.hpp"
#include "store/clock.hpp"
#include "store/store.hpp"
#include "tools/config/configuration.hpp"
#include "tools/intake/mail_counts.hpp"
#include "tools/letters/postman.hpp"
#include "tools/metrics/listing_watch.hpp"
#include "tools/workers/counts.hpp"
#include "verifier/verifier.hpp"

#include <boost/json.hpp>

#include <functional>
#include <mutex>
#include <optional>
#include <string>

namespace provenbl::tools::metrics {

// Where figures come from. What this process does not do is empty.
struct Sources {
    const Store& store;
    const Clock& clock;
    Role role = Role::all;
    std::function<std::vector<zones::ZoneDefinition>()> zones = {}; // in force now
    std::function<dnsbl::ServerStatistics()> dns = {};
    std::function<std::uint64_t()> served = {}; // the journal's sequence that DNS is answered from
    std::function<verifier::VerifierStatistics()> verifier = {};
    std::function<std::optional<letters::Postman::Counts>()> letters = {};     // nothing: letters are off
    std::function<std::optional<std::vector<intake::MailCount>>()> mails = {}; // nothing: no reports by mail
    std::function<workers::CoordinatorCounts()> workers = {};
    // Of this process: "mirrors": NAME -> {answering, ahead, zones: APEX -> {serials_behind, seconds_behind}}
    // (tools/api/mirror_lag.hpp); "transfers": {served, refused, notify} (tools/api/dns_statistics.hpp). Whatever is
    // not there is not told.
    std::function<boost::json::object()> services = {};
};

class Metrics {
public:
    explicit Metrics(Sources sources);
    // Any thread. Throws what the store throws.
    [[nodiscard]] std::string text();
    // Listed addresses by class, in the order of the classes; a host of two classes counts in both.
    [[nodiscard]] std::vector<std::pair<ListingClass, std::uint64_t>> listed_by_class();

private:
    const Sources sources_;
    std::mutex mutex_;
    std::optional<ListingWatch> listings_; // not of the process that only answers
};

// The parts, each into the page.
void tell_process(Page& page, Role role);
void tell_store(Page& page, const Store& store, const StoreStatistics& statistics);
void tell_work(Page& page, const Store& store, const StoreStatistics& statistics, Time now);
void tell_verifier(Page& page, const verifier::VerifierStatistics& statistics);
void tell_traps(Page& page, const verifier::VerifierStatistics& statistics);
void tell_mails(Page& page, const std::vector<intake::MailCount>& counts);
void tell_workers(Page& page, const workers::CoordinatorCounts& counts);
void tell_letters(Page& page, const letters::Postman::Counts& counts, const Store& store, Time now);
void tell_dns(Page& page, const dnsbl::ServerStatistics& statistics);
void tell_mirrors(Page& page, const boost::json::object& services);

} // namespace provenbl::tools::metrics
