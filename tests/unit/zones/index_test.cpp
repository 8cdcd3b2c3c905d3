// The index against a std::map over random histories: same find, same any_within, same order, same counts, and every
// older index still says what it said.
#include "zones/index.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <vector>

namespace provenbl::zones {
namespace {

using Model = std::map<Address, ClassSet>;

class History {
public:
    explicit History(unsigned seed) : random_(seed) {}

    std::uint32_t number(std::uint32_t below) {
        return std::uniform_int_distribution<std::uint32_t>(0, below - 1)(random_);
    }

    // From a small world, so that histories meet themselves: changes, removals and returns of one address.
    Address address() {
        if (number(3) == 0) {
            std::array<std::uint8_t, 16> bytes{0x20, 0x01, 0x0d, 0xb8};
            if (number(8) == 0) bytes[0] = static_cast<std::uint8_t>(number(256));
            bytes[7] = static_cast<std::uint8_t>(number(3));
            bytes[8] = static_cast<std::uint8_t>(number(2) * 0x80);
            bytes[15] = static_cast<std::uint8_t>(number(40));
            return Address::v6(bytes);
        }
        if (number(50) == 0) return Address::v4(number(2) == 0 ? 0U : 0xffffffffU);
        if (number(8) == 0) return Address::v4(static_cast<std::uint32_t>(random_()));
        return Address::v4(192, static_cast<std::uint8_t>(number(2)), static_cast<std::uint8_t>(number(4)),
                           static_cast<std::uint8_t>(number(60)));
    }
    ClassSet classes() { return ClassSet::from_bits(static_cast<std::uint16_t>(number(128))); }

    Prefix prefix() {
        const auto at = address();
        return Prefix::of(at, number(at.bits() + 1));
    }

private:
    std::mt19937 random_;
};

void record(Model& model, const IndexChange& change) {
    if (change.after.empty()) {
        model.erase(change.address);
    } else {
        model[change.address] = change.after;
    }
}

bool model_any(const Model& model, const Prefix& prefix, ClassSet mask) {
    for (const auto& [address, classes] : model) {
        if (prefix.contains(address) && !(classes & mask).empty()) return true;
    }
    return false;
}

void expect_same(const Index& index, const Model& model, History& history) {
    ASSERT_EQ(index.size(), model.size());
    auto expected = model.begin();
    index.walk([&](const Address& address, ClassSet classes) {
        EXPECT_TRUE(expected != model.end() && expected->first == address && expected->second == classes)
            << address.to_string();
        if (expected != model.end()) ++expected;
        return true;
    });
    EXPECT_EQ(expected, model.end());
    for (const auto cls : all_listing_classes) {
        std::size_t count = 0;
        for (const auto& [address, classes] : model) count += classes.contains(cls) ? 1 : 0;
        EXPECT_EQ(index.size(cls), count) << to_string(cls);
    }
    for (int i = 0; i < 60; ++i) {
        const auto address = history.address();
        const auto known = model.find(address);
        EXPECT_EQ(index.find(address), known == model.end() ? ClassSet{} : known->second) << address.to_string();
        const auto prefix = history.prefix();
        const auto mask = history.classes();
        EXPECT_EQ(index.any_within(prefix, mask), model_any(model, prefix, mask))
            << prefix.to_string() << " " << to_string(mask);
    }
}

Index compile(const Model& model) {
    Index::Builder builder;
    for (const auto& [address, classes] : model) builder.add(address, classes);
    return builder.build();
}

TEST(Index, AgreesWithAMapOverRandomHistories) {
    for (unsigned seed = 1; seed <= 12; ++seed) {
        History history(seed);
        Model model;
        for (int i = 0; i < 400; ++i) record(model, {history.address(), history.classes()});
        Index index = compile(model);
        expect_same(index, model, history);
        for (int round = 0; round < 25; ++round) {
            std::vector<IndexChange> changes;
            for (auto left = history.number(30); left > 0; --left) {
                // A third of the changes are removals, so that whole prefixes empty out.
                changes.push_back({history.address(), history.number(3) == 0 ? ClassSet{} : history.classes()});
                record(model, changes.back());
            }
            index = index.with_changes(changes);
            expect_same(index, model, history);
            if (HasFatalFailure() || HasNonfatalFailure()) FAIL() << "seed " << seed << ", round " << round;
        }
    }
}

// What an index shares with the ones that follow it is not changed by them.
TEST(Index, OlderIndexesStayAsTheyWere) {
    History history(77);
    Model model;
    Index index;
    std::vector<std::pair<Index, Model>> kept;
    for (int round = 0; round < 40; ++round) {
        std::vector<IndexChange> changes;
        for (int i = 0; i < 20; ++i) {
            changes.push_back({history.address(), history.number(3) == 0 ? ClassSet{} : history.classes()});
            record(model, changes.back());
        }
        index = index.with_changes(changes);
        kept.emplace_back(index, model);
        // They go in any order.
        if (history.number(3) == 0) kept.erase(kept.begin() + history.number(static_cast<std::uint32_t>(kept.size())));
    }
    for (const auto& [old, then] : kept) expect_same(old, then, history);
}

// Every size of a /16, around those where its layout changes; clustered, spread and full.
// From behind any address, listed or not, and for any classes: what a walk over all would have shown.
TEST(Index, AWalkBeginsAnywhere) {
    History history(5);
    Model model;
    std::vector<IndexChange> changes;
    for (int i = 0; i < 3000; ++i) {
        changes.push_back({history.address(), history.classes()});
        record(model, changes.back());
    }
    const auto index = Index{}.with_changes(changes);
    const auto expected = [&](const std::optional<Address>& after, ClassSet mask) {
        std::vector<Address> all;
        for (auto at = after ? model.upper_bound(*after) : model.begin(); at != model.end(); ++at) {
            if (!(at->second & mask).empty()) all.push_back(at->first);
        }
        return all;
    };
    const auto found = [&](const std::optional<Address>& after, ClassSet mask, std::size_t most) {
        std::vector<Address> all;
        const bool whole = index.walk_after(after, mask, [&](const Address& address, ClassSet classes) {
            EXPECT_EQ(classes, model.at(address));
            all.push_back(address);
            return all.size() < most;
        });
        EXPECT_EQ(whole, all.size() < most);
        return all;
    };
    const auto everything = ClassSet::from_bits(0x7f);
    EXPECT_EQ(found({}, everything, 1'000'000), expected({}, everything));
    for (int i = 0; i < 500; ++i) {
        const auto after = history.address();
        const auto mask = history.classes();
        auto wanted = expected(after, mask);
        ASSERT_EQ(found(after, mask, 1'000'000), wanted) << after.to_string();
        const std::size_t most = 1 + history.number(20);
        wanted.resize(std::min(wanted.size(), most));
        ASSERT_EQ(found(after, mask, most), wanted) << after.to_string();
    }
    std::array<std::uint8_t, 16> all_ones{};
    all_ones.fill(0xff);
    EXPECT_TRUE(found(Address::v6(all_ones), everything, 10).empty());
    EXPECT_EQ(found(Address::v4(0xffffffffU), everything, 1'000'000), expected(Address::v4(0xffffffffU), everything));
}

TEST(Index, EverySizeOfANetworkIsFound) {
    for (const unsigned size :
         {1U, 7U, 8U, 9U, 16U, 24U, 25U, 33U, 100U, 255U, 256U, 257U, 3000U, 40000U, 65535U, 65536U}) {
        for (const unsigned step : {1U, 3U, 65536U / size}) {
            if (step == 0 || size * step > 65536) continue;
            std::vector<IndexChange> changes;
            for (std::uint32_t i = 0; i < size; ++i)
                changes.push_back({Address::v4(0x05060000U + i * step), ClassSet::from_bits(1U + i % 127)});
            const auto index = Index{}.with_changes(changes);
            ASSERT_EQ(index.size(), size);
            for (std::uint32_t low = 0; low < 65536; ++low) {
                const bool listed = low % step == 0 && low / step < size;
                const auto wanted =
                    listed ? ClassSet::from_bits(static_cast<std::uint16_t>(1U + low / step % 127)) : ClassSet{};
                ASSERT_EQ(index.find(Address::v4(0x05060000U + low)), wanted) << size << " by " << step << ": " << low;
            }
            EXPECT_TRUE(index.find(Address::v4(0x05050000U)).empty());
            EXPECT_TRUE(index.find(Address::v4(0x05070000U)).empty());
        }
    }
}

// Leaves and branches of the IPv6 tree split, shrink and vanish.
TEST(Index, ManyIpv6EntriesComeAndGo) {
    std::mt19937 random(5);
    Model model;
    Index index;
    const auto address = [&] {
        std::array<std::uint8_t, 16> bytes{0x2a};
        bytes[3] = static_cast<std::uint8_t>(random() % 16);
        bytes[14] = static_cast<std::uint8_t>(random());
        bytes[15] = static_cast<std::uint8_t>(random());
        return Address::v6(bytes);
    };
    History history(6);
    for (const auto& [rounds, removals] : {std::pair{30, 10U}, std::pair{60, 90U}}) {
        for (int round = 0; round < rounds; ++round) {
            std::vector<IndexChange> changes;
            for (int i = 0; i < 2000; ++i) {
                const bool removal = random() % 100 < removals;
                const auto known = model.lower_bound(address());
                changes.push_back(removal && known != model.end()
                                      ? IndexChange{known->first, {}}
                                      : IndexChange{address(), ClassSet{ListingClass::relay}});
                record(model, changes.back());
            }
            index = index.with_changes(changes);
        }
        expect_same(index, model, history);
    }
    std::vector<IndexChange> all;
    for (const auto& [gone, classes] : model) all.push_back({gone, {}});
    index = index.with_changes(all);
    EXPECT_EQ(index.size(), 0U);
    EXPECT_FALSE(index.any_within(Prefix::of(address(), 0), ClassSet{ListingClass::relay}));
}

TEST(Index, TheStepsOfABatchFindWhatFindFinds) {
    Index::Builder builder;
    for (std::uint32_t i = 0; i < 200'000; ++i) builder.add(Address::v4(i * 20011U), {ListingClass::http});
    const auto index = builder.build();
    std::mt19937 random(8);
    for (int i = 0; i < 100'000; ++i) {
        const auto key =
            i % 2 == 0 ? static_cast<std::uint32_t>(random()) : static_cast<std::uint32_t>(random() % 200'000) * 20011U;
        const auto& tree = index.v4();
        tree.prefetch(key);
        const auto place = tree.place(key);
        Tree4::prefetch(place, key);
        ASSERT_EQ(Tree4::find(place, key), tree.find(key));
        ASSERT_EQ(tree.find(key) != 0, key % 20011U == 0 && key / 20011U < 200'000);
    }
}

TEST(Index, ALastRemovalEmptiesItsPrefix) {
    Index::Builder builder;
    builder.add(Address::v4(198, 51, 100, 7), {ListingClass::relay, ListingClass::http});
    const auto index = builder.build();
    const auto network = Prefix::of(Address::v4(198, 51, 100, 0), 24);
    EXPECT_TRUE(index.any_within(network, {ListingClass::http}));
    EXPECT_FALSE(index.any_within(network, {ListingClass::socks}));
    const IndexChange change{Address::v4(198, 51, 100, 7), {ListingClass::relay}};
    const auto less = index.with_changes({&change, 1});
    EXPECT_FALSE(less.any_within(network, {ListingClass::http}));
    EXPECT_TRUE(less.any_within(network, {ListingClass::relay}));
    // The older snapshot is untouched.
    EXPECT_TRUE(index.any_within(network, {ListingClass::http}));
}

TEST(Index, OfSeveralChangesOfOneAddressTheLastCounts) {
    const auto address = Address::v4(203, 0, 113, 9);
    const std::vector<IndexChange> changes{
        {address, {ListingClass::relay}}, {address, {}}, {address, {ListingClass::socks}}};
    EXPECT_EQ(Index{}.with_changes(changes).find(address), ClassSet{ListingClass::socks});
}

// The worst case, spread over all the space, costs more; lists are clustered.
TEST(Index, AMillionEntriesTakeLessThanFiveBytesEach) {
    Index::Builder builder;
    for (std::uint32_t i = 0; i < 1'000'000; ++i) builder.add(Address::v4(i * 4001U), {ListingClass::relay});
    const auto index = builder.build();
    EXPECT_LT(index.memory(), 5'000'000U);
    EXPECT_FALSE(index.find(Address::v4(4001)).empty());
    EXPECT_TRUE(index.find(Address::v4(4002)).empty());
}

TEST(Index, TheBuilderRefusesWhatIsOutOfOrder) {
    Index::Builder builder;
    builder.add(Address::v4(1, 2, 3, 4), {ListingClass::relay});
    EXPECT_THROW(builder.add(Address::v4(1, 2, 3, 4), {ListingClass::relay}), std::invalid_argument);
    EXPECT_THROW(builder.add(Address::v4(1, 2, 3, 3), {ListingClass::relay}), std::invalid_argument);
}

} // namespace
} // namespace provenbl::zones
