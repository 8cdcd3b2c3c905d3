// What the answer must be, said a second time and as simply as can be: every name of every zone stands in a map, with
// its records as text. Nothing of zones/ or dnsbl/ is used but the definitions, so that an error there is not repeated.
#pragma once

#include "zones/definition.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace provenbl::corpus {

// A name in wire form, lower-case, with its root label.
using WireName = std::string;
[[nodiscard]] WireName wire_name(const std::string& text); // "bl.example"; "" is the root
[[nodiscard]] std::string reversed(const Address& address);
[[nodiscard]] std::string reversed_mapped(const Address& v4); // the nibbles of ::ffff:a.b.c.d

struct Record {
    WireName owner;
    unsigned type;
    std::uint32_t ttl;
    std::string data; // as a master file has it
};

struct Verdict {
    unsigned rcode = 0;
    bool authoritative = true;
    std::optional<unsigned> extended_error;
    std::vector<Record> answers, authorities, additionals;
};

class Model {
public:
    // `ipv6_bits`: 64 lists IPv6 by network. `key`: the label of an access key that is in force.
    explicit Model(const zones::ZoneSet& set, unsigned ipv6_bits = 128, std::string key = {});
    void list(const Address& address, ClassSet classes); // none: not listed
    void set_serial(std::uint32_t serial) { serial_ = serial; }
    // A question of class IN.
    [[nodiscard]] Verdict verdict(const WireName& name, unsigned type, bool shut_down = false) const;
    // What an address is listed as: itself, or its network.
    [[nodiscard]] Address unit(const Address& address) const;
    [[nodiscard]] const std::string& key() const { return key_; }
    [[nodiscard]] const std::map<Address, ClassSet>& listed() const { return listed_; }
    [[nodiscard]] const std::vector<std::string>& apexes() const { return apexes_; } // as text
    [[nodiscard]] const std::vector<std::string>& hosts() const { return hosts_; }   // as text

private:
    struct Name {
        unsigned reasons = 0; // to exist: itself and what is below it
        std::vector<Record> records;
    };
    struct Zone {
        WireName apex;
        std::optional<zones::ZoneDefinition> list; // none: the probe domain
        zones::Soa soa;
        std::vector<zones::NameServer> servers;
        std::string mail_exchanger;
        std::uint32_t ttl = 0;
        std::map<WireName, Name> names;
        std::set<WireName> fixed;    // there whatever is listed: the apex, hosts, the way to zones below
        std::set<WireName> networks; // listed /64s
    };
    [[nodiscard]] const Zone* zone_of(const WireName& name) const;
    Zone* zone_of(const WireName& name) { return const_cast<Zone*>(std::as_const(*this).zone_of(name)); }
    static void exists(Zone& zone, const WireName& name, int difference);
    static void fix(Zone& zone, const WireName& name);
    [[nodiscard]] static std::vector<Record> entry_records(const Zone& zone, const WireName& name,
                                                           const Address& address, ClassSet classes,
                                                           std::vector<Address> values);
    // Whether the name is in a listed /64; its records, where it is a whole address.
    [[nodiscard]] bool in_network(const Zone& zone, const WireName& name, std::vector<Record>& records) const;
    [[nodiscard]] static std::vector<Address> codes(const Zone& zone, ClassSet shown);
    void place_host(const std::string& name, const std::vector<Address>& addresses);
    static void place_entry(Zone& zone, const std::string& relative, const Address& address, ClassSet classes,
                            std::vector<Address> values);
    void place_test_entries(Zone& zone);
    [[nodiscard]] Record soa(const Zone& zone, std::uint32_t ttl) const;
    void add_addresses(const Zone& zone, const std::string& host, std::vector<Record>& records) const;

    std::vector<Zone> zones_;
    std::vector<std::string> apexes_, hosts_;
    std::map<Address, ClassSet> listed_;
    std::uint32_t serial_ = 0;
    unsigned ipv6_bits_;
    std::string key_;
};

} // namespace provenbl::corpus
