#include "dnsbl/transfer/message.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cstring>
#include <stdexcept>

namespace provenbl::dnsbl::transfer {
namespace {

namespace type = wire::type;

constexpr std::size_t pointer_size = 2;
constexpr std::size_t fields_size = 10; // type, class, TTL, length
constexpr std::size_t soa_numbers = 20;

std::size_t number_at(std::span<const std::uint8_t> bytes, std::size_t at) {
    return static_cast<std::size_t>(bytes[at] << 8U | bytes[at + 1]);
}

// In one piece: a store of a single octet might alter anything, as far as the compiler knows.
void put16(std::uint8_t* to, std::size_t value) {
    const auto wire = htons(static_cast<std::uint16_t>(value));
    std::memcpy(to, &wire, sizeof wire);
}

void put32(std::uint8_t* to, std::uint32_t value) {
    const auto wire = htonl(value);
    std::memcpy(to, &wire, sizeof wire);
}

// Of what names a target.
std::uint16_t type_of(zones::ContentKind kind) {
    switch (kind) {
    case zones::ContentKind::mail_exchanger:
        return type::mx;
    case zones::ContentKind::alias:
        return type::cname;
    case zones::ContentKind::pointer:
        return type::ptr;
    default:
        return type::ns;
    }
}

} // namespace

Head Head::of(std::span<const std::uint8_t> answer, std::size_t question) {
    constexpr std::size_t answers_at = 6;
    if (number_at(answer, answers_at) != 1) throw std::logic_error("a transfer begins with an answer that has a SOA");
    const auto start = wire::header_size + question;
    const auto soa_end = start + pointer_size + fields_size + number_at(answer, start + pointer_size + 8);
    const auto opt = answer.subspan(soa_end);
    return {{answer.begin(), answer.begin() + static_cast<std::ptrdiff_t>(start)}, {opt.begin(), opt.end()}};
}

Message::Message(const zones::Zone& zone, const Head& head, bool first, std::size_t limit,
                 std::vector<std::uint8_t>& out)
    : zone_(zone), head_(head), out_(out), first_(first),
      limit_(std::min(limit, longest) - (first ? head.opt.size() : 0)) {
    out_.resize(std::min(limit, longest));
    // The name in the question is the apex: only a zone's own name can be transferred.
    bytes(std::span(head.start).first(first ? head.start.size() : wire::header_size));
    if (first) apex_at_ = wire::header_size;
}

void Message::u16(std::size_t value) {
    put16(&out_[size_], value);
    size_ += 2;
}

void Message::u32(std::uint32_t value) {
    put32(&out_[size_], value);
    size_ += 4;
}

void Message::bytes(std::span<const std::uint8_t> value) {
    if (!value.empty()) std::memcpy(&out_[size_], value.data(), value.size());
    size_ += value.size();
}

Message::Plan Message::plan(std::span<const std::uint8_t> owner) {
    auto& now = *now_;
    now.size = owner.size();
    now.count = 0;
    std::copy(owner.begin(), owner.end(), now.labels.begin());
    for (std::size_t at = 0; at < owner.size(); at += std::size_t{1} + owner[at])
        now.start[now.count++] = static_cast<std::uint16_t>(at);
    const auto& before = *before_;
    Plan made;
    while (made.shared < std::min(now.count, before.count)) {
        const auto* const ours = &now.labels[now.start[now.count - made.shared - 1]];
        const auto* const theirs = &before.labels[before.start[before.count - made.shared - 1]];
        if (!std::equal(ours, ours + *ours + 1, theirs)) break;
        ++made.shared;
    }
    made.own = made.shared == 0 ? now.size : now.start[now.count - made.shared];
    const bool whole_apex = made.shared == 0 && apex_at_ == 0;
    made.octets = made.own + (whole_apex ? zone_.apex().wire().size() : pointer_size);
    return made;
}

void Message::owner(const Plan& plan) {
    auto& now = *now_;
    const auto& before = *before_;
    const auto start = size_;
    bytes(std::span(now.labels).first(plan.own));
    for (std::size_t i = 0; i < now.count; ++i) {
        const bool own = i + plan.shared < now.count;
        now.at[i] = own ? static_cast<std::uint16_t>(start + now.start[i]) : before.at[before.count - (now.count - i)];
    }
    if (plan.shared > 0) {
        pointer(now.at[now.count - plan.shared]);
    } else if (apex_at_ > 0) {
        pointer(apex_at_);
    } else {
        apex_at_ = size_;
        bytes(zone_.apex().wire());
    }
    owner_at_ = now.count > 0 ? now.at[0] : apex_at_;
    // The apex shares nothing with anybody: what was before it is as good for the next one.
    if (now.count > 0) std::swap(now_, before_);
}

std::size_t Message::size_of(const zones::DomainName& name) const {
    return name.is_within(zone_.apex()) ? name.relative_to(zone_.apex()).size() + pointer_size : name.wire().size();
}

void Message::name(const zones::DomainName& name) {
    if (!name.is_within(zone_.apex())) {
        bytes(name.wire());
        return;
    }
    bytes(name.relative_to(zone_.apex()));
    pointer(apex_at_);
}

void Message::fields(std::uint16_t type, std::uint32_t ttl, std::size_t rdata) {
    auto* const to = &out_[size_];
    put16(to, type);
    put16(to + 2, wire::cls::in);
    put32(to + 4, ttl);
    put16(to + 8, rdata);
    size_ += fields_size;
    ++records_;
}

bool Message::add_soa(std::uint32_t serial) {
    const auto planned = plan({});
    const auto rdata = size_of(zone_.soa_mname()) + size_of(zone_.soa_rname()) + soa_numbers;
    if (!fits(planned.octets + fields_size + rdata)) return false;
    const auto& soa = zone_.soa();
    owner(planned);
    fields(type::soa, soa.ttl, rdata);
    name(zone_.soa_mname());
    name(zone_.soa_rname());
    for (const auto number : {serial, soa.refresh, soa.retry, soa.expire, soa.negative_ttl}) u32(number);
    return true;
}

bool Message::add(const zones::Content& content) {
    if (content.kind == zones::ContentKind::entry) return add_entry(content);
    const auto planned = plan(content.owner);
    const bool exchanger = content.kind == zones::ContentKind::mail_exchanger;
    if (content.kind == zones::ContentKind::text) return add_text(planned, content);
    const auto rdata =
        content.target == nullptr ? content.address.bytes().size() : size_of(*content.target) + (exchanger ? 2 : 0);
    if (!fits(planned.octets + fields_size + rdata)) return false;
    owner(planned);
    if (content.target == nullptr) {
        fields(content.address.is_v4() ? type::a : type::aaaa, content.ttl, rdata);
        bytes(content.address.bytes());
        return true;
    }
    fields(type_of(content.kind), content.ttl, rdata);
    if (exchanger) u16(0); // preference: there is one
    name(*content.target);
    return true;
}

bool Message::add_text(const Plan& planned, const zones::Content& content) {
    const auto rdata = 1 + content.text.size();
    if (!fits(planned.octets + fields_size + rdata)) return false;
    owner(planned);
    fields(type::txt, content.ttl, rdata);
    out_[size_++] = static_cast<std::uint8_t>(content.text.size());
    bytes({reinterpret_cast<const std::uint8_t*>(content.text.data()), content.text.size()});
    return true;
}

bool Message::add_entry(const zones::Content& content) {
    std::array<std::uint8_t, zones::TextTemplate::longest_text> text{};
    const auto length = zone_.text(content.node, text);
    const auto values = content.node.a_values();
    const auto planned = plan(content.owner);
    constexpr std::size_t address = 4;
    const auto octets = planned.octets + pointer_size * values.size() + // TXT comes last
                        values.size() * (fields_size + address) + fields_size + 1 + length;
    if (!fits(octets)) return false;
    owner(planned);
    for (const auto value : values) {
        fields(type::a, content.ttl, address);
        u32(value);
        owner_again();
    }
    fields(type::txt, content.ttl, 1 + length);
    out_[size_++] = static_cast<std::uint8_t>(length);
    bytes(std::span(text).first(length));
    return true;
}

void Message::finish() {
    const bool with_opt = first_ && !head_.opt.empty();
    if (with_opt) bytes(head_.opt);
    out_.resize(size_);
    put16(&out_[4], first_ ? 1 : 0);
    put16(&out_[6], records_);
    put16(&out_[8], 0);
    put16(&out_[10], with_opt ? 1 : 0);
}

} // namespace provenbl::dnsbl::transfer
