// Mirrors over the API and the command line: the key, the kit, how far each is.
#include "store/journal.hpp"
#include "store/mirrors.hpp"
#include "tests/unit/tools/api_fixture.hpp"
#include "tools/api/mirror_kit.hpp"
#include "tools/cli/app.hpp"
#include "tools/cli/soa_query.hpp"

#include <gmock/gmock.h>

#include <map>
#include <sstream>

namespace provenbl::tools {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

class MirrorRoutes : public ApiFixture {
protected:
    api::Response add(const std::string& name, const std::string& kind = "bind") {
        return as_operator("POST", "/v1/mirrors",
                           R"({"name":")" + name + R"(","kind":")" + kind + R"(","addresses":["198.51.100.53"]})");
    }
};

TEST_F(MirrorRoutes, AMirrorHasAKeyAndAConfiguration) {
    const auto made =
        as_operator("POST", "/v1/mirrors",
                    R"({"name":"ns2","kind":"knot","addresses":["198.51.100.53","[2001:db8:1::53]:5353"],)"
                    R"("from":["198.51.100.0/24"],"algorithm":"hmac-sha512",)"
                    R"("zones":["relay.bl.example"],"note":"of friends"})");
    ASSERT_EQ(made.status, 201U) << made.body;
    const auto object = json(made);
    EXPECT_EQ(object.at("key"), "ns2.mirror.bl.example");
    EXPECT_EQ(object.at("algorithm"), "hmac-sha512");
    EXPECT_EQ(object.at("addresses"), (boost::json::array{"198.51.100.53:53", "[2001:db8:1::53]:5353"}));
    EXPECT_EQ(object.at("from"), boost::json::array{"198.51.100.0/24"});
    EXPECT_EQ(object.at("zones"), boost::json::array{"relay.bl.example"});
    const std::string secret{object.at("secret").as_string()};
    EXPECT_EQ(secret.size(), 44U) << "32 octets as base64";
    EXPECT_THAT(std::string(object.at("configuration").as_string()), HasSubstr(secret));
    // The list shows no secret, the mirror itself does.
    EXPECT_THAT(as_operator("GET", "/v1/mirrors").body, Not(HasSubstr(secret)));
    EXPECT_EQ(json(as_operator("GET", "/v1/mirrors/ns2")), object);
    const auto stored = store->read([](const ReadTxn& txn) { return mirrors::find(txn, "ns2"); });
    ASSERT_TRUE(stored);
    EXPECT_EQ(api::to_base64(stored->secret), secret);
    EXPECT_EQ(stored->note, "of friends");
}

TEST_F(MirrorRoutes, EveryOpenListByDefault) {
    configuration.zones.zones[1].access = zones::ZoneAccess::key;
    const auto made = json(add("ns2"));
    boost::json::array open;
    for (const auto& zone : configuration.zones.zones) {
        if (zone.access == zones::ZoneAccess::open) open.emplace_back(zone.apex);
    }
    EXPECT_EQ(made.at("zones"), open);
    EXPECT_LT(open.size(), configuration.zones.zones.size());
}

TEST_F(MirrorRoutes, OneThatIsRemovedStaysAsARecordWithoutItsKey) {
    EXPECT_EQ(add("ns2").status, 201U);
    EXPECT_EQ(add("ns2").status, 409U);
    const auto removed = as_operator("DELETE", "/v1/mirrors/ns2");
    EXPECT_EQ(removed.status, 200U);
    EXPECT_FALSE(json(removed).contains("secret"));
    EXPECT_EQ(as_operator("DELETE", "/v1/mirrors/ns2").status, 404U);
    EXPECT_EQ(as_operator("GET", "/v1/mirrors/ns2").status, 404U);
    const auto rows = json(as_operator("GET", "/v1/mirrors")).at("mirrors").as_array();
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_NE(rows[0].at("removed"), nullptr);
    EXPECT_EQ(add("ns2").status, 201U);
}

TEST_F(MirrorRoutes, WhatIsWrongIsSaid) {
    for (const char* body :
         {R"({})", R"({"name":"a"})", R"({"name":"a","kind":"bind"})",
          R"({"name":"A","kind":"bind","addresses":["192.0.2.1"]})",
          R"({"name":"a b","kind":"bind","addresses":["192.0.2.1"]})",
          R"({"name":"a","kind":"windows","addresses":["192.0.2.1"]})",
          R"({"name":"a","kind":"bind","addresses":["host.example"]})",
          R"({"name":"a","kind":"bind","addresses":["192.0.2.1:0"]})", R"({"name":"a","kind":"bind","addresses":[5]})",
          R"({"name":"a","kind":"bind","addresses":["192.0.2.1"],"from":["192.0.2.1/24"]})",
          R"({"name":"a","kind":"bind","addresses":["192.0.2.1"],"zones":["elsewhere.example"]})",
          R"({"name":"a","kind":"bind","addresses":["192.0.2.1"],"algorithm":"hmac-md5"})",
          R"({"name":"a","kind":"bind","addresses":["192.0.2.1"],"secret":"abc"})", R"([])"})
        EXPECT_EQ(as_operator("POST", "/v1/mirrors", body).status, 400U) << body;
    EXPECT_TRUE(json(as_operator("GET", "/v1/mirrors")).at("mirrors").as_array().empty());
    EXPECT_EQ(as_operator("PUT", "/v1/mirrors").status, 405U);
    EXPECT_EQ(as_operator("PUT", "/v1/mirrors/a").status, 405U);
    for (const char* target : {"/v1/mirrors", "/v1/mirrors/a", "/v1/serials/1"})
        EXPECT_EQ(as_public("GET", target).status, 403U) << target;
}

TEST_F(MirrorRoutes, WithoutAnAddressToAskThereIsNoMirror) {
    configuration.dns.listen = {{test::ip("0.0.0.0"), 53}};
    for (auto& zone : configuration.zones.zones) zone.name_servers = {{"ns.elsewhere.example", {}}};
    const auto refused = add("ns2");
    EXPECT_EQ(refused.status, 400U);
    EXPECT_THAT(refused.body, HasSubstr("transfers.notify_source"));
    EXPECT_EQ(add("ns2", "rbldnsd").status, 201U) << "files need none";
    configuration.dns.transfers.notify_source = {test::ip("192.0.2.53")};
    EXPECT_EQ(add("ns3").status, 201U);
}

TEST_F(MirrorRoutes, TlsIsForWhoCanDoItWhereWeDoIt) {
    const auto with_tls = [&](const char* name, const char* kind) {
        return as_operator("POST", "/v1/mirrors",
                           std::string(R"({"name":")") + name + R"(","kind":")" + kind +
                               R"(","addresses":["198.51.100.53"],"tls":true})");
    };
    const auto nowhere = with_tls("ns2", "bind");
    EXPECT_EQ(nowhere.status, 400U);
    EXPECT_THAT(nowhere.body, HasSubstr("dns.tls.listen"));
    configuration.dns.tls.listen = {{test::ip("192.0.2.53"), 853}};
    configuration.dns.tls.name = "ns1.bl.example";
    for (const char* kind : {"knot", "pdns", "rbldnsd"}) EXPECT_EQ(with_tls("ns2", kind).status, 400U) << kind;
    const auto made = with_tls("ns2", "bind");
    ASSERT_EQ(made.status, 201U);
    EXPECT_EQ(json(made).at("tls"), true);
    EXPECT_THAT(made.body, HasSubstr("192.0.2.53 port 853"));
    EXPECT_EQ(with_tls("ns3", "nsd").status, 201U);
    EXPECT_EQ(json(as_operator("GET", "/v1/mirrors/ns3")).at("tls"), true);
    EXPECT_EQ(as_operator("POST", "/v1/mirrors", R"({"name":"a","kind":"bind","addresses":["192.0.2.1"],"tls":"yes"})")
                  .status,
              400U);
}

TEST_F(MirrorRoutes, ASerialHasAnAge) {
    prove(1, suspect);
    const auto first = all_changes().back().sequence;
    clock.advance(100s);
    prove(2, test::ip("5.6.7.9"));
    clock.advance(20s);
    const auto age = [&](const std::string& serial) { return json(as_operator("GET", "/v1/serials/" + serial)); };
    const auto known = age(std::to_string(first));
    EXPECT_EQ(known.at("behind"), 1);
    EXPECT_EQ(known.at("seconds"), 20) << "since the first change that it lacks";
    EXPECT_EQ(known.at("ahead"), false);
    EXPECT_EQ(known.at("at_least"), false);
    const auto newest = age(std::to_string(first + 1));
    EXPECT_EQ(newest.at("behind"), 0);
    EXPECT_EQ(newest.at("seconds"), 0);
    const auto ahead = age(std::to_string(first + 5));
    EXPECT_EQ(ahead.at("ahead"), true);
    EXPECT_EQ(age("0").at("behind"), static_cast<std::int64_t>(first + 1));
    for (const char* wrong : {"x", "-1", "4294967296", "1x"})
        EXPECT_EQ(as_operator("GET", std::string("/v1/serials/") + wrong).status, 400U) << wrong;
}

TEST_F(MirrorRoutes, TheCatalogsSerialMovesWithTheDefinitionAlone) {
    configuration.zones.catalogs.push_back({"catalog.example", "", "", {}});
    EXPECT_EQ(json(add("ns2")).at("catalog"), "catalog.example");
    EXPECT_EQ(json(add("ns3", "knot")).at("catalog"), nullptr) << "it tells nobody its serial";
    EXPECT_EQ(json(add("ns4", "nsd")).at("catalog"), nullptr) << "it reads none";
    const auto define = [&](const char* digest) {
        ASSERT_TRUE(store->write([digest](WriteTxn& txn) -> Result<> {
            journal::note_configuration(txn, digest);
            return {};
        }));
    };
    const auto age = [&](std::uint64_t serial) {
        return json(as_operator("GET", "/v1/serials/" + std::to_string(serial) + "?zone=catalog.example"));
    };
    define("one");
    const auto first = all_changes().back().sequence;
    clock.advance(100s);
    prove(1, suspect);
    prove(2, test::ip("5.6.7.9"));
    EXPECT_EQ(age(first).at("behind"), 0) << "listings are nothing to it";
    EXPECT_EQ(age(first).at("last"), first);
    EXPECT_EQ(age(first + 1).at("ahead"), true);
    EXPECT_EQ(json(as_operator("GET", "/v1/serials/" + std::to_string(first))).at("behind"), 2) << "of a list";
    EXPECT_EQ(json(as_operator("GET", "/v1/serials/" + std::to_string(first) + "?zone=bl.example")).at("behind"), 2);
    define("two");
    clock.advance(7s);
    EXPECT_EQ(age(first).at("behind"), 1) << "of definitions";
    EXPECT_EQ(age(first).at("seconds"), 7);
    EXPECT_EQ(age(first).at("at_least"), false);
    EXPECT_EQ(age(all_changes().back().sequence).at("behind"), 0);
}

// ---- the kits -------------------------------------------------------------------------------------------

Mirror mirror_of(MirrorKind kind) {
    Mirror mirror;
    mirror.name = "ns2";
    mirror.kind = kind;
    mirror.key_name = "ns2.mirror.bl.example";
    mirror.algorithm = "hmac-sha256";
    mirror.secret = std::string(32, 'x');
    return mirror;
}

const api::KitFacts facts{{{test::ip("192.0.2.53"), 53}, {test::ip("2001:db8::53"), 5353}},
                          {"bl.example", "relay.bl.example"},
                          "operator@bl.example"};

TEST(MirrorKit, HasTheKeyThePrimariesAndEveryZone) {
    for (const auto kind : {MirrorKind::bind, MirrorKind::nsd, MirrorKind::knot, MirrorKind::pdns}) {
        const auto kit = api::mirror_kit(mirror_of(kind), facts);
        for (const char* part : {"ns2.mirror.bl.example", "hmac-sha256", "eHh4eHh4", "192.0.2.53", "2001:db8::53",
                                 "5353", "bl.example", "relay.bl.example"})
            EXPECT_THAT(kit, HasSubstr(part)) << to_string(kind);
    }
}

TEST(MirrorKit, HasWhatALargeListNeedsThere) {
    EXPECT_THAT(api::mirror_kit(mirror_of(MirrorKind::bind), facts), HasSubstr("min-refresh-time"));
    EXPECT_THAT(api::mirror_kit(mirror_of(MirrorKind::nsd), facts), HasSubstr("rrl-ratelimit: 0"));
    EXPECT_THAT(api::mirror_kit(mirror_of(MirrorKind::knot), facts), HasSubstr("refresh-min-interval: 2"));
    const auto pdns = api::mirror_kit(mirror_of(MirrorKind::pdns), facts);
    for (const char* part : {"max-ent-entries", "xfr-max-received-mbytes", "IXFR 0"})
        EXPECT_THAT(pdns, HasSubstr(part));
    const auto rbldnsd = api::mirror_kit(mirror_of(MirrorKind::rbldnsd), facts);
    EXPECT_THAT(rbldnsd, HasSubstr("provenbl export"));
    EXPECT_THAT(rbldnsd, Not(HasSubstr("eHh4"))) << "it has no use for a key";
}

TEST(MirrorKit, OverTlsNamesTheCertificateAndNoPlainPort) {
    auto over_tls = facts;
    over_tls.tls_primaries = {{test::ip("192.0.2.53"), 853}, {test::ip("2001:db8::53"), 8853}};
    over_tls.tls_name = "ns1.bl.example";
    for (const auto kind : {MirrorKind::bind, MirrorKind::nsd}) {
        auto mirror = mirror_of(kind);
        EXPECT_THAT(api::mirror_kit(mirror, over_tls), Not(HasSubstr("853"))) << "only who was added for it";
        mirror.tls = true;
        const auto kit = api::mirror_kit(mirror, over_tls);
        for (const char* part : {"853", "8853", "ns1.bl.example", "ns2-primary-tls", "ca-certificates.crt", "eHh4eHh4"})
            EXPECT_THAT(kit, HasSubstr(part)) << to_string(kind);
        EXPECT_THAT(kit, Not(HasSubstr("mirror.key\""))) << "no certificate is wanted";
        EXPECT_THAT(kit, Not(testing::ContainsRegex("192.0.2.53[ @]+(port )?53[ ;]"))) << "not without TLS";
        over_tls.tls_clients = true;
        EXPECT_THAT(api::mirror_kit(mirror, over_tls), HasSubstr("mirror.key\""));
        over_tls.tls_clients = false;
    }
}

TEST(MirrorKit, TlsIsAskedForWhereNotifyComesFrom) {
    auto configuration = *load_configuration(PROVENBL_SOURCE_DIR "/packaging/provenbl.yaml", Role::all).configuration;
    const auto mirror = mirror_of(MirrorKind::bind);
    const auto primaries = [&] {
        std::vector<std::string> texts;
        for (const auto& primary : api::kit_facts(mirror, configuration).tls_primaries)
            texts.push_back(primary.to_string());
        return texts;
    };
    using Texts = std::vector<std::string>;
    EXPECT_EQ(primaries(), Texts{});
    configuration.dns.tls.listen = {{test::ip("192.0.2.99"), 853}};
    EXPECT_EQ(primaries(), Texts{}) << "a mirror knows us by another address";
    configuration.dns.tls.listen.push_back({test::ip("192.0.2.53"), 8853});
    EXPECT_EQ(primaries(), Texts{"192.0.2.53:8853"});
    configuration.dns.tls.listen = {{test::ip("::"), 853}};
    EXPECT_EQ(primaries(), Texts{"[2001:db8::53]:853"});
}

// Whoever reads catalogs is given nothing but the catalog: it says the rest, also what comes later.
TEST(MirrorKit, HasTheCatalogWhereTheServerReadsIt) {
    auto with_catalog = facts;
    with_catalog.catalog = "catalog.example";
    for (const auto kind : {MirrorKind::bind, MirrorKind::knot}) {
        const auto kit = api::mirror_kit(mirror_of(kind), with_catalog);
        EXPECT_THAT(kit, HasSubstr("catalog.example")) << to_string(kind);
        EXPECT_THAT(kit, Not(HasSubstr("relay.bl.example"))) << to_string(kind);
        EXPECT_THAT(kit, HasSubstr("eHh4eHh4")) << to_string(kind);
    }
    EXPECT_THAT(api::mirror_kit(mirror_of(MirrorKind::bind), with_catalog),
                HasSubstr("zone \"catalog.example\" default-primaries { \"ns2-primary\"; }"));
    EXPECT_THAT(api::mirror_kit(mirror_of(MirrorKind::knot), with_catalog),
                HasSubstr("catalog-role: interpret\n    catalog-template: ns2\n"));
    for (const auto kind : {MirrorKind::nsd, MirrorKind::pdns}) {
        const auto kit = api::mirror_kit(mirror_of(kind), with_catalog);
        EXPECT_THAT(kit, HasSubstr("relay.bl.example")) << to_string(kind);
        EXPECT_THAT(kit, Not(HasSubstr("catalog.example"))) << to_string(kind);
    }
}

TEST(MirrorKit, PolicyZonesAndTheCatalogComeFromTheConfiguration) {
    auto configuration = *load_configuration(PROVENBL_SOURCE_DIR "/packaging/provenbl.yaml", Role::all).configuration;
    zones::PolicyZoneDefinition policy;
    policy.apex = "rpz.example";
    policy.zone = configuration.zones.zones.front().apex;
    configuration.zones.policy_zones.push_back(policy);
    policy.apex = "paid-rpz.example";
    policy.access = zones::ZoneAccess::key;
    configuration.zones.policy_zones.push_back(policy);
    configuration.zones.catalogs.push_back({"catalog.example", "", "", {}});
    auto mirror = mirror_of(MirrorKind::bind);
    const auto all = api::kit_facts(mirror, configuration);
    EXPECT_EQ(all.catalog, "catalog.example");
    EXPECT_THAT(all.zones, ::testing::Contains("rpz.example"));
    EXPECT_THAT(all.zones, Not(::testing::Contains("paid-rpz.example")));
    EXPECT_THAT(api::kit_facts(mirror_of(MirrorKind::rbldnsd), configuration).zones,
                Not(::testing::Contains("rpz.example")));
    mirror.zones = {"rpz.example"};
    EXPECT_EQ(api::kit_facts(mirror, configuration).catalog, "") << "it takes what it names, and no more";
}

TEST(MirrorKit, NamesTheAddressesThatNotifyComesFrom) {
    auto configuration = *load_configuration(PROVENBL_SOURCE_DIR "/packaging/provenbl.yaml", Role::all).configuration;
    const auto mirror = mirror_of(MirrorKind::bind);
    const auto primaries = [&] {
        std::vector<std::string> texts;
        for (const auto& primary : api::kit_facts(mirror, configuration).primaries)
            texts.push_back(primary.to_string());
        return texts;
    };
    using Texts = std::vector<std::string>;
    EXPECT_EQ(primaries(), (Texts{"192.0.2.53:53", "[2001:db8::53]:53"}));
    configuration.dns.listen = {{test::ip("192.0.2.60"), 53}, {test::ip("192.0.2.61"), 53}};
    EXPECT_EQ(primaries(), Texts{"192.0.2.60:53"});
    configuration.dns.transfers.notify_source = {test::ip("192.0.2.61")};
    EXPECT_EQ(primaries(), Texts{"192.0.2.61:53"});
    configuration.dns.transfers.notify_source.clear();
    configuration.dns.listen = {{test::ip("0.0.0.0"), 53}};
    EXPECT_THAT(primaries(), Not(testing::Contains("0.0.0.0:53")));
    EXPECT_THAT(primaries(), Not(testing::IsEmpty())) << "what the zones say of their name servers";
}

// ---- the command line -----------------------------------------------------------------------------------

class MirrorCommands : public ApiFixture {
protected:
    class RouterClient final : public cli::Client {
    public:
        explicit RouterClient(MirrorCommands& test) : test_(test) {}
        Result<cli::Reply> request(std::string_view method, const std::string& target,
                                   const std::string& body) override {
            const auto response = test_.as_operator(std::string{method}, target, body);
            return cli::Reply{response.status, response.body};
        }
        Result<cli::Reply> follow(const std::string& /*target*/,
                                  const std::function<bool(const cli::Event&)>& /*visit*/) override {
            return Error{Errc::invalid, "nothing is followed here"};
        }

    private:
        MirrorCommands& test_;
    };
    int run(const std::vector<std::string>& arguments) {
        out.str("");
        err.str("");
        asked = 0;
        return cli::run(arguments, {out, err, false, "",
                                    [this](const cli::ServerAddress&) { return std::make_unique<RouterClient>(*this); },
                                    [this](const Endpoint& server, const std::string& zone) -> Result<std::uint32_t> {
                                        ++asked;
                                        const auto found = serials.find(server.to_string() + " " + zone);
                                        if (found == serials.end()) return Error{Errc::timeout, "no answer"};
                                        return found->second;
                                    }});
    }
    std::ostringstream out;
    std::ostringstream err;
    std::map<std::string, Result<std::uint32_t>> serials;
    int asked = 0;
};

TEST_F(MirrorCommands, AddPrintsTheConfigurationAlone) {
    EXPECT_EQ(run({"mirror", "list"}), 0);
    EXPECT_EQ(out.str(), "There are no mirrors.\n");
    EXPECT_EQ(run({"mirror", "add", "ns2", "--kind", "nsd", "--address", "198.51.100.53", "--note", "of friends"}), 0);
    EXPECT_THAT(out.str(), testing::StartsWith("# Mirror 'ns2'"));
    EXPECT_THAT(out.str(), HasSubstr("request-xfr: 192.0.2.53@53 ns2.mirror.bl.example"));
    const auto kit = out.str();
    EXPECT_EQ(err.str(), "");
    EXPECT_EQ(run({"mirror", "show", "ns2"}), 0);
    EXPECT_EQ(out.str(), kit);
    EXPECT_EQ(run({"mirror", "list"}), 0);
    EXPECT_THAT(out.str(), HasSubstr("all open lists - of friends"));
    EXPECT_EQ(run({"mirror", "add", "ns2", "--kind", "nsd", "--address", "198.51.100.53"}), 1);
    EXPECT_THAT(err.str(), HasSubstr("choose another"));
    EXPECT_EQ(run({"mirror", "remove", "ns2"}), 0);
    EXPECT_EQ(run({"mirror", "show", "ns2"}), 1);
    for (const auto& wrong : std::vector<std::vector<std::string>>{{"mirror"},
                                                                   {"mirror", "add"},
                                                                   {"mirror", "add", "a"},
                                                                   {"mirror", "add", "a", "--kind", "windows"},
                                                                   {"mirror", "show"},
                                                                   {"mirror", "remove"},
                                                                   {"mirror", "status", "--max-lag", "x"}})
        EXPECT_EQ(run(wrong), 2) << testing::PrintToString(wrong);
}

TEST_F(MirrorCommands, StatusSaysHowFarEachIs) {
    prove(1, suspect);
    const auto serial = static_cast<std::uint32_t>(all_changes().back().sequence);
    EXPECT_EQ(run({"mirror", "status"}), 0);
    EXPECT_EQ(run({"mirror", "add", "ns2", "--kind", "bind", "--address", "198.51.100.53", "--zone", "bl.example"}), 0);
    EXPECT_EQ(run({"mirror", "add", "ns3", "--kind", "nsd", "--address", "198.51.100.54", "--zone", "bl.example",
                   "--zone", "relay.bl.example"}),
              0);
    serials.insert_or_assign("198.51.100.53:53 bl.example", serial);
    serials.insert_or_assign("198.51.100.54:53 bl.example", serial);
    serials.insert_or_assign("198.51.100.54:53 relay.bl.example", serial);
    EXPECT_EQ(run({"mirror", "status"}), 0);
    EXPECT_THAT(out.str(), HasSubstr("up to date"));
    // Behind by a change, which is forgiven for a minute.
    prove(2, test::ip("5.6.7.9"));
    clock.advance(59s);
    EXPECT_EQ(run({"mirror", "status"}), 0);
    EXPECT_THAT(out.str(), HasSubstr("1 behind, 59 s old"));
    EXPECT_EQ(run({"mirror", "status", "--max-lag", "30"}), 6);
    clock.advance(2s);
    EXPECT_EQ(run({"mirror", "status"}), 6);
    EXPECT_EQ(run({"mirror", "status", "ns2", "--json"}), 6);
    const auto report = boost::json::parse(out.str()).as_object();
    EXPECT_EQ(report.at("behind"), true);
    EXPECT_EQ(report.at("serial"), serial + 1);
    ASSERT_EQ(report.at("mirrors").as_array().size(), 1U);
    EXPECT_EQ(report.at("mirrors").at(0).at("zones").at(0).at("seconds"), 61);
    // Who does not answer is not asked for each zone.
    serials.clear();
    EXPECT_EQ(run({"mirror", "status", "ns3"}), 6);
    EXPECT_EQ(asked, 1);
    EXPECT_THAT(out.str(), HasSubstr("no answer"));
    // Who does not serve the one zone may serve the other.
    serials.insert_or_assign("198.51.100.54:53 bl.example", Error{Errc::not_allowed, "it says REFUSED"});
    serials.insert_or_assign("198.51.100.54:53 relay.bl.example", serial + 1);
    EXPECT_EQ(run({"mirror", "status", "ns3"}), 6);
    EXPECT_EQ(asked, 2);
    EXPECT_THAT(out.str(), HasSubstr("it says REFUSED"));
    EXPECT_THAT(out.str(), HasSubstr("up to date"));
    serials.insert_or_assign("198.51.100.54:53 bl.example", serial + 1000);
    EXPECT_EQ(run({"mirror", "status", "ns3"}), 6);
    EXPECT_THAT(out.str(), HasSubstr("which we never had"));
    EXPECT_EQ(run({"mirror", "status", "ns9"}), 1);
    EXPECT_THAT(err.str(), HasSubstr("no mirror has the name 'ns9'"));
}

TEST_F(MirrorCommands, StatusAsksForTheCatalog) {
    configuration.zones.catalogs.push_back({"catalog.example", "", "", {}});
    configuration.zones.zones.resize(1);
    ASSERT_TRUE(store->write([](WriteTxn& txn) -> Result<> {
        journal::note_configuration(txn, "one");
        return {};
    }));
    const auto defined = static_cast<std::uint32_t>(all_changes().back().sequence);
    prove(1, suspect);
    EXPECT_EQ(run({"mirror", "add", "ns2", "--kind", "bind", "--address", "198.51.100.53"}), 0);
    serials.insert_or_assign("198.51.100.53:53 " + configuration.zones.zones[0].apex, defined + 1);
    serials.insert_or_assign("198.51.100.53:53 catalog.example", defined);
    clock.advance(1h);
    EXPECT_EQ(run({"mirror", "status"}), 0) << out.str();
    EXPECT_THAT(out.str(), testing::ContainsRegex("catalog.example +serial [0-9]+, up to date"));
    serials.insert_or_assign("198.51.100.53:53 catalog.example", Error{Errc::not_allowed, "it says REFUSED"});
    EXPECT_EQ(run({"mirror", "status"}), 6) << "it follows no new zones";
}

TEST_F(MirrorCommands, StatusTellsWhatIsKnown) {
    EXPECT_EQ(run({"mirror", "add", "ns2", "--kind", "bind", "--address", "198.51.100.53", "--zone", "bl.example"}), 0);
    EXPECT_EQ(run({"mirror", "status", "--known"}), 1);
    EXPECT_THAT(err.str(), HasSubstr("leave --known out"));
    api::MirrorLag lag;
    lag.mirror = "ns2";
    lag.address = {test::ip("198.51.100.53"), 53};
    lag.zone = "bl.example";
    context.mirror_lags = [&] { return std::vector{lag}; };
    EXPECT_EQ(run({"mirror", "status", "--known"}), 6);
    EXPECT_THAT(out.str(), HasSubstr("not been asked yet"));
    lag.serial = 77;
    lag.asked = lag.answered = clock.now();
    EXPECT_EQ(run({"mirror", "status", "--known"}), 0);
    EXPECT_THAT(out.str(), HasSubstr("serial 77, up to date"));
    lag.behind = 3;
    lag.age = 61s;
    EXPECT_EQ(run({"mirror", "status", "--known"}), 6);
    EXPECT_THAT(out.str(), HasSubstr("3 behind, 61 s old"));
    lag.silent_since = clock.now();
    lag.trouble = "no answer to 3 questions";
    EXPECT_EQ(run({"mirror", "status", "--known"}), 6);
    EXPECT_THAT(out.str(), HasSubstr("no answer to 3 questions (since "));
    EXPECT_EQ(asked, 0) << "nobody is";
}

TEST_F(MirrorCommands, OverTlsIsShownAndAskedFor) {
    configuration.dns.tls.listen = {{test::ip("192.0.2.53"), 853}};
    configuration.dns.tls.name = "ns1.bl.example";
    EXPECT_EQ(run({"mirror", "add", "ns2", "--kind", "nsd", "--address", "198.51.100.53", "--tls"}), 0);
    EXPECT_THAT(out.str(), HasSubstr("request-xfr: 192.0.2.53@853 ns2.mirror.bl.example ns2-primary-tls"));
    EXPECT_EQ(run({"mirror", "list"}), 0);
    EXPECT_THAT(out.str(), HasSubstr("over TLS"));
}

// ---- the question ---------------------------------------------------------------------------------------

class SoaQuery : public ::testing::Test {
protected:
    using Bytes = std::vector<std::uint8_t>;
    const Bytes question_ = cli::soa_question("bl.example", 0x1234).value();
    // With a SOA of serial 77, whose names point to the question.
    [[nodiscard]] Bytes answer() const {
        auto bytes = question_;
        bytes[2] = 0x84;
        bytes[7] = 1;
        for (const auto octet : {0xc0, 0x0c, 0, 6, 0, 1, 0, 0, 0, 60, 0, 24, 0xc0, 0x0c, 0xc0, 0x0c, 0, 0,
                                 0,    77,   0, 0, 0, 1, 0, 0, 0, 2,  0, 0,  0,    3,    0,    0,    0, 4})
            bytes.push_back(static_cast<std::uint8_t>(octet));
        return bytes;
    }
    Errc error_of(const Bytes& bytes) const { return cli::soa_serial(bytes, question_).error().code; }
};

TEST_F(SoaQuery, TheSerialIsRead) {
    EXPECT_EQ(cli::soa_serial(answer(), question_).value(), 77U);
    auto upper = answer();
    upper[13] = 'B';
    EXPECT_EQ(cli::soa_serial(upper, question_).value(), 77U);
    EXPECT_EQ(cli::soa_question("a..b", 1).error().code, Errc::invalid);
}

TEST_F(SoaQuery, AnythingElseIsNoSerial) {
    const auto good = answer();
    for (std::size_t size = 0; size < good.size(); ++size)
        EXPECT_FALSE(cli::soa_serial(std::span(good).first(size), question_)) << size;
    const auto changed = [&](std::size_t at, std::uint8_t value) {
        auto bytes = good;
        bytes[at] = value;
        return error_of(bytes);
    };
    EXPECT_EQ(changed(0, 0), Errc::protocol) << "another id";
    EXPECT_EQ(changed(2, 4), Errc::protocol) << "a question";
    EXPECT_EQ(changed(13, 'x'), Errc::protocol) << "another zone";
    EXPECT_EQ(changed(3, 5), Errc::not_allowed) << "REFUSED";
    EXPECT_EQ(changed(3, 15), Errc::not_allowed) << "an RCODE without a name";
    EXPECT_EQ(changed(2, 0x80), Errc::not_allowed) << "no authority";
    EXPECT_EQ(changed(7, 0), Errc::not_allowed) << "no record";
    EXPECT_EQ(changed(question_.size() + 3, 1), Errc::not_allowed) << "another type";
}

} // namespace
} // namespace provenbl::tools
