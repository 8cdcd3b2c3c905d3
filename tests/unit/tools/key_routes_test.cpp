// Access keys over the API and the command line.
#include "store/access_keys.hpp"
#include "tests/unit/tools/api_fixture.hpp"

#include <gmock/gmock.h>

namespace provenbl::tools {
namespace {

using testing::HasSubstr;
using testing::Not;

class KeyRoutes : public ApiFixture {
protected:
    boost::json::array listed() { return json(as_operator("GET", "/v1/keys")).at("keys").as_array(); }
};

TEST_F(KeyRoutes, AKeyIsShownOnce) {
    const auto made =
        as_operator("POST", "/v1/keys", R"({"name":"example-corp","per_second":50,"per_day":1000000,"note":"x"})");
    EXPECT_EQ(made.status, 201U);
    const auto object = json(made);
    const std::string key{object.at("key").as_string()};
    EXPECT_TRUE(access_keys::is_label({reinterpret_cast<const std::uint8_t*>(key.data()), key.size()})) << key;
    const auto rows = listed();
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows[0].at("name"), "example-corp");
    EXPECT_EQ(rows[0].at("per_second"), 50);
    EXPECT_EQ(rows[0].at("per_day"), 1'000'000);
    EXPECT_EQ(rows[0].at("note"), "x");
    EXPECT_EQ(rows[0].at("revoked"), nullptr);
    EXPECT_EQ(rows[0].at("today"), nullptr) << "no DNS in this process";
    EXPECT_THAT(as_operator("GET", "/v1/keys").body, Not(HasSubstr(key)));
    // What is stored finds it.
    const auto hash = access_keys::hash_label({reinterpret_cast<const std::uint8_t*>(key.data()), key.size()});
    store->read([&](const ReadTxn& txn) {
        access_keys::walk(txn, [&](const AccessKey& stored) {
            EXPECT_EQ(stored.hash, hash);
            return true;
        });
    });
}

TEST_F(KeyRoutes, UseIsToldWhereItIsKnown) {
    as_operator("POST", "/v1/keys", R"({"name":"a"})");
    as_operator("POST", "/v1/keys", R"({"name":"b"})");
    context.key_use = [](std::uint64_t id) -> std::optional<api::KeyUse> {
        if (id != 2) return std::nullopt;
        return api::KeyUse{5, 50, 7};
    };
    const auto rows = listed();
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0].at("today"), nullptr);
    EXPECT_EQ(rows[1].at("today"), 5);
    EXPECT_EQ(rows[1].at("answered"), 50);
    EXPECT_EQ(rows[1].at("refused"), 7);
}

TEST_F(KeyRoutes, ARevokedKeyStaysAsARecord) {
    as_operator("POST", "/v1/keys", R"({"name":"a"})");
    EXPECT_EQ(as_operator("POST", "/v1/keys", R"({"name":"a"})").status, 409U);
    EXPECT_EQ(as_operator("DELETE", "/v1/keys/a").status, 200U);
    EXPECT_EQ(as_operator("DELETE", "/v1/keys/a").status, 404U);
    EXPECT_NE(listed().at(0).at("revoked"), nullptr);
    EXPECT_EQ(as_operator("POST", "/v1/keys", R"({"name":"a"})").status, 201U);
}

TEST_F(KeyRoutes, WhatIsWrongIsSaid) {
    for (const char* body :
         {R"({})", R"({"name":""})", R"({"name":"two words"})", R"({"name":"a/b"})", R"({"name":"a","per_second":-1})",
          R"({"name":"a","per_second":1.5})", R"({"name":"a","per_second":"many"})", R"({"name":"a","per_day":1e18})",
          R"({"name":"a","key":"abc"})", R"([])"})
        EXPECT_EQ(as_operator("POST", "/v1/keys", body).status, 400U) << body;
    EXPECT_TRUE(listed().empty());
    EXPECT_EQ(as_operator("PUT", "/v1/keys").status, 405U);
    EXPECT_EQ(as_operator("GET", "/v1/keys/a").status, 405U);
    EXPECT_EQ(as_public("GET", "/v1/keys").status, 403U);
    EXPECT_EQ(as_public("DELETE", "/v1/keys/a").status, 403U);
}

} // namespace
} // namespace provenbl::tools
