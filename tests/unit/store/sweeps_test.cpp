#include "store/check.hpp"
#include "store/derived_keys.hpp"
#include "store/exclusions.hpp"
#include "store/sweeps.hpp"
#include "store/tables.hpp"
#include "tests/support/store_fixture.hpp"

#include <gmock/gmock.h>

namespace provenbl {
namespace {

using namespace std::chrono_literals;
using test::ip;

class Sweeps : public test::StoreFixture {
protected:
    // `count` hosts listed from 5.6.0.0 on, one before them and one behind.
    void list(std::uint32_t count) {
        for (std::uint32_t i = 0; i < count; ++i) prove(100 + i, Address::v4(0x05060000U + i));
        prove(1, ip("5.5.255.255"));
        prove(2, ip("5.7.0.0"));
    }
    void write(const Store::Work& work) {
        const auto done = store->write(work);
        ASSERT_TRUE(done) << done.error().message;
    }
    std::size_t begin(std::size_t examine, std::size_t change, Time until = {}) {
        std::size_t delisted = 0;
        write([&](WriteTxn& txn) -> Result<> {
            auto begun = sweeps::begin(txn, {prefix, "asked", "carol", txn.now, until}, examine, change);
            if (!begun) return begun.error();
            delisted = *begun;
            return {};
        });
        return delisted;
    }
    std::optional<sweeps::Step> step(std::size_t examine, std::size_t change) {
        std::optional<sweeps::Step> done;
        write([&](WriteTxn& txn) -> Result<> {
            auto stepped = sweeps::step(txn, examine, change);
            if (!stepped) return stepped.error();
            done = std::move(*stepped);
            return {};
        });
        return done;
    }
    std::size_t listed() {
        std::size_t count = 0;
        store->read([&](const ReadTxn& txn) {
            hosts::walk_listed(txn, [&](const Address&, const Listing&) {
                ++count;
                return true;
            });
        });
        return count;
    }
    bool under_way() { return store->read(sweeps::under_way); }
    std::vector<std::string> findings() {
        std::vector<std::string> all;
        check::Options options;
        options.finding = [&](const check::Finding& finding) {
            all.push_back(finding.table + " " + finding.key + ": " + finding.what);
        };
        EXPECT_TRUE(check::run(*store, options, clock.now()));
        return all;
    }

    const Prefix prefix = Prefix::parse("5.6.0.0/16").value();
};

TEST_F(Sweeps, AnOrdinaryExclusionIsDoneAtOnce) {
    list(3);
    EXPECT_EQ(begin(sweeps::examined_at_once, sweeps::changed_at_once), 3U);
    EXPECT_FALSE(under_way());
    EXPECT_EQ(listed(), 2U);
    EXPECT_FALSE(step(10, 10));
}

TEST_F(Sweeps, AWideOneGoesInStepsAndHoldsFromTheFirst) {
    list(10);
    const auto serial = all_changes().size();
    EXPECT_EQ(begin(100, 4), 4U);
    EXPECT_TRUE(under_way());
    EXPECT_EQ(listed(), 8U);
    // What it covers and is listed still is not listed for more, nor visited.
    EXPECT_THROW(prove(50, ip("5.6.0.200")), std::runtime_error);
    EXPECT_EQ(store
                  ->write([&](WriteTxn& txn) -> Result<> {
                      auto asked = ledger::request_scan(txn, ip("5.6.0.9"), ScanKind::owner, txn.now, {});
                      return asked ? Result<>() : asked.error();
                  })
                  .error()
                  .code,
              Errc::not_allowed);
    EXPECT_THAT(findings(), testing::IsEmpty()) << "what it has not come to is no finding";

    auto done = step(100, 4);
    ASSERT_TRUE(done);
    EXPECT_EQ(done->delisted, 4U);
    EXPECT_FALSE(done->finished);
    done = step(100, 4);
    ASSERT_TRUE(done);
    EXPECT_EQ(done->delisted, 2U);
    EXPECT_TRUE(done->finished);
    EXPECT_EQ(done->sweep.delisted, 10U);
    EXPECT_FALSE(under_way());
    EXPECT_EQ(listed(), 2U) << "neither the one before nor the one behind";
    const auto changes = all_changes();
    ASSERT_EQ(changes.size(), serial + 10) << "the serial moves with each";
    EXPECT_EQ(changes.back().reason, ChangeReason::excluded);
    EXPECT_EQ(changes.back().by, "carol");
    EXPECT_EQ(host(ip("5.6.0.9"))->queued_scan, 0U);
    EXPECT_THAT(findings(), testing::IsEmpty());
}

TEST_F(Sweeps, GoesOnAfterACrashFromTheLastCommit) {
    list(9);
    begin(3, 100); // looks at three hosts at once
    for (int i = 0; i < 4 && under_way(); ++i) {
        reopen();
        EXPECT_THAT(findings(), testing::IsEmpty());
        ASSERT_TRUE(step(3, 100));
    }
    EXPECT_FALSE(under_way());
    EXPECT_EQ(listed(), 2U);
}

TEST_F(Sweeps, EndWithTheirExclusion) {
    list(6);
    begin(100, 2);
    write([&](WriteTxn& txn) -> Result<> {
        EXPECT_TRUE(exclusions::remove(txn, prefix));
        return {};
    });
    EXPECT_FALSE(under_way());
    EXPECT_EQ(listed(), 6U);
    begin(100, 2, clock.now() + 1h);
    EXPECT_TRUE(under_way());
    clock.advance(1h);
    const auto done = step(100, 2);
    ASSERT_TRUE(done);
    EXPECT_TRUE(done->finished);
    EXPECT_EQ(done->delisted, 0U) << "it has ended: what is listed stays";
    EXPECT_FALSE(under_way());
    EXPECT_EQ(listed(), 4U);
}

TEST_F(Sweeps, EnteredAgainItBeginsAgain) {
    list(6);
    begin(100, 4);
    EXPECT_EQ(begin(100, 1), 1U);
    const auto found = store->read([&](const ReadTxn& txn) { return sweeps::find(txn, prefix); });
    ASSERT_TRUE(found);
    EXPECT_EQ(found->delisted, 1U);
    while (step(100, 10)) {
    }
    EXPECT_EQ(listed(), 2U);
}

TEST_F(Sweeps, WhatTheyHavePassedAndLeftListedIsFound) {
    list(6);
    begin(100, 4);
    // As if the sweep had come to the last of them and had forgotten two.
    write([&](WriteTxn& txn) -> Result<> {
        auto sweep = sweeps::find(txn, prefix).value();
        sweep.cursor = keys::address(ip("5.6.0.4"));
        put_record(txn, txn.tables.sweeps, exclusion_key(prefix), sweep);
        return {};
    });
    EXPECT_THAT(findings(), testing::ElementsAre("exclusions 5.6.0.0/16: 5.6.0.4 is listed all the same"));
}

} // namespace
} // namespace provenbl
