#include "generator.hpp"

#include <fmt/format.h>

#include <array>

namespace provenbl::corpus {
namespace {

constexpr std::size_t header = 12;
constexpr std::size_t longest_name = 255;
constexpr std::size_t opt_size = 11;

void put16(Bytes& bytes, unsigned value) {
    bytes.push_back(static_cast<std::uint8_t>(value >> 8U));
    bytes.push_back(static_cast<std::uint8_t>(value));
}

std::string without_first_label(const std::string& name) {
    const auto dot = name.find('.');
    return dot == std::string::npos ? "" : name.substr(dot + 1);
}

} // namespace

Generator::Generator(std::uint64_t seed, const Model& model) : random_(seed), model_(model) {}

// Not std::uniform_int_distribution: what it gives differs between libraries.
std::size_t Generator::below(std::size_t bound) {
    return static_cast<std::size_t>(random_() % bound);
}

Address Generator::address() {
    const auto octet = [&](std::size_t bound) { return static_cast<std::uint8_t>(below(bound)); };
    switch (below(12)) {
    case 0:
        return Address::v4(192, 0, 2, octet(256));
    case 1:
        return Address::v4(198, 51, 100, octet(64));
    case 2:
        return Address::v4(127, octet(2), 0, octet(17));
    case 3: // nibbles of a longer name, too
        return Address::v4(octet(3), octet(2), octet(2), octet(10));
    case 4:
        return Address::v4(octet(3), 7, 2, octet(8)); // as the numbers of an apex
    case 5:
        return one_of(std::array{Address::v4(0), Address::v4(0xffffffff), Address::v4(2, 0, 0, 1),
                                 Address::v4(0x7fffffff), Address::v4(0x80000000)});
    case 6:
        return Address::v4(static_cast<std::uint32_t>(random_()));
    default:
        break;
    }
    std::array<std::uint8_t, 16> bytes{};
    switch (below(5)) {
    case 0:
    case 1: // one network
        bytes = {0x20, 0x01, 0x0d, 0xb8, 0, octet(2)};
        bytes[15] = octet(32);
        bytes[8] = octet(2);
        break;
    case 2: // nibbles that are octets, too
        bytes[0] = static_cast<std::uint8_t>(octet(3) << 4U | octet(2));
        bytes[1] = static_cast<std::uint8_t>(octet(2) << 4U | octet(10));
        bytes[15] = octet(4);
        break;
    case 3: // around ::ffff:0:0/96, which belongs to the test entries
        bytes[10] = one_of(std::array<std::uint8_t, 3>{0xff, 0xfe, 0});
        bytes[11] = one_of(std::array<std::uint8_t, 3>{0xff, 0xef, 0});
        bytes[12] = one_of(std::array<std::uint8_t, 2>{0x7f, 0});
        bytes[15] = octet(12);
        break;
    default:
        for (auto& byte : bytes) byte = one_of(std::array<std::uint8_t, 3>{0, 0xff, octet(256)});
    }
    return Address::v6(bytes);
}

ClassSet Generator::classes() {
    return one_in(4) ? ClassSet{} : ClassSet::from_bits(static_cast<std::uint16_t>(1 + below(127)));
}

std::string Generator::label(std::size_t size) {
    std::string text(size, 'a');
    for (auto& c : text) c = "abcdef0123456789-_zxqw"[below(22)];
    return text;
}

std::string Generator::relative() {
    const auto& listed = model_.listed();
    auto host = address();
    if (!listed.empty() && one_in(2)) {
        const auto near = listed.lower_bound(host);
        host = near == listed.end() ? listed.begin()->first : near->first;
    }
    auto name = host.is_v4() && one_in(6) ? reversed_mapped(host) : reversed(host);
    switch (below(40)) {
    case 0:
    case 1:
    case 2: // an ancestor
        for (auto depth = below(host.is_v4() ? 4 : 32); depth > 0; --depth) name = without_first_label(name);
        return name;
    case 3:
        return label(1 + below(8)) + "." + name;
    case 4:
        return std::to_string(below(256)) + "." + name;
    case 5:
        return "0" + name;
    case 6:
        return name + ".0" + std::to_string(below(10));
    case 7: { // another octet, perhaps no octet at all
        const auto dot = name.find('.');
        return std::to_string(below(1200)) + name.substr(dot == std::string::npos ? name.size() : dot);
    }
    case 8:
        return label(1 + below(20));
    case 9: // one character that makes all the difference
        name[below(name.size())] = "0123456789abcdefgG:/@.`-"[below(24)];
        while (name.find("..") != std::string::npos) name.erase(name.find(".."), 1);
        if (name[0] == '.') name.erase(0, 1);
        if (name.back() == '.') name.pop_back();
        return name;
    default:
        return name;
    }
}

std::string Generator::text_name() {
    const auto& apex = one_of(model_.apexes());
    switch (below(16)) {
    case 0:
        return apex;
    case 1: {
        auto name = one_of(model_.hosts());
        for (auto depth = below(3); depth > 0; --depth) name = without_first_label(name);
        return one_in(4) && !name.empty() ? label(2) + "." + name : name;
    }
    case 2:
        return one_of(
            std::array<std::string, 6>{"", "example", "7.example", "other.example", "proxy.bl.example", "org"});
    case 3:
        return relative() + one_of(std::array<std::string, 3>{".bl.examplf", ".example", ".xbl.example"});
    case 4: // below a key, the right one most of the time
        return (one_in(8) ? "" : relative() + ".") + (one_in(8) ? label(20) : model_.key()) + "." + apex;
    default:
        return relative() + "." + apex;
    }
}

std::string Generator::wire() {
    auto name = wire_name(text_name());
    if (one_in(40)) { // labels of any octets
        std::string odd(1 + below(20), '\0');
        for (auto& c : odd) c = static_cast<char>(below(256));
        name = static_cast<char>(odd.size()) + odd + name;
    }
    if (one_in(40)) { // as long as can be
        while (name.size() + 2 <= longest_name) {
            const auto size = std::min<std::size_t>(1 + below(63), longest_name - name.size() - 1);
            name = static_cast<char>(size) + label(size) + name;
        }
    }
    if (name.size() > longest_name) return wire();
    return name;
}

void Generator::mix_case(std::string& wire) {
    for (std::size_t at = 0; wire[at] != 0; at += 1U + static_cast<unsigned char>(wire[at])) {
        for (std::size_t i = 1; i <= static_cast<unsigned char>(wire[at]); ++i) {
            auto& c = wire[at + i];
            if (c >= 'a' && c <= 'z' && one_in(2)) c = static_cast<char>(c - 'a' + 'A');
        }
    }
}

void Generator::add_opt(Question& question) {
    auto& message = question.message;
    question.edns = true;
    question.dnssec_ok = one_in(3);
    message[11] = 1;
    message.push_back(0);
    put16(message, 41);
    put16(message, static_cast<unsigned>(one_of(std::array{512, 1232, 4096, 65535, 0, 511, 513, 700})));
    put16(message, 0);
    // The bits beside DO mean nothing yet (RFC 6891 6.1.4).
    put16(message, (question.dnssec_ok ? 0x8000U : 0U) | (one_in(16) ? 0x0001U : 0U));
    Bytes options;
    if (one_in(4)) {
        question.nsid = one_in(2);
        if (question.nsid) options.insert(options.end(), {0, 3, 0, 0});
        if (one_in(2)) options.insert(options.end(), {0xff, 0xf0, 0, 2, 1, 2});
        if (one_in(2)) {
            constexpr std::size_t client_size = 8;
            const std::size_t size = one_in(2) ? client_size : 24; // a server's cookie that is none of ours
            options.insert(options.end(), {0, 10, 0, static_cast<std::uint8_t>(size)});
            for (std::size_t i = 0; i < size; ++i) options.push_back(static_cast<std::uint8_t>(below(256)));
            const auto start = options.end() - static_cast<std::ptrdiff_t>(size);
            question.cookie.assign(start, start + client_size);
        }
        if (one_in(2)) options.insert(options.end(), {0, 12, 0, 3, 0, 0, 0}); // padding (RFC 7830)
    }
    put16(message, static_cast<unsigned>(options.size()));
    message.insert(message.end(), options.begin(), options.end());
}

Question Generator::question() {
    Question question;
    question.asked = wire();
    if (one_in(3)) mix_case(question.asked);
    static constexpr std::array types{1,  1,   1, 1, 1,  1,  1,  1,   1,     16, 16,  16, 28,
                                      28, 255, 2, 6, 15, 43, 12, 257, 65280, 65, 251, 252};
    question.type = static_cast<unsigned>(one_of(types));
    auto& message = question.message;
    put16(message, static_cast<unsigned>(below(65536)));
    message.push_back(static_cast<std::uint8_t>(one_in(3) ? below(2) : 1));                     // RD
    message.push_back(one_in(4) ? static_cast<std::uint8_t>(below(4) << 4U) : std::uint8_t{0}); // AD and CD
    message.insert(message.end(), {0, 1, 0, 0, 0, 0, 0, 0});
    message.insert(message.end(), question.asked.begin(), question.asked.end());
    put16(message, question.type);
    put16(message, 1);
    if (!one_in(3)) add_opt(question);
    if (below(10) < 4) {
        question.valid = false;
        for (auto changes = 1 + below(3); changes > 0; --changes) mutate(message);
    }
    // In memory of exactly its size: a sanitizer sees the first octet read past it.
    message.shrink_to_fit();
    return question;
}

void Generator::mutate(Bytes& message) {
    if (message.size() < header) return;
    switch (below(9)) {
    case 0:
    case 1:
        message[below(message.size())] ^= static_cast<std::uint8_t>(1U << below(8));
        break;
    case 2:
        message[below(message.size())] = static_cast<std::uint8_t>(below(256));
        break;
    case 3: // cut, seldom short of a header
        message.resize(one_in(8) ? below(message.size()) : header + below(message.size() - header + 1));
        break;
    case 4: { // grown, at the end or somewhere
        const auto at = one_in(2) ? message.size() : below(message.size());
        Bytes more(1 + below(20));
        for (auto& octet : more) octet = static_cast<std::uint8_t>(below(256));
        message.insert(message.begin() + static_cast<std::ptrdiff_t>(at), more.begin(), more.end());
        break;
    }
    case 5:
        mutate_counts(message);
        break;
    case 6:
        mutate_name(message);
        break;
    case 7:
        mutate_opt(message);
        break;
    default: // another class, type or opcode
        if (one_in(2)) {
            message[2] = static_cast<std::uint8_t>(below(256));
        } else if (message.size() > header + 4) {
            message[message.size() - 1 - below(4)] = static_cast<std::uint8_t>(below(4));
        }
    }
}

void Generator::mutate_counts(Bytes& message) {
    const auto a = 4 + 2 * below(4);
    const auto b = 4 + 2 * below(4);
    switch (below(3)) {
    case 0:
        std::swap(message[a], message[b]);
        std::swap(message[a + 1], message[b + 1]);
        break;
    case 1:
        message[a + 1] = static_cast<std::uint8_t>(below(3));
        break;
    default:
        message[a + below(2)] = static_cast<std::uint8_t>(below(256));
    }
}

// At some label's length, or anywhere: a pointer, a reserved type, a length that is not true.
void Generator::mutate_name(Bytes& message) {
    auto at = header;
    for (auto steps = below(6); steps > 0 && at < message.size() && message[at] != 0; --steps) at += 1U + message[at];
    if (at + 1 >= message.size()) return;
    switch (below(4)) {
    case 0:
        message[at] = static_cast<std::uint8_t>(0xc0U | below(4));
        message[at + 1] = static_cast<std::uint8_t>(one_in(2) ? header : below(256));
        break;
    case 1:
        message[at] = static_cast<std::uint8_t>(below(256));
        break;
    case 2:
        message[at] = static_cast<std::uint8_t>(message[at] + 1);
        break;
    default: // a length in the place of a character and the reverse
        std::swap(message[at], message[at + 1]);
    }
}

// A second OPT, another version, options that are none, an owner.
void Generator::mutate_opt(Bytes& message) {
    if (one_in(2)) {
        Bytes opt{0, 0, 41, 4, 0xd0, 0, static_cast<std::uint8_t>(below(2)), 0, 0, 0, 0};
        if (one_in(2)) {
            const auto size = below(8);
            opt[10] = static_cast<std::uint8_t>(size);
            for (std::size_t i = 0; i < size; ++i) opt.push_back(static_cast<std::uint8_t>(below(i % 2 == 0 ? 2 : 12)));
        }
        if (one_in(6)) opt.insert(opt.begin(), {1, 'x'});
        message.insert(message.end(), opt.begin(), opt.end());
        if (!one_in(4)) ++message[11];
        return;
    }
    if (message.size() < header + opt_size) return;
    message[message.size() - 1 - below(opt_size)] = static_cast<std::uint8_t>(below(one_in(2) ? 3 : 256));
}

} // namespace provenbl::corpus
