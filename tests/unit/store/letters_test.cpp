#include "store/check.hpp"
#include "store/letters.hpp"
#include "tests/support/store_fixture.hpp"

#include <gmock/gmock.h>

namespace provenbl {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using namespace std::chrono_literals;

class Letters : public test::StoreFixture {
protected:
    Result<> write(const std::function<Result<>(WriteTxn&)>& work) { return store->write(work); }
    Result<Letter> enqueue(const Address& host, bool again = false) {
        Result<Letter> made = Error{Errc::io, "not run"};
        const auto done = store->write([&](WriteTxn& txn) -> Result<> {
            made = letters::enqueue(txn, {host, clock.now(), "", again});
            if (!made) return made.error();
            return {};
        });
        if (!done) return done.error();
        return made;
    }
    Letter letter(const Address& host) {
        return store->read(
            [&](const ReadTxn& txn) { return letters::find(txn, host, hosts::find(txn, host)->case_id).value(); });
    }
    std::vector<Letter> due() {
        return store->read([&](const ReadTxn& txn) { return letters::due(txn, clock.now(), 100); });
    }
    Result<> begin(std::uint32_t mail, const char* contact, const std::vector<Letter>& batch) {
        std::vector<LetterHost> hosts;
        for (const auto& one : batch) hosts.push_back({one.host, one.case_id});
        return write([&](WriteTxn& txn) { return letters::begin(txn, test::token_id(mail), contact, "<m@x>", hosts); });
    }
    const Address first = test::ip("5.6.7.8");
    const Address second = test::ip("5.6.7.9");
};

TEST_F(Letters, OneGoesOutForEachListing) {
    prove(1, first);
    ASSERT_TRUE(enqueue(first));
    ASSERT_EQ(due().size(), 1U);
    ASSERT_TRUE(begin(9, "abuse@x.example", due()));
    EXPECT_EQ(letter(first).state, LetterState::sending);
    EXPECT_TRUE(due().empty());
    ASSERT_TRUE(write([&](WriteTxn& txn) { return letters::sent(txn, test::token_id(9)); }));
    EXPECT_EQ(letter(first).state, LetterState::sent);
    const auto refused = enqueue(first);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::conflict);
    EXPECT_THAT(refused.error().message, HasSubstr("--again"));
    EXPECT_TRUE(enqueue(first, true));
    EXPECT_EQ(letter(first).state, LetterState::queued);
}

TEST_F(Letters, WhatACrashLeavesUnsureIsNotSentAgain) {
    prove(1, first);
    ASSERT_TRUE(enqueue(first));
    ASSERT_TRUE(begin(9, "abuse@x.example", due()));
    reopen();
    clock.advance(240h);
    EXPECT_TRUE(due().empty());
    EXPECT_EQ(letter(first).state, LetterState::sending);
    const auto refused = enqueue(first);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("may have been taken"));
    const auto id = letter(first).message_id;
    ASSERT_TRUE(enqueue(first, true));
    EXPECT_EQ(due().size(), 1U);
    EXPECT_EQ(letter(first).message_id, id);
}

TEST_F(Letters, ABatchIsBegunWholeOrNotAtAll) {
    prove(1, first);
    prove(2, second);
    ASSERT_TRUE(enqueue(first));
    ASSERT_TRUE(enqueue(second));
    const auto both = due();
    ASSERT_EQ(both.size(), 2U);
    ASSERT_TRUE(begin(9, "abuse@x.example", {both[0]}));
    EXPECT_FALSE(begin(10, "abuse@x.example", both));
    EXPECT_EQ(letter(both[1].host).state, LetterState::queued);
    EXPECT_EQ(store->read([&](const ReadTxn& txn) { return letters::begun_today(txn, clock.now()); }), 1U);
    clock.advance(24h);
    EXPECT_EQ(store->read([&](const ReadTxn& txn) { return letters::begun_today(txn, clock.now()); }), 0U);
}

TEST_F(Letters, ABounceMakesItTheNextContactsTurnAndAtLastTheEnd) {
    prove(1, first);
    ASSERT_TRUE(enqueue(first));
    const char* const contacts[]{"a@x.example", "b@x.example", "c@x.example", "d@x.example"};
    std::uint32_t mail = 20;
    for (const auto* contact : contacts) {
        ASSERT_EQ(due().size(), 1U) << contact;
        ASSERT_TRUE(begin(++mail, contact, due()));
        ASSERT_TRUE(write([&](WriteTxn& txn) { return letters::sent(txn, test::token_id(mail)); }));
        ASSERT_TRUE(write([&](WriteTxn& txn) { return letters::unreachable(txn, test::token_id(mail), "bounced"); }));
    }
    EXPECT_EQ(letter(first).state, LetterState::stopped);
    EXPECT_THAT(letter(first).tried, ElementsAre("a@x.example", "b@x.example", "c@x.example", "d@x.example"));
    // The same bounce once more, or one of an old mail, changes nothing.
    ASSERT_TRUE(write([&](WriteTxn& txn) { return letters::unreachable(txn, test::token_id(21), "bounced"); }));
    EXPECT_EQ(letter(first).tried.size(), 4U);
    EXPECT_FALSE(write([&](WriteTxn& txn) { return letters::unreachable(txn, test::token_id(99), "bounced"); }));
}

TEST_F(Letters, WhatNoServerTookWaits) {
    prove(1, first);
    ASSERT_TRUE(enqueue(first));
    ASSERT_TRUE(begin(9, "a@x.example", due()));
    ASSERT_TRUE(write([&](WriteTxn& txn) {
        return letters::postpone(txn, test::token_id(9), clock.now() + 1h, "connection refused");
    }));
    EXPECT_TRUE(due().empty());
    EXPECT_EQ(letter(first).attempts, 1U);
    clock.advance(1h);
    EXPECT_EQ(due().size(), 1U);
}

TEST_F(Letters, AnOptOutHoldsForAnAddressOrADomain) {
    const auto out = [&](const char* who) {
        return write([&](WriteTxn& txn) { return letters::opt_out(txn, who, "by mail"); });
    };
    const auto is_out = [&](const char* who) {
        return store->read([&](const ReadTxn& txn) { return letters::opted_out(txn, who); });
    };
    EXPECT_FALSE(is_out("abuse@x.example"));
    ASSERT_TRUE(out("Abuse@X.example"));
    EXPECT_TRUE(is_out("abuse@x.EXAMPLE"));
    EXPECT_FALSE(is_out("postmaster@x.example"));
    ASSERT_TRUE(out("@y.example"));
    EXPECT_TRUE(is_out("anybody@y.example"));
    EXPECT_FALSE(is_out("anybody@sub.y.example"));
    for (const char* wrong : {"", "nobody", "@", "a@", "a b@x.example"}) EXPECT_FALSE(out(wrong)) << wrong;
    EXPECT_FALSE(out((std::string(300, 'a') + "@x.example").c_str()));
    reopen();
    EXPECT_TRUE(is_out("anybody@y.example"));
    ASSERT_TRUE(write([&](WriteTxn& txn) { return letters::opt_in(txn, "@y.example"); }));
    EXPECT_FALSE(is_out("anybody@y.example"));
    EXPECT_FALSE(write([&](WriteTxn& txn) { return letters::opt_in(txn, "@y.example"); }));
    prove(1, first);
    ASSERT_TRUE(enqueue(first));
    EXPECT_FALSE(begin(9, "abuse@x.example", due()));
}

TEST_F(Letters, TheJournalTellsWhoHasBeenListedSince) {
    const auto follow = [&](std::size_t entries = 100) {
        std::size_t queued = 0;
        EXPECT_TRUE(write([&](WriteTxn& txn) -> Result<> {
            queued = letters::follow_journal(txn, 1h, entries);
            return {};
        }));
        return queued;
    };
    prove(1, first);
    EXPECT_EQ(follow(), 0U) << "who was listed before is not written to";
    prove(2, second);
    prove(3, test::ip("5.6.7.10"));
    EXPECT_EQ(follow(1), 1U);
    EXPECT_EQ(follow(), 1U);
    EXPECT_EQ(follow(), 0U);
    EXPECT_TRUE(due().empty());
    clock.advance(1h);
    EXPECT_EQ(due().size(), 2U);
}

TEST_F(Letters, OnlyListedHostsAreWrittenAbout) {
    const auto refused = enqueue(first);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::not_found);
}

TEST_F(Letters, ACheckFindsNothingWrong) {
    prove(1, first);
    prove(2, second);
    ASSERT_TRUE(enqueue(first));
    ASSERT_TRUE(enqueue(second));
    ASSERT_TRUE(begin(9, "a@x.example", {due()[0]}));
    check::Options options;
    std::vector<std::string> found;
    options.finding = [&](const check::Finding& finding) { found.push_back(finding.table + ": " + finding.what); };
    ASSERT_TRUE(check::run(*store, options, clock.now()));
    EXPECT_THAT(found, ElementsAre());
}

} // namespace
} // namespace provenbl
