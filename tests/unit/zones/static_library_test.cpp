// How files come into a static zone, and what is served while one of them is bad. The clock is set by hand, each look
// is made by the test.
#include "store/file_stamp.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/unit/zones/static_world.hpp"
#include "zones/static/library.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace provenbl::zones::statics::testing {
namespace {

using ::testing::HasSubstr;

class StaticLibrary : public ::testing::Test {
protected:
    void write(const std::string& name, const std::string& text) {
        std::ofstream(path(name), std::ios::binary) << text;
    }
    // As a careful writer does it.
    void replace(const std::string& name, const std::string& text) {
        write(name + ".new", text);
        std::filesystem::rename(path(name + ".new"), path(name));
    }
    [[nodiscard]] std::string path(const std::string& name) const { return (directory_.path() / name).string(); }

    StaticZoneDefinition zone(std::string apex, std::vector<SetSource> sets) {
        auto made = definition();
        made.apex = std::move(apex);
        made.sets = std::move(sets);
        return made;
    }
    Library& open(std::vector<StaticZoneDefinition> zones) {
        library_.emplace(std::move(zones), clock_, [this](bool trouble, std::string_view text) {
            told_ += (trouble ? "TROUBLE " : "") + std::string{text} + "\n";
        });
        return *library_;
    }
    [[nodiscard]] std::string asked(std::string_view name, std::size_t place = 0) const {
        return ask(*library_->shelf()->zones.at(place), name);
    }
    void settle() {
        library_->look();
        library_->look();
    }

    provenbl::test::TemporaryDirectory directory_;
    // Later than any file of this test.
    ManualClock clock_{SystemClock{}.now() + std::chrono::hours{1}};
    std::string told_;
    std::optional<Library> library_;
};

TEST_F(StaticLibrary, TakesInAChangeWhenItHasSettled) {
    write("list", "10.1.2.3\n");
    auto& library = open({zone("bl.example", {{SetType::ip4set, {path("list")}}})});
    ASSERT_TRUE(library.load());
    EXPECT_EQ(asked("3.2.1.10"), "127.0.0.2");
    const auto before = library.generation();
    settle();
    EXPECT_EQ(library.generation(), before) << "nothing has changed";

    replace("list", "10.1.2.4\n");
    library.look();
    EXPECT_EQ(asked("4.2.1.10"), "NXDOMAIN") << "it was seen once only";
    library.look();
    EXPECT_EQ(asked("4.2.1.10"), "127.0.0.2");
    EXPECT_EQ(asked("3.2.1.10"), "NXDOMAIN");
    EXPECT_EQ(library.generation(), before + 1);
    EXPECT_THAT(told_, HasSubstr("1 entries are served"));
}

TEST_F(StaticLibrary, AFileWithTheSizeAndTimeOfTheOneBeforeIsAnother) {
    write("list", "10.1.2.3\n");
    auto& library = open({zone("bl.example", {{SetType::ip4set, {path("list")}}})});
    ASSERT_TRUE(library.load());
    const auto time = std::filesystem::last_write_time(path("list"));
    const auto before = stamp_of(path("list"));
    do { // as often as it takes until the file system's clock has moved
        write("list", "10.1.2.4\n");
        std::filesystem::last_write_time(path("list"), time);
    } while (stamp_of(path("list")) == before);
    settle();
    EXPECT_EQ(asked("4.2.1.10"), "127.0.0.2");
    EXPECT_EQ(asked("3.2.1.10"), "NXDOMAIN");
}

TEST_F(StaticLibrary, ABadFileKeepsTheLastGoodData) {
    write("list", "10.1.2.3\n");
    auto& library = open({zone("bl.example", {{SetType::ip4set, {path("list")}}})});
    ASSERT_TRUE(library.load());
    replace("list", "10.1.2.4\n10.1.2.300\n");
    settle();
    EXPECT_EQ(asked("3.2.1.10"), "127.0.0.2");
    const auto where = path("list") + ":2: '10.1.2.300' is no IPv4 address";
    EXPECT_THAT(library.states().at(0).trouble, HasSubstr(where));
    EXPECT_THAT(told_, HasSubstr("TROUBLE " + where));
    told_.clear();
    settle();
    EXPECT_EQ(told_, "") << "the same is told once";

    std::filesystem::remove(path("list"));
    settle();
    EXPECT_EQ(asked("3.2.1.10"), "127.0.0.2");
    EXPECT_THAT(library.states().at(0).trouble, HasSubstr("can't be read: No such file"));

    replace("list", "10.1.2.5\n");
    settle();
    EXPECT_EQ(asked("5.2.1.10"), "127.0.0.2");
    EXPECT_EQ(library.states().at(0).trouble, "");
}

TEST_F(StaticLibrary, BadLinesAreLeftOutWhereThatIsAllowed) {
    write("list", "10.1.2.3\nrubbish\n");
    auto& library = open({zone("bl.example", {{SetType::ip4set, {path("list")}, true}})});
    ASSERT_TRUE(library.load());
    EXPECT_EQ(asked("3.2.1.10"), "127.0.0.2");
    EXPECT_EQ(library.states().at(0).bad_lines, 1U);
    EXPECT_EQ(library.states().at(0).trouble, "");
    EXPECT_THAT(told_, HasSubstr("1 bad lines are left out"));
}

TEST_F(StaticLibrary, AtTheStartEveryUnfitFileIsNamed) {
    write("a", "rubbish\n");
    write("b", "\x1f\x8b compressed\n");
    auto& library = open({zone("a.example", {{SetType::ip4set, {path("a")}}}),
                          zone("b.example", {{SetType::dnset, {path("b")}}, {SetType::ip4set, {path("absent")}}})});
    const auto loaded = library.load();
    ASSERT_FALSE(loaded);
    EXPECT_THAT(loaded.error().message, HasSubstr(path("a") + ":1: "));
    EXPECT_THAT(loaded.error().message, HasSubstr(path("b") + ": is compressed"));
    EXPECT_THAT(loaded.error().message, HasSubstr(path("absent") + ": can't be read"));
    EXPECT_TRUE(library.shelf()->zones.empty());
}

TEST_F(StaticLibrary, WhatIsBeingWrittenIsNotTakenHalf) {
    write("list", "10.1.2.3\n");
    auto& library = open({zone("bl.example", {{SetType::ip4set, {path("list")}}})});
    ASSERT_TRUE(library.load());
    clock_.advance(SystemClock{}.now() - clock_.now()); // files are fresh from now on
    for (const auto* half : {"", "10.1.2.4\n10.1.2."}) {
        write("list", half);
        settle();
        settle();
        EXPECT_EQ(asked("3.2.1.10"), "127.0.0.2") << half;
        EXPECT_EQ(library.states().at(0).trouble, "");
    }
    clock_.advance(std::chrono::seconds{30}); // nobody has gone on with it
    library.look();
    EXPECT_THAT(library.states().at(0).trouble, HasSubstr(":2: "));
}

TEST_F(StaticLibrary, OneChangeTouchesOneSetOfOneZone) {
    write("common", "10.1.2.3 :3:\n");
    write("own", "10.1.2.3 :4:\n");
    auto& library = open({zone("a.example", {{SetType::ip4set, {path("common")}}, {SetType::ip4set, {path("own")}}}),
                          zone("b.example", {{SetType::ip4set, {path("common")}}})});
    ASSERT_TRUE(library.load());
    EXPECT_EQ(asked("3.2.1.10", 0), "127.0.0.3 127.0.0.4");
    EXPECT_EQ(asked("3.2.1.10", 1), "127.0.0.3");
    replace("common", "10.1.2.3 :5:\n");
    replace("own", "rubbish\n");
    settle();
    EXPECT_EQ(asked("3.2.1.10", 0), "127.0.0.4 127.0.0.5");
    EXPECT_EQ(asked("3.2.1.10", 1), "127.0.0.5");
    EXPECT_NE(library.states().at(0).trouble, "");
    EXPECT_EQ(library.states().at(1).trouble, "");
}

TEST_F(StaticLibrary, DataOfTheFutureAreTakenWhenTheirTimeHasCome) {
    write("list", "10.1.2.3\n");
    auto& library = open({zone("bl.example", {{SetType::ip4set, {path("list")}}})});
    ASSERT_TRUE(library.load());
    replace("list", "$TIMESTAMP 2090-01-01\n10.1.2.4\n");
    settle();
    EXPECT_THAT(library.states().at(0).trouble, HasSubstr("from the future"));
    clock_.advance(std::chrono::hours{24} * 365 * 70);
    library.look();
    EXPECT_EQ(asked("4.2.1.10"), "127.0.0.2");
}

TEST_F(StaticLibrary, SaysThatDataHaveExpired) {
    write("list", "$TIMESTAMP 0 2090-01-01\n10.1.2.3\n");
    auto& library = open({zone("bl.example", {{SetType::ip4set, {path("list")}}})});
    ASSERT_TRUE(library.load());
    EXPECT_EQ(library.states().at(0).trouble, "");
    clock_.advance(std::chrono::hours{24} * 365 * 70);
    library.look();
    EXPECT_THAT(library.states().at(0).trouble, HasSubstr("expired"));
    EXPECT_TRUE(library.shelf()->zones.at(0)->expired(clock_.now()));
}

} // namespace
} // namespace provenbl::zones::statics::testing
