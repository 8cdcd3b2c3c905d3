#include "dnsbl/answer_template.hpp"

#include "dnsbl/wire/protocol.hpp"

#include <algorithm>

namespace provenbl::dnsbl {
namespace {

std::uint16_t read16(std::span<const std::uint8_t> octets, std::size_t at) {
    return static_cast<std::uint16_t>(octets[at] << 8U | octets[at + 1]);
}

std::uint32_t read32(std::span<const std::uint8_t> octets, std::size_t at) {
    return static_cast<std::uint32_t>(read16(octets, at)) << 16U | read16(octets, at + 2);
}

std::span<const std::uint8_t> after_question(const SampleAnswer& sample) {
    return std::span(sample.message).subspan(sample.question_end);
}

bool same_header(const SampleAnswer& a, const SampleAnswer& b) {
    return std::equal(a.message.begin(), a.message.begin() + wire::header_size, b.message.begin());
}

} // namespace

std::optional<AnswerTemplate> AnswerTemplate::learn(const SampleAnswer& sample, const SampleAnswer& other_name,
                                                    const SampleAnswer& other_serial) {
    const auto octets = after_question(sample);
    const auto named = after_question(other_name);
    const auto later = after_question(other_serial);
    if (named.size() != octets.size() || later.size() != octets.size() || !same_header(sample, other_name) ||
        !same_header(sample, other_serial) || sample.apex_at == other_name.apex_at)
        return std::nullopt;

    AnswerTemplate made;
    made.octets_.assign(octets.begin(), octets.end());
    made.flags_ = static_cast<std::uint16_t>(read16(sample.message, 2) & ~wire::flag::recursion_desired);
    std::copy_n(sample.message.begin() + 6, made.counts_.size(), made.counts_.begin());
    for (std::size_t at = 0; at < octets.size(); ++at) {
        if (octets[at] == named[at]) continue;
        const bool pointer = at > 0 && octets[at - 1] == 0xc0 && octets[at] == sample.apex_at &&
                             named[at - 1] == 0xc0 && named[at] == other_name.apex_at;
        if (!pointer) return std::nullopt;
        made.pointers_.push_back(static_cast<std::uint16_t>(at));
    }
    const auto differs = std::mismatch(octets.begin(), octets.end(), later.begin());
    if (differs.first == octets.end()) return made;
    made.has_serial_ = true;
    made.serial_at_ = static_cast<std::size_t>(differs.first - octets.begin());
    if (made.serial_at_ + 4 > octets.size() || read32(octets, made.serial_at_) != sample.serial ||
        read32(later, made.serial_at_) != other_serial.serial)
        return std::nullopt;
    const auto after = made.serial_at_ + 4;
    if (!std::equal(octets.begin() + static_cast<std::ptrdiff_t>(after), octets.end(),
                    later.begin() + static_cast<std::ptrdiff_t>(after)))
        return std::nullopt;
    return made;
}

} // namespace provenbl::dnsbl
