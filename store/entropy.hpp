// Randomness, injected so that tests can repeat what they saw.
#pragma once

#include <cstdint>
#include <span>

namespace provenbl {

class Entropy {
public:
    virtual ~Entropy() = default;
    virtual void fill(std::span<std::uint8_t> bytes) = 0;
};

// The operating system's generator (getrandom). Throws std::system_error when the kernel refuses.
class SystemEntropy final : public Entropy {
public:
    void fill(std::span<std::uint8_t> bytes) override;
};

} // namespace provenbl
