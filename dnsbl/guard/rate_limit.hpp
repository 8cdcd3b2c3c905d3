// Response rate limiting: how many answers over UDP a client network gets, so that nobody can use us to flood one.
//
// Each network (/24 and /56 by default) may have so many answers a second, and errors (REFUSED, FORMERR and the like,
// which an honest client hardly ever earns) a lower number of their own; a burst's worth is saved up. What goes beyond
// is for the caller to turn into an empty answer with TC (slip 1), so an honest client comes back over TCP; errors are
// not sent. TCP and clients with a valid cookie have proven that they are where they say, and are not asked about.
//
// Fixed memory: a table of times, one for each place a network can hash to, with a random key, so that nobody can look
// for networks that share a place. Those that do share its limit; nothing is ever evicted or allocated. Each place
// holds the time at which all that was answered is paid for (the generic cell rate algorithm). One limiter for each
// thread, and for that thread alone; so a network whose packets reach several workers can have several times the limit.
#pragma once

#include "dnsbl/guard/prefix_map.hpp"
#include "store/address.hpp"
#include "store/clock.hpp"
#include "store/entropy.hpp"

#include <chrono>
#include <cstdint>
#include <vector>

namespace provenbl::dnsbl::guard {

struct RateLimitSettings {
    // A busy resolver of an Internet provider stays far below. 0: no limit.
    std::uint32_t answers_per_second = 20'000;
    std::uint32_t errors_per_second = 500;
    std::chrono::milliseconds burst{1000}; // a second's worth may come at once
    unsigned ipv4_prefix = 24;
    unsigned ipv6_prefix = 56; // 64 at most
    std::vector<Prefix> exempt{Prefix::of(Address::v4(127, 0, 0, 0), 8),
                               Prefix::of(Address::v6({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}), 128)};

    friend bool operator==(const RateLimitSettings&, const RateLimitSettings&) = default;
};

enum class AnswerKind : std::uint8_t { answer, error };

class RateLimiter {
public:
    RateLimiter(const RateLimitSettings& settings, Entropy& entropy);

    // Counts an answer to the client; false when it is beyond the limit. A clock that goes back forgives what was
    // counted.
    [[nodiscard]] bool admit(const Address& client, AnswerKind kind, Time now);
    // Whether answers of this kind are limited at all.
    [[nodiscard]] bool limits(AnswerKind kind) const { return step_[static_cast<std::size_t>(kind)] != 0; }

private:
    // Places of both kinds; 8 octets each. More than one client network in 65,536 seldom meets another.
    static constexpr unsigned place_bits = 16;
    [[nodiscard]] std::size_t place(const Address& client, AnswerKind kind) const;

    std::uint64_t step_[2]; // nanoseconds that an answer of each kind costs; 0: nothing
    std::uint64_t burst_;   // nanoseconds
    std::uint64_t mask4_;
    std::uint64_t mask6_;
    std::uint64_t key_[2];
    PrefixMap exempt_;
    std::vector<std::uint64_t> paid_until_; // nanoseconds since the epoch
};

} // namespace provenbl::dnsbl::guard
