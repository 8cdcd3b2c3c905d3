#include "dnsbl/transfer/ixfr_request.hpp"

#include "dnsbl/wire/reader.hpp"
#include "store/ascii.hpp"

#include <algorithm>
#include <array>

namespace provenbl::dnsbl::transfer {
namespace {

constexpr std::uint8_t pointer = 0xc0;

// A name with its pointers followed, each of which points back; lower-case. Leaves `reader` behind the name.
class Name {
public:
    bool read(std::span<const std::uint8_t> message, wire::Reader& reader) {
        auto* from = &reader;
        wire::Reader elsewhere(message);
        auto last = reader.position(); // pointers lead before it
        size_ = 0;
        while (true) {
            const auto length = from->u8();
            if (from->failed()) return false;
            if (length >= pointer) {
                const auto target = static_cast<std::size_t>((length & 0x3fU) << 8U | from->u8());
                if (from->failed() || target < wire::header_size || target >= last) return false;
                last = target;
                elsewhere = wire::Reader(message, target);
                from = &elsewhere;
                continue;
            }
            if (length > wire::longest_label || size_ + length + 1 > octets_.size()) return false;
            octets_[size_++] = length;
            if (length == 0) return true;
            for (const auto octet : from->take(length)) octets_[size_++] = lower(octet);
            if (from->failed()) return false;
        }
    }
    [[nodiscard]] std::span<const std::uint8_t> octets() const { return std::span(octets_).first(size_); }

private:
    std::array<std::uint8_t, wire::longest_name> octets_{};
    std::size_t size_ = 0;
};

} // namespace

std::optional<std::uint32_t> client_serial(std::span<const std::uint8_t> message, const wire::Query& query) {
    constexpr std::size_t authorities_at = 8;
    constexpr std::size_t behind_serial = 16; // refresh, retry, expire, minimum
    wire::Reader counts(message, authorities_at);
    if (counts.u16() != 1) return std::nullopt;
    wire::Reader reader(message, wire::header_size + query.question.size());
    Name owner;
    if (!owner.read(message, reader)) return std::nullopt;
    const auto asked = query.lower_name();
    const auto has = owner.octets();
    if (!std::equal(has.begin(), has.end(), asked.begin(), asked.end())) return std::nullopt;
    const auto type = reader.u16();
    const auto cls = reader.u16();
    reader.u32(); // TTL
    const auto length = reader.u16();
    const auto start = reader.position();
    Name ignored;
    if (reader.failed() || type != wire::type::soa || cls != wire::cls::in || !ignored.read(message, reader) ||
        !ignored.read(message, reader))
        return std::nullopt;
    const auto serial = reader.u32();
    reader.take(behind_serial);
    if (reader.failed() || reader.position() != start + length) return std::nullopt;
    return serial;
}

} // namespace provenbl::dnsbl::transfer
