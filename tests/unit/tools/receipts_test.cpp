#include "store/retention.hpp"
#include "tests/unit/tools/api_fixture.hpp"
#include "tools/receipts/receipt.hpp"

#include <gmock/gmock.h>

namespace provenbl::tools::receipts {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

class Receipts : public ApiFixture {
protected:
    Standing at(Time time, const Address& address) {
        return store->read([&](const ReadTxn& txn) { return standing_at(txn, address, time, clock.now()); }).value();
    }
    void clear_suspect() {
        const auto before = host(suspect).value();
        const auto done = store->write([&](WriteTxn& txn) -> Result<> {
            Exclusion exclusion;
            exclusion.prefix = Prefix::of(suspect, 32);
            exclusion.reason = "asked";
            auto excluded = ledger::exclude(txn, exclusion);
            if (!excluded) return excluded.error();
            return {};
        });
        ASSERT_TRUE(done);
    }
    void trim(Duration older_than) {
        retention::Rules rules;
        rules.journal = older_than;
        ASSERT_TRUE(store->write([&](WriteTxn& txn) -> Result<> {
            retention::Round round;
            while (round.forget(txn, rules, 1000)) {
            }
            return {};
        }));
    }
    Time tick(Duration span) {
        clock.advance(span);
        return clock.now();
    }
};

TEST_F(Receipts, TheJournalTellsWhoWasListedWhen) {
    prove(9, test::ip("5.6.7.200")); // the journal has begun
    const auto before = tick(1h);
    tick(1h);
    prove(1, suspect);
    const auto listed = clock.now();
    const auto within = tick(1h);
    tick(1h);
    clear_suspect();
    const auto cleared = clock.now();
    EXPECT_EQ(at(before, suspect).state, State::not_listed);
    EXPECT_EQ(at(listed - 1ms, suspect).state, State::not_listed);
    EXPECT_EQ(at(listed, suspect).state, State::listed);
    const auto standing = at(within, suspect);
    EXPECT_EQ(standing.state, State::listed);
    EXPECT_EQ(standing.classes, ClassSet{ListingClass::relay});
    EXPECT_TRUE(standing.classes_exact);
    EXPECT_EQ(standing.basis, "journal");
    EXPECT_NE(standing.case_id, 0U);
    EXPECT_EQ(at(cleared - 1ms, suspect).state, State::listed);
    EXPECT_EQ(at(cleared, suspect).state, State::not_listed);
    EXPECT_EQ(at(cleared, test::ip("5.6.7.9")).state, State::not_listed);
}

TEST_F(Receipts, BeforeTheJournalBeganNothingCanBeSaid) {
    prove(1, suspect);
    const auto standing = at(clock.now() - 1h, suspect);
    EXPECT_EQ(standing.state, State::unknown);
    EXPECT_EQ(standing.basis, "");
    EXPECT_THAT(standing.reason, HasSubstr("can't be said"));
}

TEST_F(Receipts, TheFutureIsRefused) {
    const auto refused =
        store->read([&](const ReadTxn& txn) { return standing_at(txn, suspect, clock.now() + 1s, clock.now()); });
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::invalid);
}

TEST_F(Receipts, OfATrimmedTimeTheAuditLineTellsAndNothingElse) {
    prove(1, suspect);
    const auto within = tick(24h);
    tick(24h);
    clear_suspect();
    const auto after = tick(24h);
    tick(1000 * 24h);
    prove(2, test::ip("5.6.7.10"));
    trim(100 * 24h);
    const auto listed = at(within, suspect);
    EXPECT_EQ(listed.state, State::listed);
    EXPECT_EQ(listed.basis, "audit");
    EXPECT_TRUE(listed.classes_exact);
    EXPECT_EQ(at(after, suspect).state, State::unknown);
    EXPECT_EQ(at(within, test::ip("5.6.7.9")).state, State::unknown);
    EXPECT_EQ(at(clock.now(), suspect).state, State::not_listed);
}

TEST_F(Receipts, AListingWhoseBeginningWasTrimmedGoesOn) {
    prove(1, suspect);
    tick(1000 * 24h);
    prove(2, test::ip("5.6.7.10"));
    trim(100 * 24h);
    const auto now = at(clock.now(), suspect);
    EXPECT_EQ(now.state, State::listed);
    EXPECT_EQ(now.basis, "journal");
    EXPECT_EQ(now.classes, ClassSet{ListingClass::relay});
}

TEST_F(Receipts, WhatIsSignedIsWhatIsVerified) {
    const auto ours = signing::SigningKey::generate();
    context.signer = &ours;
    prove(1, suspect);
    const auto answer = as_public("GET", "/v1/hosts/5.6.7.8/receipt");
    ASSERT_EQ(answer.status, 200U) << answer.body;
    const auto said = verify_receipt(answer.body, ours.public_key());
    ASSERT_TRUE(said) << said.error().message;
    EXPECT_EQ(said->at("state").as_string(), "listed");
    EXPECT_EQ(said->at("issuer").as_string(), "bl.example");
    EXPECT_EQ(said->at("serial").as_int64(), 1);
    clock.advance(7ms);
    EXPECT_THAT(as_public("GET", "/v1/hosts/5.6.7.8/receipt").body, HasSubstr(".007Z\",\"issued\""));

    // The key travels by another way; whichever form it has, it is the same.
    const auto key = json(as_public("GET", "/v1/receipts/key")).at("key").as_string();
    EXPECT_EQ(signing::PublicKey::parse(std::string{key.c_str()} + "\n").value(), ours.public_key());

    auto forged = answer.body;
    forged.replace(forged.find("\"listed\""), 8, "\"not-listed\"");
    EXPECT_THAT(verify_receipt(forged, ours.public_key()).error().message, HasSubstr("does not fit"));
    EXPECT_THAT(verify_receipt(answer.body, signing::SigningKey::generate().public_key()).error().message,
                HasSubstr("another key"));
    // Blanks and the order of members are nobody's statement.
    auto spaced = answer.body;
    for (std::size_t i = spaced.find(','); i != std::string::npos; i = spaced.find(',', i + 2))
        spaced.insert(i + 1, " ");
    EXPECT_TRUE(verify_receipt(spaced, ours.public_key()));
}

TEST_F(Receipts, WhatIsNoReceiptIsRefusedWithoutAFault) {
    const auto key = signing::SigningKey::generate().public_key();
    for (const char* text :
         {"", "{", "[]", "null", R"({"receipt":1,"signature":{}})", R"({"receipt":{},"signature":{}})",
          R"({"receipt":{"type":"provenbl-receipt/1"},"signature":{"algorithm":"ed25519","value":"AAAA"}})",
          R"({"receipt":{"type":"provenbl-receipt/1"},"signature":{"algorithm":"none","value":""}})"})
        EXPECT_FALSE(verify_receipt(text, key)) << text;
    EXPECT_FALSE(verify_receipt(std::string(1 << 20, '['), key));
}

TEST_F(Receipts, TheRouteSaysWhatIsWrong) {
    EXPECT_EQ(as_public("GET", "/v1/hosts/5.6.7.8/receipt").status, 503U);
    const auto ours = signing::SigningKey::generate();
    context.signer = &ours;
    EXPECT_EQ(as_public("GET", "/v1/hosts/5.6.7.8/receipt?at=yesterday").status, 400U);
    EXPECT_EQ(as_public("GET", "/v1/hosts/5.6.7.8/receipt?at=2999-01-01T00:00:00Z").status, 400U);
    EXPECT_EQ(as_public("POST", "/v1/hosts/5.6.7.8/receipt").status, 405U);
}

TEST(Canonical, SortsMembersAndLeavesNoBlanks) {
    EXPECT_EQ(canonical(boost::json::parse(R"({ "b": [true, 1, "x"], "a": {"d": null, "c": "\""} })")),
              R"({"a":{"c":"\"","d":null},"b":[true,1,"x"]})");
}

} // namespace
} // namespace provenbl::tools::receipts
