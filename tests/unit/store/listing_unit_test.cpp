// IPv6 listed by /64: every table is keyed by the base, any address in the network finds it, the probed one is kept.
#include "store/exclusions.hpp"
#include "store/listing_unit.hpp"
#include "store/reports.hpp"
#include "tests/support/store_fixture.hpp"

namespace provenbl {
namespace {

using namespace std::chrono_literals;
using test::ip;

class ListingUnit : public test::StoreFixture {
protected:
    Result<> set(unsigned bits) {
        return store->write([bits](WriteTxn& txn) { return listing_unit::set(txn, bits); });
    }
    Result<std::size_t> exclude(const char* prefix) {
        std::size_t delisted = 0;
        const auto done = store->write([&](WriteTxn& txn) -> Result<> {
            Exclusion exclusion;
            exclusion.prefix = Prefix::parse(prefix).value();
            exclusion.reason = "asked";
            const auto result = ledger::exclude(txn, exclusion);
            if (!result) return result.error();
            delisted = *result;
            return {};
        });
        if (!done) return done.error();
        return delisted;
    }
    const Address named_ = ip("2a00:1:2:3::25");
    const Address sibling_ = ip("2a00:1:2:3:ffff::1");
    const Address base_ = ip("2a00:1:2:3::");
    const Address neighbour_ = ip("2a00:1:2:4::25");
};

TEST_F(ListingUnit, IsTheAddressUnlessTheStoreSaysOtherwise) {
    prove(1, named_);
    EXPECT_TRUE(listing(named_));
    EXPECT_FALSE(listing(sibling_));
    EXPECT_EQ(host(named_)->address, named_);
}

TEST_F(ListingUnit, OfIPv6CanBeTheNetwork) {
    ASSERT_TRUE(set(64));
    prove(1, named_);
    for (const auto& address : {named_, sibling_, base_}) {
        EXPECT_TRUE(listing(address)) << address.to_string();
        ASSERT_TRUE(host(address)) << address.to_string();
        EXPECT_EQ(host(address)->address, base_);
    }
    EXPECT_FALSE(listing(neighbour_));
    EXPECT_EQ(host(sibling_)->holes.at(0).entry, named_) << "what was probed";
    const auto evidence = store->read(
        [&](const ReadTxn& txn) { return hosts::evidence(txn, sibling_, hosts::find(txn, sibling_)->case_id); });
    ASSERT_EQ(evidence.size(), 1U);
    EXPECT_EQ(evidence[0].host, base_);
    EXPECT_EQ(evidence[0].entry.address, named_);
    EXPECT_EQ(all_changes().back().address, base_);
    const auto told = store->read([&](const ReadTxn& txn) { return journal::of(txn, sibling_, 10); });
    EXPECT_EQ(told.size(), 1U);
    std::vector<Address> walked;
    store->read([&](const ReadTxn& txn) {
        hosts::walk_listed(txn, [&](const Address& address, const Listing&) {
            walked.push_back(address);
            return true;
        });
    });
    EXPECT_EQ(walked, std::vector{base_});
    EXPECT_TRUE(listing(ip("5.6.7.8")) == std::nullopt);
}

TEST_F(ListingUnit, OneListingOfManyHosts) {
    ASSERT_TRUE(set(64));
    prove(1, named_);
    prove(2, sibling_);
    EXPECT_EQ(store->statistics().listed6, 1U);
    EXPECT_EQ(host(named_)->holes.size(), 2U);
    EXPECT_EQ(all_changes().size(), 2U) << "one configuration change, one listing";
    // Shut on one of them, the other still lists.
    visit(named_, {{clock.now(), "smtp-relay/plain", named_, 25, Verdict::refused, "no"}});
    const auto scan = store->read([&](const ReadTxn& txn) { return hosts::scans(txn, sibling_, 1).at(0); });
    auto holes = host(named_)->holes;
    std::erase_if(holes, [&](const Hole& hole) { return hole.entry != named_; });
    const auto clearance = Clearance::from_scan(scan, holes, ChangeReason::secured);
    ASSERT_TRUE(clearance) << clearance.error().message;
    ASSERT_TRUE(store->write([&](WriteTxn& txn) -> Result<> {
        const auto cleared = ledger::clear(txn, *clearance, "verifier");
        return cleared ? Result<>{} : Result<>{cleared.error()};
    }));
    EXPECT_TRUE(listing(named_));
    EXPECT_EQ(host(named_)->holes.size(), 1U);
}

TEST_F(ListingUnit, AVisitProbesWhatWasNamed) {
    ASSERT_TRUE(set(64));
    Report report;
    for (const auto& address : {named_, sibling_, named_}) {
        report.host = address;
        report.reporter = "operator";
        ASSERT_TRUE(store->write([&](WriteTxn& txn) -> Result<> {
            const auto filed = ledger::file_report(txn, report, txn.now);
            return filed ? Result<>{} : Result<>{filed.error()};
        }));
    }
    const auto queued =
        store->read([&](const ReadTxn& txn) { return hosts::scan(txn, base_, hosts::find(txn, base_)->queued_scan); });
    EXPECT_EQ(queued.value().host, base_);
    EXPECT_EQ(queued.value().targets, (std::vector{named_, sibling_}));
    EXPECT_EQ(store->statistics().due, 1U);
    const auto reports = store->read([&](const ReadTxn& txn) { return reports::of(txn, base_); });
    ASSERT_EQ(reports.size(), 1U);
    EXPECT_EQ(reports[0].named, named_);
    EXPECT_EQ(reports[0].count, 3U);
}

TEST_F(ListingUnit, AnExclusionOfAPartHoldsForAll) {
    ASSERT_TRUE(set(64));
    prove(1, named_);
    EXPECT_EQ(exclude("2a00:1:2:3:ffff::1/128").value(), 1U);
    EXPECT_FALSE(listing(named_)) << "to list it would list what is excluded";
    const auto covering = [&](const Address& address) {
        return store->read(
            [&](const ReadTxn& txn) { return exclusions::covering(txn, address, clock.now()).has_value(); });
    };
    EXPECT_TRUE(covering(named_));
    EXPECT_TRUE(covering(sibling_));
    EXPECT_FALSE(covering(neighbour_));
}

TEST_F(ListingUnit, ChangesOnlyWhileNoIPv6HostHangsOnIt) {
    prove(1, ip("5.6.7.8"));
    ASSERT_TRUE(set(64)) << "IPv4 does not care";
    EXPECT_EQ(all_changes().back().reason, ChangeReason::configuration);
    const auto changes = all_changes().size();
    ASSERT_TRUE(set(64));
    EXPECT_EQ(all_changes().size(), changes) << "nothing changed";
    prove(2, named_);
    const auto refused = set(128);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::conflict);
    EXPECT_NE(refused.error().message.find("provenbl purge"), std::string::npos) << "says what to do";
    ASSERT_TRUE(exclude("2a00::/16"));
    EXPECT_TRUE(set(128));
    EXPECT_EQ(set(56).error().code, Errc::invalid);
}

} // namespace
} // namespace provenbl
