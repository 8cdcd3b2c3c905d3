#include "dnsbl/watch/query_line.hpp"

#include "store/access_keys.hpp"
#include "store/ascii.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <iterator>
#include <vector>

namespace provenbl::dnsbl::watch {
namespace {

constexpr unsigned v4_network = 24;
constexpr unsigned v6_network = 48;

std::string time_text(WallTime time) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
    const auto rest = std::chrono::duration_cast<std::chrono::milliseconds>(time - seconds).count();
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)), rest);
}

std::string type_text(std::uint16_t type) {
    switch (type) {
    case 1:
        return "A";
    case 2:
        return "NS";
    case 5:
        return "CNAME";
    case 6:
        return "SOA";
    case 12:
        return "PTR";
    case 15:
        return "MX";
    case 16:
        return "TXT";
    case 28:
        return "AAAA";
    case 33:
        return "SRV";
    case 43:
        return "DS";
    case 65:
        return "HTTPS";
    case 251:
        return "IXFR";
    case 252:
        return "AXFR";
    case 255:
        return "ANY";
    default:
        return fmt::format("TYPE{}", type); // RFC 3597 section 5
    }
}

std::string rcode_text(wire::Rcode rcode) {
    switch (static_cast<unsigned>(rcode)) {
    case 0:
        return "NOERROR";
    case 1:
        return "FORMERR";
    case 2:
        return "SERVFAIL";
    case 3:
        return "NXDOMAIN";
    case 4:
        return "NOTIMP";
    case 5:
        return "REFUSED";
    case 9:
        return "NOTAUTH";
    case 16:
        return "BADVERS";
    case 23:
        return "BADCOOKIE";
    default:
        return fmt::format("RCODE{}", static_cast<unsigned>(rcode));
    }
}

std::string client_text(const Address& client, bool anonymize) {
    if (!anonymize) return client.to_string();
    return Prefix::of(client, client.is_v4() ? v4_network : v6_network).to_string();
}

// The name with whatever has the form of an access key hidden, whoever asked and whatever came of it.
std::vector<std::uint8_t> without_labels_like_keys(std::span<const std::uint8_t> name) {
    constexpr std::string_view instead = "KEY";
    std::vector<std::uint8_t> hidden;
    for (std::size_t at = 0; at < name.size() && at + name[at] < name.size(); at += std::size_t{1} + name[at]) {
        std::string label(name.begin() + static_cast<std::ptrdiff_t>(at) + 1,
                          name.begin() + static_cast<std::ptrdiff_t>(at) + 1 + name[at]);
        for (auto& c : label) c = lower(c);
        const auto* const octets = reinterpret_cast<const std::uint8_t*>(label.data());
        if (access_keys::is_label({octets, label.size()})) {
            hidden.push_back(static_cast<std::uint8_t>(instead.size()));
            hidden.insert(hidden.end(), instead.begin(), instead.end());
        } else {
            hidden.insert(hidden.end(), name.begin() + static_cast<std::ptrdiff_t>(at),
                          name.begin() + static_cast<std::ptrdiff_t>(at) + 1 + name[at]);
        }
    }
    return hidden;
}

// The name, with the label of an access key hidden: it stands next to the apex, and is longer than any octet. Also
// where the key was not known: it may be a slip of one that is.
std::string without_key(const QueryRecord& record, std::span<const std::string> zones) {
    const auto plain = without_labels_like_keys({record.name.data(), record.name_size});
    const std::span<const std::uint8_t> name(plain);
    const auto& outcome = record.outcome;
    const bool may_hold_one = outcome.key != 0 || outcome.barrier == Barrier::key;
    if (!may_hold_one || outcome.zone >= zones.size()) return name_text(name);
    const auto apex_size = zones[outcome.zone].size() + 2; // in wire form
    std::size_t at = 0;
    while (at < name.size() && name[at] != 0 && at + 1 + name[at] + apex_size < name.size())
        at += std::size_t{1} + name[at];
    constexpr std::size_t longest_octet = 3;
    if (at + 1 + name[at] + apex_size != name.size() || name[at] <= longest_octet) return name_text(name);
    const auto host = name_text(name.first(at));
    return fmt::format("{}{}.{}", at == 0 ? "" : host + ".", "KEY", zones[outcome.zone]);
}

// What may be missing is empty.
struct Texts {
    std::string time, client, name, type, codes;
    std::string_view transport, zone;
    std::string result;
};

Texts texts_of(const QueryRecord& record, const QueryLogSettings& settings, std::span<const std::string> zones) {
    const auto& outcome = record.outcome;
    Texts texts;
    texts.time = time_text(record.time);
    texts.transport = record.tls ? "tls" : record.transport == Transport::udp ? "udp" : "tcp";
    texts.client = client_text(record.client, settings.anonymize);
    if (record.name_size > 0) texts.name = without_key(record, zones);
    if (outcome.type != 0) texts.type = type_text(outcome.type);
    if (outcome.zone < zones.size()) texts.zone = zones[outcome.zone];
    texts.result = outcome.size > 0 ? rcode_text(outcome.rcode)
                                    : fmt::format("{}", drop_names[static_cast<std::size_t>(outcome.drop)]);
    return texts;
}

void append_json(std::string& out, const QueryRecord& record, const Texts& texts) {
    const auto to = std::back_inserter(out);
    const auto& outcome = record.outcome;
    fmt::format_to(to, R"({{"time":"{}","transport":"{}","client":"{}")", texts.time, texts.transport, texts.client);
    if (!texts.name.empty()) {
        out += R"(,"name":")";
        for (const char c : texts.name) {
            if (c == '\\') out += '\\';
            out += c;
        }
        out += '"';
    }
    if (!texts.type.empty()) fmt::format_to(to, R"(,"type":"{}")", texts.type);
    if (!texts.zone.empty()) fmt::format_to(to, R"(,"zone":"{}")", texts.zone);
    fmt::format_to(to, R"(,"{}":"{}","listed":{})", outcome.size > 0 ? "rcode" : "dropped", texts.result,
                   outcome.listed);
    if (record.code_count > 0) {
        out += R"(,"codes":[)";
        for (unsigned i = 0; i < record.code_count; ++i)
            fmt::format_to(to, R"({}"{}")", i == 0 ? "" : ",", Address::v4(record.codes[i]).to_string());
        out += ']';
    }
    if (outcome.key != 0) fmt::format_to(to, R"(,"key":{})", outcome.key);
    fmt::format_to(to, R"(,"truncated":{},"size":{}}})", outcome.truncated, outcome.size);
}

void append_words(std::string& out, const QueryRecord& record, const Texts& texts) {
    const auto to = std::back_inserter(out);
    const auto or_dash = [](std::string_view text) { return text.empty() ? std::string_view{"-"} : text; };
    std::string codes;
    for (unsigned i = 0; i < record.code_count; ++i)
        codes += (i == 0 ? "" : ",") + Address::v4(record.codes[i]).to_string();
    if (codes.empty() && record.outcome.listed) codes = "listed";
    fmt::format_to(to, "{} {} {} {} {} {} {}{} {} {}", texts.time, texts.transport, texts.client, or_dash(texts.name),
                   or_dash(texts.type), or_dash(texts.zone), record.outcome.size > 0 ? "" : "dropped:", texts.result,
                   or_dash(codes), record.outcome.size);
    if (record.outcome.key != 0) fmt::format_to(to, " key:{}", record.outcome.key);
}

} // namespace

std::string name_text(std::span<const std::uint8_t> name) {
    std::string text;
    for (std::size_t at = 0; at < name.size() && name[at] != 0; at += std::size_t{1} + name[at]) {
        if (at > 0) text += '.';
        for (const auto octet : name.subspan(at + 1, name[at])) {
            const bool plain = (octet >= 'a' && octet <= 'z') || (octet >= 'A' && octet <= 'Z') ||
                               (octet >= '0' && octet <= '9') || octet == '-' || octet == '_';
            if (plain)
                text += static_cast<char>(octet);
            else
                fmt::format_to(std::back_inserter(text), "\\{:03}", octet);
        }
    }
    return text.empty() ? "." : text;
}

void append_line(std::string& out, const QueryRecord& record, const QueryLogSettings& settings,
                 std::span<const std::string> zones) {
    const auto texts = texts_of(record, settings, zones);
    if (settings.json)
        append_json(out, record, texts);
    else
        append_words(out, record, texts);
    out += '\n';
}

void append_gap(std::string& out, std::uint64_t missing, WallTime now, const QueryLogSettings& settings) {
    fmt::format_to(std::back_inserter(out),
                   settings.json ? fmt::runtime("{{\"time\":\"{}\",\"missing\":{}}}\n")
                                 : fmt::runtime("{} missing {}\n"),
                   time_text(now), missing);
}

} // namespace provenbl::dnsbl::watch
