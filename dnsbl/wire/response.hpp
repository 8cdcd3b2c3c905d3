// Writing answers: RFC 1035 section 4, RFC 6891, RFC 8914, RFC 7873, RFC 7828.
//
// The question is copied octet for octet, and names point into it. Overflow is sticky: what does not fit
// leaves no half record behind, and `finish` then either drops the additional section or, when an answer or
// authority record is missing, sends the bare question with TC. Room for the OPT is kept from the start.
#pragma once

#include "dnsbl/wire/query.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace provenbl::dnsbl::wire {

// A name of a zone's data: its labels, and whether the zone's apex follows (else the root).
struct ZoneName {
    std::vector<std::uint8_t> labels;
    bool below_apex = false;
};

enum class Section : std::uint8_t { answer, authority, additional };

// What to say in the OPT beside the flags.
struct OptContents {
    std::uint16_t udp_size = 0; // what we can take
    ExtendedError error = ExtendedError::none;
    std::string_view nsid = {};                  // sent when not empty
    std::span<const std::uint8_t> cookie = {};   // client and server cookie; sent when not empty
    std::optional<std::uint16_t> keepalive = {}; // idle timeout in units of 100 ms
};

class Response {
public:
    // Copies id, opcode, RD and question. `limit` octets at most, which hold header, question and OPT
    // (at least plain_udp_size).
    Response(std::span<std::uint8_t> out, std::size_t limit, const Query& query, const OptContents& opt);

    // Where names may point to: the question's name, and the zone's apex inside it.
    static constexpr std::uint16_t question_name = header_size;
    void set_apex(std::size_t offset_in_name) { apex_ = static_cast<std::uint16_t>(header_size + offset_in_name); }
    [[nodiscard]] std::uint16_t apex() const { return apex_; }

    void set_authoritative() { authoritative_ = true; }
    void set_rcode(Rcode rcode) { rcode_ = rcode; }
    // `text` says more, for people; it is left out where it does not fit. It must outlive the response.
    void set_error(ExtendedError error, std::string_view text = {}) {
        opt_.error = error;
        error_text_ = text;
    }
    // Sends the bare question with TC, whatever was written: the client should come back over TCP.
    void truncate() { truncated_ = true; }

    // A record: begin, its data, end. The owner is an offset from the start, or a name.
    void begin(Section section, std::uint16_t owner, std::uint16_t type, std::uint16_t cls, std::uint32_t ttl);
    void begin(Section section, const ZoneName& owner, std::uint16_t type, std::uint16_t cls, std::uint32_t ttl);
    void u8(std::uint8_t value);
    void u16(std::uint16_t value);
    void u32(std::uint32_t value);
    void bytes(std::span<const std::uint8_t> value);
    void name(const ZoneName& value);
    void end();

    // Returns the message's size.
    [[nodiscard]] std::size_t finish();
    [[nodiscard]] Rcode rcode() const { return rcode_; }
    [[nodiscard]] bool truncated() const { return truncated_; } // known after finish

private:
    void fields(std::uint16_t type, std::uint16_t cls, std::uint32_t ttl);
    bool room(std::size_t count);
    void put16(std::size_t at, std::size_t value);
    void write_opt();

    std::span<std::uint8_t> out_;
    std::size_t limit_;
    std::size_t size_ = header_size;
    std::size_t question_end_ = header_size;
    std::size_t record_start_ = 0;
    std::size_t rdata_start_ = 0;
    Section section_ = Section::answer;
    bool overflow_ = false; // of the record being written
    bool truncated_ = false;
    std::uint16_t counts_[3] = {0, 0, 0};
    std::uint16_t apex_ = header_size;
    std::uint16_t flags_ = flag::response;
    bool authoritative_ = false;
    Rcode rcode_ = Rcode::noerror;
    bool has_question_;
    bool with_opt_;
    bool dnssec_ok_ = false;
    OptContents opt_;
    std::string_view error_text_;
    std::size_t opt_room_ = 0; // kept free for the OPT
};

} // namespace provenbl::dnsbl::wire
