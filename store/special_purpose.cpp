// IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890 and successors), plus multicast (RFC 5771,
// RFC 4291) and what is not allocated as global unicast.
#include "store/special_purpose.hpp"

#include <array>
#include <vector>

namespace provenbl {
namespace {

constexpr std::array table{
    SpecialPurpose{"0.0.0.0/8", "This network", "RFC 791, section 3.2"},
    SpecialPurpose{"10.0.0.0/8", "Private-Use", "RFC 1918"},
    SpecialPurpose{"100.64.0.0/10", "Shared Address Space", "RFC 6598"},
    SpecialPurpose{"127.0.0.0/8", "Loopback", "RFC 1122, section 3.2.1.3"},
    SpecialPurpose{"169.254.0.0/16", "Link Local", "RFC 3927"},
    SpecialPurpose{"172.16.0.0/12", "Private-Use", "RFC 1918"},
    SpecialPurpose{"192.0.0.0/24", "IETF Protocol Assignments", "RFC 6890, section 2.1"},
    SpecialPurpose{"192.0.2.0/24", "Documentation (TEST-NET-1)", "RFC 5737"},
    SpecialPurpose{"192.31.196.0/24", "AS112-v4", "RFC 7535"},
    SpecialPurpose{"192.52.193.0/24", "AMT", "RFC 7450"},
    SpecialPurpose{"192.88.99.0/24", "6to4 Relay Anycast (deprecated)", "RFC 7526"},
    SpecialPurpose{"192.168.0.0/16", "Private-Use", "RFC 1918"},
    SpecialPurpose{"192.175.48.0/24", "Direct Delegation AS112 Service", "RFC 7534"},
    SpecialPurpose{"198.18.0.0/15", "Benchmarking", "RFC 2544"},
    SpecialPurpose{"198.51.100.0/24", "Documentation (TEST-NET-2)", "RFC 5737"},
    SpecialPurpose{"203.0.113.0/24", "Documentation (TEST-NET-3)", "RFC 5737"},
    SpecialPurpose{"224.0.0.0/4", "Multicast", "RFC 5771"},
    SpecialPurpose{"240.0.0.0/4", "Reserved", "RFC 1112, section 4"},
    SpecialPurpose{"255.255.255.255/32", "Limited Broadcast", "RFC 919, section 7"},

    SpecialPurpose{"::/8", "Reserved by IETF (unspecified, loopback, IPv4-compatible)", "RFC 4291"},
    SpecialPurpose{"::1/128", "Loopback", "RFC 4291, section 2.5.3"},
    SpecialPurpose{"64:ff9b::/96", "IPv4-IPv6 Translation", "RFC 6052"},
    SpecialPurpose{"64:ff9b:1::/48", "IPv4-IPv6 Translation", "RFC 8215"},
    SpecialPurpose{"100::/64", "Discard-Only Address Block", "RFC 6666"},
    SpecialPurpose{"2001::/23", "IETF Protocol Assignments", "RFC 2928"},
    SpecialPurpose{"2001::/32", "TEREDO", "RFC 4380"},
    SpecialPurpose{"2001:2::/48", "Benchmarking", "RFC 5180"},
    SpecialPurpose{"2001:db8::/32", "Documentation", "RFC 3849"},
    SpecialPurpose{"2001:20::/28", "ORCHIDv2", "RFC 7343"},
    SpecialPurpose{"2002::/16", "6to4", "RFC 3056"},
    SpecialPurpose{"2620:4f:8000::/48", "Direct Delegation AS112 Service", "RFC 7534"},
    SpecialPurpose{"3fff::/20", "Documentation", "RFC 9637"},
    SpecialPurpose{"5f00::/16", "Segment Routing (SRv6) SIDs", "RFC 9602"},
    SpecialPurpose{"fc00::/7", "Unique-Local", "RFC 4193"},
    SpecialPurpose{"fe80::/10", "Link-Local Unicast", "RFC 4291"},
    SpecialPurpose{"ff00::/8", "Multicast", "RFC 4291, section 2.7"},
};

// Global unicast is 2000::/3 (RFC 4291 section 2.4); the rest is not allocated to hosts.
constexpr SpecialPurpose not_global{"::/0", "Not global unicast", "RFC 4291, section 2.4"};

const std::vector<Prefix>& parsed() {
    static const auto prefixes = [] {
        std::vector<Prefix> all;
        all.reserve(table.size());
        for (const auto& row : table) all.push_back(Prefix::parse(row.prefix).value());
        return all;
    }();
    return prefixes;
}

} // namespace

std::span<const SpecialPurpose> special_purpose_table() {
    return table;
}

std::optional<SpecialPurpose> special_purpose(const Address& address) {
    const auto& prefixes = parsed();
    std::optional<std::size_t> best;
    for (std::size_t i = 0; i < prefixes.size(); ++i) {
        if (prefixes[i].contains(address) && (!best || prefixes[i].length() > prefixes[*best].length())) best = i;
    }
    if (best) return table[*best];
    if (address.is_v6() && (address.bytes()[0] & 0xe0U) != 0x20U) return not_global;
    return std::nullopt;
}

} // namespace provenbl
