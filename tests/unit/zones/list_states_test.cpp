// What a zone is while the list is shut down, and where IPv6 is listed by /64; and the follower between these states.
#include "store/listing_unit.hpp"
#include "store/notices.hpp"
#include "store/reversed_name.hpp"
#include "tests/support/store_fixture.hpp"
#include "zones/follower.hpp"
#include "zones/zone.hpp"

#include <random>
#include <set>

namespace provenbl::zones {
namespace {

using namespace std::chrono_literals;
using test::ip;

ZoneDefinition definition() {
    ZoneDefinition made;
    made.apex = "bl.example";
    made.classes = {ListingClass::relay, ListingClass::socks};
    made.codes = default_codes();
    made.txt = "{classes} {address}";
    made.name_servers = {{"ns1.example.net", {}}};
    return made;
}

NodeKind kind_of(const Zone& zone, const Index& index, const std::string& name) {
    const auto whole = DomainName::parse(name + ".bl.example").value();
    return zone.find(whole.relative_to(zone.apex()), index).kind;
}

// The last `labels` labels of a name.
std::string tail(const std::string& name, std::size_t labels) {
    auto at = name.size();
    while (labels-- > 0) {
        at = name.rfind('.', at - 1);
        if (at == std::string::npos) return name;
    }
    return name.substr(at + 1);
}

TEST(ShutDownList, HasAnApexAndNothingElse) {
    const Zone zone(definition());
    const auto index = Index::shut_down();
    EXPECT_EQ(index.size(), 0U);
    const auto apex = DomainName::parse("bl.example").value();
    EXPECT_EQ(zone.find(apex.relative_to(zone.apex()), index).kind, NodeKind::apex);
    for (const char* name : {"2.0.0.127", "0.0.127", "127", "8.0.0.127", "8.7.6.5", "5", "x"})
        EXPECT_EQ(kind_of(zone, index, name), NodeKind::nothing) << name << ": never the world, nor the test entries";
}

TEST(NetworkListing, AnswersForEveryAddressInIt) {
    const Zone zone(definition());
    Index::Builder builder(64);
    builder.add(ip("5.6.7.8"), {ListingClass::relay});
    builder.add(ip("2a00:1:2:3::"), {ListingClass::socks});
    const auto index = builder.build();
    for (const char* address : {"2a00:1:2:3::", "2a00:1:2:3::25", "2a00:1:2:3:ffff:ffff:ffff:ffff"}) {
        EXPECT_EQ(kind_of(zone, index, reversed_name(ip(address))), NodeKind::entry) << address;
        EXPECT_EQ(index.find(ip(address)), ClassSet{ListingClass::socks});
    }
    for (const char* address : {"2a00:1:2:2:ffff:ffff:ffff:ffff", "2a00:1:2:4::"})
        EXPECT_EQ(kind_of(zone, index, reversed_name(ip(address))), NodeKind::nothing) << address;
    EXPECT_EQ(kind_of(zone, index, "8.7.6.5"), NodeKind::entry);
    EXPECT_EQ(kind_of(zone, index, "9.7.6.5"), NodeKind::nothing) << "IPv4 is by address";
    // The TXT names the address that was asked for.
    const auto whole = DomainName::parse(reversed_name(ip("2a00:1:2:3::25")) + ".bl.example").value();
    EXPECT_EQ(zone.find(whole.relative_to(zone.apex()), index).address, ip("2a00:1:2:3::25"));
}

// Random networks and changes, against a set of bases: entries, empty non-terminals at every depth, and
// nothing else.
TEST(NetworkListing, AgreesWithAModel) {
    std::mt19937 random(11);
    const auto number = [&](unsigned below) { return std::uniform_int_distribution<unsigned>(0, below - 1)(random); };
    const auto anywhere = [&] {
        std::array<std::uint8_t, 16> bytes{0x2a, 0x00};
        bytes[6] = static_cast<std::uint8_t>(number(2));
        bytes[7] = static_cast<std::uint8_t>(number(6));
        bytes[8] = static_cast<std::uint8_t>(number(256));
        bytes[15] = static_cast<std::uint8_t>(number(256));
        return Address::v6(bytes);
    };
    const Zone zone(definition());
    auto index = Index::Builder(64).build();
    std::set<Address> model;
    for (int round = 0; round < 300; ++round) {
        const auto base = listing_unit::base_of(anywhere(), 64);
        const bool on = number(2) == 0;
        const IndexChange change{base, on ? ClassSet{ListingClass::relay} : ClassSet{}};
        index = index.with_changes({&change, 1});
        if (on)
            model.insert(base);
        else
            model.erase(base);
        ASSERT_EQ(index.ipv6_bits(), 64U);
        ASSERT_EQ(index.size(), model.size());

        const auto asked = anywhere();
        const bool listed = model.contains(listing_unit::base_of(asked, 64));
        ASSERT_EQ(index.find(asked).empty(), !listed);
        const auto name = reversed_name(asked);
        for (std::size_t labels = 1; labels <= 32; ++labels) {
            const auto prefix = Prefix::of(asked, static_cast<unsigned>(4 * labels));
            const bool below = std::any_of(model.begin(), model.end(), [&](const Address& each) {
                return prefix.contains(each) || Prefix::of(each, 64).contains(prefix.base());
            });
            const auto expected = !below ? NodeKind::nothing : labels == 32 ? NodeKind::entry : NodeKind::empty;
            ASSERT_EQ(kind_of(zone, index, tail(name, labels)), expected) << name << ", " << labels << " labels";
        }
    }
}

class ListStates : public test::StoreFixture {
protected:
    void write(const std::function<Result<>(WriteTxn&)>& work) {
        const auto done = store->write(work);
        ASSERT_TRUE(done) << done.error().message;
    }
    void shut() {
        write([](WriteTxn& txn) -> Result<> {
            const auto done = notices::shut_down(txn, "we close", "carol");
            return done ? Result<>{} : Result<>{done.error()};
        });
    }
    void resume() {
        write([](WriteTxn& txn) -> Result<> {
            const auto done = notices::resume(txn, "", "carol");
            return done ? Result<>{} : Result<>{done.error()};
        });
    }
};

TEST_F(ListStates, AShutdownEmptiesTheIndexAndResumingFillsIt) {
    prove(1, ip("5.6.7.8"));
    Follower follower(*store);
    follower.catch_up();
    EXPECT_EQ(follower.snapshot()->index.size(), 1U);
    shut();
    follower.catch_up();
    EXPECT_TRUE(follower.snapshot()->index.is_shut_down());
    EXPECT_EQ(follower.snapshot()->index.size(), 0U);
    EXPECT_EQ(follower.snapshot()->serial(), 2U) << "secondaries see that something changed";
    prove(2, ip("5.6.7.9"));
    follower.catch_up();
    EXPECT_EQ(follower.snapshot()->index.size(), 0U) << "what is proven meanwhile stays out of DNS";
    EXPECT_EQ(follower.snapshot()->serial(), 3U);
    {
        Follower another(*store);
        another.catch_up();
        EXPECT_TRUE(another.snapshot()->index.is_shut_down()) << "as after a restart";
    }
    resume();
    follower.catch_up();
    EXPECT_FALSE(follower.snapshot()->index.is_shut_down());
    EXPECT_EQ(follower.snapshot()->index.size(), 2U);
}

TEST_F(ListStates, TheFollowerTakesTheGranularityFromTheStore) {
    Follower follower(*store);
    follower.catch_up();
    EXPECT_EQ(follower.snapshot()->index.ipv6_bits(), 128U);
    write([](WriteTxn& txn) { return listing_unit::set(txn, 64); });
    prove(1, ip("2a00:1:2:3::25"));
    follower.catch_up();
    EXPECT_EQ(follower.snapshot()->index.ipv6_bits(), 64U);
    EXPECT_FALSE(follower.snapshot()->index.find(ip("2a00:1:2:3::ffff")).empty());
    EXPECT_TRUE(follower.snapshot()->index.find(ip("2a00:1:2:4::")).empty());
}

} // namespace
} // namespace provenbl::zones
