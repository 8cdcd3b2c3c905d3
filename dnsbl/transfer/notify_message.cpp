#include "dnsbl/transfer/notify_message.hpp"

#include "dnsbl/wire/protocol.hpp"
#include "dnsbl/wire/reader.hpp"
#include "store/ascii.hpp"

namespace provenbl::dnsbl::transfer {
namespace {

using Octets = std::vector<std::uint8_t>;

void put(Octets& out, std::uint64_t value, unsigned octets) {
    while (octets-- > 0) out.push_back(static_cast<std::uint8_t>(value >> (8 * octets)));
}

void put(Octets& out, std::span<const std::uint8_t> octets) {
    out.insert(out.end(), octets.begin(), octets.end());
}

} // namespace

Octets make_notify(const zones::Zone& zone, std::uint32_t serial, std::uint16_t id) {
    Octets message;
    put(message, id, 2);
    put(message, wire::opcode::notify << 11U | wire::flag::authoritative, 2);
    for (const auto count : {1U, 1U, 0U, 0U}) put(message, count, 2);
    put(message, zone.apex().wire());
    put(message, wire::type::soa, 2);
    put(message, wire::cls::in, 2);
    put(message, 0xc000U | wire::header_size, 2);
    put(message, wire::type::soa, 2);
    put(message, wire::cls::in, 2);
    put(message, zone.soa().ttl, 4);
    const auto mname = zone.soa_mname().wire();
    const auto rname = zone.soa_rname().wire();
    put(message, mname.size() + rname.size() + std::size_t{5} * 4, 2);
    put(message, mname);
    put(message, rname);
    for (const auto value : {serial, zone.soa().refresh, zone.soa().retry, zone.soa().expire, zone.soa().negative_ttl})
        put(message, value, 4);
    return message;
}

std::optional<NotifyAnswer> read_notify_answer(std::span<const std::uint8_t> message) {
    wire::Reader reader(message);
    NotifyAnswer answer;
    answer.id = reader.u16();
    const unsigned flags = reader.u16();
    const unsigned questions = reader.u16();
    reader.take(6);
    if (reader.failed() || (flags & wire::flag::response) == 0 || (flags >> 11U & 0xfU) != wire::opcode::notify ||
        questions > 1)
        return std::nullopt;
    answer.rcode = static_cast<std::uint8_t>(flags & 0xfU);
    if (questions == 0) return answer;
    while (true) {
        const auto length = reader.u8();
        if (reader.failed() || length > wire::longest_label || answer.zone.size() + length + 1 > wire::longest_name)
            return std::nullopt;
        answer.zone.push_back(length);
        if (length == 0) break;
        for (const auto octet : reader.take(length)) answer.zone.push_back(lower(octet));
    }
    const auto type = reader.u16();
    const auto cls = reader.u16();
    if (reader.failed() || type != wire::type::soa || cls != wire::cls::in) return std::nullopt;
    return answer;
}

} // namespace provenbl::dnsbl::transfer
