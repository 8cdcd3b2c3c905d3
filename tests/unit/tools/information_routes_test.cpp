// The list's rules, zones and counts; many addresses at once; the description of all of it.
#include "tests/unit/tools/api_fixture.hpp"
#include "tools/api/route_table.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <cctype>
#include <set>

namespace provenbl::tools {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class InformationRoutes : public ApiFixture {
protected:
    api::Response lookup(const std::string& body) {
        return perform({"POST", "/v1/lookup", "", body, false, test::ip("198.51.100.1")});
    }
};

TEST_F(InformationRoutes, ManyAddressesAtOnce) {
    prove_with_token(suspect, suspect);
    const auto reply = lookup(R"({"addresses": ["5.6.7.8", "5.6.7.9", "::ffff:5.6.7.8", "2001:db8::1", "127.0.0.2"]})");
    ASSERT_EQ(reply.status, 200U) << reply.body;
    const auto object = json(reply);
    const auto& hosts = object.at("hosts").as_array();
    ASSERT_EQ(hosts.size(), 5U);
    EXPECT_EQ(hosts[0].at("listed"), true);
    EXPECT_EQ(hosts[0].at("classes"), boost::json::value(boost::json::array{"relay"}));
    EXPECT_EQ(hosts[0].at("case"), 1);
    EXPECT_EQ(hosts[1].at("listed"), false);
    EXPECT_EQ(hosts[1].at("since"), nullptr);
    EXPECT_EQ(hosts[2].at("address"), "5.6.7.8");
    EXPECT_EQ(hosts[4].at("test_entry"), true);
    EXPECT_EQ(object.at("serial"), 1);
    EXPECT_EQ(object.at("shut_down"), false);
}

TEST_F(InformationRoutes, LookupsAreBoundedAndWhole) {
    const auto list = [](std::size_t count) {
        std::string body = R"({"addresses": [)";
        for (std::size_t i = 0; i < count; ++i)
            body += fmt::format("{}\"5.6.{}.{}\"", i == 0 ? "" : ", ", i / 200, i % 200);
        return body + "]}";
    };
    EXPECT_EQ(lookup(list(1000)).status, 200U);
    EXPECT_EQ(lookup(list(1001)).status, 400U);
    EXPECT_EQ(lookup(list(0)).status, 400U);
    for (const char* bad : {"", "{}", R"({"addresses": "5.6.7.8"})", R"({"addresses": [1]})", R"({"hosts": []})"})
        EXPECT_EQ(lookup(bad).status, 400U) << bad;
    const auto wrong = lookup(R"({"addresses": ["5.6.7.8", "5.6.7"]})");
    EXPECT_EQ(wrong.status, 400U);
    EXPECT_THAT(wrong.body, HasSubstr("number 2"));
}

TEST_F(InformationRoutes, TheRulesAreThoseInForce) {
    configuration.verifier.policy.owner_spacing = 42s;
    const auto object = json(as_public("GET", "/v1/criteria"));
    EXPECT_EQ(object.at("delisting").at("owner_spacing"), 42);
    EXPECT_EQ(object.at("delisting").at("rescan_interval"), 86400);
    EXPECT_EQ(object.at("listing").at("proofs_needed"), 1);
    EXPECT_EQ(object.at("listing").at("ipv6_prefix"), configuration.verifier.policy.ipv6_granularity);
    EXPECT_EQ(object.at("zones").as_array().size(), configuration.zones.zones.size());
    bool relay = false;
    for (const auto& technique : object.at("techniques").as_array())
        relay = relay || technique.at("name") == "smtp-relay/plain";
    EXPECT_TRUE(relay);
}

TEST_F(InformationRoutes, CountsByClassAreAMinuteOldAtMost) {
    EXPECT_EQ(json(as_public("GET", "/v1/statistics")).at("by_class").at("relay"), 0);
    prove_with_token(suspect, suspect);
    const auto soon = json(as_public("GET", "/v1/statistics"));
    EXPECT_EQ(soon.at("listed").at("ipv4"), 1);
    EXPECT_EQ(soon.at("by_class").at("relay"), 0) << "the index is not walked for every question";
    clock.advance(1min);
    const auto later = json(as_public("GET", "/v1/statistics"));
    EXPECT_EQ(later.at("by_class").at("relay"), 1);
    EXPECT_EQ(later.at("by_class").at("socks"), 0);
    EXPECT_EQ(later.at("by_class_counted"), later.at("now"));
}

TEST_F(InformationRoutes, ZonesTellSerialAndAge) {
    EXPECT_EQ(json(as_public("GET", "/v1/zones")).at("zones").at(0).at("age"), nullptr);
    prove_with_token(suspect, suspect);
    clock.advance(90s);
    const auto object = json(as_public("GET", "/v1/zones"));
    ASSERT_EQ(object.at("zones").as_array().size(), configuration.zones.zones.size());
    const auto& zone = object.at("zones").at(0);
    EXPECT_EQ(zone.at("zone"), "bl.example");
    EXPECT_EQ(zone.at("serial"), 1);
    EXPECT_EQ(zone.at("age"), 90);
}

TEST_F(InformationRoutes, TheDescriptionNamesEveryRouteAndNoOther) {
    const auto reply = as_public("GET", "/openapi.json");
    ASSERT_EQ(reply.status, 200U);
    const auto document = json(reply);
    EXPECT_EQ(document.at("openapi"), "3.1.0");
    std::set<std::string> described;
    for (const auto& path : document.at("paths").as_object()) {
        for (const auto& operation : path.value().as_object()) {
            std::string method(operation.key());
            std::transform(method.begin(), method.end(), method.begin(),
                           [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
            const auto name = fmt::format("{} {}", method, std::string(path.key()));
            described.insert(name);
            const auto& what = operation.value().as_object();
            const auto route =
                std::find_if(api::all_routes().begin(), api::all_routes().end(), [&](const api::Route& one) {
                    return one.method == method && one.path == std::string_view{path.key().data(), path.key().size()};
                });
            ASSERT_NE(route, api::all_routes().end()) << name << " is described and does not exist";
            EXPECT_EQ(what.contains("x-operator-only"), route->who == api::Who::the_operator) << name;
            EXPECT_EQ(what.at("responses").as_object().contains("429"), route->counts_as != api::Limited::nothing)
                << name;
        }
    }
    for (const auto& route : api::all_routes())
        EXPECT_TRUE(described.contains(fmt::format("{} {}", route.method, route.path))) << route.path;
}

TEST_F(InformationRoutes, EveryRouteIsReachedByItsPath) {
    for (const auto& route : api::all_routes()) {
        std::string target{route.path};
        for (auto open = target.find('{'); open != std::string::npos; open = target.find('{')) {
            const auto end = target.find('}', open);
            const auto name = target.substr(open, end - open + 1);
            target.replace(open, end - open + 1, name == "{address}" || name == "{prefix}" ? "5.6.7.8" : "7");
        }
        api::Request request{std::string{route.method}, target, "", "", true, std::nullopt};
        const auto answer = router.handle(request);
        if (const auto* response = std::get_if<api::Response>(&answer)) {
            EXPECT_NE(response->status, 405U) << route.method << " " << target;
            EXPECT_NE(response->status, 500U) << target;
            EXPECT_THAT(response->body, testing::Not(HasSubstr("there is nothing here"))) << target;
        }
    }
}

} // namespace
} // namespace provenbl::tools
