// Lists of reports: what a line says, how a list is read to its end or taken up again, what becomes of a folder's
// files.
#include "tests/unit/tools/api_fixture.hpp"
#include "tools/daemon/intake_watcher.hpp"
#include "tools/intake/entry.hpp"
#include "tools/intake/folder.hpp"
#include "tools/intake/place.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>

namespace provenbl::tools {
namespace {

namespace fs = std::filesystem;
using intake::Entry;
using intake::EntryReader;
using intake::Filed;
using testing::ElementsAre;
using testing::HasSubstr;

std::optional<Entry> entry_of(EntryReader& reader, const std::string& line) {
    const auto read = reader.read(line);
    if (!read) throw std::runtime_error(read.error().message);
    return *read;
}
std::string error_of(EntryReader& reader, const std::string& line) {
    const auto read = reader.read(line);
    return read ? "" : read.error().message;
}

TEST(IntakeEntry, ATextHasOneAddressALine) {
    EntryReader reader;
    EXPECT_EQ(entry_of(reader, "# open relays of today"), std::nullopt);
    EXPECT_EQ(entry_of(reader, "  "), std::nullopt);
    EXPECT_EQ(entry_of(reader, "\xEF\xBB\xBF  198.51.100.7 \r")->address, test::ip("198.51.100.7"));
    EXPECT_EQ(entry_of(reader, "2001:db8::1 # seen twice")->comment, "seen twice");
    for (const auto* wrong : {"198.51.100", "198.51.100.7 25", "198.51.100.0/24", "host.example", "\x01\xff"})
        EXPECT_NE(error_of(reader, wrong), "") << wrong;
    EXPECT_EQ(entry_of(reader, "198.51.100.8")->address, test::ip("198.51.100.8")) << "a bad line stops no other";
}

TEST(IntakeEntry, ACsvHasAHeader) {
    EntryReader reader;
    EXPECT_EQ(entry_of(reader, "Comment, Port ,address,CLASS,extra"), std::nullopt);
    const auto one = entry_of(reader, R"("said ""hello"", twice",1080,198.51.100.7,Socks,x)");
    EXPECT_EQ(one->address, test::ip("198.51.100.7"));
    EXPECT_THAT(one->ports, ElementsAre(1080));
    EXPECT_EQ(one->remark(), "reported as socks: said \"hello\", twice");
    EXPECT_EQ(entry_of(reader, ",,198.51.100.8")->remark(), "") << "what is missing at the end is empty";
    EXPECT_THAT(error_of(reader, "x,,"), HasSubstr("no address"));
    EXPECT_THAT(error_of(reader, "x,70000,198.51.100.7"), HasSubstr("1 to 65535"));
    EXPECT_THAT(error_of(reader, "x,25,198.51.100.7,king"), HasSubstr("no class"));
    EXPECT_THAT(error_of(reader, "\"x,25,198.51.100.7"), HasSubstr("does not end"));
    EXPECT_THAT(error_of(reader, std::string(20, ',')), HasSubstr("columns"));
}

TEST(IntakeEntry, JsonLinesAreObjects) {
    EntryReader reader;
    const auto one =
        entry_of(reader, R"({"address": "198.51.100.7", "class": "http", "ports": [3128, 8080], "comment": "c"})");
    EXPECT_THAT(one->ports, ElementsAre(3128, 8080));
    EXPECT_EQ(one->cls, ListingClass::http);
    EXPECT_EQ(entry_of(reader, R"({"address":"198.51.100.7","port":25})")->ports.front(), 25);
    for (const auto* wrong :
         {"{", "[]", "7", R"({"port": 25})", R"({"address": 7})", R"({"address": "x"})",
          R"({"address": "198.51.100.7", "ports": ["25"]})", R"({"address": "198.51.100.7", "port": 0})",
          R"({"address": "198.51.100.7", "port": -1})", R"({"address": "198.51.100.7", "adress": "198.51.100.8"})",
          R"({"address":[[[[[[[[[[[[]]]]]]]]]]]]})"})
        EXPECT_NE(error_of(reader, wrong), "") << wrong;
}

TEST(IntakeEntry, WhatIsTooLongIsRefused) {
    EntryReader reader;
    EXPECT_EQ(entry_of(reader, "{\"address\": \"198.51.100.7\"}")->address, test::ip("198.51.100.7"));
    EXPECT_THAT(error_of(reader, std::string(5000, 'x')), HasSubstr("longer than"));
    EXPECT_THAT(error_of(reader, "{\"address\": \"198.51.100.7\", \"comment\": \"" + std::string(1000, 'x') + "\"}"),
                HasSubstr("comment longer"));
    std::string ports = "{\"address\": \"198.51.100.7\", \"ports\": [1";
    for (int i = 2; i < 40; ++i) ports += "," + std::to_string(i);
    EXPECT_THAT(error_of(reader, ports + "]}"), HasSubstr("more than 16 ports"));
}

// A sink of reports that does as it is told.
struct Desk {
    Filed file(const Entry& entry) {
        const auto text = entry.address.to_string();
        if (later.contains(text)) return {Filed::What::later, "the queue is full"};
        if (refused.contains(text)) return {Filed::What::refused, "excluded"};
        filed.push_back(text);
        return {};
    }
    std::vector<std::string> filed;
    std::set<std::string> refused;
    std::set<std::string> later;
};

TEST(IntakeFeed, EachLineByItself) {
    Desk desk;
    desk.refused = {"198.51.100.2"};
    std::istringstream list{"198.51.100.1\nnonsense\n198.51.100.2\n" + std::string(100'000, 'x') +
                            "\n\n198.51.100.3 # no end of line"};
    EntryReader reader;
    intake::Progress progress;
    std::vector<std::string> complaints;
    intake::Feeding how;
    how.file = [&](const Entry& entry) { return desk.file(entry); };
    how.after_line = [](const intake::Progress&) {};
    how.complain = [&](std::uint64_t number, std::string_view why) {
        complaints.push_back(std::to_string(number) + ": " + std::string{why});
    };
    ASSERT_TRUE(intake::feed(list, reader, progress, how));
    EXPECT_THAT(desk.filed, ElementsAre("198.51.100.1", "198.51.100.3"));
    EXPECT_THAT(complaints, ElementsAre(HasSubstr("2: "), "3: 198.51.100.2: excluded", HasSubstr("4: is longer")));
    EXPECT_EQ(progress.lines, 6U);
    EXPECT_EQ(progress.offset, list.str().size());
    EXPECT_EQ(progress.taken, 2U);
    EXPECT_EQ(progress.bad, 2U);
    EXPECT_EQ(progress.refused, 1U);
}

class IntakeFolder : public testing::Test {
protected:
    void put(const std::string& name, const std::string& text) {
        std::ofstream{directory.path() / name, std::ios::binary} << text;
    }
    std::string text(const std::string& name) const {
        std::ifstream in{directory.path() / name};
        return {std::istreambuf_iterator<char>{in}, {}};
    }
    [[nodiscard]] bool there(const std::string& name) const { return fs::exists(directory.path() / name); }
    bool look() {
        return folder().look([this] { return stop_after != 0 && desk.filed.size() >= stop_after; });
    }
    intake::Folder& folder() {
        if (!watched) {
            watched.emplace(
                directory.path(), [this](const Entry& entry) { return desk.file(entry); },
                [this](bool, const std::string& words) { told.push_back(words); });
            EXPECT_TRUE(watched->prepare());
        }
        return *watched;
    }
    void restart() { watched.reset(); }

    test::TemporaryDirectory directory;
    Desk desk;
    std::size_t stop_after = 0;
    std::vector<std::string> told;
    std::optional<intake::Folder> watched;
};

TEST_F(IntakeFolder, AListIsFiledAndPutAway) {
    put("today.txt", "198.51.100.1\n198.51.100.2\n");
    EXPECT_TRUE(look());
    EXPECT_TRUE(desk.filed.empty()) << "it may be written just now";
    EXPECT_TRUE(look());
    EXPECT_THAT(desk.filed, ElementsAre("198.51.100.1", "198.51.100.2"));
    EXPECT_TRUE(there("done/today.txt"));
    EXPECT_FALSE(there("today.txt"));
    EXPECT_FALSE(there("done/today.txt.errors")) << "there were none";
    EXPECT_FALSE(there(".today.txt.progress"));
    EXPECT_TRUE(look());
    EXPECT_EQ(desk.filed.size(), 2U) << "once";
}

TEST_F(IntakeFolder, AListThatGrowsIsWaitedFor) {
    put("a", "198.51.100.1\n");
    EXPECT_TRUE(look());
    put("a", "198.51.100.1\n198.51.100.2\n");
    EXPECT_TRUE(look());
    EXPECT_TRUE(desk.filed.empty());
    EXPECT_TRUE(look());
    EXPECT_EQ(desk.filed.size(), 2U);
}

TEST_F(IntakeFolder, WhatIsWrongIsSaidBesideIt) {
    desk.refused = {"198.51.100.2"};
    put("mixed.txt", "198.51.100.1\nnon\x1bsense\n198.51.100.2\n");
    put("wrong.txt", "nothing here\n");
    look();
    EXPECT_TRUE(look());
    EXPECT_TRUE(there("done/mixed.txt"));
    EXPECT_THAT(text("done/mixed.txt.errors"), HasSubstr("line 2: "));
    EXPECT_THAT(text("done/mixed.txt.errors"), HasSubstr("line 3: 198.51.100.2: excluded\n"));
    EXPECT_EQ(text("done/mixed.txt.errors").find('\x1b'), std::string::npos);
    EXPECT_TRUE(there("failed/wrong.txt"));
    EXPECT_TRUE(there("failed/wrong.txt.errors"));
}

TEST_F(IntakeFolder, NothingIsReplaced) {
    for (int i = 0; i < 2; ++i) {
        put("a", "198.51.100.1\n");
        look();
        EXPECT_TRUE(look());
    }
    EXPECT_TRUE(there("done/a"));
    EXPECT_TRUE(there("done/a.2"));
}

TEST_F(IntakeFolder, WhoIsInterruptedGoesOnWithTheNextLine) {
    put("a", "address,comment\n198.51.100.1,x\n198.51.100.2,y\n198.51.100.3,z\n");
    look();
    stop_after = 2;
    EXPECT_TRUE(look());
    EXPECT_TRUE(there("a"));
    restart();
    stop_after = 0;
    look();
    EXPECT_TRUE(look());
    EXPECT_THAT(desk.filed, ElementsAre("198.51.100.1", "198.51.100.2", "198.51.100.3"));
    EXPECT_TRUE(there("done/a"));
}

TEST_F(IntakeFolder, AListOfTheSameNameIsNotTakenForTheOldOne) {
    put("a", "198.51.100.1\n198.51.100.2\n198.51.100.3\n");
    look();
    stop_after = 2;
    EXPECT_TRUE(look());
    fs::remove(directory.path() / "a");
    restart();
    stop_after = 0;
    put("b", "198.51.100.8\n198.51.100.9\n");
    fs::last_write_time(directory.path() / "b", fs::file_time_type::clock::now() - std::chrono::hours(1));
    fs::rename(directory.path() / "b", directory.path() / "a");
    look();
    EXPECT_TRUE(look());
    EXPECT_THAT(desk.filed, ElementsAre("198.51.100.1", "198.51.100.2", "198.51.100.8", "198.51.100.9"));
}

TEST_F(IntakeFolder, WhatCanNotBeTakenNowWaits) {
    desk.later = {"198.51.100.2"};
    put("a", "198.51.100.1\n198.51.100.2\n");
    look();
    EXPECT_FALSE(look());
    EXPECT_FALSE(look());
    EXPECT_EQ(std::count_if(told.begin(), told.end(),
                            [](const auto& words) { return words.find("waits at line 2") != std::string::npos; }),
              1)
        << "said once";
    desk.later.clear();
    EXPECT_TRUE(look());
    EXPECT_THAT(desk.filed, ElementsAre("198.51.100.1", "198.51.100.2"));
}

TEST_F(IntakeFolder, LinksAndHiddenFilesAreLeftAlone) {
    put(".hidden", "198.51.100.1\n");
    put("half.part", "198.51.100.1\n");
    put("half.tmp", "198.51.100.1\n");
    fs::create_symlink(directory.path() / ".hidden", directory.path() / "link");
    fs::create_directory(directory.path() / "folder");
    look();
    EXPECT_TRUE(look());
    EXPECT_TRUE(desk.filed.empty());
    EXPECT_TRUE(there("link"));
}

using IntakeWatcherTest = ApiFixture;

TEST_F(IntakeWatcherTest, FilesAsTheOperatorByTheRules) {
    Entry entry;
    entry.address = suspect;
    entry.ports = {1080};
    entry.cls = ListingClass::socks;
    EXPECT_EQ(file_as_operator(context, entry).what, Filed::What::taken);
    const auto queued = host(suspect);
    ASSERT_TRUE(queued);
    EXPECT_NE(queued->queued_scan, 0U);

    entry.address = test::ip("127.0.0.1");
    const auto refused = file_as_operator(context, entry);
    EXPECT_EQ(refused.what, Filed::What::refused);
    EXPECT_NE(refused.why, "");

    ASSERT_LT(as_operator("POST", "/v1/shutdown", R"({"note": "moving house"})").status, 300U);
    entry.address = test::ip("9.9.9.9");
    EXPECT_EQ(file_as_operator(context, entry).what, Filed::What::later) << "a list does not fail for that";
}

} // namespace
} // namespace provenbl::tools
