#include "dnsbl/wire/cookie.hpp"

#include <algorithm>

namespace provenbl::dnsbl::wire {
namespace {

constexpr std::uint8_t version = 1;
constexpr std::size_t signed_part = 8; // of a server cookie: version, reserved, time
constexpr std::int32_t oldest = 3600;
constexpr std::int32_t furthest_ahead = 300;
constexpr std::int32_t renewed_after = 1800;

// The hash of client cookie, the first 8 octets of the server cookie, and the address; 20 or 32 octets in all.
std::array<std::uint8_t, 8> sign(std::span<const std::uint8_t> both, const Address& client, const SipKey& secret) {
    std::array<std::uint8_t, client_cookie_size + signed_part + 16> input{};
    const auto head = both.first(client_cookie_size + signed_part);
    auto end = std::copy(head.begin(), head.end(), input.begin());
    const auto address = client.bytes();
    end = std::copy(address.begin(), address.end(), end);
    const auto hash = siphash24(secret, {input.data(), static_cast<std::size_t>(end - input.begin())});
    std::array<std::uint8_t, 8> octets{};
    for (std::size_t i = 0; i < octets.size(); ++i) octets[i] = static_cast<std::uint8_t>(hash >> (8 * i));
    return octets;
}

// Takes as long whatever differs, so that nobody can find the hash octet by octet.
bool equal(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b) {
    unsigned different = 0;
    for (std::size_t i = 0; i < a.size(); ++i) different |= static_cast<unsigned>(a[i] ^ b[i]);
    return different == 0;
}

std::uint32_t time_of(std::span<const std::uint8_t> both) {
    const auto* at = both.data() + client_cookie_size + 4;
    return static_cast<std::uint32_t>(at[0]) << 24U | static_cast<std::uint32_t>(at[1]) << 16U |
           static_cast<std::uint32_t>(at[2]) << 8U | at[3];
}

void make(WholeCookie& cookie, const Address& client, const SipKey& secret, std::uint32_t now) {
    auto* const at = cookie.data() + client_cookie_size;
    at[0] = version;
    at[1] = at[2] = at[3] = 0;
    for (unsigned i = 0; i < 4; ++i) at[4 + i] = static_cast<std::uint8_t>(now >> (24 - 8 * i));
    const auto hash = sign(cookie, client, secret);
    std::copy(hash.begin(), hash.end(), at + signed_part);
}

} // namespace

CheckedCookie check_cookie(std::span<const std::uint8_t> cookie, const Address& client, const CookieSecrets& secrets,
                           std::uint32_t now) {
    CheckedCookie checked;
    if (cookie.empty() || secrets.empty()) return checked;
    checked.state = cookie.size() == client_cookie_size ? CookieState::client_only : CookieState::invalid;
    // How old it is, in the arithmetic of serial numbers (RFC 1982), so that the year 2106 is no matter.
    std::int32_t age = 0;
    std::size_t signer = 0;
    if (cookie.size() == checked.answer.size() && cookie[client_cookie_size] == version) {
        age = static_cast<std::int32_t>(now - time_of(cookie));
        for (std::size_t i = 0; i < secrets.size(); ++i) {
            if (!equal(sign(cookie, client, secrets[i]), cookie.last(8))) continue;
            signer = i;
            if (age <= oldest && age >= -furthest_ahead) checked.state = CookieState::valid;
            break;
        }
    }
    std::copy_n(cookie.begin(), std::min(cookie.size(), checked.answer.size()), checked.answer.begin());
    if (checked.state != CookieState::valid || signer != 0 || age >= renewed_after)
        make(checked.answer, client, secrets[0], now);
    return checked;
}

} // namespace provenbl::dnsbl::wire
