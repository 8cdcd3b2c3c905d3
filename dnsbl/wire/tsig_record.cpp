#include "dnsbl/wire/tsig_record.hpp"

#include "dnsbl/wire/reader.hpp"
#include "store/ascii.hpp"

namespace provenbl::dnsbl::wire {
namespace {

constexpr std::uint16_t class_any = 255;

// Reads a name at the reader's place; pointers lead back, each further than the one before, so that they end.
bool read_name(std::span<const std::uint8_t> message, Reader& reader, bool compressed, LowerName& name) {
    Reader at = reader;
    bool jumped = false;
    auto least = reader.position(); // a pointer leads before the place that it was met from
    std::size_t size = 0;
    while (true) {
        const auto length = at.u8();
        if (at.failed()) return false;
        if (length >= 0xc0) {
            const auto target = static_cast<std::size_t>((length & 0x3fU) << 8U | at.u8());
            if (at.failed() || !compressed || target < header_size || target >= least) return false;
            if (!jumped) reader = at;
            jumped = true;
            least = target;
            at = Reader(message, target);
            continue;
        }
        if (length > longest_label || size + length + 1 > longest_name) return false;
        name.octets[size++] = length;
        if (length == 0) break;
        const auto label = at.take(length);
        if (at.failed() || size + length == longest_name) return false; // the root label must still fit
        for (const auto octet : label) name.octets[size++] = lower(octet);
    }
    if (!jumped) reader = at;
    name.size = static_cast<std::uint8_t>(size);
    return true;
}

// Passes over a name without following it.
bool skip_name(Reader& reader) {
    while (true) {
        const auto length = reader.u8();
        if (reader.failed()) return false;
        if (length == 0) return true;
        if (length >= 0xc0) {
            reader.u8();
            return !reader.failed();
        }
        if (length > longest_label) return false;
        reader.take(length);
    }
}

bool read_rdata(std::span<const std::uint8_t> rdata, TsigRecord& record) {
    Reader reader(rdata);
    if (!read_name(rdata, reader, false, record.algorithm)) return false;
    const std::uint64_t high = reader.u16();
    record.time_signed = high << 32U | reader.u32();
    record.fudge = reader.u16();
    record.mac = reader.take(reader.u16());
    record.original_id = reader.u16();
    record.error = reader.u16();
    record.other = reader.take(reader.u16());
    return !reader.failed() && reader.left() == 0;
}

} // namespace

TsigSearch find_tsig(std::span<const std::uint8_t> message, TsigRecord& record) {
    Reader reader(message, 4);
    const unsigned questions = reader.u16();
    const unsigned before_last = reader.u16() + 0U + reader.u16();
    const unsigned additionals = reader.u16();
    if (reader.failed()) return TsigSearch::malformed;
    for (unsigned i = 0; i < questions; ++i) {
        if (!skip_name(reader)) return TsigSearch::malformed;
        reader.take(4);
    }
    const auto records = before_last + additionals;
    for (unsigned i = 0; i < records; ++i) {
        const auto start = reader.position();
        if (!skip_name(reader)) return TsigSearch::malformed;
        const auto type = reader.u16();
        const auto cls = reader.u16();
        const auto ttl = reader.u32();
        const auto rdata = reader.take(reader.u16());
        if (reader.failed()) return TsigSearch::malformed;
        if (type != type::tsig) continue;
        // RFC 8945 5.1: one, the last record of all.
        if (i + 1 != records || additionals == 0 || reader.left() != 0 || cls != class_any || ttl != 0)
            return TsigSearch::malformed;
        record.start = start;
        Reader owner(message, start);
        if (!read_name(message, owner, true, record.key) || !read_rdata(rdata, record)) return TsigSearch::malformed;
        return TsigSearch::found;
    }
    return reader.failed() ? TsigSearch::malformed : TsigSearch::absent;
}

} // namespace provenbl::dnsbl::wire
