#include "tests/bench/data_set.hpp"

#include <algorithm>
#include <unordered_set>

namespace provenbl::bench {
namespace {

ListingClass any_class(Dice& dice) {
    const auto draw = dice.below(100);
    if (draw < 40) return ListingClass::relay;
    if (draw < 65) return ListingClass::socks;
    if (draw < 90) return ListingClass::http;
    return ListingClass::chain;
}

bool by_address(const Entry& a, const Entry& b) {
    return a.address < b.address;
}

void add_networks(DataSet& set, std::size_t count, Dice& dice, std::unordered_set<std::uint32_t>& full) {
    while (set.networks.size() < count) {
        const auto network = any_public(dice) >> 8U;
        if (!full.insert(network).second) continue;
        set.networks.push_back({Prefix::of(Address::v4(network << 8U), 24), any_class(dice)});
    }
    std::sort(set.networks.begin(), set.networks.end(),
              [](const Network& a, const Network& b) { return a.prefix < b.prefix; });
}

void add_singles(DataSet& set, std::size_t count, Dice& dice, const std::unordered_set<std::uint32_t>& full) {
    std::vector<std::uint32_t> busy(std::max<std::size_t>(16, count / 350));
    for (auto& network : busy) network = any_public(dice) & 0xffff0000U;
    std::unordered_set<std::uint32_t> taken;
    taken.reserve(count);
    while (set.singles.size() < count) {
        const auto network = busy[dice.below(static_cast<std::uint32_t>(busy.size()))] | dice.below(256) << 8U;
        if (full.count(network >> 8U) != 0) continue;
        for (auto left = 1 + dice.below(12); left > 0 && set.singles.size() < count; --left) {
            const auto address = network | dice.below(256);
            if (taken.insert(address).second) set.singles.push_back({Address::v4(address), any_class(dice)});
        }
    }
    std::sort(set.singles.begin(), set.singles.end(), by_address);
}

void add_v6(DataSet& set, std::size_t count, Dice& dice) {
    std::vector<std::uint32_t> providers(std::max<std::size_t>(4, count / 200));
    for (auto& provider : providers) provider = 0x2a000000U | dice.below(1U << 24U);
    while (set.v6.size() < count) {
        while (set.v6.size() < count) {
            std::array<std::uint8_t, 16> bytes{};
            const auto provider = providers[dice.below(static_cast<std::uint32_t>(providers.size()))];
            const auto subnet = dice.below(1U << 16U); // so 2a..:....:SUBNET::/64
            for (unsigned i = 0; i < 4; ++i) bytes[i] = static_cast<std::uint8_t>(provider >> (24 - 8 * i));
            bytes[4] = static_cast<std::uint8_t>(subnet >> 8U);
            bytes[5] = static_cast<std::uint8_t>(subnet);
            for (auto left = 1 + dice.below(4); left > 0 && set.v6.size() < count; --left) {
                const auto host = dice.bits();
                const bool small = dice.percent(50); // numbered by hand
                for (unsigned i = 0; i < 8; ++i)
                    bytes[8 + i] = small && i < 6 ? 0 : static_cast<std::uint8_t>(host >> (56 - 8 * i));
                set.v6.push_back({Address::v6(bytes), any_class(dice)});
            }
        }
        std::sort(set.v6.begin(), set.v6.end(), by_address);
        const auto same = [](const Entry& a, const Entry& b) { return a.address == b.address; };
        set.v6.erase(std::unique(set.v6.begin(), set.v6.end(), same), set.v6.end());
    }
}

} // namespace

std::uint32_t any_public(Dice& dice) {
    for (;;) {
        const auto address = static_cast<std::uint32_t>(dice.bits() >> 32U);
        const auto octet = address >> 24U;
        // Whole /8s that hold something special are left out: it is simple, and enough is left.
        static constexpr std::uint8_t special[] = {0, 10, 100, 127, 169, 172, 192, 198, 203, spare_octet};
        if (octet >= 224 || std::find(std::begin(special), std::end(special), octet) != std::end(special)) continue;
        return address;
    }
}

DataSet make_data_set(std::size_t size, std::uint64_t seed) {
    Dice dice(seed);
    DataSet set;
    std::unordered_set<std::uint32_t> full;
    add_networks(set, size * 3 / 10 / 256, dice, full);
    add_singles(set, size - set.networks.size() * 256, dice, full);
    add_v6(set, size / 20, dice);
    set.v4 = set.singles;
    for (const auto& network : set.networks) {
        for (std::uint32_t host = 0; host < 256; ++host)
            set.v4.push_back({Address::v4(network.prefix.base().to_v4() | host), network.cls});
    }
    std::sort(set.v4.begin(), set.v4.end(), by_address);
    return set;
}

} // namespace provenbl::bench
