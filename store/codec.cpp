#include "store/codec.hpp"

#include "store/codec_fields.hpp"
#include "store/codec_reader.hpp"
#include "store/codec_writer.hpp"

namespace provenbl::codec {
namespace {

template <class T> std::string write_record(const T& record) {
    Writer writer;
    describe(writer, record);
    return writer.take();
}

template <class T> T read_record(std::string_view bytes, Leave leave) {
    Reader reader(bytes, leave);
    T record;
    describe(reader, record);
    return record;
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
std::string encode(const ExclusionSweep& record) {
    return write_record(record);
}
std::string encode(const ExclusionRequest& record) {
    return write_record(record);
}
std::string encode(const Mirror& record) {
    return write_record(record);
}

std::string encode(const Letter& record) {
    return write_record(record);
}
std::string encode(const LetterMail& record) {
    return write_record(record);
}
std::string encode(const LetterContact& record) {
    return write_record(record);
}

template <class T> T decode(std::string_view bytes) {
    return read_record<T>(bytes, Leave::nothing);
}
CaseEvidence decode_without_texts(std::string_view bytes) {
    return read_record<CaseEvidence>(bytes, Leave::packed);
}
template <class T> T decode_numbers(std::string_view bytes) {
    return read_record<T>(bytes, Leave::texts);
}
template Host decode_numbers<Host>(std::string_view);
template CaseEvidence decode_numbers<CaseEvidence>(std::string_view);
template Scan decode_numbers<Scan>(std::string_view);
template Change decode_numbers<Change>(std::string_view);
template AuditLine decode_numbers<AuditLine>(std::string_view);
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
template ExclusionSweep decode<ExclusionSweep>(std::string_view);
template ExclusionRequest decode<ExclusionRequest>(std::string_view);
template Mirror decode<Mirror>(std::string_view);
template Letter decode<Letter>(std::string_view);
template LetterMail decode<LetterMail>(std::string_view);
template LetterContact decode<LetterContact>(std::string_view);

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
