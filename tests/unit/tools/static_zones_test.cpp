// Static zones in the configuration, in check-config, in import, and in what people read of them.
#include "tests/support/temporary_directory.hpp"
#include "tools/api/dns_statistics.hpp"
#include "tools/cli/app.hpp"
#include "tools/cli/dns_status.hpp"
#include "tools/config/load.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace provenbl::tools {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using zones::statics::SetType;

constexpr auto base = R"(data_directory: /tmp/bl
dns:
  listen: 127.0.0.1:5300
zone_defaults:
  ttl: 99
  page: https://bl.example/{address}
  name_servers: [{name: ns1.bl.example, addresses: 192.0.2.53}]
  soa: {rname: hostmaster@bl.example, retry: 77}
)";

constexpr auto zones_above = R"(zones:
  - {apex: bl.example, classes: all}
)";

std::vector<std::string> problems_of(const std::string& text) {
    std::vector<std::string> all;
    for (const auto& problem : read_configuration(text, Role::dns).problems) all.push_back(problem.to_string("x.yaml"));
    return all;
}

TEST(StaticZonesConfig, AreReadOverTheDefaults) {
    const auto loaded = read_configuration(std::string(base) + zones_above + R"(static_zones:
  - apex: Dul.bl.example
    files:
      - {type: ip4set, path: [/lists/a, /lists/b], bad_lines: skip}
      - {type: generic, path: /lists/c}
  - apex: other.example
    files: {type: dnset, path: /lists/d}
    ttl: 35min
    soa: {mname: ns.other.example}
    name_servers: [{name: ns.other.example, addresses: 192.0.2.54}]
    access: key
)",
                                           Role::dns);
    ASSERT_TRUE(loaded.configuration) << loaded.problems.at(0).to_string("x.yaml");
    const auto& zones = loaded.configuration->zones.static_zones;
    ASSERT_EQ(zones.size(), 2U);
    EXPECT_EQ(zones[0].apex, "dul.bl.example");
    ASSERT_EQ(zones[0].sets.size(), 2U);
    EXPECT_EQ(zones[0].sets[0].type, SetType::ip4set);
    EXPECT_THAT(zones[0].sets[0].paths, ElementsAre("/lists/a", "/lists/b"));
    EXPECT_TRUE(zones[0].sets[0].skip_bad_lines);
    EXPECT_FALSE(zones[0].sets[1].skip_bad_lines);
    EXPECT_FALSE(zones[0].ttl);
    EXPECT_FALSE(zones[0].soa);
    EXPECT_TRUE(zones[0].name_servers.empty());
    EXPECT_EQ(zones[0].fallback.ttl, 99U);
    EXPECT_EQ(zones[0].fallback.soa.retry, 77U);
    EXPECT_EQ(zones[0].fallback.name_servers.size(), 1U);
    EXPECT_EQ(zones[1].ttl, 2100U);
    ASSERT_TRUE(zones[1].soa);
    EXPECT_EQ(zones[1].soa->mname, "ns.other.example");
    EXPECT_EQ(zones[1].soa->rname, "hostmaster@bl.example");
    EXPECT_EQ(zones[1].soa->retry, 77U);
    EXPECT_EQ(zones[1].access, zones::ZoneAccess::key);
}

TEST(StaticZonesConfig, AServerMayHaveNoOtherZones) {
    EXPECT_THAT(problems_of("data_directory: /tmp/bl\ndns: {listen: 127.0.0.1:5300}\nstatic_zones:\n  - apex: "
                            "a.example\n    files: {type: ip4set, path: /a}\n    soa: {rname: h@a.example}\n    "
                            "name_servers: [{name: ns.elsewhere.example}]\n"),
                ElementsAre());
}

struct Fault {
    const char* zones;
    const char* complaint;
};

class StaticZonesFault : public testing::TestWithParam<Fault> {};

TEST_P(StaticZonesFault, HasItsPlace) {
    const auto problems = problems_of(std::string(base) + zones_above + "static_zones:\n" + GetParam().zones);
    ASSERT_EQ(problems.size(), 1U) << testing::PrintToString(problems);
    EXPECT_THAT(problems[0], HasSubstr(GetParam().complaint));
}

INSTANTIATE_TEST_SUITE_P(
    All, StaticZonesFault,
    testing::Values(
        Fault{"  - {files: {type: ip4set, path: /a}}\n", "x.yaml:12:5: static_zones[0]: has no apex"},
        Fault{"  - {apex: a.example}\n", "x.yaml:12:5: static_zones[0]: names no files"},
        Fault{"  - {apex: a.example, files: [{path: /a}]}\n", "static_zones[0].files[0]: has no type"},
        Fault{"  - {apex: a.example, files: [{type: ip4set}]}\n", "static_zones[0].files[0]: has no path"},
        Fault{"  - {apex: a.example, files: [{type: ip5set, path: /a}]}\n",
              "static_zones[0].files[0].type: 'ip5set' is no data set type"},
        Fault{"  - {apex: a.example, files: [{type: acl, path: /a}]}\n", "who may ask is said in dns.access"},
        Fault{"  - {apex: a.example, files: [{type: ip4set, path: a}]}\n", "'a' is not absolute"},
        Fault{"  - {apex: a.example, files: [{type: ip4set, path: /a, bad_lines: what}]}\n", "expected refuse or skip"},
        Fault{"  - {apex: bl.example, files: [{type: ip4set, path: /a}]}\n",
              "zones: zone bl.example: name: is defined"},
        Fault{"  - {apex: 9.bl.example, files: [{type: ip4set, path: /a}]}\n", "RFC 5782 2.3"},
        Fault{"  {apex: a.example}\n", "static_zones: is not a list"}));

class StaticZonesCommands : public testing::Test {
protected:
    std::string write(const std::string& name, const std::string& text) {
        const auto path = (directory.path() / name).string();
        std::ofstream(path, std::ios::binary) << text;
        return path;
    }
    int run(const std::vector<std::string>& arguments) {
        out.str("");
        err.str("");
        return cli::run(arguments, {out, err, false, "", {}});
    }
    std::string configuration(const std::string& list) {
        return write("provenbl.yaml",
                     std::string(base) + zones_above +
                         "static_zones:\n  - {apex: dul.bl.example, files: [{type: ip4set, path: " + list + "}]}\n");
    }

    test::TemporaryDirectory directory;
    std::ostringstream out;
    std::ostringstream err;
};

TEST_F(StaticZonesCommands, CheckConfigReadsTheFiles) {
    const auto list = write("list", ":10.0.0.1:far\n10.1.2.3\n");
    const auto file = configuration(list);
    EXPECT_EQ(run({"check-config", "--role", "dns", "-c", file}), 0) << err.str();
    EXPECT_THAT(out.str(), HasSubstr("1 zones and 1 static zones"));
    EXPECT_THAT(err.str(), HasSubstr(list + ":1: the A value 10.0.0.1 is outside"));

    write("list", "10.1.2.3\nrubbish\n");
    EXPECT_EQ(run({"check-config", "--role", "dns", "-c", file}), 2);
    EXPECT_THAT(err.str(), HasSubstr("static_zones[0].files[0]: " + list + ":2: 'rubbish' is no IPv4 address"));
    EXPECT_EQ(run({"check-config", "--role", "dns", "-c", file, "--json"}), 2);
    const auto told = boost::json::parse(out.str());
    EXPECT_FALSE(told.at("valid").as_bool());
    EXPECT_EQ(told.at("problems").at(0).at("setting"), "static_zones[0].files[0]");
    // Who serves no DNS need not have the files.
    EXPECT_THAT(err.str(), Not(HasSubstr("missing")));
}

TEST_F(StaticZonesCommands, ImportTakesTheArgumentsOfRbldnsd) {
    const auto a = write("a", "10.1.2.3\n");
    const auto b = write("b", "!10.1.2.4\n");
    const auto c = write("c", "www A 127.0.0.1\n");
    EXPECT_EQ(run({"import", "--format", "rbldnsd", "bl.example:ip4set:" + a + "," + b, "bl.example:generic:" + c}), 0)
        << err.str();
    EXPECT_THAT(out.str(), AllOf(HasSubstr("2 entries"), HasSubstr("static_zones:\n  - apex: bl.example\n    files:\n"),
                                 HasSubstr("- {type: ip4set, path: [\"" + a + "\", \"" + b + "\"]}"),
                                 HasSubstr("- {type: generic, path: \"" + c + "\"}")));
    // What it prints is what the configuration takes.
    const auto at = out.str().find("static_zones:");
    auto text = out.str().substr(at);
    text.replace(text.find("bl.example"), 10, "dul.bl.example");
    EXPECT_THAT(problems_of(std::string(base) + zones_above + text), ElementsAre());
}

TEST_F(StaticZonesCommands, ImportNamesEveryBadLine) {
    const auto a = write("a", "10.1.2.3\nrubbish\n10.1.2.300\n");
    EXPECT_EQ(run({"import", "--format", "rbldnsd", "--type", "ip4set", a}), 1);
    EXPECT_THAT(err.str(), AllOf(HasSubstr(a + ":2: 'rubbish'"), HasSubstr(a + ":3: '10.1.2.300'")));
    EXPECT_THAT(out.str(), AllOf(HasSubstr("2 errors"), HasSubstr("bad_lines: skip")));
    EXPECT_EQ(run({"import", "--format", "rbldnsd", "--type", "ip4set", a, "--json"}), 1);
    EXPECT_EQ(boost::json::parse(out.str()).at("zones").at(0).at("sets").at(0).at("errors"), 2);
}

TEST_F(StaticZonesCommands, ImportSaysWhatItWants) {
    for (const auto& [arguments, complaint] : std::vector<std::pair<std::vector<std::string>, std::string>>{
             {{"--format", "rbldnsd", "list"}, "is not 'zone:type:file,file'"},
             {{"--format", "rbldnsd", "bl.example:acl:list"}, "dns.access"},
             {{"--format", "rbldnsd", "bl.example:ip4set:"}, "names no file"},
             {{"--format", "rbldnsd", "not a name:ip4set:list"}, "is not a domain name"},
             {{"--type", "ip4set", "list"}, "no --type"},
             {{"one", "two"}, "from one file"}}) {
        auto all = arguments;
        all.insert(all.begin(), "import");
        EXPECT_EQ(run(all), 2) << complaint;
        EXPECT_THAT(err.str(), HasSubstr(complaint));
    }
}

TEST(StaticZonesStatus, IsTold) {
    dnsbl::ServerStatistics of;
    zones::statics::ZoneState state;
    state.apex = "dul.bl.example";
    state.entries = 12;
    state.serial = 34;
    state.bad_lines = 2;
    state.trouble = "/lists/a:3: bad";
    of.static_zones.push_back(state);
    const auto object = api::describe(of);
    EXPECT_EQ(object.at("static_zones").at(0).at("trouble"), "/lists/a:3: bad");
    std::ostringstream out;
    std::ostringstream err;
    cli::Terminal terminal{out, err, false};
    cli::show_dns(terminal, object);
    EXPECT_THAT(out.str(), AllOf(HasSubstr("static zone dul.bl.example: 12 entries, serial 34"),
                                 HasSubstr("2 bad lines left out"), HasSubstr("TROUBLE: /lists/a:3: bad")));
}

} // namespace
} // namespace provenbl::tools
