// A bounds-checked cursor over a received message.
//
// Failure is sticky: once anything reached past the end, every read gives zero and `failed` says so, so that
// callers check once at the end of a sequence.
#pragma once

#include <cstdint>
#include <span>

namespace provenbl::dnsbl::wire {

class Reader {
public:
    explicit Reader(std::span<const std::uint8_t> bytes, std::size_t position = 0)
        : bytes_(bytes), position_(position), failed_(position > bytes.size()) {}

    [[nodiscard]] bool failed() const { return failed_; }
    void fail() { failed_ = true; }
    [[nodiscard]] std::size_t position() const { return position_; }
    [[nodiscard]] std::size_t left() const { return failed_ ? 0 : bytes_.size() - position_; }

    std::uint8_t u8() {
        if (!has(1)) return 0;
        return bytes_[position_++];
    }
    std::uint16_t u16() {
        if (!has(2)) return 0;
        const auto value = static_cast<std::uint16_t>(bytes_[position_] << 8U | bytes_[position_ + 1]);
        position_ += 2;
        return value;
    }
    std::uint32_t u32() {
        const std::uint32_t high = u16();
        return high << 16U | u16();
    }
    std::span<const std::uint8_t> take(std::size_t count) {
        if (!has(count)) return {};
        const auto taken = bytes_.subspan(position_, count);
        position_ += count;
        return taken;
    }

private:
    bool has(std::size_t count) {
        failed_ = failed_ || count > bytes_.size() - position_;
        return !failed_;
    }
    std::span<const std::uint8_t> bytes_;
    std::size_t position_;
    bool failed_;
};

} // namespace provenbl::dnsbl::wire
