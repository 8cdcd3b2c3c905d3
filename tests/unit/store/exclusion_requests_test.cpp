#include "store/check.hpp"
#include "store/exclusion_requests.hpp"
#include "store/exclusions.hpp"
#include "store/journal.hpp"
#include "store/tables.hpp"
#include "tests/support/store_fixture.hpp"

#include <gmock/gmock.h>

namespace provenbl {
namespace {

using namespace std::chrono_literals;
using test::ip;
using testing::HasSubstr;

class ExclusionRequests : public test::StoreFixture {
protected:
    static ExclusionRequest request(const std::string& prefix, const char* from, const char* contact = "") {
        ExclusionRequest made;
        made.code = "abcdefghijklmnop";
        made.prefix = Prefix::parse(prefix).value();
        made.requester = ip(from);
        made.contact = contact;
        made.text = "a research network";
        return made;
    }
    Result<ExclusionRequest> add(ExclusionRequest wanted) {
        return write<ExclusionRequest>([&](WriteTxn& txn) { return exclusion_requests::add(txn, wanted); });
    }
    Result<exclusion_requests::Accepted> accept(std::uint64_t id, const char* reason = "", Time until = {}) {
        return write<exclusion_requests::Accepted>(
            [&](WriteTxn& txn) { return exclusion_requests::accept(txn, id, reason, "carol", until); });
    }
    Result<ExclusionRequest> refuse(std::uint64_t id, const char* reason) {
        return write<ExclusionRequest>(
            [&](WriteTxn& txn) { return exclusion_requests::refuse(txn, id, reason, "carol"); });
    }
    std::optional<ExclusionRequest> find(std::uint64_t id) {
        return store->read([&](const ReadTxn& txn) { return exclusion_requests::find(txn, id); });
    }
    std::optional<Exclusion> covering(const char* address) {
        return store->read([&](const ReadTxn& txn) { return exclusions::covering(txn, ip(address), clock.now()); });
    }

private:
    template <class T, class Work> Result<T> write(const Work& work) {
        std::optional<T> made;
        const auto done = store->write([&](WriteTxn& txn) -> Result<> {
            auto result = work(txn);
            if (!result) return result.error();
            made = std::move(*result);
            return {};
        });
        if (!done) return done.error();
        return std::move(*made);
    }
};

TEST_F(ExclusionRequests, OneIsKeptWhileItWaitsAndExcludesNothing) {
    prove(1, ip("5.6.7.8"));
    const auto made = add(request("5.6.7.8", "5.6.7.8"));
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(made->id, 1U);
    EXPECT_EQ(made->received, clock.now());
    EXPECT_EQ(find(1), *made);
    EXPECT_EQ(state_of(*made, clock.now()), "waiting");
    EXPECT_FALSE(covering("5.6.7.8"));
    EXPECT_TRUE(listing(ip("5.6.7.8")));
    EXPECT_EQ(codec::decode<ExclusionRequest>(codec::encode(*made)), *made);
    check::Options options;
    const auto checked = check::run(*store, options, clock.now());
    ASSERT_TRUE(checked);
    EXPECT_EQ(checked->findings, 0U);
}

TEST_F(ExclusionRequests, AcceptedItIsAnExclusionAndInTheJournal) {
    prove(1, ip("5.6.7.8"));
    ASSERT_TRUE(add(request("5.6.7.0/24", "9.9.9.9", "noc@example.net")));
    clock.advance(1h);
    const auto until = clock.now() + 24h;
    const auto done = accept(1, "a research network", until);
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(done->delisted, 1U);
    const auto exclusion = covering("5.6.7.8");
    ASSERT_TRUE(exclusion);
    EXPECT_EQ(*exclusion,
              (Exclusion{Prefix::parse("5.6.7.0/24").value(), "a research network", "carol", clock.now(), until}));
    const auto changes = store->read([&](const ReadTxn& txn) { return journal::of(txn, ip("5.6.7.8"), 1); });
    ASSERT_EQ(changes.size(), 1U);
    EXPECT_EQ(changes[0].reason, ChangeReason::excluded);
    EXPECT_EQ(changes[0].by, "carol");
    EXPECT_TRUE(changes[0].after.empty());
    const auto kept = find(1).value();
    EXPECT_EQ(state_of(kept, clock.now()), "accepted");
    EXPECT_EQ(kept.answer, "a research network");
    EXPECT_EQ(kept.until, until);
    EXPECT_EQ(accept(1).error().code, Errc::conflict);
    EXPECT_EQ(refuse(1, "late").error().code, Errc::conflict);
    EXPECT_EQ(add(request("5.6.7.8", "5.6.7.8")).error().code, Errc::conflict) << "it is excluded already";
}

TEST_F(ExclusionRequests, RefusedItSaysWhy) {
    ASSERT_TRUE(add(request("5.6.7.8", "5.6.7.8")));
    EXPECT_EQ(refuse(1, "").error().code, Errc::invalid);
    EXPECT_EQ(refuse(2, "x").error().code, Errc::not_found);
    const auto refused = refuse(1, "it is an open relay");
    ASSERT_TRUE(refused);
    EXPECT_EQ(state_of(*find(1), clock.now()), "refused");
    EXPECT_EQ(find(1)->answer, "it is an open relay");
    EXPECT_FALSE(covering("5.6.7.8"));
    EXPECT_TRUE(add(request("5.6.7.8", "5.6.7.8"))) << "there may be a better reason";
}

TEST_F(ExclusionRequests, WhoAsksForOthersLeavesAContact) {
    EXPECT_EQ(add(request("5.6.7.8", "9.9.9.9")).error().code, Errc::invalid);
    EXPECT_EQ(add(request("5.6.7.0/24", "5.6.7.8")).error().code, Errc::invalid);
    EXPECT_TRUE(add(request("5.6.7.0/24", "5.6.7.8", "noc@example.net")));
    EXPECT_TRUE(add(request("2001:db8:1:2::/64", "2001:db8:1:2::5")));
    EXPECT_EQ(add(request("2001:db8:1::/48", "2001:db8:1:2::5")).error().code, Errc::invalid);
}

TEST_F(ExclusionRequests, WhatIsTooWideOrTooLongIsRefused) {
    EXPECT_EQ(add(request("5.0.0.0/15", "5.6.7.8", "noc@example.net")).error().code, Errc::invalid);
    EXPECT_EQ(add(request("2001::/31", "5.6.7.8", "noc@example.net")).error().code, Errc::invalid);
    auto wordy = request("5.6.7.8", "5.6.7.8");
    wordy.text = std::string(exclusion_requests::longest_text + 1, 'x');
    EXPECT_EQ(add(wordy).error().code, Errc::invalid);
    wordy.text.clear();
    EXPECT_EQ(add(wordy).error().code, Errc::invalid);
}

TEST_F(ExclusionRequests, FewWaitOfOneRequesterAndNotManyInAll) {
    ASSERT_TRUE(add(request("2001:db8::1", "2001:db8::1")));
    EXPECT_EQ(add(request("2001:db8::1", "2001:db8::1")).error().code, Errc::conflict);
    ASSERT_TRUE(add(request("2001:db8::2", "2001:db8::2")));
    ASSERT_TRUE(add(request("2001:db8::3", "2001:db8::3")));
    const auto fourth = add(request("2001:db8::4", "2001:db8::4"));
    ASSERT_FALSE(fourth);
    EXPECT_EQ(fourth.error().code, Errc::not_allowed) << "a /64 is one requester";
    ASSERT_TRUE(refuse(1, "no"));
    EXPECT_TRUE(add(request("2001:db8::4", "2001:db8::4"))) << "an answer makes room";
    const auto full = store->write([&](WriteTxn& txn) -> Result<> {
        for (std::uint32_t i = 0; i < exclusion_requests::most_waiting - 3; ++i) {
            const auto from = Address::v4(0x05000000U + (i << 8U));
            auto one = request(from.to_string(), "9.9.9.9");
            one.requester = from;
            if (auto made = exclusion_requests::add(txn, one); !made) return made.error();
        }
        return {};
    });
    ASSERT_TRUE(full) << full.error().message;
    EXPECT_EQ(add(request("7.7.7.7", "7.7.7.7")).error().code, Errc::busy);
}

TEST_F(ExclusionRequests, OneNetworkDoesNotFillTheRoom) {
    const auto fill = [&](const std::string& begin, const std::string& end) {
        std::size_t taken = 0;
        for (int i = 1; i <= 40; ++i) {
            const auto from = begin + std::to_string(i) + end;
            const auto made = add(request(from, from.c_str()));
            if (made)
                ++taken;
            else
                EXPECT_EQ(made.error().code, Errc::not_allowed);
        }
        return taken;
    };
    EXPECT_EQ(fill("2001:db8:1:", "::1"), exclusion_requests::most_waiting_of_network) << "the /64s of one /48";
    EXPECT_EQ(fill("5.6.7.", ""), exclusion_requests::most_waiting_of_network) << "of a /24";
    EXPECT_TRUE(add(request("2001:db8:2:1::1", "2001:db8:2:1::1")));
    EXPECT_TRUE(add(request("5.6.8.1", "5.6.8.1")));
}

TEST_F(ExclusionRequests, AcceptingTakesNoEndFromWhatIsExcludedAlready) {
    ASSERT_TRUE(add(request("5.6.7.8", "5.6.7.8")));
    Exclusion own{Prefix::parse("5.6.7.8").value(), "a contract", "operator", clock.now(), {}};
    const auto exclude = [&] {
        return store->write([&](WriteTxn& txn) -> Result<> {
            const auto entered = ledger::exclude(txn, own);
            return entered ? Result<>{} : entered.error();
        });
    };
    ASSERT_TRUE(exclude());
    const auto refused = accept(1, "asked", clock.now() + 30 * 24h);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::conflict);
    EXPECT_THAT(refused.error().message, HasSubstr("without an end"));
    EXPECT_EQ(*covering("5.6.7.8"), own);
    EXPECT_EQ(state_of(*find(1), clock.now()), "waiting");
    own.until = clock.now() + 1h;
    ASSERT_TRUE(exclude());
    clock.advance(1h);
    EXPECT_TRUE(accept(1, "asked", clock.now() + 30 * 24h)) << "that one has ended";
}

TEST_F(ExclusionRequests, NobodyIsRememberedForEver) {
    ASSERT_TRUE(add(request("5.6.7.8", "5.6.7.8")));
    clock.advance(exclusion_requests::waits_for);
    EXPECT_EQ(state_of(*find(1), clock.now()), "expired");
    EXPECT_EQ(accept(1).error().code, Errc::conflict);
    const auto forgotten = [&] {
        std::size_t count = 0;
        EXPECT_TRUE(store->write([&](WriteTxn& txn) -> Result<> {
            count = exclusion_requests::forget(txn);
            return {};
        }));
        return count;
    };
    clock.advance(exclusion_requests::kept_for - 1ms);
    EXPECT_EQ(forgotten(), 0U);
    clock.advance(1ms);
    EXPECT_EQ(forgotten(), 1U);
    EXPECT_FALSE(find(1));
    EXPECT_EQ(add(request("5.6.7.8", "5.6.7.8"))->id, 2U) << "a number is never given again";
}

TEST_F(ExclusionRequests, TheOldestThatWasDecidedMakesRoom) {
    const auto filled = store->write([&](WriteTxn& txn) -> Result<> {
        for (std::uint64_t id = 1; id <= exclusion_requests::most_kept; ++id) {
            auto one = request("5.6.7.8", "5.6.7.8");
            one.id = next_number(txn, "exclusion_requests");
            one.state = ExclusionRequestState::refused;
            one.decided = txn.now;
            put_record(txn, txn.tables.exclusion_requests, keys::number(one.id), one);
        }
        return {};
    });
    ASSERT_TRUE(filled) << filled.error().message;
    ASSERT_TRUE(find(1));
    EXPECT_TRUE(add(request("7.7.7.7", "7.7.7.7")));
    EXPECT_FALSE(find(1));
    EXPECT_TRUE(find(2));
}

} // namespace
} // namespace provenbl
