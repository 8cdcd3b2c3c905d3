// Catalog zones (RFC 9432): which zones are members, under which labels, and how the zone answers.
#include "zones/catalog.hpp"
#include "zones/contents.hpp"
#include "zones/zone_table.hpp"

#include <gmock/gmock.h>

namespace provenbl::zones {
namespace {

using ::testing::ElementsAre;

ZoneSet set() {
    ZoneSet made;
    ZoneDefinition all;
    all.apex = "bl.example";
    all.classes = {ListingClass::relay, ListingClass::socks};
    all.codes = default_codes();
    all.page = "https://bl.example/{address}";
    all.name_servers = {{"ns1.example.net", {}}};
    made.zones.push_back(all);
    all.apex = "relay.bl.example";
    all.classes = {ListingClass::relay};
    made.zones.push_back(all);
    all.apex = "paid.example";
    all.access = ZoneAccess::key;
    made.zones.push_back(all);
    ProbeDomain probe;
    probe.apex = "probe.example";
    probe.mail_exchanger = "mx.probe.example";
    probe.addresses = {Address::v4(192, 0, 2, 25)};
    probe.name_servers = all.name_servers;
    made.probe_domains.push_back(probe);
    PolicyZoneDefinition policy;
    policy.apex = "rpz.example";
    policy.zone = "bl.example";
    policy.classes = {ListingClass::relay};
    policy.name_servers = all.name_servers;
    made.policy_zones.push_back(policy);
    CatalogDefinition catalog;
    catalog.apex = "catalog.example";
    catalog.group = "lists";
    made.catalogs.push_back(catalog);
    return made;
}

std::vector<std::uint8_t> labels(const std::string& text) {
    const auto name = DomainName::parse(text).value();
    return {name.wire().begin(), name.wire().end() - 1};
}

TEST(Catalog, NamesWhatAnyMirrorMayHave) {
    const auto all = set();
    ASSERT_TRUE(validate(all)) << validate(all).error().message;
    std::vector<std::string> members;
    for (const auto& member : catalog_members(all, all.catalogs[0])) {
        members.push_back(member.apex.to_string() + " " + member.group);
    }
    EXPECT_THAT(members, ElementsAre("bl.example lists", "relay.bl.example lists", "rpz.example "));
}

// RFC 9432 section 4: the label is the member's for as long as it is one. It may not follow from its place or from what
// else there is.
TEST(Catalog, AMembersLabelIsItsNamesAlone) {
    // sha256 of "\2bl\7example\0", its first 16 octets.
    EXPECT_EQ(member_label(DomainName::parse("bl.example").value()), "1dc4078fd6d5cdd08f52317e8b22e01a");
    EXPECT_EQ(member_label(DomainName::parse("BL.Example.").value()),
              member_label(DomainName::parse("bl.example").value()));
    EXPECT_NE(member_label(DomainName::parse("bl.example").value()),
              member_label(DomainName::parse("relay.bl.example").value()));
}

TEST(Catalog, IsAZoneOfVersionMembersAndGroups) {
    const ZoneTable table(set());
    const auto* zone = table.find(DomainName::parse("catalog.example").value().wire());
    ASSERT_NE(zone, nullptr);
    ASSERT_TRUE(zone->is_catalog());
    EXPECT_TRUE(zone->classes().empty());
    std::vector<std::string> records;
    Contents::Cursor cursor;
    const Contents contents(table, *zone);
    EXPECT_TRUE(contents.walk(Index::shut_down(), cursor, [&](const Content& content) {
        std::string owner(content.owner.begin(), content.owner.end());
        for (std::size_t at = 0; at < owner.size();) {
            const auto length = static_cast<std::size_t>(owner[at]);
            owner[at] = '.';
            at += length + 1;
        }
        records.push_back(owner + " " + (content.target != nullptr ? content.target->to_string() : std::string()) +
                          std::string(content.text));
        return true;
    }));
    const auto place = [](const char* apex) { return "." + member_label(DomainName::parse(apex).value()) + ".zones"; };
    // A list that is shut down has no entries; the catalog still names its zones.
    EXPECT_THAT(records,
                ElementsAre(" invalid", ".version 2", place("bl.example") + " bl.example",
                            ".group" + place("bl.example") + " lists", place("relay.bl.example") + " relay.bl.example",
                            ".group" + place("relay.bl.example") + " lists", place("rpz.example") + " rpz.example"));
}

TEST(Catalog, AnswersAtEachOfItsNames) {
    const ZoneTable table(set());
    const auto& zone = *table.find(DomainName::parse("catalog.example").value().wire());
    const auto kind = [&](const std::string& name) { return zone.find(labels(name), Index{}).kind; };
    const auto place = member_label(DomainName::parse("bl.example").value()) + ".zones";
    EXPECT_EQ(zone.find({}, Index{}).kind, NodeKind::apex);
    EXPECT_EQ(kind("version"), NodeKind::property);
    EXPECT_EQ(kind("zones"), NodeKind::empty);
    EXPECT_EQ(kind(place), NodeKind::property);
    EXPECT_EQ(kind("group." + place), NodeKind::property);
    EXPECT_EQ(kind("other." + place), NodeKind::nothing);
    EXPECT_EQ(kind("2.0.0.127"), NodeKind::nothing) << "it is no list";
}

TEST(Catalog, ItsSerialIsWhereTheZonesWereDefined) {
    const ZoneTable table(set());
    Snapshot snapshot;
    snapshot.sequence = 900;
    snapshot.defined_at = 40;
    for (const auto& zone : table.zones()) EXPECT_EQ(snapshot.serial_of(zone), zone.is_catalog() ? 40U : 900U);
}

TEST(Catalog, AZoneThatComesOrGoesIsAnotherDefinition) {
    const auto before = set();
    auto after = set();
    after.zones.pop_back();
    EXPECT_NE(before.digest(), after.digest());
    after = set();
    after.policy_zones[0].action = rpz::Action::drop;
    EXPECT_NE(before.digest(), after.digest());
    after = set();
    after.catalogs[0].group = "other";
    EXPECT_NE(before.digest(), after.digest());
    after = set();
    after.zones[2].access = ZoneAccess::open; // no record of its own changes, but it becomes a member
    EXPECT_NE(before.digest(), after.digest());
}

TEST(Catalog, WhatIsWrongIsSaid) {
    auto all = set();
    all.catalogs[0].apex = "bl.example";
    EXPECT_THAT(validate(all).error().message, ::testing::HasSubstr("zone bl.example: name: is defined twice"));
    all = set();
    all.catalogs.push_back({"other.example", "", "", {}});
    EXPECT_THAT(validate(all).error().message, ::testing::HasSubstr("zone other.example: catalog: there is one"));
    all = set();
    all.catalogs[0].group.assign(256, 'x');
    EXPECT_THAT(validate(all).error().message, ::testing::HasSubstr("group: is longer than 255"));
}

} // namespace
} // namespace provenbl::zones
