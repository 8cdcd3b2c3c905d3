// A published file and its manifest: whole or not at all, signed, and refused when anything of it was altered.
#include "tests/support/temporary_directory.hpp"
#include "tools/exports/export_file.hpp"
#include "tools/exports/rounds.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <sys/stat.h>

namespace provenbl::tools::exports {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using zones::exports::Format;

std::string contents(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

void replace(const std::filesystem::path& file, const std::string& from, const std::string& to) {
    auto text = contents(file);
    const auto at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    std::ofstream(file, std::ios::binary) << text.replace(at, from.size(), to);
}

zones::ZoneSet zone_set() {
    zones::ZoneDefinition zone;
    zone.apex = "bl.example";
    zone.classes = {ListingClass::relay};
    zone.codes = zones::default_codes();
    zone.txt = "{address}";
    zone.name_servers = {{"ns.other.example", {}}};
    return {{zone}, {}};
}

zones::Snapshot snapshot_of(std::uint32_t entries, std::uint64_t sequence) {
    zones::Index::Builder builder;
    for (std::uint32_t i = 0; i < entries; ++i) builder.add(Address::v4(0x05000000 + 3 * i), {ListingClass::relay});
    return {builder.build(), sequence};
}

class ExportFile : public testing::Test {
protected:
    Result<Manifest> publish(const zones::Snapshot& snapshot, const GoesOn& goes_on = {}) {
        return export_zone({table_, table_.zones()[0], snapshot}, {Format::json, {}, file_}, key_, now_, goes_on);
    }
    Result<Manifest> check() { return verify(file_, manifest_of(file_), key_.public_key()); }
    std::size_t files() {
        return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(directory_.path()),
                                                      std::filesystem::directory_iterator()));
    }

    const test::TemporaryDirectory directory_;
    const std::filesystem::path file_ = directory_.path() / "bl.json";
    const zones::ZoneSet set_ = zone_set();
    const zones::ZoneTable table_{set_};
    const signing::SigningKey key_ = signing::SigningKey::generate();
    const Time now_{std::chrono::hours(24 * 365 * 50)};
};

TEST_F(ExportFile, IsWhatItsManifestSays) {
    const auto made = publish(snapshot_of(3, 17));
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(made->entries, 3U);
    EXPECT_EQ(made->serial, 17U);
    EXPECT_EQ(made->bytes, contents(file_).size());
    const auto checked = check();
    ASSERT_TRUE(checked) << checked.error().message;
    EXPECT_EQ(*checked, *made);
    EXPECT_EQ(files(), 2U);
    const auto text = contents(manifest_of(file_));
    EXPECT_THAT(text, HasSubstr("{\n  \"signature\": \""));
    EXPECT_THAT(text,
                HasSubstr("\",\n  \"key\": \"" + key_.public_key().id() +
                          "\",\n  \"zone\": \"bl.example\",\n  \"format\": \"json\",\n  \"serial\": 17,\n  \"made\": "
                          "\"2019-12-20T00:00:00Z\",\n  \"shut_down\": false,\n  \"entries\": 3,\n"));
    struct stat about {};
    ASSERT_EQ(::stat(file_.c_str(), &about), 0);
    const auto mask = ::umask(0);
    ::umask(mask);
    EXPECT_EQ(about.st_mode & 0777U, 0666U & ~mask);
}

TEST_F(ExportFile, WhateverWasAlteredIsNoticed) {
    ASSERT_TRUE(publish(snapshot_of(3, 17)));
    const auto good = contents(file_);
    const auto manifest = contents(manifest_of(file_));
    const auto put_back = [&] {
        std::ofstream(file_, std::ios::binary) << good;
        std::ofstream(manifest_of(file_), std::ios::binary) << manifest;
    };
    replace(file_, "5.0.0.3", "5.0.0.4");
    EXPECT_EQ(check().error().code, Errc::corrupt);
    put_back();
    std::ofstream(file_, std::ios::app) << "\n";
    EXPECT_THAT(check().error().message, HasSubstr("is not the file that was signed"));
    put_back();
    for (const auto& [from, to] : {std::pair{"\"serial\": 17", "\"serial\": 18"}, std::pair{"bl.example", "xl.example"},
                                   std::pair{"\"entries\": 3", "\"entries\":  3"},
                                   std::pair{"  \"key\": \"", "  \"signature\": \"\",\n  \"key\": \""}}) {
        replace(manifest_of(file_), from, to);
        const auto outcome = check();
        ASSERT_FALSE(outcome) << from;
        EXPECT_EQ(outcome.error().code, Errc::not_allowed) << outcome.error().message;
        EXPECT_THAT(outcome.error().message, HasSubstr("altered"));
        put_back();
    }
    ASSERT_TRUE(check());
    // Signed by somebody else, however well.
    const auto other = signing::SigningKey::generate();
    const auto foreign = verify(file_, manifest_of(file_), other.public_key());
    EXPECT_THAT(foreign.error().message, HasSubstr("was signed by the key " + key_.public_key().id()));
    std::filesystem::remove(manifest_of(file_));
    EXPECT_EQ(check().error().code, Errc::not_found);
    for (const auto& text : {std::string{}, std::string{"{}"}, manifest.substr(0, 60),
                             manifest.substr(0, manifest.size() - 2), std::string(200'000, '[')}) {
        std::ofstream(manifest_of(file_), std::ios::binary) << text;
        EXPECT_EQ(check().error().code, Errc::invalid) << text.substr(0, 100);
    }
}

TEST_F(ExportFile, TheOldFileStaysUntilTheNewOneIsWhole) {
    ASSERT_TRUE(publish(snapshot_of(3, 17)));
    const auto old = contents(file_);
    int asked = 0;
    const auto stopped = publish(snapshot_of(20'000, 18), [&] { return ++asked < 5; });
    EXPECT_EQ(stopped.error().code, Errc::closed);
    EXPECT_EQ(asked, 5);
    EXPECT_EQ(contents(file_), old);
    EXPECT_TRUE(check());
    EXPECT_EQ(files(), 2U);
    ASSERT_TRUE(publish(snapshot_of(20'000, 18)));
    EXPECT_EQ(check()->serial, 18U);
    EXPECT_EQ(files(), 2U);
}

TEST_F(ExportFile, APlaceThatIsNotThereIsNamed) {
    const auto refused = export_zone({table_, table_.zones()[0], snapshot_of(1, 1)},
                                     {Format::json, {}, directory_.path() / "none" / "x"}, key_, now_);
    EXPECT_THAT(refused.error().message, HasSubstr("make it, or name another place"));
}

TEST_F(ExportFile, ChangesSayFromWhere) {
    zones::exports::Changes changes;
    changes.from = 10;
    changes.to = 17;
    changes.list.push_back({Address::v4(192, 0, 2, 1), {}, {ListingClass::relay}});
    zones::Snapshot snapshot;
    snapshot.sequence = 17;
    const auto made =
        export_changes({table_, table_.zones()[0], snapshot}, changes, {Format::csv, {}, file_}, key_, now_);
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(check()->since, 10U);
    EXPECT_EQ(contents(file_), "change,address,classes,codes,text\r\nlisted,192.0.2.1,relay,127.0.0.2,192.0.2.1\r\n");
}

// ---- the schedule ----------------------------------------------------------------------------------------

class ExportRounds : public ExportFile {
protected:
    ExportRounds() {
        ExportSettings settings;
        settings.zone = "bl.example";
        settings.format = Format::json;
        settings.file = file_;
        settings.interval = 10min;
        exports_.push_back(settings);
    }
    Rounds rounds() {
        return Rounds(
            set_, exports_, [this] { return signing::SigningKey::of(key_place_); },
            [this](Rounds::Level level, const std::string& text) {
                if (level != Rounds::Level::detail) told_.push_back(text);
            });
    }
    std::uint64_t serial() { return read_manifest(contents(manifest_of(file_))).value().manifest.serial; }

    std::vector<ExportSettings> exports_;
    std::filesystem::path key_place_ = directory_.path();
    std::vector<std::string> told_;
};

TEST_F(ExportRounds, WriteWhenTheSerialHasMovedAndNoOftenerThanTheyMay) {
    auto rounds = this->rounds();
    EXPECT_EQ(rounds.next(now_), now_);
    rounds.run(snapshot_of(1, 5), now_, {});
    EXPECT_EQ(serial(), 5U);
    EXPECT_THAT(told_, ElementsAre(HasSubstr("export of bl.example as json: 1 entries, serial 5, in ")));
    EXPECT_EQ(rounds.next(now_), now_ + 10min);
    rounds.run(snapshot_of(2, 6), now_ + 1min, {});
    EXPECT_EQ(serial(), 5U);
    rounds.run(snapshot_of(2, 6), now_ + 10min, {});
    EXPECT_EQ(serial(), 6U);
    // The serial stays: nothing is written, however late it is.
    std::filesystem::remove(file_);
    rounds.run(snapshot_of(2, 6), now_ + 10h, {});
    EXPECT_FALSE(std::filesystem::exists(file_));
    EXPECT_EQ(told_.size(), 1U);
    // After a start it is written in any case.
    this->rounds().run(snapshot_of(2, 6), now_ + 10h, {});
    EXPECT_TRUE(std::filesystem::exists(file_));
}

TEST_F(ExportRounds, TroubleIsToldOnceAndItsEndToo) {
    exports_[0].file = directory_.path() / "later" / "bl.json";
    auto rounds = this->rounds();
    for (int i = 0; i < 5; ++i) rounds.run(snapshot_of(1, 5), now_ + i * 1min, {});
    ASSERT_EQ(told_.size(), 1U);
    EXPECT_THAT(told_[0], HasSubstr("there is no directory"));
    std::filesystem::create_directory(directory_.path() / "later");
    rounds.run(snapshot_of(1, 5), now_ + 5min, {});
    ASSERT_EQ(told_.size(), 2U);
    EXPECT_THAT(told_[1], HasSubstr("1 entries, serial 5"));
}

TEST_F(ExportRounds, NothingIsWrittenUnsigned) {
    key_place_ = directory_.path() / "none";
    auto rounds = this->rounds();
    rounds.run(snapshot_of(1, 5), now_, {});
    EXPECT_FALSE(std::filesystem::exists(file_));
    EXPECT_THAT(told_, ElementsAre(HasSubstr("no data directory")));
    std::filesystem::create_directory(key_place_);
    rounds.run(snapshot_of(1, 5), now_ + 1min, {});
    EXPECT_TRUE(std::filesystem::exists(file_));
}

TEST_F(ExportRounds, StopBetweenTwoAndInsideOne) {
    exports_.push_back(exports_[0]);
    exports_[1].file = directory_.path() / "second";
    auto rounds = this->rounds();
    int asked = 0;
    rounds.run(snapshot_of(20'000, 5), now_, [&] { return ++asked < 3; });
    EXPECT_FALSE(std::filesystem::exists(file_));
    EXPECT_THAT(told_, IsEmpty());
    rounds.run(snapshot_of(20'000, 5), now_, {});
    EXPECT_TRUE(std::filesystem::exists(exports_[1].file));
}

} // namespace
} // namespace provenbl::tools::exports
