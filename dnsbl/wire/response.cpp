#include "dnsbl/wire/response.hpp"

namespace provenbl::dnsbl::wire {
namespace {

constexpr std::size_t opt_fixed = 11;
constexpr std::size_t option_header = 4;
constexpr std::size_t error_option = option_header + 2;
constexpr std::size_t keepalive_option = option_header + 2;
constexpr std::uint16_t pointer = 0xc000;

// Kept free from the start; an extended error may be set later.
std::size_t opt_room(const OptContents& opt) {
    return opt_fixed + error_option + (opt.nsid.empty() ? 0 : option_header + opt.nsid.size()) +
           (opt.cookie.empty() ? 0 : option_header + opt.cookie.size()) + (opt.keepalive ? keepalive_option : 0);
}

} // namespace

Response::Response(std::span<std::uint8_t> out, std::size_t limit, const Query& query, const OptContents& opt)
    : out_(out), limit_(std::min(limit, out.size())), has_question_(query.has_question()),
      with_opt_(query.edns.has_value()), opt_(opt) {
    put16(0, query.id);
    flags_ = static_cast<std::uint16_t>(flags_ | query.opcode << 11U);
    if (query.recursion_desired) flags_ |= flag::recursion_desired;
    std::copy(query.question.begin(), query.question.end(), out_.begin() + header_size);
    size_ += query.question.size();
    question_end_ = size_;
    if (with_opt_) {
        dnssec_ok_ = query.edns->dnssec_ok;
        opt_room_ = opt_room(opt_);
        limit_ -= opt_room_;
    }
}

bool Response::room(std::size_t count) {
    overflow_ = overflow_ || count > limit_ - size_;
    return !overflow_;
}

void Response::put16(std::size_t at, std::size_t value) {
    out_[at] = static_cast<std::uint8_t>(value >> 8U);
    out_[at + 1] = static_cast<std::uint8_t>(value);
}

void Response::u8(std::uint8_t value) {
    if (room(1)) out_[size_++] = value;
}

void Response::u16(std::uint16_t value) {
    if (!room(2)) return;
    put16(size_, value);
    size_ += 2;
}

void Response::u32(std::uint32_t value) {
    u16(static_cast<std::uint16_t>(value >> 16U));
    u16(static_cast<std::uint16_t>(value));
}

void Response::bytes(std::span<const std::uint8_t> value) {
    if (!room(value.size())) return;
    std::copy(value.begin(), value.end(), out_.begin() + static_cast<std::ptrdiff_t>(size_));
    size_ += value.size();
}

void Response::name(const ZoneName& value) {
    bytes(value.labels);
    if (value.below_apex) {
        u16(pointer | apex_);
    } else {
        u8(0);
    }
}

void Response::begin(Section section, std::uint16_t owner, std::uint16_t type, std::uint16_t cls, std::uint32_t ttl) {
    section_ = section;
    record_start_ = size_;
    overflow_ = false;
    u16(pointer | owner);
    fields(type, cls, ttl);
}

void Response::begin(Section section, const ZoneName& owner, std::uint16_t type, std::uint16_t cls, std::uint32_t ttl) {
    section_ = section;
    record_start_ = size_;
    overflow_ = false;
    name(owner);
    fields(type, cls, ttl);
}

void Response::fields(std::uint16_t type, std::uint16_t cls, std::uint32_t ttl) {
    u16(type);
    u16(cls);
    u32(ttl);
    u16(0); // RDLENGTH, known at the end
    rdata_start_ = size_;
}

void Response::end() {
    if (overflow_) {
        size_ = record_start_;
        // Without an additional record the answer is still whole (RFC 2181 section 9).
        truncated_ = truncated_ || section_ != Section::additional;
        return;
    }
    put16(rdata_start_ - 2, size_ - rdata_start_);
    ++counts_[static_cast<std::size_t>(section_)];
}

void Response::write_opt() {
    // What is left beyond the OPT's own room may be used to say more.
    const auto left = limit_ - size_;
    limit_ += opt_room_;
    overflow_ = false;
    u8(0);
    u16(type::opt);
    u16(opt_.udp_size);
    u8(static_cast<std::uint8_t>(static_cast<unsigned>(rcode_) >> 4U));
    u8(0); // version
    u16(dnssec_ok_ ? 0x8000 : 0);
    const auto length_at = size_;
    u16(0);
    if (opt_.error != ExtendedError::none) {
        if (error_text_.size() > left) error_text_ = {};
        u16(option::extended_error);
        u16(static_cast<std::uint16_t>(2 + error_text_.size()));
        u16(static_cast<std::uint16_t>(opt_.error));
        for (const char c : error_text_) u8(static_cast<std::uint8_t>(c));
    }
    if (!opt_.nsid.empty()) {
        u16(option::nsid);
        u16(static_cast<std::uint16_t>(opt_.nsid.size()));
        for (const char c : opt_.nsid) u8(static_cast<std::uint8_t>(c));
    }
    if (!opt_.cookie.empty()) {
        u16(option::cookie);
        u16(static_cast<std::uint16_t>(opt_.cookie.size()));
        bytes(opt_.cookie);
    }
    if (opt_.keepalive) {
        u16(option::tcp_keepalive);
        u16(2);
        u16(*opt_.keepalive);
    }
    put16(length_at, size_ - length_at - 2);
    ++counts_[static_cast<std::size_t>(Section::additional)];
}

std::size_t Response::finish() {
    if (truncated_) {
        size_ = question_end_;
        std::fill(std::begin(counts_), std::end(counts_), std::uint16_t{0});
        flags_ |= flag::truncated;
    }
    if (with_opt_) write_opt();
    if (authoritative_) flags_ |= flag::authoritative;
    put16(2, static_cast<std::size_t>(flags_ | (static_cast<unsigned>(rcode_) & 0xfU)));
    put16(4, has_question_ ? 1 : 0);
    put16(6, counts_[0]);
    put16(8, counts_[1]);
    put16(10, counts_[2]);
    return size_;
}

} // namespace provenbl::dnsbl::wire
