#include "store/backup.hpp"
#include "store/journal_append.hpp"
#include "store/lock_file.hpp"
#include "store/restore.hpp"
#include "store/tables.hpp"
#include "tests/support/store_fixture.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <fstream>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

namespace provenbl {
namespace {

using test::ip;
using testing::HasSubstr;

// Every key and value of every table.
std::string everything(const Store& store) {
    return store.read([](const ReadTxn& txn) {
        std::string all;
        auto tables = all_tables(txn.tables);
        tables.emplace_back("meta", txn.tables.meta);
        for (const auto& [name, table] : tables) {
            all += name;
            txn.txn.walk(table, {}, [&](lmdb::Bytes key, lmdb::Bytes value) {
                all.append(key).append("=").append(value).append("\n");
                return true;
            });
        }
        return all;
    });
}

class Backup : public test::StoreFixture {
protected:
    backup::Done backed_up() { return backup::make(*store, file, clock).value(); }
    std::unique_ptr<Store> open(const std::filesystem::path& place) { return Store::open({place}, clock).value(); }
    Result<backup::Restored> restore(backup::SerialRule rule = backup::SerialRule::refuse, std::uint64_t at_least = 0) {
        return backup::restore({file, place, at_least, rule}, clock);
    }
    std::uint64_t serial_of(const Store& of) {
        return of.read([](const ReadTxn& txn) { return journal::last(txn); });
    }

    const std::filesystem::path file = directory.path() / "one.backup";
    const std::filesystem::path place = directory.path() / "elsewhere";
};

// A process number that nobody has: beyond the largest that Linux gives.
TEST_F(Backup, WhatAKilledOneLeftIsRemoved) {
    const auto own = file.string() + ".partial-" + std::to_string(::getpid());
    const auto dead = file.string() + ".partial-4194305";
    const auto others = file.string() + ".partial-1";
    const auto strange = file.string() + ".partial-of-mine";
    for (const auto& left : {own, dead, others, strange}) std::ofstream(left) << "half";
    (void)backed_up();
    EXPECT_FALSE(std::filesystem::exists(own));
    EXPECT_FALSE(std::filesystem::exists(dead));
    EXPECT_TRUE(std::filesystem::exists(others)); // that process lives
    EXPECT_TRUE(std::filesystem::exists(strange));
}

TEST_F(Backup, WhatRootMakesIsTheOwnersOfTheDirectory) {
    prove(1, ip("5.6.7.8"));
    (void)backed_up();
    std::filesystem::create_directory(place);
    const bool root = ::geteuid() == 0;
    const ::uid_t owner = root ? 65534 : ::geteuid();
    ASSERT_EQ(root ? ::chown(place.c_str(), owner, owner) : 0, 0);
    const auto expect_owned = [&](const char* name) {
        struct stat about {};
        ASSERT_EQ(::stat((place / name).c_str(), &about), 0) << name;
        EXPECT_EQ(about.st_uid, owner) << name;
    };
    (void)Store::open({place}, clock, "verifier").value(); // as an import does
    for (const char* const name : {"data.mdb", "lock.mdb", "verifier.lock"}) expect_owned(name);
    ASSERT_TRUE(restore());
    for (const char* const name : {"data.mdb", "lock.mdb", "verifier.lock", "api.lock"}) expect_owned(name);
}

TEST_F(Backup, RestoredIsWhatWasBackedUp) {
    for (std::uint32_t i = 1; i <= 50; ++i) prove(i, Address::v4(5, 6, 7, static_cast<std::uint8_t>(i)));
    const auto before = everything(*store);
    const auto done = backed_up();
    EXPECT_EQ(done.manifest.serial, 50U);
    EXPECT_EQ(done.manifest.sha256.size(), 64U);
    prove(99, ip("9.9.9.9")); // after the backup: not in it
    const auto restored = restore().value();
    EXPECT_EQ(restored.serial, 50U);
    EXPECT_FALSE(restored.serial_before);
    EXPECT_TRUE(restored.kept.empty());
    EXPECT_EQ(everything(*open(place)), before);
    EXPECT_FALSE(std::filesystem::exists(place / "restoring"));
}

TEST_F(Backup, IsConsistentWhileWritesGoOn) {
    std::atomic<bool> stop{false};
    std::thread writer([&] {
        for (std::uint32_t i = 1; !stop; ++i)
            prove(i, Address::v4(5, 6, static_cast<std::uint8_t>(i >> 8U), static_cast<std::uint8_t>(i)));
    });
    for (int round = 0; round < 5; ++round) {
        const auto target = directory.path() / ("round" + std::to_string(round));
        const auto done = backup::make(*store, target, clock);
        ASSERT_TRUE(done) << done.error().message;
        StoreOptions options;
        options.directory = target;
        options.single_file = true;
        const auto copy = Store::open(options, clock).value();
        copy->read([&](const ReadTxn& txn) {
            EXPECT_EQ(journal::last(txn), done->manifest.serial);
            EXPECT_EQ(txn.txn.entries(txn.tables.listed4), done->manifest.serial); // one listing, one entry
            EXPECT_EQ(txn.txn.entries(txn.tables.evidence), done->manifest.serial);
        });
    }
    stop = true;
    writer.join();
}

TEST_F(Backup, ReplacesNothing) {
    std::ofstream(file) << "precious";
    const auto refused = backup::make(*store, file, clock);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::conflict);
    std::string kept;
    std::ifstream(file) >> kept;
    EXPECT_EQ(kept, "precious");
}

TEST_F(Backup, InADirectoryIsNamedByTimeAndSerial) {
    prove(1, ip("5.6.7.8"));
    std::filesystem::create_directory(place);
    const auto done = backup::make(*store, place, clock).value();
    EXPECT_EQ(done.file.filename(), "provenbl-20191220T000000Z-serial1.backup");
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(place)) files += entry.is_regular_file() ? 1 : 0;
    EXPECT_EQ(files, 1U); // nothing half-made is left
    struct stat about {};
    ASSERT_EQ(::stat(done.file.c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 0777U, 0600U); // it holds the key of the tokens
}

TEST_F(Backup, ADamagedOneIsRefused) {
    prove(1, ip("5.6.7.8"));
    (void)backed_up();
    std::fstream damage(file, std::ios::in | std::ios::out | std::ios::binary);
    damage.seekp(5000);
    damage.put('!');
    damage.close();
    const auto flipped = restore();
    ASSERT_FALSE(flipped);
    EXPECT_EQ(flipped.error().code, Errc::corrupt);
    EXPECT_FALSE(std::filesystem::exists(place / "data.mdb"));
    std::filesystem::resize_file(file, std::filesystem::file_size(file) - 1);
    const auto cut = restore();
    ASSERT_FALSE(cut);
    EXPECT_EQ(cut.error().code, Errc::invalid);
    EXPECT_THAT(cut.error().message, HasSubstr("cut short"));
    EXPECT_EQ(backup::restore({directory.path() / "none", place}, clock).error().code, Errc::not_found);
}

TEST_F(Backup, ASerialDoesNotGoBackUnlessToldHow) {
    prove(1, ip("5.6.7.8"));
    (void)backed_up();
    ASSERT_TRUE(restore());
    {
        auto there = open(place);
        ASSERT_TRUE(there->write([](WriteTxn& txn) -> Result<> {
            journal::advance(txn, 7, "more happened");
            return {};
        }));
    }
    const auto refused = restore();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::conflict);
    EXPECT_THAT(refused.error().message, HasSubstr("--advance-serial"));

    const auto advanced = restore(backup::SerialRule::advance, 41).value();
    EXPECT_EQ(advanced.serial_before, 7U);
    EXPECT_EQ(advanced.serial, 42U);
    EXPECT_EQ(advanced.kept, place / "data.mdb.before");
    {
        auto there = open(place);
        EXPECT_EQ(serial_of(*there), 42U);
        // Who holds a serial of the lost history can't be told what changed.
        EXPECT_EQ(there->read([](const ReadTxn& txn) { return journal::floor(txn); }), 42U);
        EXPECT_TRUE(there->read([](const ReadTxn& txn) { return hosts::listing(txn, ip("5.6.7.8")); }));
    }
    const auto in_the_way = restore(backup::SerialRule::allow_back);
    ASSERT_FALSE(in_the_way);
    EXPECT_THAT(in_the_way.error().message, HasSubstr("data.mdb.before"));
    std::filesystem::remove(place / "data.mdb.before");
    EXPECT_EQ(restore(backup::SerialRule::allow_back).value().serial, 1U);
}

TEST_F(Backup, AnUnreadableStoreHasNoKnownSerial) {
    prove(1, ip("5.6.7.8"));
    (void)backed_up();
    std::filesystem::create_directory(place);
    std::ofstream(place / "data.mdb") << std::string(20'000, 'g');
    const auto refused = restore();
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("--serial-at-least"));
    EXPECT_EQ(restore(backup::SerialRule::advance, 30).value().serial, 31U);
}

TEST_F(Backup, RestoreNeedsTheDirectoryForItself) {
    prove(1, ip("5.6.7.8"));
    (void)backed_up();
    std::filesystem::create_directory(place);
    const auto lock = LockFile::take(place, "verifier");
    ASSERT_TRUE(lock);
    const auto refused = restore();
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("stop it first"));
}

TEST(BackupManifestText, GoesThereAndBack) {
    BackupManifest manifest;
    manifest.schema = 1;
    manifest.serial = 12;
    manifest.made = Time{Duration{1234567}};
    manifest.bytes = 8192;
    manifest.sha256 = std::string(64, 'a');
    manifest.entries = {{"hosts", 3}, {"journal", 12}};
    const auto trailer = trailer_of(manifest);
    EXPECT_EQ(parse_manifest(trailer.substr(0, trailer.size() - 16)).value(), manifest);
    for (const auto* wrong : {"", "provenbl backup", "provenbl backup\nserial x\n", "provenbl backup\nserial 1\n",
                              "provenbl backup\nserial\n", "provenbl backup\nserial 99999999999999999999999\n"})
        EXPECT_FALSE(parse_manifest(wrong)) << wrong;
}

} // namespace
} // namespace provenbl
