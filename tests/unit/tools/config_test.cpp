#include "tools/config/load.hpp"
#include "tools/config/reference_page.hpp"
#include "tools/config/table.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <sstream>

namespace provenbl::tools {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

const std::string shipped_file = PROVENBL_SOURCE_DIR "/packaging/provenbl.yaml";

std::string shipped() {
    std::ifstream stream{shipped_file};
    return {std::istreambuf_iterator<char>{stream}, std::istreambuf_iterator<char>{}};
}

std::vector<std::string> problems_of(const std::string& text, Role role = Role::all) {
    std::vector<std::string> lines;
    for (const auto& problem : read_configuration(text, role).problems) lines.push_back(problem.to_string("x.yaml"));
    return lines;
}

// The shipped file with one text replaced: a small fault in a good file.
std::vector<std::string> problems_with(const std::string& from, const std::string& to) {
    auto text = shipped();
    const auto at = text.find(from);
    if (at == std::string::npos) return {"the shipped file does not hold: " + from};
    return problems_of(text.replace(at, from.size(), to));
}

constexpr auto minimal_dns = R"(data_directory: /tmp/bl
dns:
  listen: 127.0.0.1:5300
zone_defaults:
  page: https://bl.example/{address}
  name_servers: [{name: ns1.bl.example, addresses: 192.0.2.53}]
  soa: {rname: hostmaster@bl.example}
zones:
  - {apex: bl.example, classes: all}
  - {apex: relay.bl.example, classes: relay, codes: {relay: 127.0.0.42}, ttl: 5min, access: key}
)";

TEST(Config, TheShippedFileIsValid) {
    const auto loaded = load_configuration(shipped_file, Role::all);
    std::vector<std::string> problems;
    for (const auto& problem : loaded.problems) problems.push_back(problem.to_string("provenbl.yaml"));
    ASSERT_THAT(problems, ElementsAre());
    const auto& configuration = *loaded.configuration;
    EXPECT_EQ(configuration.zones.zones.size(), 4U);
    EXPECT_EQ(configuration.zones.zones[1].apex, "relay.bl.example");
    EXPECT_EQ(configuration.zones.zones[1].codes.size(), 1U);
    EXPECT_EQ(configuration.verifier.policy.unreachable_expiry, std::chrono::hours{14 * 24});
    EXPECT_EQ(configuration.verifier.probe.conversation_limit, 256U * 1024);
    EXPECT_EQ(configuration.api.socket_mode, 0660U);
}

TEST(Config, WhatThePagesSayIsChecked) {
    const auto with = [](const std::string& lines) {
        return read_configuration(std::string{minimal_dns} + "pages:\n" + lines, Role::dns);
    };
    const auto good = with("  operator: Example\n  contact: help@bl.example\n  imprint: https://bl.example/imprint\n"
                           "  notice: Moves on Monday.\n");
    ASSERT_TRUE(good.configuration);
    EXPECT_EQ(good.configuration->pages.operator_name, "Example");
    EXPECT_EQ(good.configuration->pages.contact, "help@bl.example");
    EXPECT_EQ(good.configuration->pages.imprint, "https://bl.example/imprint");
    EXPECT_EQ(good.configuration->pages.notice, "Moves on Monday.");
    EXPECT_TRUE(with("  contact: https://bl.example/contact\n").configuration);
    for (const std::string bad :
         {"  contact: nobody\n", "  contact: javascript://alert(1)\n", "  imprint: javascript:alert(1)\n",
          "  privacy: privacy.html\n", "  operator: \"a\\x1b[31mb\"\n", "  notice: \"\\u202eabc\"\n", "  note: x\n"})
        EXPECT_THAT(with(bad).problems, testing::SizeIs(1)) << bad;
    EXPECT_THAT(with("  notice: " + std::string(501, 'x') + "\n").problems, testing::SizeIs(1));
}

TEST(Config, TheShippedFileNamesEverySetting) {
    const auto text = shipped();
    for (const auto& row : reference()) {
        const auto name = row.name.substr(row.name.find_last_of('.') + 1);
        EXPECT_THAT(text, HasSubstr(name + ":")) << row.name;
        EXPECT_FALSE(row.documentation.empty()) << row.name;
        EXPECT_FALSE(row.expects.empty()) << row.name;
    }
}

TEST(Config, TheReferencePageIsWhatTheTableSays) {
    std::ifstream file(PROVENBL_SOURCE_DIR "/docs/configuration.md");
    std::stringstream page;
    page << file.rdbuf();
    EXPECT_EQ(page.str(), reference_page(reference()) + "\n")
        << "make it anew: provenbl check-config --reference > docs/configuration.md";
}

TEST(Config, WhatThePackageInstallsIsValidForEveryRole) {
    for (const auto role : {Role::all, Role::dns, Role::verifier, Role::api}) {
        const auto loaded = load_configuration(PROVENBL_SOURCE_DIR "/packaging/first.yaml", role);
        EXPECT_TRUE(loaded.configuration) << static_cast<int>(role);
    }
}

TEST(Config, TheShippedFileShowsDefaults) {
    // Names and addresses aside, what the file says is what provenbl does without it.
    const auto loaded = load_configuration(shipped_file, Role::all);
    ASSERT_TRUE(loaded.configuration);
    const verifier::PolicyRules rules;
    EXPECT_EQ(loaded.configuration->verifier.policy.flip_window, rules.flip_window);
    EXPECT_EQ(loaded.configuration->verifier.policy.retry_after, rules.retry_after);
    EXPECT_EQ(loaded.configuration->verifier.probe.mail_token_life, verifier::ProbeSettings{}.mail_token_life);
    EXPECT_EQ(loaded.configuration->verifier.mail_sink.session_timeout, verifier::MailSinkSettings{}.session_timeout);
    EXPECT_EQ(loaded.configuration->dns.tcp_idle_timeout, dnsbl::ServerSettings{}.tcp_idle_timeout);
    EXPECT_EQ(loaded.configuration->dns.rate_limit.errors_per_second,
              dnsbl::guard::RateLimitSettings{}.errors_per_second);
    EXPECT_EQ(loaded.configuration->dns.rate_limit.exempt, dnsbl::guard::RateLimitSettings{}.exempt);
    EXPECT_EQ(loaded.configuration->retention.journal, retention::Rules{}.journal);
    EXPECT_EQ(loaded.configuration->retention.reports, retention::Rules{}.reports);
    EXPECT_EQ(loaded.configuration->zones.zones[0].ttl, zones::ZoneDefinition{}.ttl);
    EXPECT_EQ(loaded.configuration->zones.zones[0].soa.expire, zones::Soa{}.expire);
    EXPECT_EQ(loaded.configuration->zones.zones[0].txt, zones::ZoneDefinition{}.txt);
    EXPECT_EQ(loaded.configuration->zones.zones[0].codes, zones::default_codes());
    EXPECT_EQ(loaded.configuration->api.follow_limit, ApiSettings{}.follow_limit);
}

TEST(Config, AccessAndRateLimit) {
    std::string text{minimal_dns};
    const std::string listen = "  listen: 127.0.0.1:5300\n";
    text.insert(text.find(listen), "  rate_limit: {answers_per_second: 0, exempt: []}\n"
                                   "  access:\n"
                                   "    - {clients: 192.0.2.0/24, action: drop}\n"
                                   "    - {clients: 203.0.113.7, action: answer, code: 127.255.255.254}\n");
    const auto loaded = read_configuration(text, Role::dns);
    ASSERT_TRUE(loaded.configuration) << loaded.problems.front().to_string("x.yaml");
    const auto& dns = loaded.configuration->dns;
    EXPECT_EQ(dns.rate_limit.answers_per_second, 0U);
    EXPECT_EQ(dns.rate_limit.errors_per_second, dnsbl::guard::RateLimitSettings{}.errors_per_second);
    EXPECT_TRUE(dns.rate_limit.exempt.empty());
    ASSERT_EQ(dns.access.size(), 2U);
    EXPECT_EQ(dns.access[0].action, dnsbl::guard::AccessAction::drop);
    EXPECT_EQ(dns.access[1].code, Address::v4(127, 255, 255, 254));
}

TEST(Config, DnsOverTls) {
    const auto with = [](const std::string& tls, const std::string& more = "") {
        std::string text{minimal_dns};
        return text.insert(text.find("  listen: 127.0.0.1:5300\n"), "  tls: {" + tls + "}\n") + more;
    };
    const std::string files = ", certificate: /etc/x.pem, key: /etc/x.key";
    const auto loaded = read_configuration(with("listen: [192.0.2.53, \"[2001:db8::53]:8853\"]" + files), Role::dns);
    ASSERT_TRUE(loaded.configuration) << loaded.problems.front().to_string("x.yaml");
    const auto& tls = loaded.configuration->dns.tls;
    ASSERT_EQ(tls.listen.size(), 2U);
    EXPECT_EQ(tls.listen[0].to_string(), "192.0.2.53:853");
    EXPECT_EQ(tls.listen[1].to_string(), "[2001:db8::53]:8853");
    EXPECT_EQ(tls.name, "ns1.bl.example") << "the first name server";
    EXPECT_FALSE(loaded.configuration->dns.transfers.require_tls);
    EXPECT_THAT(problems_of(with("listen: 192.0.2.53"), Role::dns),
                ElementsAre(HasSubstr("dns.tls.certificate: is missing"), HasSubstr("dns.tls.key: is missing")));
    EXPECT_THAT(problems_of(with("listen: [x]" + files), Role::dns), ElementsAre(HasSubstr("if it is not 853")));
    EXPECT_THAT(problems_of(std::string{minimal_dns} + "transfers: {require_tls: true}\n", Role::dns),
                ElementsAre(HasSubstr("expected dns.tls.listen as well")));
    EXPECT_THAT(problems_of(with("listen: 192.0.2.53" + files, "transfers: {require_tls: true}\n"), Role::dns),
                ElementsAre());
}

TEST(Config, ADnsServerNeedsNoProbeDomain) {
    const auto loaded = read_configuration(minimal_dns, Role::dns);
    ASSERT_TRUE(loaded.configuration) << loaded.problems.front().to_string("x.yaml");
    EXPECT_EQ(loaded.configuration->dns.listen.size(), 1U);
}

TEST(Config, ZonesInheritAndOverride) {
    const auto loaded = read_configuration(minimal_dns, Role::dns);
    ASSERT_TRUE(loaded.configuration);
    const auto& zones = loaded.configuration->zones.zones;
    ASSERT_EQ(zones.size(), 2U);
    EXPECT_EQ(zones[0].codes, zones::default_codes());
    EXPECT_EQ(zones[1].codes.at(ListingClass::relay), Address::v4(127, 0, 0, 42));
    EXPECT_EQ(zones[0].ttl, 120U);
    EXPECT_EQ(zones[1].ttl, 300U);
    EXPECT_EQ(zones[0].access, zones::ZoneAccess::open);
    EXPECT_EQ(zones[1].access, zones::ZoneAccess::key);
    EXPECT_EQ(zones[1].page, "https://bl.example/{address}");
    EXPECT_EQ(zones[1].soa.mname, "ns1.bl.example");
    EXPECT_EQ(zones[0].name_servers[0].addresses.size(), 1U);
    EXPECT_TRUE(zones[1].name_servers[0].addresses.empty()) << "its name lies outside the sublist";
}

TEST(Config, AVerifierSaysAllThatItMisses) {
    const auto problems = problems_of(minimal_dns, Role::all);
    EXPECT_THAT(problems, Contains(HasSubstr("identity.probe_domain: is missing; expected the domain")));
    EXPECT_THAT(problems, Contains(HasSubstr("probe.callback_targets: is missing; expected")));
    EXPECT_THAT(problems, Contains(HasSubstr("mail_sink.listen: is missing; expected an endpoint")));
    EXPECT_THAT(problems, Contains(HasSubstr("probe_domain: is missing; expected")));
}

TEST(Config, EveryProblemIsReportedInOrder) {
    EXPECT_THAT(
        problems_of("data_directory: relative\nlog:\n  level: loud\n  colour: red\ndns:\n  workers: many\n", Role::api),
        ElementsAre(StartsWith("x.yaml:1:17: data_directory: 'relative' is not absolute; expected an absolute path"),
                    StartsWith("x.yaml:3:10: log.level: 'loud' is unknown; expected one of debug, info"),
                    StartsWith("x.yaml:4:3: log.colour: unknown setting; known here are level, format"),
                    StartsWith("x.yaml:6:12: dns.workers: 'many' does not begin with a number; expected a whole "
                               "number from 0 to 256")));
}

TEST(Config, AnUnknownSettingComesWithASuggestion) {
    EXPECT_THAT(
        problems_with("connect_timeout: 5s", "conect_timeout: 5s"),
        ElementsAre(AllOf(StartsWith("x.yaml:"), HasSubstr(": probe.conect_timeout: unknown setting; did you mean "
                                                           "'connect_timeout'?"))));
    EXPECT_THAT(problems_of("polcy: {}\ndata_directory: /x\n", Role::api),
                ElementsAre("x.yaml:1:1: polcy: unknown setting; did you mean 'policy'?"));
}

struct Fault {
    const char* name;
    const char* from;
    const char* to;
    const char* setting;
    const char* wrong;
    const char* expected;
};

class ConfigFault : public testing::TestWithParam<Fault> {};

TEST_P(ConfigFault, IsRefusedWithPlaceAndExpectation) {
    const auto& fault = GetParam();
    EXPECT_THAT(problems_with(fault.from, fault.to),
                Contains(AllOf(testing::MatchesRegex("x\\.yaml:[0-9]+:[0-9]+: .*"),
                               HasSubstr(std::string{": "} + fault.setting + ": "), HasSubstr(fault.wrong),
                               HasSubstr(fault.expected))));
}

INSTANTIATE_TEST_SUITE_P(
    Each, ConfigFault,
    testing::Values(
        Fault{"duration_without_unit", "connect_timeout: 5s", "connect_timeout: 5", "probe.connect_timeout", "no unit",
              "10s"},
        Fault{"duration_unknown_unit", "read_timeout: 10s", "read_timeout: 10sec", "probe.read_timeout", "'sec'",
              "a duration"},
        Fault{"duration_out_of_range", "connect_timeout: 5s", "connect_timeout: 2h", "probe.connect_timeout",
              "out of range", "to 1min"},
        Fault{"duration_negative", "nudge_after: 3s", "nudge_after: -3s", "probe.nudge_after", "'-3s'", "a duration"},
        Fault{"size_with_decimal_unit", "conversation_limit: 256KiB", "conversation_limit: 256kB",
              "probe.conversation_limit", "'kB'", "256KiB"},
        Fault{"size_overflow", "map_size: 1GiB", "map_size: 99999999999999999999", "store.map_size", "too large",
              "a size"},
        Fault{"number_out_of_range", "silent_scans: 3", "silent_scans: 0", "policy.silent_scans", "out of range",
              "from 1"},
        Fault{"number_with_fraction", "silent_scans: 3", "silent_scans: 3.5", "policy.silent_scans", "whole number",
              "from 1"},
        Fault{"retention", "evidence: 90d", "evidence: 90", "retention.evidence", "no unit", "a duration"},
        Fault{"retention_of_hosts", "hosts: 90d", "hosts: 29d", "retention.hosts", "still matters",
              "policy.flip_window"},
        Fault{"bool", "list_exits: false", "list_exits: maybe", "policy.list_exits", "'maybe'", "true or false"},
        Fault{"address", "source4: 192.0.2.99", "source4: 192.0.2.999", "probe.source4", "192.0.2.999",
              "an IPv4 or IPv6 address"},
        Fault{"source_that_servers_trust", "source4: 192.0.2.99", "source4: 127.0.0.1", "probe.source4",
              "servers trust 127.0.0.1", "an address that they don't know"},
        Fault{"source_of_wrong_family", "source4: 192.0.2.99", "source4: 2001:db8::99", "probe.source4", "wrong family",
              "IPv4"},
        Fault{"source6_of_wrong_family", "source6: 2001:db8::99", "source6: 192.0.2.99", "probe.source6",
              "wrong family", "IPv6"},
        Fault{"endpoint_without_port", "- 192.0.2.26:443", "- 192.0.2.26", "probe.callback_targets[1]", "192.0.2.26",
              "an address and port"},
        Fault{"endpoint_unspecified_target", "- 192.0.2.26:25", "- 0.0.0.0:25", "probe.callback_targets[0]",
              "nobody can connect", "expected the one"},
        Fault{"prefix_with_host_bits", "[192.0.2.0/24,", "[192.0.2.1/24,", "gate.own_networks[0]", "192.0.2.1/24",
              "host bits zero"},
        Fault{"host_name", "helo: probe.bl.example", "helo: probe..example", "identity.helo", "empty label",
              "a host name"},
        Fault{"mail_address", "contact: operator@bl.example", "contact: operator", "identity.contact", "no '@'",
              "a mail address"},
        Fault{"page", "page: https://bl.example/probing", "page: bl.example/probing", "identity.page", "neither https",
              "a URL"},
        Fault{"pattern", "page: https://bl.example/{address}", "page: https://bl.example/{adress}",
              "zone_defaults.page", "'{adress}' stands for nothing", "{address} may stand"},
        Fault{"class", "classes: [relay]", "classes: [rely]", "zones[1].classes", "'rely' is no class", "'relay'"},
        Fault{"no_classes", "classes: [relay]", "classes: []", "zones[1].classes", "names no class", "all, or a list"},
        Fault{"code_outside_127", "relay: 127.0.0.2 ", "relay: 192.0.2.2 ", "zones[0]", "192.0.2.2", "127"},
        Fault{"code_of_another_class", "classes: [chain]", "classes: [chain]\n    codes: {relay: 127.0.0.2}",
              "zones[3].codes.relay", "does not list this class", "expected it among its classes"},
        Fault{"zone_without_apex", "- apex: relay.bl.example\n    classes", "- classes", "zones[1]", "no apex",
              "apex: bl.example"},
        Fault{"two_zones_of_one_name", "apex: relay.bl.example", "apex: bl.example", "zones", "bl.example", ""},
        Fault{"probe_domain_of_two_names", "apex: probes.example", "apex: other.example", "probe_domain.apex",
              "'other.example'", "expected one name"},
        Fault{"given_twice", "nudge_after: 3s", "nudge_after: 3s\n  nudge_after: 4s", "probe.nudge_after",
              "given twice", "keep one"},
        Fault{"list_for_a_value", "level: info", "level: [info]", "log.level", "is a list", "one of debug"},
        Fault{"value_for_a_section", "scheduler:\n  concurrent_scans: 64\n  concurrent_per_network: 4 ",
              "scheduler: fast ", "scheduler", "expected settings below it", ""},
        Fault{"empty_value", "level: info ", "level: ", "log.level", "has no value", "one of debug"},
        Fault{"socket_path", "socket: /run/provenbl/api.sock", "socket: api.sock", "api.socket", "not absolute",
              "an absolute path"},
        Fault{"socket_mode", "socket_mode: \"0660\"", "socket_mode: rw", "api.socket_mode", "'rw'", "octal"},
        Fault{"zone_access", "access: open", "access: closed", "zone_defaults.access", "'closed' is unknown",
              "open or key"},
        Fault{"access_action", "edns_size: 1232 ",
              "access: [{clients: 192.0.2.0/24, action: deny}]\n  edns_size: 1232 ", "dns.access[0].action",
              "'deny' is unknown", "allow, refuse, drop or answer"},
        Fault{"access_without_clients", "edns_size: 1232 ", "access: [{action: drop}]\n  edns_size: 1232 ",
              "dns.access[0].clients", "is missing", "a network"},
        Fault{"access_without_action", "edns_size: 1232 ", "access: [{clients: 192.0.2.0/24}]\n  edns_size: 1232 ",
              "dns.access[0].action", "is missing", "allow, refuse"},
        Fault{"access_answer_without_code", "edns_size: 1232 ",
              "access: [{clients: 192.0.2.0/24, action: answer}]\n  edns_size: 1232 ", "dns.access[0].code",
              "is no code", "127.0.0.0/8"},
        Fault{"access_code_without_answer", "edns_size: 1232 ",
              "access: [{clients: 192.0.2.0/24, action: refuse, code: 127.0.0.2}]\n  edns_size: 1232 ",
              "dns.access[0].code", "means nothing", "action: answer"},
        Fault{"rate_limit_prefix", "ipv6_prefix: 56", "ipv6_prefix: 128", "dns.rate_limit.ipv6_prefix", "out of range",
              "from 16 to 64"},
        Fault{"cookie_secret_file", "edns_size: 1232 ", "cookie_secret_file: secret\n  edns_size: 1232 ",
              "dns.cookie_secret_file", "not absolute", "an absolute path"},
        Fault{"empty_listen", "listen: [192.0.2.53:53, \"[2001:db8::53]:53\"]", "listen: []", "dns.listen", "is empty",
              "an endpoint"}),
    [](const auto& info) { return std::string{info.param.name}; });

TEST(Config, BrokenYamlSaysWhere) {
    EXPECT_THAT(problems_of("data_directory: [\nlog: {level: info", Role::api),
                ElementsAre(AllOf(StartsWith("x.yaml:"), HasSubstr("this is not YAML"))));
    EXPECT_THAT(problems_of("", Role::api), ElementsAre(HasSubstr("the file says nothing")));
    EXPECT_THAT(problems_of("- a\n- b\n", Role::api), Contains(HasSubstr("expected settings below it")));
}

TEST(Config, AliasesCannotBlowUpASmallFile) {
    std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
    for (int i = 1; i < 9; ++i) {
        text += fmt::format("a{}: &a{} [", i, i);
        for (int k = 0; k < 10; ++k) text += fmt::format("{}*a{}", k == 0 ? "" : ", ", i - 1);
        text += "]\n";
    }
    EXPECT_THAT(problems_of(text, Role::api), ElementsAre(HasSubstr("nested deeper")));
}

TEST(Config, AMissingFileSaysSo) {
    const auto loaded = load_configuration("/nonexistent/provenbl.yaml", Role::all);
    ASSERT_EQ(loaded.problems.size(), 1U);
    EXPECT_EQ(loaded.problems[0].to_string("p.yaml"),
              "p.yaml: can't be read: No such file or directory; name the configuration file with -c");
    EXPECT_THAT(load_configuration("/tmp", Role::all).problems.at(0).message, HasSubstr("is a directory"));
}

TEST(Config, TheQueryLogAndDnstapTakeOverWhatOtherSectionsSay) {
    std::string text = minimal_dns;
    text.replace(text.find("zone_defaults:"), 0, R"(  identity: ns1.bl.example
  query_log: {file: /var/log/q.log, sample: 1/1000, only: refused, anonymize: false, queue: 100}
  dnstap: {socket: /run/dnstap.sock, sample: 1/10, messages: responses}
log: {format: json}
)");
    const auto loaded = read_configuration(text, Role::dns);
    ASSERT_TRUE(loaded.configuration) << loaded.problems.front().to_string("x.yaml");
    const auto& log = loaded.configuration->dns.watch.query_log;
    EXPECT_EQ(log.file, "/var/log/q.log");
    EXPECT_EQ(log.sample, 1000U);
    EXPECT_EQ(log.only, dnsbl::watch::Only::refused);
    EXPECT_FALSE(log.anonymize);
    EXPECT_EQ(log.queue, 100U);
    EXPECT_TRUE(log.json);
    const auto& tap = loaded.configuration->dns.watch.dnstap;
    EXPECT_EQ(tap.socket, "/run/dnstap.sock");
    EXPECT_EQ(tap.sample, 10U);
    EXPECT_EQ(tap.messages, dnsbl::watch::DnstapMessages::responses);
    EXPECT_EQ(tap.identity, "ns1.bl.example");
    EXPECT_THAT(tap.version, StartsWith("provenbl "));
}

TEST(Config, NothingIsLoggedUnlessItIsAskedFor) {
    const auto loaded = load_configuration(shipped_file, Role::all);
    ASSERT_TRUE(loaded.configuration);
    EXPECT_FALSE(loaded.configuration->dns.watch.query_log.enabled());
    EXPECT_FALSE(loaded.configuration->dns.watch.dnstap.enabled());
}

TEST(Config, FaultsOfTheWatchersHavePlaceAndExpectation) {
    const auto with = [](const std::string& settings) {
        std::string text = minimal_dns;
        return problems_of(text.replace(text.find("zone_defaults:"), 0, "  " + settings + "\n"), Role::dns);
    };
    EXPECT_THAT(with("query_log: {file: q.log}"),
                ElementsAre(HasSubstr("dns.query_log.file: 'q.log' is neither; expected an absolute path, or stderr")));
    for (const char* share : {"1000", "2/3", "1/0", "1/x", "0", "1/99999999999"})
        EXPECT_THAT(with(std::string{"query_log: {sample: "} + share + "}"),
                    ElementsAre(HasSubstr("dns.query_log.sample: '" + std::string{share} + "' is no such share")));
    EXPECT_THAT(with("query_log: {only: some}"), ElementsAre(HasSubstr("expected one of all, listed, refused")));
    EXPECT_THAT(with("dnstap: {socket: /a, file: /b}"),
                ElementsAre(HasSubstr("dns.dnstap.file: dnstap has a socket already; expected one of the two")));
    EXPECT_THAT(with("dnstap: {socket: /" + std::string(120, 'x') + "}"), ElementsAre(HasSubstr("too long")));
    EXPECT_THAT(with("statistics_file: x"), ElementsAre(HasSubstr("dns.statistics_file: 'x' is not absolute")));
}

TEST(Config, OurOwnAddressesAreNeverListed) {
    const auto loaded = load_configuration(shipped_file, Role::all);
    ASSERT_TRUE(loaded.configuration);
    const auto& own = loaded.configuration->verifier.gate.own_networks;
    for (const char* address : {"192.0.2.25", "192.0.2.26", "192.0.2.99", "2001:db8::99", "2001:db8::25"})
        EXPECT_THAT(own, Contains(Prefix::parse(address).value())) << address;
}

TEST(Config, HttpsIsWholeOrNotAtAll) {
    const auto with_api = [](const std::string& lines) {
        return problems_of(std::string{minimal_dns} + "api:\n" + lines, Role::dns);
    };
    EXPECT_THAT(with_api("  tls: {listen: '192.0.2.80:443', certificate: /a.pem, key: /b.pem, hsts: 0s}\n"),
                ElementsAre());
    EXPECT_THAT(with_api("  tls: {listen: '192.0.2.80:443', certificate: /a.pem}\n"),
                ElementsAre(HasSubstr("api.tls.key: is missing")));
    EXPECT_THAT(with_api("  tls: {key: /b.pem}\n"),
                ElementsAre(HasSubstr("api.tls.listen"), HasSubstr("api.tls.certificate")));
    EXPECT_THAT(with_api("  trusted_proxies: [192.0.2.1, 2001:db8::/64]\n  forwarded_header: forwarded\n"),
                ElementsAre());
    EXPECT_THAT(with_api("  trusted_proxies: 192.0.2.1/24\n"), ElementsAre(HasSubstr("api.trusted_proxies")));
    EXPECT_THAT(with_api("  forwarded_header: x-real-ip\n"), ElementsAre(HasSubstr("x-forwarded-for or forwarded")));
    EXPECT_THAT(with_api("  limits: {lookups_per_minute: 60001}\n"), ElementsAre(HasSubstr("out of range")));
}

TEST(Config, ASmarthostsPasswordHasAUserAndNeverGoesInClearText) {
    const auto with_letters = [](const std::string& lines) {
        return problems_of(std::string{minimal_dns} + "letters:\n" + lines, Role::dns);
    };
    EXPECT_THAT(with_letters("  user: list\n  password_file: /etc/provenbl/smarthost.password\n"), ElementsAre());
    EXPECT_THAT(with_letters("  user: list\n"), ElementsAre(HasSubstr("letters.password_file: is missing")));
    EXPECT_THAT(with_letters("  password_file: /p\n"), ElementsAre(HasSubstr("letters.user: is missing")));
    EXPECT_THAT(with_letters("  user: list\n  password_file: /p\n  smarthost_tls: none\n"),
                ElementsAre(AllOf(HasSubstr("letters.smarthost_tls"), HasSubstr("never sent in clear text"))));
}

} // namespace
} // namespace provenbl::tools
