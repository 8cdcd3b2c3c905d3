#include "tools/pages/client_files.hpp"

#include "tools/embedded_text.hpp"
#include "tools/pages/criteria_page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <stdexcept>

namespace provenbl::tools::pages {

// Made by cmake/embed.cmake.
std::span<const EmbeddedText> client_texts();

namespace {

// The classes that an answer of the zone can mean.
using Codes = std::map<Address, std::vector<ListingClass>>;
using Code = Codes::value_type;

// FEATURE(`enhdnsbl') looks at no more than its fourth to ninth argument.
constexpr std::size_t sendmail_patterns = 6;

Codes codes_of(const zones::ZoneDefinition& zone) {
    Codes codes;
    for (const auto& [cls, code] : zone.codes) {
        if (zone.classes.contains(cls)) codes[code].push_back(cls);
    }
    return codes;
}

unsigned last_octet(const Address& code) {
    return code.to_v4() & 0xffU;
}

bool all_in_127_0_0(const Codes& codes) {
    return std::all_of(codes.begin(), codes.end(),
                       [](const Code& code) { return code.first.to_v4() >> 8U == 0x7f0000U; });
}

// A name that programs take for a rule.
std::string symbol(std::string_view text) {
    std::string name;
    for (const char c : text) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        name += plain ? c : '_';
    }
    return name;
}

std::string upper(std::string text) {
    for (char& c : text) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    return text;
}

std::string replaced(std::string text, std::string_view what, std::string_view by) {
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
        text.replace(at, what.size(), by);
    return text;
}

template <typename Range, typename Text> std::string joined(const Range& range, std::string_view between, Text&& text) {
    std::string all;
    for (const auto& one : range) all += (all.empty() ? std::string{} : std::string{between}) + std::string{text(one)};
    return all;
}

std::string joined_codes(const Codes& codes, std::string_view between) {
    return joined(codes, between, [](const Code& code) { return code.first.to_string(); });
}

// What one octet of the codes may be: "0", "[2;8..10]".
std::string postfix_octet(const Codes& codes, unsigned shift) {
    std::set<unsigned> octets;
    for (const auto& [code, classes] : codes) octets.insert(code.to_v4() >> shift & 0xffU);
    std::string list;
    for (auto at = octets.begin(); at != octets.end();) {
        const auto first = *at;
        auto last = first;
        while (++at != octets.end() && *at == last + 1) ++last;
        list += list.empty() ? "" : ";";
        list += first == last ? fmt::format("{}", first) : fmt::format("{}..{}", first, last);
    }
    return list.find_first_of(";.") == std::string::npos ? list : "[" + list + "]";
}

std::string postfix_codes(const Codes& codes) {
    return joined(std::array{24U, 16U, 8U, 0U}, ".", [&](unsigned shift) { return postfix_octet(codes, shift); });
}

// More codes than it has room for are a pattern for each three octets in front: `$-' is the last one, whatever it is.
std::string sendmail_codes(const Codes& codes) {
    std::set<std::string> patterns;
    if (codes.size() <= sendmail_patterns)
        return joined(codes, ", ", [](const Code& code) { return "`" + code.first.to_string() + ".'"; });
    for (const auto& [code, classes] : codes)
        patterns.insert(fmt::format("`127.{}.{}.$-.'", code.to_v4() >> 16U & 0xffU, code.to_v4() >> 8U & 0xffU));
    return joined(patterns, ", ", [](const std::string& pattern) { return pattern; });
}

constexpr std::array<std::string_view, 6> code_words{"CODE", "OCTET", "CODE_PATTERN", "CLASS", "CLASS_NAME", "MEANING"};

std::string of_code(std::string_view word, const Code& code) {
    const auto& value = code.first;
    const auto& classes = code.second; // by name: clang 14 hands no structured binding to a lambda
    const auto names = [&](std::string_view between) {
        return joined(classes, between, [](ListingClass cls) { return to_string(cls); });
    };
    if (word == "CODE") return value.to_string();
    if (word == "OCTET") return fmt::format("{}", last_octet(value));
    if (word == "CODE_PATTERN") return replaced(value.to_string(), ".", "\\.");
    if (word == "CLASS") return names(", ");
    if (word == "CLASS_NAME") return upper(names("_"));
    return joined(classes, ", or ", meaning);
}

std::optional<std::string> of_zone(std::string_view word, std::string_view argument, const zones::ZoneDefinition& zone,
                                   const Codes& codes) {
    if (word == "ZONE") return zone.apex;
    if (word == "ASKED") return (zone.access == zones::ZoneAccess::key ? "KEY." : "") + zone.apex;
    if (word == "SYMBOL") return symbol(zone.apex);
    if (word == "NAME") return upper(symbol(zone.apex));
    if (word == "POSTFIX_CODES") return postfix_codes(codes);
    if (word == "SENDMAIL_CODES") return sendmail_codes(codes);
    if (word == "CODES") return joined_codes(codes, argument);
    if (word != "PAGE") return std::nullopt;
    const auto bar = argument.find('|');
    if (bar == std::string_view::npos || zone.page.empty()) return std::string{};
    return std::string{argument.substr(0, bar)} + replaced(zone.page, "{address}", argument.substr(bar + 1));
}

// The placeholder that begins at the @ at `at`: its word and what stands behind a colon. Empty for another @.
struct Placeholder {
    std::string_view word, argument;
    std::size_t end = 0; // behind its last @
};
std::optional<Placeholder> placeholder(std::string_view line, std::size_t at) {
    auto end = at + 1;
    while (end < line.size() && ((line[end] >= 'A' && line[end] <= 'Z') || line[end] == '_')) ++end;
    if (end == at + 1 || end == line.size()) return std::nullopt;
    const auto word = line.substr(at + 1, end - at - 1);
    if (line[end] == '@') return Placeholder{word, {}, end + 1};
    const auto close = line.find('@', end);
    if (line[end] != ':' || close == std::string_view::npos) return std::nullopt;
    return Placeholder{word, line.substr(end + 1, close - end - 1), close + 1};
}

bool is_of_code(std::string_view line) {
    for (auto at = line.find('@'); at != std::string_view::npos; at = line.find('@', at + 1)) {
        const auto found = placeholder(line, at);
        if (!found) continue;
        if (std::find(code_words.begin(), code_words.end(), found->word) != code_words.end()) return true;
        at = found->end - 1;
    }
    return false;
}

// `code`: for lines that are repeated.
std::string filled(std::string_view line, const zones::ZoneDefinition& zone, const Codes& codes, const Code* code) {
    std::string text;
    std::size_t from = 0;
    for (auto at = line.find('@'); at != std::string_view::npos; at = line.find('@', at)) {
        const auto found = placeholder(line, at);
        if (!found) {
            ++at;
            continue;
        }
        auto value = of_zone(found->word, found->argument, zone, codes);
        if (!value && code != nullptr) value = of_code(found->word, *code);
        if (!value) throw std::logic_error(fmt::format("docs/clients: '@{}@' is no placeholder", found->word));
        text += line.substr(from, at - from);
        text += *value;
        from = at = found->end;
    }
    return text += line.substr(from);
}

std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size() - 1) + 1;
        lines.push_back(text.substr(0, end));
        text.remove_prefix(end);
    }
    return lines;
}

} // namespace

std::string postfix_pattern(const zones::ZoneDefinition& zone) {
    return postfix_codes(codes_of(zone));
}

std::vector<std::string_view> client_files() {
    std::vector<std::string_view> names;
    for (const auto& file : client_texts()) names.push_back(file.name);
    return names;
}

std::optional<std::string> client_file(std::string_view name, const zones::ZoneDefinition& zone) {
    const auto all = client_texts();
    const auto file = std::find_if(all.begin(), all.end(), [&](const EmbeddedText& one) { return one.name == name; });
    const auto codes = codes_of(zone);
    if (file == all.end() || codes.empty()) return std::nullopt;
    if (name.find("-key.") != std::string_view::npos && zone.access != zones::ZoneAccess::key) return std::nullopt;
    // It sees the last octet alone.
    if (file->text.find("@OCTET@") != std::string_view::npos && !all_in_127_0_0(codes)) return std::nullopt;
    const auto lines = lines_of(file->text);
    std::string text;
    for (auto line = lines.begin(); line != lines.end();) {
        if (!is_of_code(*line)) {
            text += filled(*line++, zone, codes, nullptr);
            continue;
        }
        const auto end = std::find_if_not(line, lines.end(), is_of_code);
        for (const auto& code : codes) {
            for (auto one = line; one != end; ++one) text += filled(*one, zone, codes, &code);
        }
        line = end;
    }
    return text;
}

} // namespace provenbl::tools::pages
