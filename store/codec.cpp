#include "store/codec.hpp"

#include <zstd.h>

#include <concepts>
#include <type_traits>
#include <vector>

namespace provenbl::codec {
namespace {

constexpr char format = 1;
constexpr std::size_t pack_from = 256;                 // shorter texts are stored as they are
constexpr std::size_t unpack_limit = 16 * 1024 * 1024; // a damaged length can't make us allocate more

void append_varint(std::string& out, std::uint64_t value) {
    for (; value >= 0x80; value >>= 7U) out += static_cast<char>(value | 0x80U);
    out += static_cast<char>(value);
}

std::uint64_t take_varint(std::string_view& in) {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        if (in.empty()) throw CorruptRecord("a number in a stored record is cut short");
        const auto byte = static_cast<std::uint8_t>(in.front());
        in.remove_prefix(1);
        value |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
        if ((byte & 0x80U) == 0) return value;
    }
    throw CorruptRecord("a number in a stored record is too long");
}

std::string pack(std::string_view text) {
    if (text.size() >= pack_from) {
        std::string packed(ZSTD_compressBound(text.size()) + 1, '\0');
        packed[0] = 'z';
        const auto size = ZSTD_compress(packed.data() + 1, packed.size() - 1, text.data(), text.size(), 3);
        if (ZSTD_isError(size) == 0 && size < text.size()) {
            packed.resize(size + 1);
            return packed;
        }
    }
    return "-" + std::string(text);
}

std::string unpack(std::string_view bytes) {
    if (bytes.empty()) throw CorruptRecord("a stored text is empty");
    const char how = bytes.front();
    bytes.remove_prefix(1);
    if (how == '-') return std::string(bytes);
    const auto size = ZSTD_getFrameContentSize(bytes.data(), bytes.size());
    if (how != 'z' || size > unpack_limit) throw CorruptRecord("a stored text can't be unpacked");
    std::string text(size, '\0');
    if (ZSTD_decompress(text.data(), text.size(), bytes.data(), bytes.size()) != size)
        throw CorruptRecord("a stored text does not unpack to its length");
    return text;
}

template <class T>
concept Number = std::integral<T> || std::is_enum_v<T>;

class Writer {
public:
    Writer() : bytes_(1, format) {}
    std::string take() { return std::move(bytes_); }

    template <Number T> void operator()(std::uint8_t tag, const T& value) {
        std::string field;
        append_varint(field, static_cast<std::uint64_t>(value));
        add(tag, field);
    }
    void operator()(std::uint8_t tag, const std::string& value) { add(tag, value); }
    void operator()(std::uint8_t tag, const Time& value) {
        (*this)(tag, static_cast<std::uint64_t>(value.time_since_epoch().count()));
    }
    void operator()(std::uint8_t tag, const Address& value) { add(tag, raw(value.bytes())); }
    void operator()(std::uint8_t tag, const TokenId& value) { add(tag, raw(value)); }
    void operator()(std::uint8_t tag, const ClassSet& value) { (*this)(tag, value.bits()); }
    void operator()(std::uint8_t tag, const Prefix& value) {
        add(tag, static_cast<char>(value.length()) + raw(value.base().bytes()));
    }
    void operator()(std::uint8_t tag, const Endpoint& value) {
        std::string field{static_cast<char>(value.port >> 8U), static_cast<char>(value.port)};
        add(tag, field + raw(value.address.bytes()));
    }
    template <class T> void operator()(std::uint8_t tag, const std::vector<T>& values) {
        for (const auto& value : values) (*this)(tag, value);
    }
    template <class T>
    requires requires(Writer& w, T& t) { describe(w, t); }
    void operator()(std::uint8_t tag, const T& record) {
        Writer inner;
        describe(inner, record);
        add(tag, inner.take());
    }
    void packed(std::uint8_t tag, const std::string& text) {
        if (!text.empty()) add(tag, pack(text));
    }

private:
    static std::string raw(std::span<const std::uint8_t> bytes) { return {bytes.begin(), bytes.end()}; }
    void add(std::uint8_t tag, std::string_view field) {
        bytes_ += static_cast<char>(tag);
        append_varint(bytes_, field.size());
        bytes_ += field;
    }
    std::string bytes_;
};

class Reader {
public:
    explicit Reader(std::string_view bytes, bool with_packed = true) : with_packed_(with_packed) {
        if (bytes.empty()) throw CorruptRecord("a stored record is empty");
        if (bytes.front() != format)
            throw CorruptRecord("a stored record has a format that this version does not know");
        bytes.remove_prefix(1);
        while (!bytes.empty()) {
            const auto tag = static_cast<std::uint8_t>(bytes.front());
            bytes.remove_prefix(1);
            const auto size = take_varint(bytes);
            if (size > bytes.size()) throw CorruptRecord("a stored record is cut short");
            fields_.emplace_back(tag, bytes.substr(0, size));
            bytes.remove_prefix(size);
        }
    }

    template <class T> void operator()(std::uint8_t tag, T& value) {
        for (const auto& [have, bytes] : fields_) {
            if (have == tag) read(bytes, value);
        }
    }
    template <class T> void operator()(std::uint8_t tag, std::vector<T>& values) {
        values.clear();
        for (const auto& [have, bytes] : fields_) {
            if (have == tag) read(bytes, values.emplace_back());
        }
    }
    void packed(std::uint8_t tag, std::string& text) {
        if (!with_packed_) return;
        for (const auto& [have, bytes] : fields_) {
            if (have == tag) text = unpack(bytes);
        }
    }

private:
    template <Number T> static void read(std::string_view bytes, T& value) {
        value = static_cast<T>(take_varint(bytes));
    }
    static void read(std::string_view bytes, std::string& value) { value = bytes; }
    static void read(std::string_view bytes, Time& value) {
        value = Time{Duration{static_cast<Duration::rep>(take_varint(bytes))}};
    }
    static void read(std::string_view bytes, Address& value) { value = address(bytes); }
    static void read(std::string_view bytes, TokenId& value) {
        if (bytes.size() != value.size()) throw CorruptRecord("a stored token has a wrong length");
        std::copy(bytes.begin(), bytes.end(), value.begin());
    }
    static void read(std::string_view bytes, ClassSet& value) {
        value = ClassSet::from_bits(static_cast<std::uint16_t>(take_varint(bytes)));
    }
    static void read(std::string_view bytes, Prefix& value) {
        if (bytes.empty()) throw CorruptRecord("a stored prefix is empty");
        const auto base = address(bytes.substr(1));
        const auto length = static_cast<std::uint8_t>(bytes.front());
        if (length > base.bits()) throw CorruptRecord("a stored prefix is too long");
        value = Prefix::of(base, length);
    }
    static void read(std::string_view bytes, Endpoint& value) {
        if (bytes.size() < 2) throw CorruptRecord("a stored endpoint is cut short");
        value.port =
            static_cast<std::uint16_t>(static_cast<std::uint8_t>(bytes[0]) << 8U | static_cast<std::uint8_t>(bytes[1]));
        value.address = address(bytes.substr(2));
    }
    template <class T>
    requires requires(Reader& r, T& t) { describe(r, t); }
    static void read(std::string_view bytes, T& record) {
        Reader inner(bytes);
        describe(inner, record);
    }
    static Address address(std::string_view bytes) {
        if (bytes.size() != 4 && bytes.size() != 16) throw CorruptRecord("a stored address has a wrong length");
        return Address::from_bytes({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
    }
    bool with_packed_;
    std::vector<std::pair<std::uint8_t, std::string_view>> fields_;
};

// ---- one list of fields for each record; tags are for ever ------------------------------------------

template <class A, class T>
concept Is = std::same_as<std::remove_const_t<A>, T>;

template <class Archive, Is<ScanStep> R> void describe(Archive& a, R& r) {
    a(1, r.at);
    a(2, r.technique);
    a(3, r.target);
    a(4, r.port);
    a(5, r.verdict);
    a(6, r.detail);
}

template <class Archive, Is<Scan> R> void describe(Archive& a, R& r) {
    a(1, r.id);
    a(2, r.host);
    a(3, r.kind);
    a(4, r.state);
    a(5, r.requested);
    a(6, r.due);
    a(7, r.started);
    a(8, r.finished);
    a(9, r.ports);
    a(10, r.steps);
    a(11, r.outcome);
    a(12, r.targets);
}

template <class Archive, Is<PendingProbe> R> void describe(Archive& a, R& r) {
    a(1, r.id);
    a(2, r.target);
    a(3, r.technique);
    a(4, r.cls);
    a(5, r.sink);
    a(6, r.written);
    a(7, r.expires);
    a(8, r.repeat);
    a(9, r.software);
    a.packed(10, r.transcript);
    a(11, r.arrived);
    a(12, r.arrived_at);
    a(13, r.exit);
    a(14, r.sink_port);
    a.packed(15, r.message);
    a(16, r.redeemed);
    a(17, r.case_id);
    a(18, r.ordinal);
}

template <class Archive, Is<Hole> R> void describe(Archive& a, R& r) {
    a(1, r.technique);
    a(2, r.entry);
    a(3, r.port);
    a(4, r.cls);
    a(5, r.ordinal);
    a(6, r.first_proven);
    a(7, r.last_proven);
}

template <class Archive, Is<ManualListing> R> void describe(Archive& a, R& r) {
    a(1, r.cls);
    a(2, r.reason);
    a(3, r.by);
    a(4, r.since);
    a(5, r.until);
}

template <class Archive, Is<Host> R> void describe(Archive& a, R& r) {
    a(1, r.address);
    a(2, r.holes);
    a(3, r.case_id);
    a(4, r.listed_since);
    a(5, r.delisted_at);
    a(6, r.last_scan);
    a(7, r.last_answer);
    a(8, r.scans);
    a(9, r.clean_streak);
    a(10, r.silent_streak);
    a(11, r.inconclusive_streak);
    a(12, r.relistings);
    a(13, r.software);
    a(14, r.running_scan);
    a(15, r.queued_scan);
    a(16, r.due_kind);
    a(17, r.due);
    a(18, r.last_counted);
    a(19, r.open_answers);
    a(20, r.next_ordinal);
    a(21, r.manual);
    a(22, r.pardoned);
}

template <class Archive, Is<CaseEvidence> R> void describe(Archive& a, R& r) {
    a(1, r.host);
    a(2, r.case_id);
    a(3, r.ordinal);
    a(4, r.technique);
    a(5, r.cls);
    a(6, r.entry);
    a(7, r.exit);
    a(8, r.sink_port);
    a(9, r.token);
    a(10, r.sent);
    a(11, r.arrived);
    a(12, r.software);
    a(13, r.repeat);
    a.packed(14, r.transcript);
    a.packed(15, r.message);
}

template <class Archive, Is<Report> R> void describe(Archive& a, R& r) {
    a(1, r.id);
    a(2, r.host);
    a(3, r.ports);
    a(4, r.reporter);
    a(5, r.comment);
    a(6, r.received);
    a(7, r.scan_id);
    a(8, r.reporter_id);
    a(9, r.count);
    a(10, r.last);
    a(11, r.state);
    a(12, r.named);
}

template <class Archive, Is<Reporter> R> void describe(Archive& a, R& r) {
    a(1, r.id);
    a(2, r.name);
    a(3, r.key_hash);
    a(4, r.note);
    a(5, r.trap);
    a(6, r.per_hour);
    a(7, r.per_day);
    a(8, r.standing);
    a(9, r.received);
    a(10, r.right);
    a(11, r.wrong);
    a(12, r.created);
    a(13, r.revoked);
    a(14, r.hour_begun);
    a(15, r.day_begun);
    a(16, r.in_hour);
    a(17, r.in_day);
}

template <class Archive, Is<Notice> R> void describe(Archive& a, R& r) {
    a(1, r.id);
    a(2, r.at);
    a(3, r.kind);
    a(4, r.text);
    a(5, r.by);
    a(6, r.purge_id);
    a(7, r.delisted);
}

template <class Archive, Is<PurgeFilter> R> void describe(Archive& a, R& r) {
    a(1, r.since);
    a(2, r.until);
    a(3, r.technique);
    a(4, r.reporter);
    a(5, r.actor);
    a(6, r.everywhere);
    a(7, r.prefix);
}

template <class Archive, Is<Purge> R> void describe(Archive& a, R& r) {
    a(1, r.id);
    a(2, r.filter);
    a(3, r.note);
    a(4, r.by);
    a(5, r.started);
    a(6, r.finished);
    a(7, r.cursor);
    a(8, r.examined);
    a(9, r.matched);
    a(10, r.delisted);
    a(11, r.notice_id);
}

template <class Archive, Is<Exclusion> R> void describe(Archive& a, R& r) {
    a(1, r.prefix);
    a(2, r.reason);
    a(3, r.by);
    a(4, r.created);
    a(5, r.until);
}

template <class Archive, Is<Change> R> void describe(Archive& a, R& r) {
    a(1, r.sequence);
    a(2, r.at);
    a(3, r.address);
    a(4, r.before);
    a(5, r.after);
    a(6, r.reason);
    a(7, r.case_id);
    a(8, r.actor);
    a(9, r.note);
    a(10, r.by);
}

template <class Archive, Is<AuditLine> R> void describe(Archive& a, R& r) {
    a(1, r.address);
    a(2, r.case_id);
    a(3, r.listed);
    a(4, r.opened);
    a(5, r.why);
    a(6, r.classes);
    a(7, r.in_force);
    a(8, r.ended);
    a(9, r.closed);
    a(10, r.last_sequence);
}

template <class Archive, Is<AccessKey> R> void describe(Archive& a, R& r) {
    a(1, r.id);
    a(2, r.hash);
    a(3, r.name);
    a(4, r.per_second);
    a(5, r.per_day);
    a(6, r.created);
    a(7, r.revoked);
    a(8, r.note);
}

template <class T> std::string write_record(const T& record) {
    Writer writer;
    describe(writer, record);
    return writer.take();
}

} // namespace

std::string encode(const Host& record) {
    return write_record(record);
}
std::string encode(const CaseEvidence& record) {
    return write_record(record);
}
std::string encode(const PendingProbe& record) {
    return write_record(record);
}
std::string encode(const Scan& record) {
    return write_record(record);
}
std::string encode(const Report& record) {
    return write_record(record);
}
std::string encode(const Reporter& record) {
    return write_record(record);
}
std::string encode(const Notice& record) {
    return write_record(record);
}
std::string encode(const Purge& record) {
    return write_record(record);
}
std::string encode(const Exclusion& record) {
    return write_record(record);
}
std::string encode(const Change& record) {
    return write_record(record);
}
std::string encode(const AuditLine& record) {
    return write_record(record);
}
std::string encode(const AccessKey& record) {
    return write_record(record);
}

template <class T> T decode(std::string_view bytes) {
    Reader reader(bytes);
    T record;
    describe(reader, record);
    return record;
}
CaseEvidence decode_without_texts(std::string_view bytes) {
    Reader reader(bytes, false);
    CaseEvidence record;
    describe(reader, record);
    return record;
}
template Host decode<Host>(std::string_view);
template CaseEvidence decode<CaseEvidence>(std::string_view);
template PendingProbe decode<PendingProbe>(std::string_view);
template Scan decode<Scan>(std::string_view);
template Reporter decode<Reporter>(std::string_view);
template Notice decode<Notice>(std::string_view);
template Purge decode<Purge>(std::string_view);
template Report decode<Report>(std::string_view);
template Exclusion decode<Exclusion>(std::string_view);
template Change decode<Change>(std::string_view);
template AuditLine decode<AuditLine>(std::string_view);
template AccessKey decode<AccessKey>(std::string_view);

std::string encode(const Listing& listing) {
    std::string bytes;
    const auto add = [&](std::uint64_t value, unsigned size) {
        while (size-- > 0) bytes += static_cast<char>(value >> (8 * size));
    };
    add(listing.classes.bits(), 2);
    add(listing.since, 4);
    add(listing.case_id, 6);
    return bytes;
}

template <> Listing decode<Listing>(std::string_view bytes) {
    if (bytes.size() != 12) throw CorruptRecord("an entry of the serving index has a wrong length");
    const auto take = [&](unsigned size) {
        std::uint64_t value = 0;
        for (; size > 0; --size, bytes.remove_prefix(1)) value = value << 8U | static_cast<std::uint8_t>(bytes.front());
        return value;
    };
    Listing listing;
    listing.classes = ClassSet::from_bits(static_cast<std::uint16_t>(take(2)));
    listing.since = static_cast<std::uint32_t>(take(4));
    listing.case_id = take(6);
    return listing;
}

} // namespace provenbl::codec
