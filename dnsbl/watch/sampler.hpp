// One in so many, at random: gaps of 1 to 2N-1, so that traffic with a rhythm of its own is not missed or met every
// time. The seed is an argument.
#pragma once

#include <cstdint>

namespace provenbl::dnsbl::watch {

class Sampler {
public:
    Sampler(std::uint32_t one_in, std::uint64_t seed)
        : one_in_(one_in == 0 ? 1 : one_in), state_(seed | 1U), left_(gap()) {}

    [[nodiscard]] bool take() {
        if (--left_ != 0) return false;
        left_ = gap();
        return true;
    }

private:
    // xorshift64 (Marsaglia): nobody gains by guessing what is sampled.
    std::uint64_t gap() {
        state_ ^= state_ << 13U;
        state_ ^= state_ >> 7U;
        state_ ^= state_ << 17U;
        return 1 + (state_ >> 16U) % (2 * std::uint64_t{one_in_} - 1);
    }
    std::uint32_t one_in_;
    std::uint64_t state_;
    std::uint64_t left_;
};

} // namespace provenbl::dnsbl::watch
