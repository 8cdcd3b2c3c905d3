#include "zones/domain_name.hpp"

#include "store/ascii.hpp"

#include <algorithm>

namespace provenbl::zones {
namespace {

constexpr std::size_t longest_name = 255;
constexpr std::size_t longest_label = 63;

Error bad_name(std::string_view text, std::string_view why) {
    return {Errc::invalid, "'" + std::string(text.substr(0, 80)) + "' is not a domain name: " + std::string(why)};
}

bool is_host_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

void append_label(std::vector<std::uint8_t>& wire, std::string_view label) {
    wire.push_back(static_cast<std::uint8_t>(label.size()));
    for (const char c : label) wire.push_back(static_cast<std::uint8_t>(lower(c)));
}

} // namespace

Result<DomainName> DomainName::parse(std::string_view text) {
    auto rest = text;
    if (rest.ends_with('.')) rest.remove_suffix(1);
    if (rest.empty()) return bad_name(text, "it is empty; expected such as bl.example");
    DomainName name;
    name.wire_.clear();
    while (true) {
        const auto dot = rest.find('.');
        const auto label = rest.substr(0, dot);
        if (label.empty()) return bad_name(text, "a label is empty");
        if (label.size() > longest_label) return bad_name(text, "a label is longer than 63 characters");
        if (!std::all_of(label.begin(), label.end(), [](char c) { return is_host_character(lower(c)); }))
            return bad_name(text, "letters, digits, '-' and '_' are allowed");
        append_label(name.wire_, label);
        if (dot == std::string_view::npos) break;
        rest.remove_prefix(dot + 1);
    }
    name.wire_.push_back(0);
    if (name.wire_.size() > longest_name) return bad_name(text, "it is longer than 255 octets");
    return name;
}

DomainName DomainName::root_wildcard() {
    DomainName name;
    name.wire_ = {1, '*', 0};
    return name;
}

Result<DomainName> DomainName::parse_mailbox(std::string_view text) {
    const auto at = text.find('@');
    if (at == std::string_view::npos) return parse(text);
    const auto local = text.substr(0, at);
    if (local.empty() || local.size() > longest_label ||
        !std::all_of(local.begin(), local.end(), [](char c) { return c > ' ' && c < 0x7f; }))
        return Error{Errc::invalid, "'" + std::string(text.substr(0, 80)) +
                                        "' is not a mail address; expected such as hostmaster@bl.example"};
    const auto domain = parse(text.substr(at + 1));
    if (!domain) return domain.error();
    DomainName name;
    name.wire_.clear();
    append_label(name.wire_, local);
    name.wire_.insert(name.wire_.end(), domain->wire_.begin(), domain->wire_.end());
    if (name.wire_.size() > longest_name) return bad_name(text, "it is longer than 255 octets");
    return name;
}

std::string DomainName::to_string() const {
    std::string text;
    for (auto rest = wire(); rest[0] != 0; rest = after_first_label(rest)) {
        if (!text.empty()) text += '.';
        for (const auto octet : rest.subspan(1, rest[0])) {
            if (octet == '.' || octet == '\\') text += '\\';
            text += static_cast<char>(octet);
        }
    }
    return text;
}

bool DomainName::is_within(const DomainName& apex) const {
    auto rest = wire();
    while (rest.size() > apex.wire_.size()) rest = after_first_label(rest);
    return std::equal(rest.begin(), rest.end(), apex.wire_.begin(), apex.wire_.end());
}

} // namespace provenbl::zones
