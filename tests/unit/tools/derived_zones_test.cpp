// The sections policy_zones and catalog of a configuration.
#include "tools/config/load.hpp"

#include <gmock/gmock.h>

namespace provenbl::tools {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::string start = R"(data_directory: /tmp/bl
dns: {listen: 127.0.0.1:5300}
zone_defaults:
  page: https://bl.example/{address}
  ttl: 90
  name_servers: [{name: ns1.bl.example, addresses: 192.0.2.53}]
  soa: {rname: hostmaster@bl.example, refresh: 77}
zones:
  - {apex: bl.example, classes: [relay, socks]}
  - {apex: paid.example, classes: relay, access: key}
)";

std::vector<std::string> problems_of(const std::string& more) {
    std::vector<std::string> lines;
    for (const auto& problem : read_configuration(start + more, Role::dns).problems)
        lines.push_back(problem.to_string("x.yaml"));
    return lines;
}

zones::ZoneSet zones_of(const std::string& more) {
    auto loaded = read_configuration(start + more, Role::dns);
    for (const auto& problem : loaded.problems) ADD_FAILURE() << problem.to_string("x.yaml");
    return loaded.configuration ? loaded.configuration->zones : zones::ZoneSet{};
}

TEST(DerivedZones, ThereAreNoneByDefault) {
    const auto set = zones_of("");
    EXPECT_TRUE(set.policy_zones.empty());
    EXPECT_TRUE(set.catalogs.empty());
}

TEST(DerivedZones, APolicyZoneTakesFromItsListAndTheDefaults) {
    const auto set = zones_of(R"(policy_zones:
  - {apex: rpz.example, zone: bl.example}
  - {apex: drop.example, zone: paid.example, trigger: ns-ip, action: drop, ttl: 30}
  - {apex: wall.example, zone: bl.example, classes: socks, redirect: 192.0.2.1}
)");
    ASSERT_EQ(set.policy_zones.size(), 3U);
    const auto& first = set.policy_zones[0];
    EXPECT_EQ(first.classes, set.zones[0].classes);
    EXPECT_EQ(first.trigger, zones::rpz::Trigger::client_ip);
    EXPECT_EQ(first.action, zones::rpz::Action::nxdomain);
    EXPECT_EQ(first.ttl, 90U);
    EXPECT_EQ(first.soa.refresh, 77U);
    EXPECT_EQ(first.soa.mname, "ns1.bl.example");
    ASSERT_EQ(first.name_servers.size(), 1U);
    EXPECT_TRUE(first.name_servers[0].addresses.empty()) << "they belong to another zone";
    EXPECT_EQ(set.policy_zones[1].access, zones::ZoneAccess::key) << "as its list";
    EXPECT_EQ(set.policy_zones[1].trigger, zones::rpz::Trigger::ns_ip);
    EXPECT_EQ(set.policy_zones[1].action, zones::rpz::Action::drop);
    EXPECT_EQ(set.policy_zones[1].ttl, 30U);
    EXPECT_EQ(set.policy_zones[2].classes, ClassSet{ListingClass::socks});
    EXPECT_EQ(set.policy_zones[2].redirect, "192.0.2.1");
}

TEST(DerivedZones, ACatalog) {
    const auto set = zones_of("catalog: {apex: catalog.example, group: lists, policy_group: policies}\n");
    ASSERT_EQ(set.catalogs.size(), 1U);
    EXPECT_EQ(set.catalogs[0].apex, "catalog.example");
    EXPECT_EQ(set.catalogs[0].group, "lists");
    EXPECT_EQ(set.catalogs[0].policy_group, "policies");
    EXPECT_EQ(set.catalogs[0].soa.refresh, 77U);
    EXPECT_EQ(set.catalogs[0].soa.rname, "hostmaster@bl.example");
}

TEST(DerivedZones, WhatIsWrongIsSaid) {
    EXPECT_THAT(problems_of("policy_zones: [{zone: bl.example}]\n"), ElementsAre(HasSubstr("has no apex")));
    EXPECT_THAT(problems_of("policy_zones: [{apex: rpz.example}]\n"), ElementsAre(HasSubstr("has no zone")));
    EXPECT_THAT(problems_of("policy_zones: [{apex: rpz.example, zone: other.example}]\n"),
                ElementsAre(HasSubstr("'other.example' is no list of ours")));
    EXPECT_THAT(problems_of("policy_zones: [{apex: rpz.example, zone: bl.example, classes: web}]\n"),
                ElementsAre(HasSubstr("bl.example does not list all of them")));
    EXPECT_THAT(problems_of("policy_zones: [{apex: rpz.example, zone: bl.example, action: block}]\n"),
                ElementsAre(HasSubstr("policy_zones[0].action")));
    EXPECT_THAT(
        problems_of("policy_zones: [{apex: rpz.example, zone: bl.example, action: drop, redirect: a.example}]\n"),
        ElementsAre(HasSubstr("takes the place of an action")));
    EXPECT_THAT(problems_of("policy_zones: {apex: rpz.example}\n"), ElementsAre(HasSubstr("is not a list")));
    EXPECT_THAT(problems_of("catalog: {group: x}\n"), ElementsAre(HasSubstr("has no name")));
    EXPECT_THAT(problems_of("catalog: {apex: bl.example}\n"), ElementsAre(HasSubstr("is defined twice")));
}

} // namespace
} // namespace provenbl::tools
