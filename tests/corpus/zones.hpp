// The zones of the corpus: one below another, one with a way to it, numbers in an apex, a single label, two classes
// with one code, a name server among the numbers, one for holders of a key, and the probe domain.
#pragma once

#include "zones/definition.hpp"

namespace provenbl::corpus {

inline zones::ZoneSet corpus_zones() {
    using enum ListingClass;
    const auto at = [](const char* text) { return Address::parse(text).value(); };
    zones::ZoneSet set;
    zones::ZoneDefinition all;
    all.apex = "bl.example";
    all.classes = {relay, socks, http, chain};
    all.codes = zones::default_codes();
    all.txt = "{classes}: {page}";
    all.page = "https://bl.example/{address}";
    all.soa.mname = "ns1.bl.example";
    all.name_servers = {{"ns1.bl.example", {at("2001:db8::53"), at("192.0.2.53")}}, {"ns.elsewhere.example", {}}};
    set.zones.push_back(all);

    auto sublist = all;
    sublist.apex = "relay.bl.example";
    sublist.classes = {relay};
    sublist.ttl = 60;
    sublist.soa.ttl = 30;
    set.zones.push_back(sublist);

    auto below = all;
    below.apex = "both.proxy.bl.example";
    below.classes = {socks, http};
    below.codes[http] = below.codes[socks];
    below.txt = "{address} is an open proxy";
    set.zones.push_back(below);

    auto numbers = all;
    numbers.apex = "7.2.example";
    numbers.classes = {relay, socks, http, chain, wingate, router, web};
    numbers.soa.mname = "";
    numbers.soa.rname = "the.master@example.org";
    numbers.name_servers = {{"ns.elsewhere.example", {}}};
    set.zones.push_back(numbers);

    auto single = numbers;
    single.apex = "rbl";
    single.classes = {chain, web};
    single.ttl = 86400;
    set.zones.push_back(single);

    auto hosts = numbers;
    hosts.apex = "hosts.example";
    hosts.name_servers = {{"ns.2.0.192.hosts.example", {at("192.0.2.54")}}};
    set.zones.push_back(hosts);

    auto keyed = all;
    keyed.apex = "keyed.example";
    keyed.access = zones::ZoneAccess::key;
    keyed.soa.mname = "";
    keyed.name_servers = {{"ns.keyed.example", {at("192.0.2.56")}}};
    set.zones.push_back(keyed);

    zones::ProbeDomain probe;
    probe.apex = "probe.example";
    probe.mail_exchanger = "mx.in.probe.example";
    probe.addresses = {at("192.0.2.25"), at("2001:db8::25")};
    probe.soa = all.soa;
    probe.name_servers = {{"ns1.bl.example", {}}, {"ns.probe.example", {at("192.0.2.55")}}};
    set.probe_domains.push_back(probe);
    return set;
}

} // namespace provenbl::corpus
