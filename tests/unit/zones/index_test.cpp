// The index against a std::map over random histories: same find, same any_within, same order, same counts,
// through overlay, merge and rebase.
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
            if (history.number(8) == 0) {
                index = index.merged();
                EXPECT_EQ(index.overlay_size(), 0U);
            }
            expect_same(index, model, history);
            if (HasFatalFailure() || HasNonfatalFailure()) FAIL() << "seed " << seed << ", round " << round;
        }
    }
}

// A merge runs while changes go on; taking it over loses none of them, not even one that was undone meanwhile.
TEST(Index, RebasingOnAMergeOfTheStateBeforeKeepsEveryLaterChange) {
    for (unsigned seed = 100; seed < 110; ++seed) {
        History history(seed);
        Model model;
        for (int i = 0; i < 200; ++i) record(model, {history.address(), history.classes()});
        Index index = compile(model);
        const auto change_some = [&] {
            for (int i = 0; i < 60; ++i) {
                const IndexChange change{history.address(), history.number(2) == 0 ? ClassSet{} : history.classes()};
                record(model, change);
                index = index.with_changes({&change, 1});
            }
        };
        change_some();
        const auto merging = index;
        change_some();
        const auto taken_over = index.rebased_on(merging.merged());
        expect_same(taken_over, model, history);
        EXPECT_LE(taken_over.overlay_size(), index.overlay_size());
    }
}

TEST(Index, RebaseKeepsAnAddressThatWasListedBeforeTheMergeAndRemovedDuringIt) {
    const auto address = Address::v4(192, 0, 2, 1);
    const IndexChange listed{address, {ListingClass::relay}};
    const IndexChange removed{address, {}};
    const auto before = Index{}.with_changes({&listed, 1});
    const auto during = before.with_changes({&removed, 1});
    const auto after = during.rebased_on(before.merged());
    EXPECT_TRUE(after.find(address).empty());
    EXPECT_EQ(after.size(), 0U);
    EXPECT_FALSE(after.any_within(Prefix::of(address, 8), {ListingClass::relay}));
}

TEST(Index, ALastRemovalInTheOverlayEmptiesItsPrefix) {
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

TEST(Index, OverlayIsBounded) {
    std::vector<IndexChange> changes;
    for (std::uint32_t i = 0; i <= Index::overlay_limit; ++i)
        changes.push_back({Address::v4(0x0a000000U + i * 3), {ListingClass::web}});
    const auto index = Index{}.with_changes(changes);
    EXPECT_EQ(index.overlay_size(), 0U);
    EXPECT_EQ(index.size(ListingClass::web), changes.size());
}

TEST(Index, AMillionEntriesTakeLessThanFourBytesEach) {
    Index::Builder builder(1'000'000);
    for (std::uint32_t i = 0; i < 1'000'000; ++i) builder.add(Address::v4(i * 4001U), {ListingClass::relay});
    const auto index = builder.build();
    EXPECT_LT(index.memory(), 4'000'000U);
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
