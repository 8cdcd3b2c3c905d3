#include "dnsbl/guard/rate_limit.hpp"

#include <algorithm>
#include <cstring>

namespace provenbl::dnsbl::guard {
namespace {

constexpr std::uint64_t second = 1'000'000'000;

std::uint64_t step(std::uint32_t per_second) {
    return per_second == 0 ? 0 : std::max<std::uint64_t>(second / per_second, 1);
}

std::uint64_t leading_bits(unsigned count) {
    return count == 0 ? 0 : ~std::uint64_t{0} << (64 - count);
}

// High and low half of a product, folded: every bit of both factors reaches every bit of the result.
std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
    __extension__ using Wide = unsigned __int128;
    const auto product = static_cast<Wide>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
}

} // namespace

RateLimiter::RateLimiter(const RateLimitSettings& settings, Entropy& entropy)
    : step_{step(settings.answers_per_second), step(settings.errors_per_second)},
      burst_(static_cast<std::uint64_t>(std::chrono::nanoseconds(settings.burst).count())),
      // IPv4 stands in the lower half of its word, under a marker.
      mask4_(leading_bits(32 + std::min(settings.ipv4_prefix, 32U))),
      mask6_(leading_bits(std::min(settings.ipv6_prefix, 64U))), exempt_(settings.exempt) {
    entropy.fill({reinterpret_cast<std::uint8_t*>(key_), sizeof key_});
    key_[1] |= 1U;
    if (step_[0] != 0 || step_[1] != 0) paid_until_.resize(std::size_t{1} << place_bits);
}

std::size_t RateLimiter::place(const Address& client, AnswerKind kind) const {
    std::uint64_t network = 0;
    if (client.is_v4()) {
        // A marker that no unicast IPv6 network begins with (ff00::/8 is multicast).
        network = (0xffff'ffff'0000'0000U | client.to_v4()) & mask4_;
    } else {
        for (const auto octet : client.bytes().first<8>()) network = network << 8U | octet;
        network &= mask6_;
    }
    const auto hash = fold(network ^ key_[0], key_[1] ^ static_cast<std::uint64_t>(kind) << 32U);
    return static_cast<std::size_t>(fold(hash ^ key_[1], 0x9e3779b97f4a7c15U) >> (64 - place_bits));
}

bool RateLimiter::admit(const Address& client, AnswerKind kind, Time now) {
    const auto cost = step_[static_cast<std::size_t>(kind)];
    if (cost == 0) return true;
    const auto at = static_cast<std::uint64_t>(std::chrono::nanoseconds(now.time_since_epoch()).count());
    auto& paid = paid_until_[place(client, kind)];
    // Further ahead than answers can have brought it: the clock went back.
    if (paid < at || paid > at + burst_ + cost) paid = at;
    // Asked only of a busy place, because it takes longest; what the exempt count there is one answer at most.
    if (paid > at && exempt_.find(client) != PrefixMap::none) return true;
    if (paid + cost > at + std::max(burst_, cost)) return false;
    paid += cost;
    return true;
}

} // namespace provenbl::dnsbl::guard
