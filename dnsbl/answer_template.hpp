// What follows the question in an answer, learned from answers of the general path.
//
// Two samples of one kind that differ in their names alone show which octets are pointers to the zone's apex, two
// that differ in the serial alone show where it stands; the rest is copied. So the hot path says what the responder
// says, whatever that comes to say.
#pragma once

#include "zones/snapshot.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <vector>

namespace provenbl::dnsbl {

// A whole answer of the responder, and where its question ends and its apex stands.
struct SampleAnswer {
    std::vector<std::uint8_t> message;
    std::size_t question_end = 0;
    std::size_t apex_at = 0; // from the start of the message
    std::uint32_t serial = 0;
};

class AnswerTemplate {
public:
    AnswerTemplate() = default;
    // `other_name` differs from `sample` in the name's length, `other_serial` in every octet of the serial. Nothing
    // when they differ in more than a template can put right.
    static std::optional<AnswerTemplate> learn(const SampleAnswer& sample, const SampleAnswer& other_name,
                                               const SampleAnswer& other_serial);

    [[nodiscard]] std::size_t size() const { return octets_.size(); }
    // The header's flags (without RD) and counts, as they stand in the message.
    [[nodiscard]] std::uint16_t flags() const { return flags_; }
    [[nodiscard]] std::span<const std::uint8_t, 6> counts() const { return counts_; }
    // Writes size() octets; `apex_at` is below 256.
    void write(std::uint8_t* out, std::size_t apex_at, std::uint32_t serial) const {
        std::memcpy(out, octets_.data(), octets_.size());
        for (const auto at : pointers_) out[at] = static_cast<std::uint8_t>(apex_at);
        if (!has_serial_) return;
        for (unsigned i = 0; i < 4; ++i) out[serial_at_ + i] = static_cast<std::uint8_t>(serial >> (24U - 8U * i));
    }

private:
    std::vector<std::uint8_t> octets_;
    std::vector<std::uint16_t> pointers_; // the lower octet of each pointer to the apex
    std::size_t serial_at_ = 0;
    bool has_serial_ = false;
    std::uint16_t flags_ = 0;
    std::array<std::uint8_t, 6> counts_{}; // of answer, authority and additional section
};

} // namespace provenbl::dnsbl
