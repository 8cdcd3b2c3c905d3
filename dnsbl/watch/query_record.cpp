#include "dnsbl/watch/query_record.hpp"

#include <algorithm>

namespace provenbl::dnsbl::watch {
namespace {

constexpr std::size_t type_and_class = 4;

std::size_t u16(std::span<const std::uint8_t> bytes, std::size_t at) {
    return static_cast<std::size_t>(bytes[at] << 8U | bytes[at + 1]);
}

// Our own answers: the question as it was asked, then records whose owner is a pointer to it.
void read_codes(QueryRecord& record, std::span<const std::uint8_t> answer, std::size_t name_size) {
    constexpr std::size_t record_head = 12; // pointer, type, class, TTL, RDLENGTH
    if (answer.size() < wire::header_size) return;
    auto at = wire::header_size + name_size + type_and_class;
    for (auto left = u16(answer, 6); left > 0 && at + record_head <= answer.size(); --left) {
        const auto size = u16(answer, at + 10);
        if (answer[at] < 0xc0 || at + record_head + size > answer.size()) return;
        if (u16(answer, at + 2) == wire::type::a && size == 4 && record.code_count < record.codes.size()) {
            const auto data = answer.subspan(at + record_head, 4);
            record.codes[record.code_count++] = static_cast<std::uint32_t>(u16(data, 0) << 16U | u16(data, 2));
        }
        at += record_head + size;
    }
}

} // namespace

std::span<const std::uint8_t> question_name(std::span<const std::uint8_t> message) {
    if (message.size() < wire::header_size || u16(message, 4) == 0) return {};
    const auto rest = message.subspan(wire::header_size);
    for (std::size_t at = 0; at < rest.size() && at < wire::longest_name; at += std::size_t{1} + rest[at]) {
        if (rest[at] > wire::longest_label) return {};
        if (rest[at] == 0) return rest.first(at + 1);
    }
    return {};
}

void fill(QueryRecord& record, const Observation& seen) {
    record.time = seen.received;
    record.client = seen.asker.client.address;
    record.outcome = seen.outcome;
    record.transport = seen.asker.transport;
    record.tls = seen.asker.channel != Channel::clear;
    record.code_count = 0;
    const auto name = question_name(seen.message);
    record.name_size = static_cast<std::uint8_t>(name.size());
    std::copy(name.begin(), name.end(), record.name.begin());
    if (seen.outcome.listed && !name.empty()) read_codes(record, seen.answer, name.size());
}

} // namespace provenbl::dnsbl::watch
