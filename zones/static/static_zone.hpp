// A static zone as it is served: data sets, and the zone's own records. Immutable; a change of a file makes a new one,
// which shares the sets that did not change.
//
// What exists at a name: an entry where a set lists it or has records there; an empty non-terminal (RFC 8020) above
// one; nothing else. Values of several sets at one name are all given, each once, with the smallest TTL (RFC 2181 5.2).
#pragma once

#include "store/clock.hpp"
#include "zones/definition.hpp"
#include "zones/static/data_set.hpp"
#include "zones/zone.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace provenbl::zones::statics {

// What is asked for; what is not need not be put together.
struct Wanted {
    bool a = false;
    bool txt = false;
    bool mx = false;
};

struct MailExchanger {
    std::uint16_t preference = 0;
    std::string name; // labels in wire form, without a root label
};

// The records of one type at a name; none: it has no such type.
template <class Data> struct RecordsOf {
    std::uint32_t ttl = 0;
    std::vector<Data> data;
    void add(Data one, std::uint32_t its_ttl);
};

struct StaticNode {
    NodeKind kind = NodeKind::nothing; // nothing, empty or entry; of the apex, too, where only its own records count
    bool listed = false;               // an address or a domain that a set lists
    RecordsOf<std::uint32_t> a;
    RecordsOf<std::string> txt;
    RecordsOf<MailExchanger> mx;
};

class StaticZone {
public:
    // Error: nobody names a name server. `place`: among the static zones.
    [[nodiscard]] static Result<std::shared_ptr<const StaticZone>>
    make(const StaticZoneDefinition& definition, std::size_t place, std::vector<std::shared_ptr<const DataSet>> sets);

    // `relative`: the labels above the apex in wire form, lower-case, without a root label.
    [[nodiscard]] StaticNode find(std::span<const std::uint8_t> relative, Wanted wanted) const;

    // SOA, NS and their hosts' addresses, from the configuration or the files.
    [[nodiscard]] const Zone& authority() const { return authority_; }
    [[nodiscard]] std::uint32_t serial() const { return serial_; }
    // By $TIMESTAMP: the data are not to be served any more.
    [[nodiscard]] bool expired(Time now) const {
        return expires_ != 0 && now.time_since_epoch() >= std::chrono::seconds{expires_};
    }
    [[nodiscard]] std::int64_t expires() const { return expires_; } // seconds since 1970; 0: never
    [[nodiscard]] std::size_t entries() const;

private:
    StaticZone(const StaticZoneDefinition& effective, std::size_t place, std::optional<std::uint32_t> own_ttl,
               std::vector<std::shared_ptr<const DataSet>> sets);
    void find_in(const DataSet& set, std::span<const std::uint8_t> relative, const AskedName& name, Wanted wanted,
                 StaticNode& node) const;
    void find_in(const Part& part, const AskedName& name, Wanted wanted, StaticNode& node) const;
    void add_values(const Part& part, Ref ref, std::string_view entry, Wanted wanted, StaticNode& node) const;
    void add_records(const Part& part, const RecordSet& records, const AskedName& name, Wanted wanted,
                     StaticNode& node) const;
    [[nodiscard]] std::uint32_t ttl_of(const Part& part) const;
    void place_hosts(const std::vector<NameServer>& servers);

    Zone authority_;
    std::optional<std::uint32_t> own_ttl_; // of the configuration: it outweighs $TTL
    std::vector<std::shared_ptr<const DataSet>> sets_;
    std::uint32_t serial_ = 0;
    std::int64_t expires_ = 0;
};

} // namespace provenbl::zones::statics
