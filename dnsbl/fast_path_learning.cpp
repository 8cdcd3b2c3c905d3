#include "dnsbl/fast_path_learning.hpp"

#include "store/reversed_name.hpp"

#include <algorithm>
#include <string_view>

namespace provenbl::dnsbl {
namespace {

namespace type = wire::type;

constexpr std::uint32_t serial = 0x01020304;
constexpr std::uint32_t other_serial = 0xfefdfcfb; // differs in every octet
constexpr std::uint8_t dnssec_ok = 0x80;
constexpr std::size_t dnssec_ok_at = 7; // in an OPT
constexpr std::size_t rdlength_at = 10; // in a record owned by a pointer

// Their names differ in length.
const Address sample4 = Address::v4(192, 0, 2, 99);
const Address longer4 = Address::v4(203, 0, 113, 77);
const Address sample6 = Address::parse("2001:db8:1:2:3:4:567:89ab").value();

void put16(std::vector<std::uint8_t>& octets, unsigned value) {
    octets.push_back(static_cast<std::uint8_t>(value >> 8U));
    octets.push_back(static_cast<std::uint8_t>(value));
}

struct Question {
    std::vector<std::uint8_t> message;
    std::size_t apex_at = 0;
    std::size_t end = 0;
};

enum class Edns : std::uint8_t { none, plain, dnssec };

Question question(const zones::Zone& zone, const Address& address, std::uint16_t asked, Edns edns = Edns::none) {
    Question made;
    made.message = {0x12, 0x34, 0x01, 0x00, 0, 1, 0, 0, 0, 0, 0, 0};
    std::string_view rest;
    const auto name = reversed_name(address);
    for (rest = name; !rest.empty();) {
        const auto label = rest.substr(0, rest.find('.'));
        made.message.push_back(static_cast<std::uint8_t>(label.size()));
        made.message.insert(made.message.end(), label.begin(), label.end());
        rest.remove_prefix(std::min(rest.size(), label.size() + 1));
    }
    made.apex_at = made.message.size();
    const auto apex = zone.apex().wire();
    made.message.insert(made.message.end(), apex.begin(), apex.end());
    put16(made.message, asked);
    put16(made.message, wire::cls::in);
    made.end = made.message.size();
    if (edns == Edns::none) return made;
    ++made.message[11];
    const PlainOpt opt{0, 0, type::opt, 0x04, 0xd0, 0, 0, edns == Edns::dnssec ? dnssec_ok : std::uint8_t{0}, 0, 0, 0};
    made.message.insert(made.message.end(), opt.begin(), opt.end());
    return made;
}

zones::Snapshot listed_as(ClassSet classes, std::uint32_t at_serial = serial) {
    if (classes.empty()) return {zones::Index{}, at_serial};
    const std::array changes{zones::IndexChange{sample4, classes}, zones::IndexChange{longer4, classes},
                             zones::IndexChange{sample6, classes}};
    return {zones::Index{}.with_changes(changes), at_serial};
}

struct Sampler {
    const Responder& responder;
    const zones::Zone& zone;

    [[nodiscard]] SampleAnswer ask(const Question& asked, const zones::Snapshot& snapshot) const {
        SampleAnswer answer;
        answer.message.resize(Responder::smallest_buffer);
        const auto outcome = responder.respond(asked.message, {.client = {}, .nobody = true}, snapshot, answer.message);
        answer.message.resize(outcome.truncated ? 0 : outcome.size);
        answer.question_end = asked.end;
        answer.apex_at = asked.apex_at;
        answer.serial = snapshot.serial();
        return answer;
    }

    // `cut`: octets after the question that are learned, 0 for all.
    [[nodiscard]] std::optional<AnswerTemplate> learn(std::uint16_t asked, ClassSet classes, wire::Rcode rcode,
                                                      std::size_t cut = 0) const {
        std::array<SampleAnswer, 3> samples{
            ask(question(zone, sample4, asked), listed_as(classes)),
            ask(question(zone, longer4, asked), listed_as(classes)),
            ask(question(zone, sample4, asked), listed_as(classes, other_serial)),
        };
        for (auto& sample : samples) {
            if (sample.message.size() < sample.question_end + cut || sample.message.size() < wire::header_size)
                return std::nullopt;
            if ((sample.message[3] & 0xfU) != static_cast<unsigned>(rcode)) return std::nullopt;
            if (cut != 0) sample.message.resize(sample.question_end + cut);
        }
        return AnswerTemplate::learn(samples[0], samples[1], samples[2]);
    }

    [[nodiscard]] std::optional<PlainOpt> learn_opt() const {
        const auto bare = ask(question(zone, sample4, type::a), listed_as({}));
        const auto plain = ask(question(zone, sample4, type::a, Edns::plain), listed_as({}));
        const auto dnssec = ask(question(zone, sample4, type::a, Edns::dnssec), listed_as({}));
        if (bare.message.size() < wire::header_size || plain.message.size() != bare.message.size() + opt_size ||
            dnssec.message.size() != plain.message.size())
            return std::nullopt;
        PlainOpt opt{};
        std::copy(plain.message.end() - opt_size, plain.message.end(), opt.begin());
        auto expected = bare.message;
        ++expected[11];
        expected.insert(expected.end(), opt.begin(), opt.end());
        if (expected != plain.message) return std::nullopt;
        expected[bare.message.size() + dnssec_ok_at] |= dnssec_ok;
        if (expected != dnssec.message) return std::nullopt;
        return opt;
    }
};

} // namespace

std::optional<ZoneTemplates> learn_templates(const Responder& responder, const zones::Zone& zone) {
    if (zone.classes().empty()) return std::nullopt;
    const Sampler sampler{responder, zone};
    ZoneTemplates made;
    const auto take = [](const auto& learned, auto& into) {
        if (learned) into = *learned;
        return learned.has_value();
    };
    const auto all = zone.classes();
    if (!take(sampler.learn(type::a, {}, wire::Rcode::nxdomain), made.nothing) ||
        !take(sampler.learn(type::aaaa, all, wire::Rcode::noerror), made.no_data) ||
        !take(sampler.learn(type::txt, all, wire::Rcode::noerror, rdlength_at), made.text) ||
        !take(sampler.learn_opt(), made.opt))
        return std::nullopt;
    made.addresses.resize(all.bits() + 1U);
    for (std::uint16_t bits = 1; bits <= all.bits(); ++bits) {
        if ((bits & ~all.bits()) != 0) continue;
        if (!take(sampler.learn(type::a, ClassSet::from_bits(bits), wire::Rcode::noerror), made.addresses[bits]))
            return std::nullopt;
    }
    return made;
}

std::vector<SampleQuestion> sample_questions(const zones::Zone& zone) {
    std::vector<SampleQuestion> made;
    for (const auto& address : {sample4, longer4, sample6}) {
        for (const auto asked : {type::a, type::txt, type::aaaa, type::mx}) {
            for (const auto edns : {Edns::none, Edns::plain, Edns::dnssec}) {
                auto message = question(zone, address, asked, edns).message;
                made.push_back({message, listed_as({}, 77)});
                made.push_back({std::move(message), listed_as(zone.classes(), 78)});
            }
        }
    }
    return made;
}

} // namespace provenbl::dnsbl
