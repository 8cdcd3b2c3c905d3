#include "tools/config/changes.hpp"
#include "tools/config/load.hpp"
#include "tools/config/table.hpp"
#include "tools/config/yaml_tree.hpp"

#include <gmock/gmock.h>

namespace provenbl::tools {
namespace {

using testing::ElementsAre;
using testing::Pair;

Said said(const std::string& text) {
    Reading reading;
    return said_by(parse_yaml(text, reading).value());
}

std::vector<std::string> told(const std::string& before, const std::string& after) {
    std::vector<std::string> lines;
    for (const auto& change : changes(said(before), said(after)))
        lines.push_back(change.to_string() + (change.needs_restart ? " !" : ""));
    return lines;
}

TEST(Changes, ItemsOfAListGoByTheirNames) {
    EXPECT_THAT(said("zones:\n  - {apex: a.example, ttl: 5min}\n  - {apex: b.example}\ndns: {listen: [a, b]}\nlog:\n"),
                ElementsAre(Pair("dns.listen", "[a, b]"), Pair("zones[a.example].apex", "a.example"),
                            Pair("zones[a.example].ttl", "5min"), Pair("zones[b.example].apex", "b.example")));
    EXPECT_THAT(told("zones: [{apex: b.example}]", "zones: [{apex: a.example, ttl: 1}, {apex: b.example}]"),
                ElementsAre("zones[a.example].apex: default -> a.example", "zones[a.example].ttl: default -> 1"));
    EXPECT_EQ(said("zones: [{apex: a, ttl: 1}, {apex: a, ttl: 2}]").size(), 4U) << "two of one name are two";
}

TEST(Changes, AreToldInOrderWithWhatNeedsARestart) {
    EXPECT_THAT(told("dns: {workers: 1}\npolicy: {ipv6_granularity: 64, rescan_interval: 1h}\n",
                     "policy: {ipv6_granularity: 128, rescan_interval: 2h}\nfuture: {thing: 1}\n"),
                ElementsAre("dns.workers: 1 -> default !", "future.thing: default -> 1 !",
                            "policy.ipv6_granularity: 64 -> 128 !", "policy.rescan_interval: 1h -> 2h"));
    EXPECT_THAT(told("a: 1", "a: 1"), ElementsAre());
}

TEST(Changes, SecretsAreNotTold) {
    EXPECT_THAT(told("letters: {password: one, api_key: x, secret_file: /a}",
                     "letters: {password: two, api_key: y, secret_file: /b, rdap: 'https://u:p@h/x@y'}"),
                ElementsAre("letters.api_key: *** -> ***", "letters.password: *** -> ***",
                            "letters.rdap: default -> https://***@h/x@y", "letters.secret_file: /a -> /b"));
}

TEST(Changes, OfDnsOverTlsAllButItsAddressesIsTaken) {
    EXPECT_THAT(told("dns: {tls: {listen: a, certificate: /a, connections: 1}}\nmirrors: {interval: 1s}",
                     "dns: {tls: {listen: b, certificate: /b, connections: 2}}\nmirrors: {interval: 2s}"),
                ElementsAre("dns.tls.certificate: /a -> /b", "dns.tls.connections: 1 -> 2", "dns.tls.listen: a -> b !",
                            "mirrors.interval: 1s -> 2s"));
    Configuration running;
    Configuration next;
    running.dns.tls.listen = {Endpoint{Address::v4(127, 0, 0, 1), 853}};
    running.dns.tls.certificate = "/a";
    EXPECT_EQ(taken_over(running, next).dns.tls.certificate, "/a") << "it goes on until the restart";
    EXPECT_FALSE(taken_over(next, running).dns.tls.enabled()) << "it begins with the restart";
    next.dns.tls.listen = {Endpoint{Address::v4(127, 0, 0, 2), 853}};
    next.dns.tls.certificate = "/b";
    const auto made = taken_over(running, next);
    EXPECT_EQ(made.dns.tls.certificate, "/b");
    EXPECT_EQ(made.dns.tls.listen, running.dns.tls.listen);
}

// Whether there is DNS over TLS at all is settled at the start: what else is said of it then waits, too.
TEST(Changes, DnsOverTlsBeginsAndEndsWithARestartAltogether) {
    const std::string without = "dns: {identity: a}";
    const std::string none = "dns: {tls: {listen: [], connections: 1}, identity: a}";
    const std::string with = "dns: {tls: {listen: [a, b], certificate: /a}, identity: b}";
    EXPECT_THAT(told(without, with), ElementsAre("dns.identity: a -> b", "dns.tls.certificate: default -> /a !",
                                                 "dns.tls.listen: default -> [a, b] !"));
    EXPECT_THAT(told(with, none), ElementsAre("dns.identity: b -> a", "dns.tls.certificate: /a -> default !",
                                              "dns.tls.connections: default -> 1 !", "dns.tls.listen: [a, b] -> [] !"));
    EXPECT_THAT(told(without, none),
                ElementsAre("dns.tls.connections: default -> 1", "dns.tls.listen: default -> [] !"));
    EXPECT_THAT(taken_over(said(without), said(with)), ElementsAre(Pair("dns.identity", "b")));
    EXPECT_THAT(
        taken_over(said(with), said(without)),
        ElementsAre(Pair("dns.identity", "a"), Pair("dns.tls.certificate", "/a"), Pair("dns.tls.listen", "[a, b]")));
}

TEST(Changes, WhatNeedsARestartStaysAsItWas) {
    const auto kept = taken_over(said("dns: {workers: 1, identity: a}"), said("dns: {workers: 2, identity: b}"));
    EXPECT_THAT(kept, ElementsAre(Pair("dns.identity", "b"), Pair("dns.workers", "1")));
    EXPECT_TRUE(concern(changes(said("a: {b: 1}"), said("a: {b: 2}")), "a"));
    EXPECT_FALSE(concern(changes(said("ab: 1"), said("ab: 2")), "a"));
}

// Every plain setting with a number: what is said to be taken is taken, and nothing else is.
TEST(Changes, WhatIsTakenOverIsWhatIsSaidToBe) {
    const auto read = [](const std::string& text) {
        auto loaded = read_configuration(text, Role::dns);
        if (!loaded.configuration) throw std::runtime_error(loaded.problems.front().to_string("x"));
        return *loaded.configuration;
    };
    const std::string zone =
        "zones: [{apex: bl.example, classes: all, page: 'https://bl.example/{address}', name_servers: "
        "[{name: ns.x.example}], soa: {rname: a@x.example}}]\n";
    const auto running = read("data_directory: /a\nstore: {queue_limit: 1000}\ndns: {listen: 127.0.0.1:1, workers: 1, "
                              "tcp_connections: 1}\napi: {socket: /a, request_limit: 1KiB}\nretention: {scans: 1d}\n" +
                              zone);
    const auto next = read("data_directory: /b\nstore: {queue_limit: 2000}\ndns: {listen: 127.0.0.1:2, workers: 2, "
                           "tcp_connections: 2}\napi: {socket: /b, request_limit: 2KiB}\nretention: {scans: 2d}\n" +
                           zone);
    const auto made = taken_over(running, next);
    EXPECT_EQ(made.store.directory, "/a");
    EXPECT_EQ(made.store.queue_limit, 1000U);
    EXPECT_EQ(made.dns.listen, running.dns.listen);
    EXPECT_EQ(made.dns.workers, 1U);
    EXPECT_EQ(made.dns.tcp_connections, 2U);
    EXPECT_EQ(made.api.socket, "/a");
    EXPECT_EQ(made.api.request_limit, 2048U);
    EXPECT_EQ(made.retention.scans, next.retention.scans);
}

} // namespace
} // namespace provenbl::tools
