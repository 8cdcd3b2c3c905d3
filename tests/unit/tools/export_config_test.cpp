// The section `exports` of the configuration: what is taken, and what is refused with its place.
#include "tools/config/load.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace provenbl::tools {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using zones::exports::Format;

constexpr auto base = R"(data_directory: /tmp/bl
dns: {listen: 127.0.0.1:5300}
zone_defaults:
  page: https://bl.example/{address}
  name_servers: [{name: ns1.bl.example, addresses: 192.0.2.53}]
  soa: {rname: hostmaster@bl.example}
zones:
  - {apex: bl.example, classes: all}
  - {apex: a-sublist-with-a-long-name.bl.example, classes: relay}
exports:
)";

Loaded load(const std::string& items) {
    return read_configuration(base + items, Role::dns);
}

std::vector<std::string> problems_of(const std::string& items) {
    std::vector<std::string> lines;
    for (const auto& problem : load(items).problems) lines.push_back(problem.to_string("x.yaml"));
    return lines;
}

TEST(ExportConfig, WhatItSays) {
    const auto loaded = load(R"(
  - {zone: BL.example, format: rbldnsd, file: /srv/bl}
  - zone: bl.example
    format: rpz
    file: /srv/bl.rpz
    interval: 5min
    rpz_action: passthru
    rpz_trigger: ns-ip
  - {zone: a-sublist-with-a-long-name.bl.example, format: ipset, file: /srv/set, set: relays}
)");
    ASSERT_TRUE(loaded.configuration) << loaded.problems.front().to_string("x.yaml");
    const auto& exports = loaded.configuration->exports;
    ASSERT_EQ(exports.size(), 3U);
    EXPECT_EQ(exports[0].zone, "bl.example");
    EXPECT_EQ(exports[0].format, Format::rbldnsd);
    EXPECT_EQ(exports[0].interval, std::chrono::minutes(1));
    EXPECT_EQ(exports[1].interval, std::chrono::minutes(5));
    EXPECT_EQ(exports[1].options.rpz_action, zones::rpz::Action::passthru);
    EXPECT_EQ(exports[1].options.rpz_trigger, zones::rpz::Trigger::ns_ip);
    EXPECT_EQ(exports[2].options.set, "relays");
}

TEST(ExportConfig, FaultsHaveTheirPlaceAndSayWhatIsExpected) {
    EXPECT_THAT(problems_of("  - {zone: bl.exampel, format: json, file: /srv/x}\n"),
                ElementsAre(HasSubstr("x.yaml:11:6: exports[0].zone: 'bl.exampel' is no zone of this file; known are "
                                      "bl.example, a-sublist")));
    EXPECT_THAT(
        problems_of("  - {zone: bl.example, format: rbldns, file: /srv/x}\n"),
        ElementsAre(HasSubstr("exports[0].format: 'rbldns' is unknown, did you mean 'rbldnsd'?; expected one of "
                              "rbldnsd, bind, rpz")));
    EXPECT_THAT(problems_of("  - {}\n"),
                ElementsAre(HasSubstr("exports[0].zone: is missing"), HasSubstr("exports[0].format: is missing"),
                            HasSubstr("exports[0].file: is missing; expected an absolute path")));
    EXPECT_THAT(problems_of("  - {zone: bl.example, format: json, file: x}\n"),
                ElementsAre(HasSubstr("exports[0].file: 'x' is not absolute")));
    EXPECT_THAT(problems_of("  - {zone: bl.example, format: json, file: /x, interval: 10ms}\n"),
                ElementsAre(HasSubstr("exports[0].interval: '10ms' is out of range")));
    EXPECT_THAT(problems_of("  - {zone: bl.example, format: json, file: /x, rpz_action: drop}\n"),
                ElementsAre(HasSubstr("exports[0].rpz_action: means nothing without 'format: rpz'")));
    EXPECT_THAT(problems_of("  - {zone: bl.example, format: rpz, file: /x, rpz_action: block}\n"),
                ElementsAre(HasSubstr("expected one of nxdomain, nodata, passthru, drop, tcp-only")));
    EXPECT_THAT(problems_of("  - {zone: bl.example, format: cidr, file: /x, set: y}\n"),
                ElementsAre(HasSubstr("exports[0].set: means nothing without 'format: nftables'")));
    EXPECT_THAT(problems_of("  - {zone: bl.example, format: nftables, file: /x, set: 'a b'}\n"),
                ElementsAre(HasSubstr("exports[0].set: 'a b' is no name of a set")));
    EXPECT_THAT(
        problems_of("  - {zone: a-sublist-with-a-long-name.bl.example, format: ipset, file: /x}\n"),
        ElementsAre(HasSubstr("is too long for the name of a set in ipset: give the sets a name of at most 25")));
    EXPECT_THAT(
        problems_of("  - {zone: bl.example, format: json, file: /x}\n  - {zone: bl.example, format: csv, file: /x}\n"),
        ElementsAre(HasSubstr("exports[1].file: /x is written by exports[0] already")));
}

TEST(ExportConfig, NothingIsExportedUnlessItIsAskedFor) {
    const auto loaded = load_configuration(PROVENBL_SOURCE_DIR "/packaging/provenbl.yaml", Role::all);
    ASSERT_TRUE(loaded.configuration);
    EXPECT_THAT(loaded.configuration->exports, IsEmpty());
}

} // namespace
} // namespace provenbl::tools
