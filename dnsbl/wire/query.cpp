#include "dnsbl/wire/query.hpp"

#include "dnsbl/wire/cookie.hpp"
#include "dnsbl/wire/reader.hpp"
#include "store/ascii.hpp"

namespace provenbl::dnsbl::wire {
namespace {

struct Counts {
    std::uint16_t questions = 0;
    std::uint16_t answers = 0;
    std::uint16_t authorities = 0;
    std::uint16_t additionals = 0;
};

// The name of the question: labels only. Leaves it lower-cased in the query.
bool read_name(Reader& reader, Query& query) {
    std::size_t size = 0;
    while (true) {
        const auto length = reader.u8();
        // 0x40, 0x80 and 0xc0 are no labels; a pointer could only point into the header, or at itself.
        if (reader.failed() || length > longest_label || size + length + 1 > longest_name) return false;
        query.lower[size++] = length;
        if (length == 0) break;
        const auto label = reader.take(length);
        if (reader.failed()) return false;
        for (const auto octet : label) query.lower[size++] = lower(octet);
        // The root label must still fit.
        if (size == longest_name) return false;
    }
    query.name_size = size;
    return true;
}

bool read_question(std::span<const std::uint8_t> packet, Reader& reader, Query& query) {
    const auto start = reader.position();
    if (!read_name(reader, query)) return false;
    query.type = reader.u16();
    query.cls = reader.u16();
    if (reader.failed()) return false;
    query.question = packet.subspan(start, reader.position() - start);
    return true;
}

// Passes over an owner name; a pointer ends it and points back, behind the header. True for the bare root.
bool skip_name(Reader& reader) {
    const auto start = reader.position();
    std::size_t size = 0;
    while (!reader.failed()) {
        const auto length = reader.u8();
        if (length == 0) break;
        if (length >= 0xc0) {
            const auto target = static_cast<std::size_t>((length & 0x3fU) << 8U | reader.u8());
            if (target < header_size || target >= start) reader.fail();
            break;
        }
        size += std::size_t{length} + 1;
        if (length > longest_label || size >= longest_name) reader.fail();
        reader.take(length);
    }
    return !reader.failed() && reader.position() == start + 1;
}

bool read_options(std::span<const std::uint8_t> rdata, Edns& edns) {
    Reader options(rdata);
    while (options.left() > 0) {
        const auto code = options.u16();
        const auto data = options.take(options.u16());
        if (options.failed()) return false;
        switch (code) {
        case option::nsid:
            edns.wants_nsid = true;
            break;
        case option::cookie:
            // RFC 7873 5.2: of several, the first counts.
            if (!edns.cookie.empty()) break;
            if (!is_cookie_size(data.size())) return false;
            edns.cookie = data;
            break;
        case option::tcp_keepalive:
            edns.keepalive = true;
            edns.keepalive_data = edns.keepalive_data || !data.empty();
            break;
        default:
            break;
        }
    }
    return true;
}

enum class Section : std::uint8_t { answer, authority, additional };

bool read_record(Reader& reader, Section section, bool last, Query& query) {
    const bool root_owner = skip_name(reader);
    const auto type = reader.u16();
    const auto cls = reader.u16();
    const auto ttl = reader.u32();
    const auto rdata = reader.take(reader.u16());
    if (reader.failed()) return false;
    if (type == type::opt) {
        // RFC 6891 6.1.1: one, in the additional section, owned by the root.
        if (section != Section::additional || query.edns || !root_owner) return false;
        Edns edns;
        edns.udp_size = cls;
        edns.version = static_cast<std::uint8_t>(ttl >> 16U);
        edns.dnssec_ok = (ttl & 0x8000U) != 0;
        if (!read_options(rdata, edns)) return false;
        query.edns = edns;
    } else if (type == type::tsig) {
        // RFC 8945 5.1: one, the last record of all.
        if (section != Section::additional || !last) return false;
        query.tsig = true;
    }
    return true;
}

bool read_records(Reader& reader, const Counts& counts, Query& query) {
    for (unsigned i = 0; i < counts.answers; ++i) {
        if (!read_record(reader, Section::answer, false, query)) return false;
    }
    for (unsigned i = 0; i < counts.authorities; ++i) {
        if (!read_record(reader, Section::authority, false, query)) return false;
    }
    for (unsigned i = 0; i < counts.additionals; ++i) {
        if (!read_record(reader, Section::additional, i + 1 == counts.additionals, query)) return false;
    }
    return reader.left() == 0;
}

} // namespace

Reading read_query(std::span<const std::uint8_t> packet, Query& query) {
    Reader reader(packet);
    query.id = reader.u16();
    const auto flags = reader.u16();
    Counts counts;
    counts.questions = reader.u16();
    counts.answers = reader.u16();
    counts.authorities = reader.u16();
    counts.additionals = reader.u16();
    query.question = {};
    query.name_size = 0;
    query.type = query.cls = 0;
    query.edns.reset();
    query.tsig = false;
    if (reader.failed() || (flags & flag::response) != 0) return Reading::drop;
    query.opcode = static_cast<std::uint8_t>(flags >> 11U & 0xfU);
    query.recursion_desired = (flags & flag::recursion_desired) != 0;

    const bool asks_nothing = counts.questions == 0 && query.opcode == opcode::query;
    bool well_formed = asks_nothing || (counts.questions == 1 && read_question(packet, reader, query));
    if (well_formed && query.opcode == opcode::query) {
        // A query asks; only IXFR brings a record along, the client's SOA (RFC 1995 section 3).
        const unsigned authorities_allowed = query.type == type::ixfr ? 1 : 0;
        well_formed = counts.answers == 0 && counts.authorities <= authorities_allowed;
    }
    if (well_formed && !read_records(reader, counts, query)) {
        well_formed = false;
        // What an OPT said in a message that can't be read is not to be relied on.
        query.edns.reset();
        query.tsig = false;
    }
    if (query.opcode != opcode::query) return Reading::other;
    // RFC 7873 5.4: nothing is asked but for a cookie.
    if (asks_nothing && well_formed) well_formed = query.edns && !query.edns->cookie.empty();
    return well_formed ? Reading::query : Reading::malformed;
}

} // namespace provenbl::dnsbl::wire
