// A made-up list of addresses that looks like a real one, for measuring: the same for the same size and seed.
//
// Of `size` IPv4 addresses 70 % stand alone, clustered in busy /16s as bad hosts are, and 30 % fill whole /24s;
// on top come 5 % as many IPv6 addresses, a few to a /64. Each has one class. The network spare_octet/8 is left
// empty, for changes while the list is served.
#pragma once

#include "store/address.hpp"
#include "store/listing_class.hpp"

#include <cstdint>
#include <random>
#include <vector>

namespace provenbl::bench {

inline constexpr std::uint8_t spare_octet = 44;

struct Entry {
    Address address;
    ListingClass cls = ListingClass::relay;
};

struct Network {
    Prefix prefix; // a whole /24
    ListingClass cls = ListingClass::relay;
};

struct DataSet {
    std::vector<Entry> v4; // ascending; those of `networks` are spelled out
    std::vector<Entry> v6; // ascending
    std::vector<Network> networks;
    std::vector<Entry> singles; // v4 without those of `networks`
};

// Random numbers that are the same on every machine (the library's distributions need not be).
class Dice {
public:
    explicit Dice(std::uint64_t seed) : engine_(seed) {}
    std::uint64_t bits() { return engine_(); }
    std::uint32_t below(std::uint32_t limit) { return static_cast<std::uint32_t>((engine_() >> 32U) * limit >> 32U); }
    bool percent(unsigned chance) { return below(100) < chance; }

private:
    std::mt19937_64 engine_;
};

// An IPv4 address that could be listed: no special-purpose network of any size, nor the spare one.
[[nodiscard]] std::uint32_t any_public(Dice& dice);

[[nodiscard]] DataSet make_data_set(std::size_t size, std::uint64_t seed);

} // namespace provenbl::bench
