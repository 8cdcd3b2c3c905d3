#include "store/exclusions.hpp"
#include "store/ledger.hpp"
#include "tests/support/store_fixture.hpp"

namespace provenbl {
namespace {

using namespace std::chrono_literals;
using test::ip;
using test::mail_probe;
using test::token_id;

class Ledger : public test::StoreFixture {
protected:
    const Address a = ip("5.6.7.8");
    ScanStep step(const char* technique, Verdict verdict, std::uint16_t port = 25) {
        return {clock.now(), technique, a, port, verdict, "said so"};
    }
    Result<> clear(const Result<Clearance>& clearance) {
        if (!clearance) return clearance.error();
        return store->write([&](WriteTxn& txn) -> Result<> {
            auto host = ledger::clear(txn, *clearance, "owner");
            if (!host) return host.error();
            return {};
        });
    }
};

TEST_F(Ledger, AProofListsHostIndexEvidenceAndJournalTogether) {
    const auto host = prove(1, a);
    EXPECT_TRUE(host.listed());
    const auto entry = listing(a);
    ASSERT_TRUE(entry);
    EXPECT_EQ(entry->classes, ClassSet{ListingClass::relay});
    const auto changes = all_changes();
    ASSERT_EQ(changes.size(), 1U);
    EXPECT_EQ(changes[0].reason, ChangeReason::proven);
    EXPECT_EQ(changes[0].case_id, changes[0].sequence);
    EXPECT_EQ(entry->case_id, changes[0].case_id);
    const auto evidence = store->read([&](const ReadTxn& txn) { return hosts::evidence(txn, a, entry->case_id); });
    ASSERT_EQ(evidence.size(), 1U);
    EXPECT_EQ(evidence[0].technique, "smtp-relay/plain");
    EXPECT_EQ(evidence[0].token, token_id(1));
    EXPECT_NE(evidence[0].message.find("Received:"), std::string::npos);
    EXPECT_NE(this->host(a)->queued_scan, 0U); // a rescan is queued
}

TEST_F(Ledger, ASecondProofOfTheSameHoleRenewsItsEvidence) {
    prove(1, a);
    clock.advance(1h);
    const auto host = prove(2, a);
    EXPECT_EQ(host.holes.size(), 1U);
    EXPECT_EQ(host.holes[0].last_proven, clock.now());
    EXPECT_EQ(all_changes().size(), 1U); // nothing changed for DNS
    const auto evidence = store->read([&](const ReadTxn& txn) { return hosts::evidence(txn, a, host.case_id); });
    ASSERT_EQ(evidence.size(), 1U);
    EXPECT_EQ(evidence[0].token, token_id(2));
}

TEST_F(Ledger, AnotherClassJoinsTheCase) {
    prove(1, a);
    auto probe = mail_probe(2, a, clock.now(), "socks5/connect");
    probe.cls = ListingClass::socks;
    probe.sink = SinkKind::callback;
    probe.target.port = 1080;
    prove(probe, a);
    EXPECT_EQ(listing(a)->classes, (ClassSet{ListingClass::relay, ListingClass::socks}));
    const auto changes = all_changes();
    ASSERT_EQ(changes.size(), 2U);
    EXPECT_EQ(changes[1].case_id, changes[0].sequence);
    EXPECT_EQ(changes[1].before, ClassSet{ListingClass::relay});
}

TEST_F(Ledger, TheExitIsListedAsChain) {
    const auto exit = ip("9.9.9.9");
    prove(mail_probe(1, a, clock.now()), exit);
    EXPECT_EQ(listing(exit)->classes, ClassSet{ListingClass::chain});
    EXPECT_EQ(host(exit)->holes.at(0).entry, a);
    EXPECT_EQ(listing(a)->classes, ClassSet{ListingClass::relay});
}

TEST_F(Ledger, LocalhostIsNeverListed) {
    EXPECT_THROW(prove(mail_probe(1, a, clock.now()), ip("127.0.0.1")), std::runtime_error);
    EXPECT_FALSE(listing(ip("127.0.0.1")));
}

TEST_F(Ledger, ATokenCountsOnce) {
    prove(1, a);
    const auto again = store->write([&](WriteTxn& txn) -> Result<> {
        auto evidence = tokens::arrive(txn, token_id(1), {clock.now(), a, 25, ""});
        if (!evidence) return evidence.error();
        return {};
    });
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, Errc::conflict);
}

TEST_F(Ledger, UnknownAndExpiredTokensProveNothing) {
    const auto arrive = [&](std::uint32_t number) {
        return store->write([&](WriteTxn& txn) -> Result<> {
            auto evidence = tokens::arrive(txn, token_id(number), {clock.now(), a, 25, ""});
            if (!evidence) return evidence.error();
            return {};
        });
    };
    EXPECT_EQ(arrive(7).error().code, Errc::not_found);
    ASSERT_TRUE(store->write([&](WriteTxn& txn) { return tokens::issue(txn, mail_probe(8, a, clock.now())); }));
    clock.advance(24h);
    EXPECT_EQ(arrive(8).error().code, Errc::expired);
    EXPECT_FALSE(listing(a));
}

TEST_F(Ledger, ACallbackNeedsArrivalAndAnswer) {
    auto probe = mail_probe(1, a, clock.now(), "http/connect");
    probe.sink = SinkKind::callback;
    ASSERT_TRUE(store->write([&](WriteTxn& txn) { return tokens::issue(txn, probe); }));
    const auto confirm = [&] {
        return store->write([&](WriteTxn& txn) -> Result<> {
            auto evidence = tokens::confirm(txn, probe.id);
            if (!evidence) return evidence.error();
            return {};
        });
    };
    EXPECT_EQ(confirm().error().code, Errc::not_allowed); // an answer without an arrival
    const auto arrive = [&] {
        return store->write([&](WriteTxn& txn) -> Result<> {
            auto evidence = tokens::arrive(txn, probe.id, {clock.now(), a, 443, ""});
            if (!evidence) return evidence.error();
            EXPECT_FALSE(*evidence);
            return {};
        });
    };
    EXPECT_TRUE(arrive());
    EXPECT_TRUE(arrive()); // said twice through one tunnel
    EXPECT_TRUE(confirm());
}

// A datagram's source can be forged. The one who hears the answer must be the one that stands as the exit.
TEST_F(Ledger, ADatagramsTokenIsTakenFromOnePlaceAlone) {
    auto probe = mail_probe(1, a, clock.now(), "socks5/udp");
    probe.sink = SinkKind::datagram;
    ASSERT_TRUE(store->write([&](WriteTxn& txn) { return tokens::issue(txn, probe); }));
    const auto arrive = [&](const Address& from) {
        return store->write([&](WriteTxn& txn) -> Result<> {
            auto evidence = tokens::arrive(txn, probe.id, {clock.now(), from, 443, ""});
            if (!evidence) return evidence.error();
            EXPECT_FALSE(*evidence) << "the answer must come back first";
            return {};
        });
    };
    EXPECT_TRUE(arrive(a));
    EXPECT_TRUE(arrive(a)) << "said again, because datagrams are lost";
    EXPECT_EQ(arrive(ip("9.9.9.9")).error().code, Errc::conflict);
    const auto confirmed = store->write([&](WriteTxn& txn) -> Result<> {
        auto evidence = tokens::confirm(txn, probe.id);
        if (!evidence) return evidence.error();
        EXPECT_EQ(evidence->probe().exit, a);
        return {};
    });
    EXPECT_TRUE(confirmed);
}

TEST_F(Ledger, ATokenSurvivesARestart) {
    ASSERT_TRUE(store->write([&](WriteTxn& txn) { return tokens::issue(txn, mail_probe(1, a, clock.now())); }));
    reopen();
    const auto found = store->read([&](const ReadTxn& txn) { return tokens::find(txn, token_id(1)); });
    ASSERT_TRUE(found);
    EXPECT_EQ(found->target, (Endpoint{a, 25}));
}

TEST_F(Ledger, TheKeyIsMadeOnce) {
    std::array<std::uint8_t, 32> first{};
    std::array<std::uint8_t, 32> second{};
    first.fill(1);
    second.fill(2);
    std::array<std::uint8_t, 32> kept{};
    const auto take = [&](const auto& fresh) {
        return store->write([&](WriteTxn& txn) -> Result<> {
            auto key = tokens::key(txn, fresh);
            if (!key) return key.error();
            kept = *key;
            return {};
        });
    };
    ASSERT_TRUE(take(first));
    reopen();
    ASSERT_TRUE(take(second));
    EXPECT_EQ(kept, first);
}

TEST_F(Ledger, TheConversationReachesTheEvidenceOfEntryAndExit) {
    const auto exit = ip("9.9.9.9");
    prove(mail_probe(1, a, clock.now()), exit);
    ASSERT_TRUE(store->write([&](WriteTxn& txn) -> Result<> {
        tokens::attach_conversation(txn, token_id(1), "+0.001 < 220 hi", "Postfix");
        return {};
    }));
    for (const auto& address : {a, exit}) {
        const auto evidence =
            store->read([&](const ReadTxn& txn) { return hosts::evidence(txn, address, host(address)->case_id); });
        ASSERT_EQ(evidence.size(), 1U);
        EXPECT_EQ(evidence[0].transcript, "+0.001 < 220 hi") << address.to_string();
    }
}

TEST_F(Ledger, SweepForgetsWhatHasExpired) {
    for (std::uint32_t i = 1; i <= 10; ++i)
        ASSERT_TRUE(store->write(
            [&](WriteTxn& txn) { return tokens::issue(txn, mail_probe(i, a, clock.now() + (i > 5 ? 48h : 0h))); }));
    clock.advance(25h);
    std::size_t swept = 0;
    ASSERT_TRUE(store->write([&](WriteTxn& txn) -> Result<> {
        swept = tokens::sweep(txn, txn.now, 100);
        return {};
    }));
    EXPECT_EQ(swept, 5U);
    EXPECT_EQ(store->statistics().pending_tokens, 5U);
}

TEST_F(Ledger, ARefusedVisitClears) {
    const auto proven = prove(1, a);
    const auto scan = visit(a, {step("smtp-relay/plain", Verdict::refused)});
    clock.advance(1s);
    ASSERT_TRUE(clear(Clearance::from_scan(scan, proven.holes, ChangeReason::secured)));
    EXPECT_FALSE(listing(a));
    EXPECT_FALSE(host(a)->listed());
    EXPECT_EQ(host(a)->delisted_at, clock.now());
    const auto changes = all_changes();
    ASSERT_EQ(changes.size(), 2U);
    EXPECT_TRUE(changes[1].after.empty());
    EXPECT_EQ(changes[1].actor, "owner");
    EXPECT_EQ(changes[1].case_id, changes[0].case_id);
}

TEST_F(Ledger, NoClearanceFromAVisitThatFoundItOpenOrDidNotLook) {
    const auto proven = prove(1, a);
    EXPECT_FALSE(
        Clearance::from_scan(visit(a, {step("smtp-relay/plain", Verdict::open)}), proven.holes, ChangeReason::secured));
    EXPECT_FALSE(Clearance::from_scan(visit(a, {step("smtp-relay/percent", Verdict::refused)}), proven.holes,
                                      ChangeReason::secured));
    EXPECT_FALSE(Clearance::from_scan(visit(a, {step("smtp-relay/plain", Verdict::refused, 587)}), proven.holes,
                                      ChangeReason::secured));
    EXPECT_FALSE(Clearance::from_scan(visit(a, {step("smtp-relay/plain", Verdict::unreachable)}), proven.holes,
                                      ChangeReason::secured));
    EXPECT_FALSE(Clearance::from_scan(
        visit(a, {step("smtp-relay/plain", Verdict::refused), step("smtp-relay/plain", Verdict::open)}), proven.holes,
        ChangeReason::silent));
}

TEST_F(Ledger, SilenceClearsOnlyAfterItsSpan) {
    const auto proven = prove(1, a);
    EXPECT_FALSE(Clearance::from_silence(proven, 14 * 24h, clock.now() + 13 * 24h));
    EXPECT_TRUE(Clearance::from_silence(proven, 14 * 24h, clock.now() + 14 * 24h));
}

TEST_F(Ledger, ARelistingIsANewCase) {
    const auto first = prove(1, a);
    const auto scan = visit(a, {step("smtp-relay/plain", Verdict::refused)});
    ASSERT_TRUE(clear(Clearance::from_scan(scan, first.holes, ChangeReason::secured)));
    clock.advance(1h);
    const auto second = prove(2, a);
    EXPECT_NE(second.case_id, first.case_id);
    EXPECT_EQ(second.relistings, 1U);
    EXPECT_EQ(store->read([&](const ReadTxn& txn) { return journal::of(txn, a, 10); }).size(), 3U);
}

TEST_F(Ledger, AMailFromBeforeTheRepairDoesNotListAgain) {
    const auto late = mail_probe(2, a, clock.now());
    const auto proven = prove(1, a);
    clock.advance(1h);
    const auto scan = visit(a, {step("smtp-relay/plain", Verdict::refused)});
    ASSERT_TRUE(clear(Clearance::from_scan(scan, proven.holes, ChangeReason::secured)));
    clock.advance(1h);
    ASSERT_TRUE(store->write([&](WriteTxn& txn) -> Result<> {
        if (auto issued = tokens::issue(txn, late); !issued) return issued;
        auto evidence = tokens::arrive(txn, late.id, {clock.now(), a, 25, ""});
        if (!evidence) return evidence.error();
        EXPECT_EQ(ledger::list(txn, **evidence, txn.now + 24h).error().code, Errc::not_allowed);
        return {};
    }));
    EXPECT_FALSE(listing(a));
    EXPECT_EQ(host(a)->due_kind, ScanKind::report); // but it is a reason to look
    EXPECT_NE(host(a)->queued_scan, 0U);
    EXPECT_TRUE(prove(3, a).listed()); // a fresh one counts
}

TEST_F(Ledger, EvidenceOfAClosedHoleIsNotOverwritten) {
    prove(1, a);
    const auto two = prove(mail_probe(2, a, clock.now(), "smtp-relay/percent"), a);
    const auto scan = visit(a, {step("smtp-relay/percent", Verdict::refused)});
    ASSERT_TRUE(clear(Clearance::from_scan(scan, {two.holes.at(1)}, ChangeReason::secured)));
    const auto three = prove(mail_probe(3, a, clock.now(), "smtp-relay/bang"), a);
    EXPECT_EQ(three.case_id, two.case_id);
    EXPECT_EQ(store->read([&](const ReadTxn& txn) { return hosts::evidence(txn, a, two.case_id); }).size(), 3U);
}

TEST_F(Ledger, AnOpenEntryIsNoNewsOfTheExit) {
    const auto exit = ip("9.9.9.9");
    prove(mail_probe(1, a, clock.now()), exit);
    clock.advance(1h);
    const auto scan = visit(exit, {step("smtp-relay/plain", Verdict::open)}); // at the entry, by another exit
    EXPECT_TRUE(Clearance::from_scan(scan, host(exit)->holes, ChangeReason::inconclusive));
    EXPECT_FALSE(Clearance::from_scan(scan, host(exit)->holes, ChangeReason::secured));
}

TEST_F(Ledger, AProofAges) {
    const auto proven = prove(1, a);
    EXPECT_FALSE(Clearance::from_age(proven, 30 * 24h, clock.now() + 29 * 24h));
    EXPECT_TRUE(Clearance::from_age(proven, 30 * 24h, clock.now() + 30 * 24h));
}

TEST_F(Ledger, AnExclusionDelistsAndDropsVisits) {
    prove(1, a);
    prove(2, ip("5.6.8.1"));
    std::size_t delisted = 0;
    ASSERT_TRUE(store->write([&](WriteTxn& txn) -> Result<> {
        auto count =
            ledger::exclude(txn, {Prefix::parse("5.6.7.0/24").value(), "asked by the owner", "operator", txn.now, {}});
        if (!count) return count.error();
        delisted = *count;
        return {};
    }));
    EXPECT_EQ(delisted, 1U);
    EXPECT_FALSE(listing(a));
    EXPECT_TRUE(listing(ip("5.6.8.1")));
    EXPECT_EQ(host(a)->queued_scan, 0U);
    // Neither asked for nor listed from then on, even if a token comes back.
    const auto asked = store->write([&](WriteTxn& txn) -> Result<> {
        auto scan = ledger::request_scan(txn, a, ScanKind::owner, txn.now, {});
        if (!scan) return scan.error();
        return {};
    });
    EXPECT_EQ(asked.error().code, Errc::not_allowed);
    EXPECT_THROW(prove(3, a), std::runtime_error);
    EXPECT_FALSE(listing(a));
}

TEST_F(Ledger, AnExclusionEndsWhenItSays) {
    const Exclusion exclusion{Prefix::parse("5.0.0.0/8").value(), "for a while", "operator", clock.now(),
                              clock.now() + 1h};
    ASSERT_TRUE(store->write([&](WriteTxn& txn) -> Result<> {
        (void)ledger::exclude(txn, exclusion);
        return {};
    }));
    const auto covered = [&] {
        return store->read([&](const ReadTxn& txn) { return exclusions::covering(txn, a, clock.now()); });
    };
    EXPECT_TRUE(covered());
    clock.advance(1h);
    EXPECT_FALSE(covered());
}

} // namespace
} // namespace provenbl
