// What a listing says about a host: its classes.
//
// A class is one bit; a host's listing is a set of them. The numbers are stored, so they never change.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace provenbl {

enum class ListingClass : std::uint8_t {
    relay = 0,   // open mail relay
    socks = 1,   // open SOCKS proxy
    http = 2,    // open HTTP proxy
    chain = 3,   // exit of a multi-stage relay or proxy
    wingate = 4, // open telnet-style proxy
    router = 5,  // router that forwards for anybody
    web = 6,     // web page proxy
};

inline constexpr std::array all_listing_classes{ListingClass::relay, ListingClass::socks,   ListingClass::http,
                                                ListingClass::chain, ListingClass::wingate, ListingClass::router,
                                                ListingClass::web};

[[nodiscard]] std::string_view to_string(ListingClass cls); // "relay"
[[nodiscard]] std::optional<ListingClass> parse_listing_class(std::string_view text);

class ClassSet {
public:
    constexpr ClassSet() = default;
    constexpr ClassSet(std::initializer_list<ListingClass> classes) {
        for (auto cls : classes) insert(cls);
    }
    static constexpr ClassSet from_bits(std::uint16_t bits) {
        ClassSet set;
        set.bits_ = bits;
        return set;
    }

    constexpr void insert(ListingClass cls) {
        bits_ = static_cast<std::uint16_t>(bits_ | 1U << static_cast<unsigned>(cls));
    }
    [[nodiscard]] constexpr bool contains(ListingClass cls) const {
        return (bits_ >> static_cast<unsigned>(cls) & 1U) != 0;
    }
    [[nodiscard]] constexpr bool empty() const { return bits_ == 0; }
    [[nodiscard]] constexpr std::uint16_t bits() const { return bits_; }
    friend constexpr ClassSet operator&(ClassSet a, ClassSet b) {
        return from_bits(static_cast<std::uint16_t>(a.bits_ & b.bits_));
    }
    friend constexpr ClassSet operator|(ClassSet a, ClassSet b) {
        return from_bits(static_cast<std::uint16_t>(a.bits_ | b.bits_));
    }
    constexpr bool operator==(const ClassSet&) const = default;

private:
    std::uint16_t bits_ = 0;
};

[[nodiscard]] std::string to_string(ClassSet set); // "relay, socks"; "none" for the empty set

} // namespace provenbl
