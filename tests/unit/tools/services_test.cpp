// What a process says when it starts, and when it can't.
#include "store/transfer.hpp"
#include "tests/unit/tools/api_fixture.hpp"
#include "tools/daemon/services.hpp"

#include <gmock/gmock.h>

#include <filesystem>

namespace provenbl::tools {
namespace {

using testing::HasSubstr;

class ServicesTest : public ApiFixture {
protected:
    // Beside the fixture's own store, which stays open.
    ServicesTest() {
        configuration.store.directory = directory.path() / "fresh";
        configuration.api.socket = directory.path() / "api.sock";
        configuration.api.public_listen.clear();
    }
};

TEST_F(ServicesTest, WhoOnlyReadsSaysWhoMakesTheData) {
    for (const bool made : {false, true}) {
        if (made) std::filesystem::create_directory(configuration.store.directory);
        Services services{configuration, Role::dns, clock, entropy};
        const auto started = services.start();
        ASSERT_FALSE(started);
        EXPECT_THAT(started.error().message, HasSubstr("start the role verifier (or all) first"));
        EXPECT_THAT(started.error().message, HasSubstr(configuration.store.directory.string()));
    }
}

TEST_F(ServicesTest, SaysWhereItListensInWordsAndAsJson) {
    Services services{configuration, Role::api, clock, entropy};
    const auto started = services.start();
    ASSERT_TRUE(started) << started.error().message;
    const auto place = "unix:" + configuration.api.socket.string();
    EXPECT_EQ(services.ready_line(), "ready: api " + place);
    const boost::json::object expected{{"event", "ready"}, {"api", boost::json::array{boost::json::string{place}}}};
    EXPECT_EQ(boost::json::parse(services.ready_object()), boost::json::value(expected));
}

TEST_F(ServicesTest, AFileOfCountriesThatCanNotBeReadIsSaidAtTheStart) {
    configuration.statistics.country_file = directory.path() / "no-such.mmdb";
    Services services{configuration, Role::api, clock, entropy};
    const auto started = services.start();
    ASSERT_FALSE(started);
    EXPECT_THAT(started.error().message, HasSubstr("statistics.country_file"));
    EXPECT_THAT(started.error().message, HasSubstr("no-such.mmdb"));
}

TEST_F(ServicesTest, AHalfImportedStoreIsNotWrittenTo) {
    {
        const auto half = Store::open({configuration.store.directory}, clock).value();
        provenbl::transfer::Header header;
        header.serial = 5;
        ASSERT_TRUE(half->write([&](WriteTxn& txn) -> Result<> {
            const auto begun = provenbl::transfer::receive(txn, header);
            if (!begun) return begun.error();
            return {};
        }));
    }
    Services services{configuration, Role::api, clock, entropy};
    const auto started = services.start();
    ASSERT_FALSE(started);
    EXPECT_THAT(started.error().message, HasSubstr("finish it with `provenbl import`"));
}

} // namespace
} // namespace provenbl::tools
