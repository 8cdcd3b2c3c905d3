// Transfers, message by message, against a secondary that reads them with ldns: what it holds is what the responder
// answers, whole or by differences, over random histories.
#include "dnsbl/responder.hpp"
#include "dnsbl/transfer/transfer.hpp"
#include "question.hpp"
#include "secondary.hpp"
#include "served_zones.hpp"
#include "store/listing_unit.hpp"
#include "tests/support/random_history.hpp"
#include "tests/support/store_fixture.hpp"
#include "zones/follower.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <random>

namespace provenbl::dnsbl::testing {
namespace {

using transfer::Difference;
using transfer::Head;
using transfer::Message;
using transfer::Transfer;
using Lines = std::vector<std::string>;
using Held = std::shared_ptr<const zones::Snapshot>;

std::string reversed_mapped(std::uint8_t last) {
    constexpr auto digits = "0123456789abcdef";
    return std::string{digits[last & 15U]} + "." + digits[last >> 4U] + ".0.0.0.0.f.7.f.f.f.f" +
           ".0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0";
}

class TransferTest : public test::StoreFixture {
protected:
    Responder responder_{served_zones(), {.edns_size = 1232, .identity = "dns-1"}};
    zones::Follower follower_{*store};

    const zones::Zone& zone(std::size_t which) const { return responder_.zones().zones()[which]; }
    // What the responder says first: the SOA alone.
    Head head(std::size_t which, const Held& snapshot, bool edns = true) const {
        const auto asked = question(zone(which).apex().to_string(), wire::type::soa);
        Bytes answer(wire::longest_message);
        const auto outcome =
            responder_.respond(edns ? with_opt(asked) : asked, {Transport::tcp, {}}, *snapshot, answer);
        return Head::of(std::span(answer).first(outcome.size), asked.size() - wire::header_size);
    }
    std::vector<Bytes> messages(std::size_t which, const Held& snapshot, std::optional<Difference> difference = {},
                                std::size_t limit = Message::longest) const {
        const zones::Contents contents(responder_.zones(), zone(which));
        Transfer transfer(contents, snapshot, head(which, snapshot), std::move(difference));
        std::vector<Bytes> all;
        while (!transfer.over()) {
            Bytes message;
            EXPECT_TRUE(transfer.next(message, limit));
            EXPECT_LE(message.size(), limit);
            all.push_back(std::move(message));
            if (all.size() > 100'000) throw std::runtime_error("a transfer without an end");
        }
        return all;
    }
    Lines answer(const std::string& name, unsigned type, const zones::Snapshot& snapshot) const {
        Bytes out(wire::longest_message);
        out.resize(responder_.respond(question(name, type), {Transport::tcp, {}}, snapshot, out).size);
        auto lines = read_with_ldns(out).answers;
        std::sort(lines.begin(), lines.end());
        return lines;
    }
    Lines everything_at(const std::string& name, const zones::Snapshot& snapshot) const {
        Lines all;
        for (const auto type : {wire::type::a, wire::type::aaaa, wire::type::txt, wire::type::ns, wire::type::mx}) {
            const auto lines = answer(name, type, snapshot);
            all.insert(all.end(), lines.begin(), lines.end());
        }
        std::sort(all.begin(), all.end());
        return all;
    }

    // Name by name, both ways. Where a network is listed the secondary has a wildcard, which is compared by itself.
    void compare(const Secondary& secondary, std::size_t which, const zones::Snapshot& snapshot) const {
        const auto apex = zone(which).apex().to_string();
        std::set<std::string> names{apex};
        for (const auto& record : secondary.records()) names.insert(record.substr(0, record.find(". ")));
        for (const auto* name : {"ns1", "ns", "mx", "nobody", "relay"}) names.insert(std::string(name) + "." + apex);
        for (std::uint8_t last = 1; last < 17; ++last) {
            names.insert(std::to_string(last) + ".0.0.127." + apex);
            names.insert(reversed_mapped(last) + "." + apex);
        }
        const auto bits = snapshot.index.ipv6_bits();
        std::size_t networks = 0;
        snapshot.index.walk([&](const Address& address, ClassSet classes) {
            if (address.is_v6() && bits == 64) {
                if (!(classes & zone(which).classes()).empty()) ++networks;
            } else {
                names.insert(reversed_name(address) + "." + apex);
            }
            return true;
        });
        for (const auto& name : names) {
            if (name.starts_with("*.")) {
                --networks;
                continue;
            }
            const auto* home = responder_.zones().find(wire_name(name));
            if (home != &zone(which)) continue; // below a cut: another zone's
            ASSERT_EQ(secondary.at(name), everything_at(name, snapshot)) << name;
        }
        EXPECT_EQ(networks, 0U);
    }

    Held now() {
        follower_.catch_up();
        return follower_.snapshot();
    }
    void live(std::uint64_t seed, std::uint32_t hosts) {
        clock.advance(std::chrono::minutes(3));
        static_cast<void>(store->write([&](WriteTxn& txn) { return test::random_event(txn, seed, {.hosts = hosts}); }));
    }
    // From what a secondary has; nothing where it has nothing, or the journal does not tell.
    std::optional<Difference> difference(std::uint32_t serial, const Held& to) {
        if (serial == 0) return std::nullopt;
        const auto place = zones::place_of(serial, to->sequence);
        EXPECT_EQ(place.state, zones::SerialState::behind);
        auto delta =
            store->read([&](const ReadTxn& txn) { return zones::read_delta(txn, place.sequence, to->sequence, 5000); });
        if (!delta) return std::nullopt;
        return Difference{serial, std::move(*delta)};
    }
};

TEST_F(TransferTest, ASmallZoneIsOneMessage) {
    const auto snapshot = std::make_shared<const zones::Snapshot>(served_snapshot());
    for (std::size_t which = 0; which < 3; ++which) {
        const auto all = messages(which, snapshot);
        ASSERT_EQ(all.size(), 1U);
        EXPECT_TRUE(read_with_ldns(all[0]).edns) << "RFC 5936 2.2.5: in the first";
        Secondary secondary(zone(which).apex().to_string());
        secondary.take(all);
        EXPECT_FALSE(secondary.was_incremental());
        EXPECT_EQ(secondary.serial(), 77U);
        compare(secondary, which, *snapshot);
    }
}

// The cut to the sublist is there, so that who has only the combined list does not deny the other.
TEST_F(TransferTest, ACutHasItsNameServers) {
    Secondary secondary("bl.example");
    secondary.take(messages(0, std::make_shared<const zones::Snapshot>(served_snapshot())));
    EXPECT_THAT(secondary.at("relay.bl.example"),
                ::testing::ElementsAre("relay.bl.example. 30 IN NS ns.elsewhere.example.",
                                       "relay.bl.example. 30 IN NS ns1.bl.example."));
}

TEST_F(TransferTest, EveryMessageIsAsLargeAsItMayBeAndNoLarger) {
    std::vector<zones::IndexChange> changes;
    std::mt19937 random(5);
    for (int i = 0; i < 2000; ++i) {
        const auto number = static_cast<std::uint32_t>(random());
        std::array<std::uint8_t, 16> v6{0x2a, 0, static_cast<std::uint8_t>(number), static_cast<std::uint8_t>(i)};
        changes.push_back({i % 2 == 0 ? Address::v6(v6) : Address::v4(0x05000000U + number % 0x100000U),
                           {i % 5 == 0 ? ListingClass::relay : ListingClass::socks}});
    }
    const auto snapshot =
        std::make_shared<const zones::Snapshot>(zones::Snapshot{zones::Index{}.with_changes(changes), 9});
    constexpr std::size_t largest_entry = 400;
    for (const std::size_t limit : {512U, 600U, 1232U, 4000U, 16384U}) {
        const auto all = messages(0, snapshot, {}, limit);
        Secondary secondary("bl.example");
        secondary.take(all);
        for (std::size_t i = 0; i + 1 < all.size(); ++i) EXPECT_GT(all[i].size() + largest_entry, limit);
        if (limit == 16384) compare(secondary, 0, *snapshot);
    }
}

// In the order of addresses neighbours share most of their names.
TEST_F(TransferTest, ARecordTakesFewOctets) {
    std::vector<zones::IndexChange> changes;
    std::mt19937 random(6);
    for (int i = 0; i < 50'000; ++i)
        changes.push_back(
            {Address::v4(0x05000000U + static_cast<std::uint32_t>(random()) % 0x4000000U), {ListingClass::relay}});
    const auto snapshot =
        std::make_shared<const zones::Snapshot>(zones::Snapshot{zones::Index{}.with_changes(changes), 9});
    Secondary secondary("bl.example");
    secondary.take(messages(0, snapshot));
    // "relay: https://bl.example/5.6.7.8" is 33 of them, in every second record.
    EXPECT_LT(secondary.octets(), 39 * secondary.record_count());
}

TEST_F(TransferTest, OnlyTheFirstMessageHasQuestionAndOpt) {
    std::vector<zones::IndexChange> changes;
    for (std::uint32_t i = 0; i < 2000; ++i) changes.push_back({Address::v4(0x05000000U + i), {ListingClass::relay}});
    const auto snapshot =
        std::make_shared<const zones::Snapshot>(zones::Snapshot{zones::Index{}.with_changes(changes), 9});
    const auto all = messages(0, snapshot);
    ASSERT_GT(all.size(), 2U);
    for (std::size_t i = 0; i < all.size(); ++i) {
        const auto read = read_with_ldns(all[i]);
        EXPECT_EQ(read.edns, i == 0);
        EXPECT_EQ(read.questions.size(), i == 0 ? 1U : 0U);
        EXPECT_EQ(read.id, 0x1234U);
        EXPECT_TRUE(read.rd) << "as it was asked";
    }
}

TEST_F(TransferTest, AnOldSnapshotStaysWhatItWas) {
    prove(1, test::ip("5.6.7.8"));
    const auto before = now();
    const zones::Contents contents(responder_.zones(), zone(0));
    Transfer transfer(contents, before, head(0, before), std::nullopt);
    std::vector<Bytes> all(1);
    ASSERT_TRUE(transfer.next(all[0], 600));
    prove(2, test::ip("9.9.9.9"));
    const auto after = now();
    EXPECT_NE(before->serial(), after->serial());
    while (!transfer.over()) ASSERT_TRUE(transfer.next(all.emplace_back(), 600));
    Secondary secondary("bl.example");
    secondary.take(all);
    EXPECT_EQ(secondary.serial(), before->serial());
    EXPECT_TRUE(secondary.at("9.9.9.9.bl.example").empty());
    compare(secondary, 0, *before);
}

// RFC 1995 4: a change of classes is the old A and TXT out, the new ones in; what the zone does not show is nothing.
TEST_F(TransferTest, AChangeOfClassesGoesWholeAndComesWhole) {
    prove(1, test::ip("5.6.7.8"));
    const auto before = now();
    auto probe = test::mail_probe(2, test::ip("5.6.7.8"), clock.now(), "socks5/connect");
    probe.cls = ListingClass::socks;
    prove(probe, test::ip("5.6.7.8"));
    const auto after = now();
    const auto read = [&](std::size_t which) {
        return read_with_ldns(messages(which, after, difference(before->serial(), after)).at(0)).answers;
    };
    const auto soa = [](const std::string& apex, const std::string& ttl, int serial) {
        return apex + ". " + ttl + " IN SOA ns1.bl.example. hostmaster.bl.example. " + std::to_string(serial) +
               " 300 60 1209600 60";
    };
    const std::string name = "8.7.6.5.bl.example. 120 IN ";
    EXPECT_THAT(read(0), ::testing::ElementsAre(
                             soa("bl.example", "3600", 2), soa("bl.example", "3600", 1), name + "A 127.0.0.2",
                             name + "TXT \"relay: https://bl.example/5.6.7.8\"", soa("bl.example", "3600", 2),
                             name + "A 127.0.0.2", name + "A 127.0.0.8",
                             name + "TXT \"relay, socks: https://bl.example/5.6.7.8\"", soa("bl.example", "3600", 2)));
    const auto sublist = [&](int serial) { return soa("relay.bl.example", "30", serial); };
    EXPECT_THAT(read(1), ::testing::ElementsAre(sublist(2), sublist(1), sublist(2), sublist(2)))
        << "the serial moves, the zone does not";
}

TEST_F(TransferTest, WholeAndByDifferencesAreOneThroughRandomHistories) {
    constexpr std::uint32_t hosts = 80;
    std::mt19937 random(31);
    std::vector<std::vector<Secondary>> secondaries; // each of which asks when it likes
    for (int i = 0; i < 4; ++i) secondaries.push_back({Secondary("bl.example"), Secondary("relay.bl.example")});
    int incremental = 0;
    int whole = 0;
    for (std::uint64_t seed = 1; seed <= 2500; ++seed) {
        live(seed, hosts);
        if (random() % 20 != 0) continue;
        const auto snapshot = now();
        auto& pair = secondaries[random() % secondaries.size()];
        for (std::size_t which = 0; which < 2; ++which) {
            auto& secondary = pair[which];
            if (secondary.serial() == snapshot->serial()) continue;
            secondary.take(messages(which, snapshot, difference(secondary.serial(), snapshot), 1232));
            ++(secondary.was_incremental() ? incremental : whole);
            ASSERT_EQ(secondary.serial(), snapshot->serial());
            Secondary anew(zone(which).apex().to_string());
            anew.take(messages(which, snapshot));
            ASSERT_EQ(secondary.records(), anew.records()) << "seed " << seed;
            if (random() % 4 == 0) compare(secondary, which, *snapshot);
        }
        if (HasFailure()) return;
    }
    EXPECT_GT(incremental, 30);
    EXPECT_GT(whole, 3);
}

TEST_F(TransferTest, AListedNetworkIsAWildcardThatComesAndGoes) {
    ASSERT_TRUE(store->write([](WriteTxn& txn) { return listing_unit::set(txn, 64); }));
    Secondary secondary("bl.example");
    std::mt19937 random(8);
    for (std::uint64_t seed = 1; seed <= 1500; ++seed) {
        live(seed, 60);
        if (random() % 60 != 0) continue;
        const auto snapshot = now();
        if (secondary.serial() == snapshot->serial()) continue;
        secondary.take(messages(0, snapshot, difference(secondary.serial(), snapshot)));
        compare(secondary, 0, *snapshot);
        if (HasFailure()) return;
    }
    EXPECT_EQ(now()->index.ipv6_bits(), 64U);
}

TEST_F(TransferTest, ADifferenceThatDoesNotFitSaysSo) {
    prove(1, test::ip("5.6.7.8"));
    const auto before = now();
    for (std::uint32_t i = 0; i < 20; ++i) prove(10 + i, Address::v4(0x05060800U + i));
    const auto after = now();
    const zones::Contents contents(responder_.zones(), zone(0));
    Bytes message;
    Transfer small(contents, after, head(0, after), difference(before->serial(), after));
    EXPECT_TRUE(small.next(message, 512));
    EXPECT_FALSE(small.over());
    Transfer large(contents, after, head(0, after), difference(before->serial(), after));
    EXPECT_TRUE(large.next(message, 4096));
    EXPECT_TRUE(large.over());
}

} // namespace
} // namespace provenbl::dnsbl::testing
