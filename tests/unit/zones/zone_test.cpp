// What exists at a name: a row for each rule of RFC 5782 and RFC 8020.
#include "store/reversed_name.hpp"
#include "zones/zone.hpp"
#include "zones/zone_table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <set>

namespace provenbl::zones {
namespace {

Address at(const char* text) {
    return Address::parse(text).value();
}

ZoneSet set_of_zones() {
    ZoneSet set;
    ZoneDefinition all;
    all.apex = "bl.example";
    all.classes = {ListingClass::relay, ListingClass::socks, ListingClass::http, ListingClass::chain};
    all.codes = default_codes();
    all.txt = "{classes} {address}";
    all.name_servers = {{"ns1.dns.bl.example", {at("192.0.2.53"), at("2001:db8::53")}}};
    set.zones.push_back(all);
    auto relay = all;
    relay.apex = "relay.sub.bl.example";
    relay.classes = {ListingClass::relay};
    relay.codes[ListingClass::relay] = at("127.0.3.4");
    set.zones.push_back(relay);
    ProbeDomain probe;
    probe.apex = "probe.example";
    probe.mail_exchanger = "mx.in.probe.example";
    probe.addresses = {at("192.0.2.25")};
    probe.callback = "callback.probe.example";
    probe.callback_addresses = {at("192.0.2.26"), at("2001:db8::26")};
    probe.name_servers = all.name_servers;
    set.probe_domains.push_back(probe);
    return set;
}

Index listed() {
    const std::vector<IndexChange> changes{
        {at("192.0.2.99"), {ListingClass::relay, ListingClass::http}},
        {at("192.0.2.1"), {ListingClass::socks}},
        {at("2.0.0.1"), {ListingClass::chain}},
        {at("203.0.113.5"), {ListingClass::web}}, // in none of the zones
        {at("2001:db8:1:2:3:4:567:89ab"), {ListingClass::socks}},
        {at("127.0.0.1"), {ListingClass::relay}},
        {at("127.0.0.8"), {ListingClass::relay}}, // listed, but a test entry first
    };
    return Index{}.with_changes(changes);
}

class ZoneTest : public testing::Test {
protected:
    ZoneSet set_ = set_of_zones();
    ZoneTable table_{set_};
    Index index_ = listed();

    Node find(const std::string& name) const {
        const auto parsed = DomainName::parse(name).value();
        const auto* zone = table_.find(parsed.wire());
        EXPECT_NE(zone, nullptr) << name;
        return zone->find(parsed.relative_to(zone->apex()), index_);
    }
};

std::string nibbles(const char* address) {
    return reversed_name(at(address));
}

struct Row {
    std::string name;
    NodeKind kind;
    const char* rule;
};

TEST_F(ZoneTest, WhatExistsAtEachName) {
    using enum NodeKind;
    const std::string v6 = nibbles("2001:db8:1:2:3:4:567:89ab");
    const std::string mapped = ".0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0";
    const std::vector<Row> table{
        {"bl.example", apex, "the apex"},
        {"99.2.0.192.bl.example", entry, "RFC 5782 2.1: a listed host"},
        {"98.2.0.192.bl.example", nothing, "RFC 5782 2.1: an unlisted host has no record"},
        {"2.0.192.bl.example", empty, "RFC 8020: an ancestor is an empty non-terminal"},
        {"0.192.bl.example", empty, "... at every depth"},
        {"192.bl.example", empty, "... at every depth"},
        {"3.0.192.bl.example", nothing, "no ancestor of anything"},
        {"193.bl.example", nothing, "no ancestor of anything"},
        {"x.99.2.0.192.bl.example", nothing, "below an entry is nothing"},
        {"7.99.2.0.192.bl.example", nothing, "five octets are no address"},
        {"5.113.0.203.bl.example", nothing, "listed for a class that the zone does not show"},
        {"113.0.203.bl.example", nothing, "... so its ancestors don't exist either"},
        {"099.2.0.192.bl.example", nothing, "a leading zero: 099 is not 99"},
        {"99.02.0.192.bl.example", nothing, "a leading zero"},
        {"99.2.00.192.bl.example", nothing, "00 is not 0"},
        {"99.2.0.448.bl.example", nothing, "an octet over 255 (448 = 192 + 256)"},
        {"1234.2.0.192.bl.example", nothing, "four digits"},
        {"99-.2.0.192.bl.example", nothing, "not a digit"},
        {"random-label_1.bl.example", nothing, "a scanner's random label is NXDOMAIN"},
        {"1.0.0.2.bl.example", entry, "2.0.0.1, although 2001::/16 begins with the same labels"},
        {v6 + ".bl.example", entry, "RFC 5782 2.4: 32 nibbles"},
        {v6.substr(2) + ".bl.example", empty, "an ancestor of 31 nibbles"},
        {"8.b.d.0.1.0.0.2.bl.example", empty, "eight nibbles are an ancestor, not an address"},
        {"d.1.0.0.2.bl.example", nothing, "2001:d..., not 2001:0d..."},
        {"0.1.0.0.2.bl.example", empty, "2001:0/20: five labels can't be IPv4"},
        {"1.1.0.0.2.bl.example", nothing, "nothing there in either family"},
        {"0.0.2.bl.example", empty, "2.0.0/24 and 2000::/12 at once"},
        {"2.bl.example", empty, "both families"},
        {"c" + v6.substr(1) + ".bl.example", nothing, "the neighbour of a listed IPv6 host"},
        {"0." + v6 + ".bl.example", nothing, "33 nibbles"},
        {"ab." + v6.substr(2) + ".bl.example", nothing, "two hexadecimal digits in a label"},
        // RFC 5782 5
        {"2.0.0.127.bl.example", entry, "127.0.0.2 MUST be listed"},
        {"1.0.0.127.bl.example", nothing, "127.0.0.1 MUST NOT be listed, though the store lists it"},
        {"8.0.0.127.bl.example", entry, "a test entry for each value"},
        {"9.0.0.127.bl.example", entry, "a test entry for each value"},
        {"10.0.0.127.bl.example", entry, "a test entry for each value"},
        {"11.0.0.127.bl.example", nothing, "no value of this zone"},
        {"3.0.0.127.bl.example", nothing, "no value of this zone"},
        {"0.0.127.bl.example", empty, "ancestors of test entries"},
        {"127.bl.example", empty, "ancestors of test entries"},
        {"2.0.0.0" + mapped + ".bl.example", entry, "::FFFF:7F00:2 MUST be listed"},
        {"1.0.0.0" + mapped + ".bl.example", nothing, "::FFFF:7F00:1 MUST NOT be listed"},
        {"8.0.0.0" + mapped + ".bl.example", entry, "a test entry for each value, in IPv6"},
        {"a.0.0.0" + mapped + ".bl.example", entry, "127.0.0.10 in hexadecimal"},
        {"0.0.0" + mapped + ".bl.example", empty, "ancestors of v4-mapped test entries"},
        {mapped.substr(1) + ".bl.example", empty, "ancestors of v4-mapped test entries"},
        {"1.0.0" + mapped + ".bl.example", nothing, "not an ancestor of one"},
        {"f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.bl.example", empty, "half of ::ffff"},
        {"e.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.bl.example", nothing, "::fe..."},
        {"0.bl.example", empty, "0::/4 leads to the v4-mapped test entries"},
        {"0.0.0.0.bl.example", empty, "0.0.0.0 is not listed, but 0::/16 leads to them"},
        {"3.6.2.0.0.0.0.c.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.bl.example", nothing,
         "a listed IPv4 host (192.0.2.99) has no v4-mapped name"},
        {"f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.bl.example", empty, "::ffff:0:0/96 itself"},
        {"c.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.bl.example", nothing, "no test entry there"},
        // names of ours
        {"ns1.dns.bl.example", host, "a name server inside the zone"},
        {"dns.bl.example", empty, "its ancestor"},
        {"x.ns1.dns.bl.example", nothing, "nothing below it"},
        {"sub.bl.example", empty, "on the way to a sublist"},
        // RFC 5782 2.3: sublists
        {"relay.sub.bl.example", apex, "a sublist's apex is a cut"},
        {"99.2.0.192.relay.sub.bl.example", entry, "a relay"},
        {"1.2.0.192.relay.sub.bl.example", nothing, "a SOCKS proxy is no relay"},
        {"2.0.0.127.relay.sub.bl.example", entry, "127.0.0.2 MUST be listed in each"},
        {"4.3.0.127.relay.sub.bl.example", entry, "the test entry of the sublist's value"},
        {"8.0.0.127.relay.sub.bl.example", entry, "listed for a class of this zone, and no test entry here"},
        {"9.0.0.127.relay.sub.bl.example", nothing, "no value of this zone"},
        // the probe domain lists nothing
        {"probe.example", apex, "the apex"},
        {"mx.in.probe.example", host, "the mail exchanger"},
        {"in.probe.example", empty, "its ancestor"},
        {"callback.probe.example", host, "the callback sink"},
        {"2.0.0.127.probe.example", nothing, "no list, no test entries"},
        {"127.probe.example", nothing, "no list, no test entries"},
        {"99.2.0.192.probe.example", nothing, "no list, no entries"},
    };
    for (const auto& row : table) {
        EXPECT_EQ(static_cast<int>(find(row.name).kind), static_cast<int>(row.kind)) << row.name << ": " << row.rule;
    }
}

std::vector<std::uint32_t> values(const Node& node) {
    const auto span = node.a_values();
    return {span.begin(), span.end()};
}

TEST_F(ZoneTest, ValuesAndTextOfEntries) {
    const auto text = [&](const std::string& name) {
        const auto parsed = DomainName::parse(name).value();
        std::array<std::uint8_t, 255> out{};
        const auto length = table_.find(parsed.wire())->text(find(name), out);
        return std::string(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(length));
    };
    using testing::ElementsAre;
    // Several classes: several values, ascending; one text.
    EXPECT_THAT(values(find("99.2.0.192.bl.example")), ElementsAre(0x7f000002U, 0x7f000009U));
    EXPECT_EQ(text("99.2.0.192.bl.example"), "relay, http 192.0.2.99");
    EXPECT_THAT(values(find(nibbles("2001:db8:1:2:3:4:567:89ab") + ".bl.example")), ElementsAre(0x7f000008U));
    EXPECT_EQ(text(nibbles("2001:db8:1:2:3:4:567:89ab") + ".bl.example"), "socks 2001:db8:1:2:3:4:567:89ab");
    // A sublist shows its own classes and values.
    EXPECT_THAT(values(find("99.2.0.192.relay.sub.bl.example")), ElementsAre(0x7f000304U));
    EXPECT_EQ(text("99.2.0.192.relay.sub.bl.example"), "relay 192.0.2.99");
    // RFC 5782 5: ask 127.0.0.5, get 127.0.0.5 and its TXT.
    EXPECT_THAT(values(find("8.0.0.127.bl.example")), ElementsAre(0x7f000008U));
    EXPECT_EQ(text("8.0.0.127.bl.example"), "socks 127.0.0.8");
    EXPECT_THAT(values(find("2.0.0.127.relay.sub.bl.example")), ElementsAre(0x7f000002U));
    EXPECT_EQ(text("2.0.0.127.relay.sub.bl.example"), "test 127.0.0.2");
    EXPECT_THAT(values(find("a.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.bl.example")),
                ElementsAre(0x7f00000aU));
}

TEST_F(ZoneTest, TwoClassesOfOneCodeAreOneValue) {
    auto set = set_of_zones();
    set.zones[0].codes[ListingClass::http] = at("127.0.0.2");
    const ZoneTable table(set);
    const auto name = DomainName::parse("99.2.0.192.bl.example").value();
    const auto* zone = table.find(name.wire());
    EXPECT_THAT(values(zone->find(name.relative_to(zone->apex()), index_)), testing::ElementsAre(0x7f000002U));
}

TEST_F(ZoneTest, AnEmptyListStillHasItsTestEntries) {
    index_ = {};
    EXPECT_EQ(find("2.0.0.127.bl.example").kind, NodeKind::entry);
    EXPECT_EQ(find("0.0.127.bl.example").kind, NodeKind::empty);
    EXPECT_EQ(find("99.2.0.192.bl.example").kind, NodeKind::nothing);
    EXPECT_EQ(find("192.bl.example").kind, NodeKind::nothing);
}

TEST_F(ZoneTest, TheLongestApexWins) {
    const auto apex_of = [&](const char* name) {
        const auto* zone = table_.find(DomainName::parse(name).value().wire());
        return zone == nullptr ? std::string("none") : zone->apex().to_string();
    };
    EXPECT_EQ(apex_of("x.relay.sub.bl.example"), "relay.sub.bl.example");
    EXPECT_EQ(apex_of("relay.sub.bl.example"), "relay.sub.bl.example");
    EXPECT_EQ(apex_of("xrelay.sub.bl.example"), "bl.example");
    EXPECT_EQ(apex_of("xbl.example"), "none");
    EXPECT_EQ(apex_of("example"), "none");
    const auto zones = table_.zones();
    EXPECT_EQ(table_.parent_of(zones[1]), zones.data());
    EXPECT_EQ(table_.parent_of(zones[0]), nullptr);
}

// The tree against an oracle that spells out every name: random lists, then every name nearby.
TEST_F(ZoneTest, TheDerivedTreeEqualsTheSpelledOutOne) {
    std::mt19937 random(7);
    const auto number = [&](unsigned below) { return std::uniform_int_distribution<unsigned>(0, below - 1)(random); };
    std::vector<std::string> near;
    std::set<std::string> entries;
    const auto add = [&](const std::string& name) {
        entries.insert(name);
        near.push_back(name);
    };
    index_ = {};
    for (int i = 0; i < 60; ++i) {
        std::array<std::uint8_t, 16> bytes{0x20, 0x01};
        bytes[number(16)] = static_cast<std::uint8_t>(number(256));
        const auto address =
            number(2) == 0 ? Address::v6(bytes)
                           : Address::v4(static_cast<std::uint8_t>(number(4)), static_cast<std::uint8_t>(number(4)),
                                         static_cast<std::uint8_t>(number(4)), static_cast<std::uint8_t>(number(4)));
        const IndexChange change{address, {ListingClass::socks}};
        index_ = index_.with_changes({&change, 1});
        add(reversed_name(address));
    }
    for (const auto* test : {"2", "8", "9", "10"}) add(std::string(test) + ".0.0.127");
    for (const auto* test : {"2", "8", "9", "a"})
        add(std::string(test) + ".0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0");
    std::set<std::string> ancestors;
    for (const auto& name : entries) {
        for (auto dot = name.find('.'); dot != std::string::npos; dot = name.find('.', dot + 1))
            ancestors.insert(name.substr(dot + 1));
    }
    for (std::string name : near) {
        for (int step = 0; step < 80; ++step) {
            const auto expected = entries.contains(name)     ? NodeKind::entry
                                  : ancestors.contains(name) ? NodeKind::empty
                                                             : NodeKind::nothing;
            ASSERT_EQ(static_cast<int>(find(name + ".bl.example").kind), static_cast<int>(expected)) << name;
            // Wander: drop the first label, or change one digit.
            const auto dot = name.find('.');
            if (number(3) == 0 && dot != std::string::npos) {
                name = name.substr(dot + 1);
            } else {
                const auto where = number(static_cast<unsigned>(name.size()));
                if (name[where] != '.') name[where] = "0123456789abcdef"[number(16)];
            }
        }
    }
}

} // namespace
} // namespace provenbl::zones
