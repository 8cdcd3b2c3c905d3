// The zones and listings that the tests of this folder serve.
#pragma once

#include "store/reversed_name.hpp"
#include "zones/definition.hpp"
#include "zones/snapshot.hpp"

#include <string>

namespace provenbl::dnsbl::testing {

inline Address at(const char* text) {
    return Address::parse(text).value();
}

inline zones::ZoneSet served_zones() {
    using enum ListingClass;
    zones::ZoneSet set;
    zones::ZoneDefinition all;
    all.apex = "bl.example";
    all.classes = {relay, socks, http, chain};
    all.codes = zones::default_codes();
    all.txt = "{classes}: {page}";
    all.page = "https://bl.example/{address}";
    all.ttl = 120;
    all.soa.mname = "ns1.bl.example";
    all.soa.rname = "hostmaster@bl.example";
    all.name_servers = {{"ns1.bl.example", {at("192.0.2.53"), at("2001:db8::53")}}, {"ns.elsewhere.example", {}}};
    set.zones.push_back(all);
    auto sublist = all;
    sublist.apex = "relay.bl.example";
    sublist.classes = {relay};
    sublist.ttl = 60;
    sublist.soa.ttl = 30; // below the minimum: then it is the negative TTL
    set.zones.push_back(sublist);
    zones::ProbeDomain probe;
    probe.apex = "probe.example";
    probe.mail_exchanger = "mx.probe.example";
    probe.addresses = {at("192.0.2.25"), at("2001:db8::25")};
    probe.soa = all.soa;
    probe.name_servers = {{"ns1.bl.example", {}}};
    set.probe_domains.push_back(probe);
    return set;
}

inline zones::Snapshot served_snapshot() {
    using enum ListingClass;
    const std::array changes{
        zones::IndexChange{at("192.0.2.99"), {relay, http}},
        zones::IndexChange{at("198.51.100.7"), {socks}},
        zones::IndexChange{at("2001:db8:1:2:3:4:567:89ab"), {chain}},
    };
    return {zones::Index{}.with_changes(changes), 77};
}

inline std::string listed6() {
    return reversed_name(at("2001:db8:1:2:3:4:567:89ab"));
}

} // namespace provenbl::dnsbl::testing
