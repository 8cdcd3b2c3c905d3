#include "store/reporters.hpp"
#include "tests/support/store_fixture.hpp"

namespace provenbl {
namespace {

using namespace std::chrono_literals;
using reporters::Trust;

constexpr Time noon{std::chrono::hours(24 * 365 * 50)};

TEST(ReporterStanding, FallsFasterThanItRises) {
    EXPECT_EQ(reporters::moved(0, true), 5);
    EXPECT_EQ(reporters::moved(0, false), -10);
    EXPECT_EQ(reporters::moved(98, true), 100);
    EXPECT_EQ(reporters::moved(-95, false), -100);
}

TEST(ReporterStanding, LosesPriorityThenItsOwnVoiceThenTheRight) {
    struct Row {
        std::int32_t standing;
        Trust with_key;
        Trust anonymous;
    };
    for (const auto& row :
         {Row{100, Trust::full, Trust::full}, Row{0, Trust::full, Trust::full}, Row{-20, Trust::full, Trust::full},
          Row{-21, Trust::low, Trust::low}, Row{-50, Trust::low, Trust::low}, Row{-51, Trust::second, Trust::second},
          Row{-80, Trust::second, Trust::second}, Row{-81, Trust::none, Trust::second},
          Row{-100, Trust::none, Trust::second}}) {
        Reporter reporter;
        reporter.standing = row.standing;
        reporter.id = 7;
        EXPECT_EQ(reporters::trust_of(reporter), row.with_key) << row.standing;
        reporter.id = reporters::anonymous_id;
        EXPECT_EQ(reporters::trust_of(reporter), row.anonymous) << row.standing;
    }
}

TEST(ReporterLimits, HoldWithinTheirHourAndDay) {
    Reporter reporter;
    reporter.per_hour = 2;
    reporter.per_day = 3;
    auto now = noon;
    for (int i = 0; i < 2; ++i) {
        ASSERT_EQ(reporters::may_report_at(reporter, now), now);
        reporters::count(reporter, now);
    }
    EXPECT_EQ(reporters::may_report_at(reporter, now + 1min), noon + 1h);
    now = noon + 1h;
    ASSERT_EQ(reporters::may_report_at(reporter, now), now);
    reporters::count(reporter, now);
    EXPECT_EQ(reporters::may_report_at(reporter, now), noon + 24h) << "the day's limit";
    EXPECT_EQ(reporters::may_report_at(reporter, noon + 24h), noon + 24h);
    EXPECT_EQ(reporter.received, 3U);
}

TEST(ReporterLimits, ALimitOfZeroIsNone) {
    Reporter reporter;
    for (int i = 0; i < 1000; ++i) reporters::count(reporter, noon);
    EXPECT_EQ(reporters::may_report_at(reporter, noon), noon);
}

class Reporters : public test::StoreFixture {
protected:
    Result<Reporter> add(const std::string& name, char key) {
        Reporter made;
        made.name = name;
        made.key_hash = std::string(32, key);
        Result<Reporter> added = made;
        const auto done = store->write([&](WriteTxn& txn) -> Result<> {
            added = reporters::add(txn, made);
            return added ? Result<>{} : Result<>{added.error()};
        });
        return done ? added : Result<Reporter>(done.error());
    }
    std::optional<Reporter> by_key(char key) {
        return store->read([&](const ReadTxn& txn) { return reporters::by_key(txn, std::string(32, key)); });
    }
};

TEST_F(Reporters, AreKnownByTheirKeyUntilItIsRevoked) {
    ASSERT_TRUE(add("alice", 'a'));
    ASSERT_TRUE(add("bob", 'b'));
    ASSERT_TRUE(by_key('a'));
    EXPECT_EQ(by_key('a')->name, "alice");
    EXPECT_NE(by_key('a')->id, by_key('b')->id);
    EXPECT_GT(by_key('a')->id, reporters::anonymous_id);
    EXPECT_FALSE(by_key('c'));
    ASSERT_TRUE(store->write([](WriteTxn& txn) -> Result<> {
        const auto revoked = reporters::revoke(txn, "alice");
        return revoked ? Result<>{} : Result<>{revoked.error()};
    }));
    EXPECT_FALSE(by_key('a'));
    EXPECT_TRUE(by_key('b'));
    reopen();
    EXPECT_FALSE(by_key('a'));
    EXPECT_TRUE(store->read([](const ReadTxn& txn) { return reporters::by_name(txn, "alice"); }))
        << "its reports still bear its name";
    EXPECT_EQ(add("alice", 'x').error().code, Errc::conflict) << "a name is one party for ever";
}

TEST_F(Reporters, NamesAreChecked) {
    for (const char* name : {"", "operator", "anonymous", "Alice", "a b", "a/b", "\x80"})
        EXPECT_EQ(add(name, 'a').error().code, Errc::invalid) << name;
}

TEST_F(Reporters, AJudgementMovesTheStanding) {
    const auto alice = add("alice", 'a').value();
    ASSERT_TRUE(store->write([&](WriteTxn& txn) -> Result<> {
        reporters::judge(txn, alice.id, false);
        reporters::judge(txn, alice.id, false);
        reporters::judge(txn, alice.id, true);
        reporters::judge(txn, reporters::operator_id, false); // has no record, and needs none
        return {};
    }));
    const auto now = by_key('a').value();
    EXPECT_EQ(now.standing, -15);
    EXPECT_EQ(now.right, 1U);
    EXPECT_EQ(now.wrong, 2U);
}

} // namespace
} // namespace provenbl
