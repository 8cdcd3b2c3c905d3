// The record of a mirror: somebody else's secondary. What makes and removes them is mirrors.hpp.
#pragma once

#include "store/address.hpp"
#include "store/clock.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace provenbl {

// What serves there: how it is configured, and what it can do.
enum class MirrorKind : std::uint8_t { bind = 0, nsd = 1, knot = 2, pdns = 3, rbldnsd = 4 };
inline constexpr std::array all_mirror_kinds{MirrorKind::bind, MirrorKind::nsd, MirrorKind::knot, MirrorKind::pdns,
                                             MirrorKind::rbldnsd};
[[nodiscard]] std::string_view to_string(MirrorKind kind); // "bind" ...
[[nodiscard]] std::optional<MirrorKind> parse_mirror_kind(std::string_view name);

struct Mirror {
    std::uint64_t id = 0; // from 1
    std::string name;     // one label of a host name
    MirrorKind kind = MirrorKind::bind;
    std::vector<Endpoint> addresses; // of the secondary: it is told of changes there, and asked how far it is
    std::vector<Prefix> from;        // where its transfers must come from; empty: anywhere
    std::string key_name;            // of its TSIG key, as a domain name
    std::string algorithm;           // "hmac-sha256", -384, -512
    std::string secret;              // octets; empty once it is removed
    std::vector<std::string> zones;  // apexes; empty: every list that is open to all
    Time added{};
    Time removed{}; // never, while it is one
    std::string note;
    bool tls = false; // its transfers go over TLS (RFC 9103), and no other way
    bool operator==(const Mirror&) const = default;

    [[nodiscard]] bool in_force() const { return removed == Time{}; }
};

} // namespace provenbl
