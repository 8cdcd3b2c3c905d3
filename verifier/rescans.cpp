#include "verifier/rescans.hpp"

#include <array>

namespace provenbl::verifier {
namespace {

// A share of the span: jitter / 2^32.
Duration share(Duration span, std::uint32_t jitter) {
    return Duration{static_cast<Duration::rep>(static_cast<double>(span.count()) * jitter / 4294967296.0)};
}

std::uint32_t from_bytes(const std::uint8_t* bytes) {
    return static_cast<std::uint32_t>(bytes[0]) << 24U | static_cast<std::uint32_t>(bytes[1]) << 16U |
           static_cast<std::uint32_t>(bytes[2]) << 8U | bytes[3];
}

} // namespace

Time first_rescan(const PolicyRules& rules, Time now, std::uint32_t jitter) {
    return now + rules.rescan_interval + share(rules.rescan_interval, jitter);
}

Time next_rescan(const PolicyRules& rules, Time now, std::uint32_t jitter) {
    return now + rules.rescan_interval + share(rules.rescan_interval / 24, jitter);
}

std::uint32_t draw_jitter(Entropy& entropy) {
    std::array<std::uint8_t, 4> bytes{};
    entropy.fill(bytes);
    return from_bytes(bytes.data());
}

std::uint32_t jitter_of(const TokenId& id) {
    return from_bytes(id.data());
}

} // namespace provenbl::verifier
