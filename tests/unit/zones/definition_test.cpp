// Each rule of `validate` with a set that breaks it; the error names zone and setting.
#include "zones/definition.hpp"
#include "zones/zone_table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

namespace provenbl::zones {
namespace {

ZoneDefinition list(const std::string& apex, ClassSet classes) {
    ZoneDefinition zone;
    zone.apex = apex;
    zone.classes = classes;
    zone.codes = default_codes();
    zone.page = "https://bl.example/{address}";
    zone.soa.mname = "ns1.bl.example";
    zone.soa.rname = "hostmaster@bl.example";
    zone.name_servers = {{"ns1.bl.example", {Address::v4(192, 0, 2, 53)}}, {"ns.elsewhere.example", {}}};
    return zone;
}

ZoneSet valid() {
    ZoneSet set;
    set.zones.push_back(
        list("bl.example", {ListingClass::relay, ListingClass::socks, ListingClass::http, ListingClass::chain}));
    set.zones.push_back(list("relay.bl.example", {ListingClass::relay}));
    // The address is given above.
    set.zones[1].name_servers = {{"ns1.bl.example", {}}};
    ProbeDomain probe;
    probe.apex = "probe.example";
    probe.mail_exchanger = "mx.probe.example";
    probe.addresses = {Address::v4(192, 0, 2, 25)};
    probe.name_servers = {{"ns1.bl.example", {}}};
    set.probe_domains.push_back(probe);
    return set;
}

TEST(Definition, AValidSetIsAcceptedAndMakesATable) {
    const auto set = valid();
    const auto result = validate(set);
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_EQ(ZoneTable(set).zones().size(), 3U);
}

struct Broken {
    const char* why;
    std::function<void(ZoneSet&)> breakage;
    const char* zone;
    const char* setting;
};

TEST(Definition, EachBrokenRuleNamesZoneAndSetting) {
    const auto code = [](ListingClass cls, const char* address) {
        return [=](ZoneSet& set) { set.zones[0].codes[cls] = Address::parse(address).value(); };
    };
    const auto apex = [](const char* name) { return [=](ZoneSet& set) { set.zones[1].apex = name; }; };
    const std::vector<Broken> table{
        {"RFC 5782 2.3: values are in 127/8", code(ListingClass::relay, "128.0.0.2"), "bl.example", "codes.relay"},
        {"... and IPv4", code(ListingClass::relay, "2001:db8::2"), "bl.example", "codes.relay"},
        {"RFC 5782 5: 127.0.0.1 is never listed", code(ListingClass::chain, "127.0.0.1"), "bl.example", "codes.chain"},
        {"127.255.255.x reads as an error", code(ListingClass::socks, "127.255.255.254"), "bl.example", "codes.socks"},
        {"a class without a code", [](ZoneSet& set) { set.zones[1].codes.clear(); }, "relay.bl.example", "codes.relay"},
        {"a zone that lists nothing", [](ZoneSet& set) { set.zones[1].classes = {}; }, "relay.bl.example", "classes"},
        {"two zones of one name, whatever the case", apex("BL.example."), "BL.example.", "name"},
        {"RFC 5782 2.3: a sublist label of one character", apex("r.bl.example"), "r.bl.example", "name"},
        {"RFC 5782 2.3: a sublist label of digits", apex("12.bl.example"), "12.bl.example", "name"},
        {"... at any depth", apex("relay.9.bl.example"), "relay.9.bl.example", "name"},
        {"no name", apex("bl..example"), "bl..example", "name"},
        {"an apex that leaves no room for nibbles",
         [](ZoneSet& set) {
             const std::string label(60, 'a');
             set.zones[1].apex = label + "." + label + "." + label + ".example";
         },
         "aaaa", "name"},
        {"a TXT over 255 octets", [](ZoneSet& set) { set.zones[0].txt = std::string(250, 'x') + "{classes}"; },
         "bl.example", "txt"},
        {"a TXT that overflows with an IPv6 address only",
         [](ZoneSet& set) { set.zones[0].txt = std::string(255 - 38, 'x') + "{address}"; }, "bl.example", "txt"},
        {"an empty TXT", [](ZoneSet& set) { set.zones[0].txt.clear(); }, "bl.example", "txt"},
        {"an unknown placeholder", [](ZoneSet& set) { set.zones[0].txt = "{reason}"; }, "bl.example", "txt"},
        {"a page that is used and not set", [](ZoneSet& set) { set.zones[0].page.clear(); }, "bl.example", "txt"},
        {"a TTL over 31 bits", [](ZoneSet& set) { set.zones[0].ttl = 0x80000000; }, "bl.example", "ttl"},
        {"an expiry before the next refresh", [](ZoneSet& set) { set.zones[0].soa.expire = 300; }, "bl.example",
         "soa.expire"},
        {"no name for MNAME", [](ZoneSet& set) { set.zones[0].soa.mname = "-.-..-"; }, "bl.example", "soa.mname"},
        {"no mailbox", [](ZoneSet& set) { set.zones[0].soa.rname = "@"; }, "bl.example", "soa.rname"},
        {"no name server", [](ZoneSet& set) { set.zones[0].name_servers.clear(); }, "bl.example", "name_servers"},
        {"a name server of ours without an address",
         [](ZoneSet& set) { set.zones[0].name_servers[0].addresses.clear(); }, "bl.example", "name_servers"},
        {"an address for a name outside", [](ZoneSet& set) { set.zones[0].name_servers[1].addresses = {Address{}}; },
         "bl.example", "name_servers"},
        {"a name server that is an apex", [](ZoneSet& set) { set.zones[0].name_servers[0].name = "bl.example"; },
         "bl.example", "name_servers"},
        {"a name server that is a listing's name",
         [](ZoneSet& set) { set.zones[0].name_servers[0].name = "1.2.0.192.bl.example"; }, "bl.example",
         "name_servers"},
        {"a mail exchanger outside", [](ZoneSet& set) { set.probe_domains[0].mail_exchanger = "mx.example"; },
         "probe.example", "mail_exchanger"},
        {"a mail exchanger that is the domain",
         [](ZoneSet& set) { set.probe_domains[0].mail_exchanger = "probe.example"; }, "probe.example",
         "mail_exchanger"},
        {"a mail exchanger without an address", [](ZoneSet& set) { set.probe_domains[0].addresses.clear(); },
         "probe.example", "addresses"},
        {"a callback sink outside",
         [](ZoneSet& set) { set.probe_domains[0].callback_addresses = {Address::v4(192, 0, 2, 26)}; }, "probe.example",
         "callback"},
        {"a callback sink by the mail exchanger's name",
         [](ZoneSet& set) {
             set.probe_domains[0].callback = set.probe_domains[0].mail_exchanger;
             set.probe_domains[0].callback_addresses = {Address::v4(192, 0, 2, 26)};
         },
         "probe.example", "callback"},
        {"a probe domain that is a zone", [](ZoneSet& set) { set.probe_domains[0].apex = "bl.example"; }, "bl.example",
         "name"},
    };
    for (const auto& row : table) {
        auto set = valid();
        row.breakage(set);
        const auto result = validate(set);
        ASSERT_FALSE(result) << row.why;
        EXPECT_EQ(result.error().code, Errc::invalid) << row.why;
        EXPECT_THAT(result.error().message, testing::HasSubstr(std::string("zone ") + row.zone)) << row.why;
        EXPECT_THAT(result.error().message, testing::HasSubstr(std::string(": ") + row.setting + ": ")) << row.why;
    }
}

TEST(Definition, TheDigestMovesWithEverySetting) {
    const auto before = valid().digest();
    EXPECT_EQ(before.size(), 64U);
    EXPECT_EQ(before, valid().digest());
    const std::vector<std::function<void(ZoneSet&)>> changes{
        [](ZoneSet& set) { set.zones[0].ttl = 61; },
        [](ZoneSet& set) { set.zones[0].txt = "other"; },
        [](ZoneSet& set) { set.zones[0].codes[ListingClass::relay] = Address::v4(127, 0, 0, 3); },
        [](ZoneSet& set) { set.zones[1].classes.insert(ListingClass::web); },
        [](ZoneSet& set) { set.zones[0].soa.negative_ttl = 61; },
        [](ZoneSet& set) { set.zones[0].name_servers.pop_back(); },
        [](ZoneSet& set) { set.zones.pop_back(); },
        [](ZoneSet& set) { set.probe_domains[0].addresses[0] = Address{}; },
        [](ZoneSet& set) { set.probe_domains[0].callback_addresses = {Address{}}; },
        [](ZoneSet& set) { set.probe_domains.clear(); },
    };
    for (std::size_t i = 0; i < changes.size(); ++i) {
        auto set = valid();
        changes[i](set);
        EXPECT_NE(set.digest(), before) << "change " << i;
    }
}

} // namespace
} // namespace provenbl::zones
