// A name that was asked for, seen as everything that a data set may hold: a reversed IPv4 address or the beginning of
// one, a reversed IPv6 address or the beginning of one (RFC 5782 sections 2.1 and 2.4), a domain name.
//
// Octets are read strictly: "02" is not "2", so that each address has one name.
#pragma once

#include "zones/static/range_map.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace provenbl::zones::statics {

// The addresses at and below a name.
template <class Key> struct Block {
    Key first = 0;
    Key last = 0;
    [[nodiscard]] bool whole() const { return first == last; } // one address: the name is its own
};

class AskedName {
public:
    // Labels in wire form, lower-case, without a root label; at most 254 octets.
    explicit AskedName(std::span<const std::uint8_t> relative);

    [[nodiscard]] std::size_t labels() const { return labels_; }
    // The key of the topmost `count` labels (names.hpp).
    [[nodiscard]] std::string_view key(std::size_t count) const {
        return {key_.data(), count == 0 ? std::size_t{0} : std::size_t{ends_[count - 1]}};
    }
    [[nodiscard]] std::string_view key() const { return key(labels_); }

    [[nodiscard]] const std::optional<Block<Key4>>& v4() const { return v4_; }
    [[nodiscard]] const std::optional<Block<Key6>>& v6() const { return v6_; }
    // The IPv4 addresses that an IPv6 name stands for: ::ffff:0:0/96 (RFC 4291 2.5.5.2) and 2002::/16 (RFC 3056).
    [[nodiscard]] const std::optional<Block<Key4>>& embedded_v4() const { return embedded_; }

private:
    void read_addresses();
    std::size_t labels_ = 0;
    std::array<char, 255> key_{};
    std::array<std::uint8_t, 128> ends_{}; // of each label, in the key
    std::optional<Block<Key4>> v4_;
    std::optional<Block<Key6>> v6_;
    std::optional<Block<Key4>> embedded_;
};

} // namespace provenbl::zones::statics
