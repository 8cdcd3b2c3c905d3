// Records <-> bytes, so that records survive their schema's growth.
//
// A record is a format byte, then fields: tag (1 byte), length (varint), bytes. Each record lists its fields
// once (codec_fields.hpp); the same list writes and reads. Rules for growth: a tag is never reused; a reader skips
// tags it does not know and leaves absent fields at their default; a change that old readers can't survive
// takes a new format byte, which old readers refuse.
// Long texts (transcripts, messages) and the steps of a scan are compressed with zstd when that makes them shorter.
#pragma once

#include "store/access_key.hpp"
#include "store/exclusion_request.hpp"
#include "store/exclusion_sweep.hpp"
#include "store/letter.hpp"
#include "store/mirror.hpp"
#include "store/records.hpp"

#include <stdexcept>
#include <string>
#include <string_view>

namespace provenbl::codec {

// Stored bytes that can't be read: a damaged file, or one written by a newer version.
class CorruptRecord : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

[[nodiscard]] std::string encode(const Host& record);
[[nodiscard]] std::string encode(const CaseEvidence& record);
[[nodiscard]] std::string encode(const PendingProbe& record);
[[nodiscard]] std::string encode(const Scan& record);
[[nodiscard]] std::string encode(const Report& record);
[[nodiscard]] std::string encode(const Reporter& record);
[[nodiscard]] std::string encode(const Notice& record);
[[nodiscard]] std::string encode(const Purge& record);
[[nodiscard]] std::string encode(const Exclusion& record);
[[nodiscard]] std::string encode(const Change& record);
[[nodiscard]] std::string encode(const AuditLine& record);
[[nodiscard]] std::string encode(const AccessKey& record);
[[nodiscard]] std::string encode(const ExclusionSweep& record);
[[nodiscard]] std::string encode(const ExclusionRequest& record);
[[nodiscard]] std::string encode(const Mirror& record);
[[nodiscard]] std::string encode(const Letter& record);
[[nodiscard]] std::string encode(const LetterMail& record);
[[nodiscard]] std::string encode(const LetterContact& record);

// Throws CorruptRecord. T is one of the above.
template <class T> [[nodiscard]] T decode(std::string_view bytes);
// Without transcript and message, which are not unpacked.
[[nodiscard]] CaseEvidence decode_without_texts(std::string_view bytes);
// With every text left empty and none unpacked, nor a scan's steps: what is asked of millions of records needs no more.
// T is Host, CaseEvidence, Scan, Change or AuditLine.
template <class T> [[nodiscard]] T decode_numbers(std::string_view bytes);

// The serving index's value: 12 bytes, no tags (classes 16 bits, since 32, case 48; big-endian).
[[nodiscard]] std::string encode(const Listing& listing);
template <> Listing decode<Listing>(std::string_view bytes);

} // namespace provenbl::codec
