// Writes the messages of a transfer: RFC 5936 section 2.2, names compressed as RFC 1035 section 4.1.4 has it.
//
// A name shares what it can with the one before it; in the order of addresses that is most of it. No message is longer
// than a pointer reaches. The first repeats the question and has the OPT, the others have records alone.
// Pure; what does not fit is not begun.
#pragma once

#include "dnsbl/wire/protocol.hpp"
#include "zones/contents.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace provenbl::dnsbl::transfer {

// What all messages of one transfer have in common with the responder's answer to its question.
struct Head {
    std::vector<std::uint8_t> start; // header and question
    std::vector<std::uint8_t> opt;   // an OPT record; empty: none

    // Of an answer of ours that has one record, its SOA, and perhaps an OPT. `question`: the octets of the question.
    static Head of(std::span<const std::uint8_t> answer, std::size_t question);
};

// How many a whole message has (ANCOUNT).
[[nodiscard]] inline std::size_t records_in(std::span<const std::uint8_t> message) {
    return static_cast<std::size_t>(message[6] << 8U | message[7]);
}

class Message {
public:
    static constexpr std::size_t longest = 0x4000; // behind it nothing can be pointed to

    // All must outlive this. `limit`: the octets of the message, at most `longest`.
    Message(const zones::Zone& zone, const Head& head, bool first, std::size_t limit, std::vector<std::uint8_t>& out);

    // All of it or nothing: false when it does not fit.
    [[nodiscard]] bool add_soa(std::uint32_t serial);
    [[nodiscard]] bool add(const zones::Content& content);
    [[nodiscard]] std::size_t records() const { return records_; }
    // The message is whole.
    void finish();

private:
    // A name of which every label's place in the message is known.
    struct Written {
        std::array<std::uint8_t, wire::longest_name> labels{};     // above the apex
        std::array<std::uint16_t, wire::longest_name / 2> start{}; // of each label in `labels`
        std::array<std::uint16_t, wire::longest_name / 2> at{};    // of each label in the message
        std::size_t size = 0;
        std::size_t count = 0;
    };
    // How an owner will be written: so many octets of its labels, and a pointer or the apex.
    struct Plan {
        std::size_t own = 0;
        std::size_t shared = 0; // labels
        std::size_t octets = 0;
    };
    [[nodiscard]] Plan plan(std::span<const std::uint8_t> owner);
    [[nodiscard]] bool fits(std::size_t octets) const { return octets <= limit_ - size_; }
    [[nodiscard]] std::size_t size_of(const zones::DomainName& name) const;
    [[nodiscard]] bool add_text(const Plan& planned, const zones::Content& content);
    [[nodiscard]] bool add_entry(const zones::Content& content);
    void owner(const Plan& plan);
    void owner_again() { pointer(owner_at_); }
    void fields(std::uint16_t type, std::uint32_t ttl, std::size_t rdata);
    void name(const zones::DomainName& name);
    void pointer(std::size_t to) { u16(0xc000U | to); }
    void u16(std::size_t value);
    void u32(std::uint32_t value);
    void bytes(std::span<const std::uint8_t> value);

    const zones::Zone& zone_;
    const Head& head_;
    std::vector<std::uint8_t>& out_;
    bool first_;
    std::size_t limit_;
    std::size_t size_ = 0;
    std::size_t records_ = 0;
    std::size_t apex_at_ = 0; // 0: not in the message yet
    std::size_t owner_at_ = 0;
    Written names_[2]; // the one before, and the one that is being written
    Written* before_ = &names_[0];
    Written* now_ = &names_[1];
};

} // namespace provenbl::dnsbl::transfer
