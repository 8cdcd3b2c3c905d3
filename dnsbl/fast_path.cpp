#include "dnsbl/fast_path.hpp"

#include "dnsbl/wire/reversed_labels.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cstring>
#include <limits>
#include <string_view>

namespace provenbl::dnsbl {
namespace {

namespace type = wire::type;

constexpr std::size_t question_fields = 4; // type and class
constexpr std::size_t word_size = 8;
constexpr std::uint16_t last_plain_type = 127; // above are those that stand for something else than themselves
constexpr std::size_t spare_room = 64;         // near the limit the general path counts
constexpr std::uint32_t loopback_octet = 127;  // of the test entries

std::uint64_t word_at(const std::uint8_t* at) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, sizeof word);
    return word;
}

std::uint16_t u16_at(const std::uint8_t* at) {
    return static_cast<std::uint16_t>(at[0] << 8U | at[1]);
}

// RFC 4291 2.5.5.2: these are IPv4 hosts under another name.
bool is_mapped(std::uint64_t high, std::uint64_t low) {
    return high == 0 && low >> 32U == 0xffff;
}

std::size_t write_octet(char* out, unsigned value) {
    std::size_t size = 0;
    if (value >= 100) out[size++] = static_cast<char>('0' + value / 100);
    if (value >= 10) out[size++] = static_cast<char>('0' + value / 10 % 10);
    out[size++] = static_cast<char>('0' + value % 10);
    return size;
}

using AddressText = std::array<char, INET6_ADDRSTRLEN>;

std::string_view write_v4(std::uint32_t address, AddressText& text) {
    std::size_t size = 0;
    for (unsigned shift = 24;; shift -= 8) {
        size += write_octet(&text[size], address >> shift & 0xffU);
        if (shift == 0) return {text.data(), size};
        text[size++] = '.';
    }
}

std::string_view write_v6(std::uint64_t high, std::uint64_t low, AddressText& text) {
    std::array<std::uint8_t, 16> octets{};
    for (unsigned i = 0; i < 8; ++i) {
        octets[i] = static_cast<std::uint8_t>(high >> (56U - 8U * i));
        octets[8 + i] = static_cast<std::uint8_t>(low >> (56U - 8U * i));
    }
    inet_ntop(AF_INET6, octets.data(), text.data(), static_cast<socklen_t>(text.size()));
    return text.data();
}

} // namespace

bool FastPath::Zone::ends_at(const std::uint8_t* end) const {
    for (const auto& word : apex) {
        end -= word_size;
        if (((word_at(end) ^ word.value) & word.keep) != 0) return false;
    }
    return true;
}

FastPath::FastPath(const Responder& responder) : edns_size_(responder.edns_size()) {
    const auto served = responder.zones().zones();
    for (std::size_t position = 0; position < served.size() && zones_.size() < 255; ++position) {
        if (!served[position].keeps_numbers_free()) continue;
        if (auto learned = learn_templates(responder, served[position]))
            add(served[position], static_cast<std::uint16_t>(position), std::move(*learned));
    }
    sort_zones();
    std::vector<Zone> proven;
    for (const auto& zone : zones_) {
        if (says_the_same(responder, zone)) proven.push_back(zone);
    }
    zones_ = std::move(proven);
    sort_zones();
}

void FastPath::add(const zones::Zone& zone, std::uint16_t position, ZoneTemplates templates) {
    Zone made;
    made.zone = &zone;
    made.position = position;
    made.templates = std::move(templates);
    const auto apex = zone.apex().wire();
    made.apex_size = apex.size();
    for (std::size_t left = apex.size(); left > 0; left -= std::min(left, word_size)) {
        std::array<std::uint8_t, word_size> value{};
        std::array<std::uint8_t, word_size> keep{};
        for (std::size_t i = 0; i < std::min(left, word_size); ++i) {
            const auto octet = apex[left - 1 - i];
            const bool letter = octet >= 'a' && octet <= 'z';
            value[word_size - 1 - i] = octet;
            // A length is below 64, so it can't be taken for a letter.
            keep[word_size - 1 - i] = letter ? 0xdf : 0xff;
        }
        made.apex.push_back({word_at(value.data()), word_at(keep.data())});
    }
    zones_.push_back(std::move(made));
}

void FastPath::sort_zones() {
    std::stable_sort(zones_.begin(), zones_.end(),
                     [](const Zone& a, const Zone& b) { return a.apex_size < b.apex_size; });
    first_of_size_.fill(static_cast<std::uint8_t>(zones_.size()));
    for (std::size_t i = zones_.size(); i-- > 0;) first_of_size_[zones_[i].apex_size] = static_cast<std::uint8_t>(i);
}

bool FastPath::says_the_same(const Responder& responder, const Zone& zone) const {
    std::array<std::uint8_t, Responder::smallest_buffer> ours{};
    std::array<std::uint8_t, Responder::smallest_buffer> theirs{};
    for (const auto& sample : sample_questions(*zone.zone)) {
        Outcome outcome;
        if (!try_respond(sample.message, sample.snapshot, ours, outcome)) continue;
        const auto wanted = responder.respond(sample.message, {.client = {}, .nobody = true}, sample.snapshot, theirs);
        if (!std::equal(ours.begin(), ours.begin() + static_cast<std::ptrdiff_t>(outcome.size), theirs.begin(),
                        theirs.begin() + static_cast<std::ptrdiff_t>(wanted.size)))
            return false;
    }
    return true;
}

bool FastPath::find_zone(const std::uint8_t* apex, const std::uint8_t* end, FastQuestion& question) const {
    const auto size = end - apex;
    if (size <= 0 || size > static_cast<std::ptrdiff_t>(wire::longest_name)) return false;
    const auto wanted = static_cast<std::size_t>(size);
    for (std::size_t i = first_of_size_[wanted]; i < zones_.size() && zones_[i].apex_size == wanted; ++i) {
        if (!zones_[i].ends_at(end)) continue;
        question.zone = static_cast<std::uint8_t>(i);
        return true;
    }
    return false;
}

FastQuestion FastPath::read(std::span<const std::uint8_t> message) const {
    FastQuestion question;
    const auto* const start = message.data();
    // Also long enough for whatever is looked at below before its length is known.
    constexpr std::size_t shortest = wire::header_size + wire::ReversedOctets::readable;
    if (message.size() < shortest) return question;
    // No response, opcode QUERY; one question, at most one additional record.
    if ((start[2] & 0xf8U) != 0) return question;
    constexpr std::uint8_t counts[] = {0, 1, 0, 0, 0, 0, 0};
    if (std::memcmp(start + 4, counts, sizeof counts) != 0 || start[11] > 1) return question;
    question.with_opt = start[11] == 1;
    const auto* end = start + message.size();
    question.limit = wire::plain_udp_size;
    if (question.with_opt) {
        end -= opt_size;
        constexpr std::uint8_t owner_and_type[] = {0, 0, type::opt};
        // No version but 0, no options.
        if (std::memcmp(end, owner_and_type, sizeof owner_and_type) != 0 || end[6] != 0 || u16_at(end + 9) != 0)
            return question;
        question.dnssec_ok = (end[7] & 0x80U) != 0;
        question.limit = std::clamp(u16_at(end + 3), static_cast<std::uint16_t>(wire::plain_udp_size), edns_size_);
    }
    question.question_end = static_cast<std::uint16_t>(end - start);
    end -= question_fields;
    question.type = u16_at(end);
    if (u16_at(end + 2) != wire::cls::in || question.type == 0 || question.type > last_plain_type ||
        question.type == type::opt)
        return question;

    const auto* const name = start + wire::header_size;
    if (end - name > static_cast<std::ptrdiff_t>(wire::longest_name)) return question;
    wire::ReversedOctets octets;
    if (octets.read(name) && find_zone(name + octets.size, end, question)) {
        question.v4 = octets.address;
        question.single_digits = octets.size == wire::ReversedOctets::shortest;
        question.apex_at = static_cast<std::uint16_t>(wire::header_size + octets.size);
        question.taken = octets.address >> 24U != loopback_octet;
        return question;
    }
    wire::ReversedNibbles nibbles;
    if (end - name > static_cast<std::ptrdiff_t>(wire::ReversedNibbles::size) &&
        find_zone(name + wire::ReversedNibbles::size, end, question) && nibbles.read(name)) {
        question.v6 = true;
        question.v6_high = nibbles.high;
        question.v6_low = nibbles.low;
        question.apex_at = wire::header_size + wire::ReversedNibbles::size;
        question.taken = !is_mapped(nibbles.high, nibbles.low);
    }
    return question;
}

std::size_t FastPath::write_text(const Zone& zone, const FastQuestion& question, ClassSet classes,
                                 std::span<std::uint8_t> out) const {
    AddressText buffer;
    const auto address =
        question.v6 ? write_v6(question.v6_high, question.v6_low, buffer) : write_v4(question.v4, buffer);
    const auto room = std::min(out.size() - 3, zones::TextTemplate::longest_text);
    const auto length = zone.zone->text(address, classes, out.subspan(3, room));
    // RDLENGTH, and one character-string.
    out[0] = static_cast<std::uint8_t>((length + 1) >> 8U);
    out[1] = static_cast<std::uint8_t>(length + 1);
    out[2] = static_cast<std::uint8_t>(length);
    return length + 3;
}

void FastPath::find(std::span<FastQuestion> questions, const zones::Snapshot& snapshot) {
    const auto& v4 = snapshot.index.v4();
    const auto is_v4 = [](const FastQuestion& question) { return question.taken && !question.v6; };
    for (const auto& question : questions) {
        if (is_v4(question)) v4.prefetch(question.v4);
    }
    for (auto& question : questions) {
        if (is_v4(question)) question.place = v4.place(question.v4);
    }
    for (const auto& question : questions) {
        if (is_v4(question)) zones::Tree4::prefetch(question.place, question.v4);
    }
    for (auto& question : questions) {
        if (!question.taken) continue;
        question.found = question.v6 ? snapshot.index.find6(question.v6_high, question.v6_low)
                                     : zones::Tree4::find(question.place, question.v4);
    }
}

bool FastPath::answer(std::span<const std::uint8_t> message, const FastQuestion& question,
                      const zones::Snapshot& snapshot, std::span<std::uint8_t> out, Outcome& outcome) const {
    const auto& zone = zones_[question.zone];
    const auto classes = ClassSet::from_bits(question.found) & zone.zone->classes();
    const bool listed = !classes.empty();
    // "1.0.0.2" is also an ancestor of 2001::/16.
    if (!listed && question.single_digits) return false;
    const auto& templates = zone.templates;
    const auto& made = !listed                      ? templates.nothing
                       : question.type == type::a   ? templates.addresses[classes.bits()]
                       : question.type == type::txt ? templates.text
                                                    : templates.no_data;
    std::size_t size = question.question_end + made.size();
    if (size + spare_room > question.limit) return false;
    std::memcpy(out.data(), message.data(), question.question_end);
    made.write(out.data() + question.question_end, question.apex_at, snapshot.serial());
    if (listed && question.type == type::txt) {
        size += write_text(zone, question, classes, out.subspan(size));
        if (size + spare_room > question.limit) return false;
    }
    const auto flags = made.flags();
    out[2] = static_cast<std::uint8_t>(flags >> 8U | (message[2] & (wire::flag::recursion_desired >> 8U)));
    out[3] = static_cast<std::uint8_t>(flags);
    std::memcpy(out.data() + 6, made.counts().data(), made.counts().size());
    if (question.with_opt) {
        std::memcpy(out.data() + size, templates.opt.data(), opt_size);
        if (question.dnssec_ok) out[size + 7] |= 0x80U;
        size += opt_size;
        ++out[11];
    }
    outcome.size = size;
    outcome.rcode = static_cast<wire::Rcode>(flags & 0xfU);
    outcome.type = question.type;
    outcome.zone = zone.position;
    outcome.listed = listed;
    outcome.truncated = false;
    return true;
}

bool FastPath::try_respond(std::span<const std::uint8_t> message, const zones::Snapshot& snapshot,
                           std::span<std::uint8_t> out, Outcome& outcome) const {
    auto question = read(message);
    find({&question, 1}, snapshot);
    return question.taken && answer(message, question, snapshot, out, outcome);
}

} // namespace provenbl::dnsbl
