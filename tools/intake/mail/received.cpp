#include "tools/intake/mail/received.hpp"

#include "store/ascii.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace provenbl::tools::intake::mail {
namespace {

constexpr std::size_t most_hops = 50;

// A word, or a comment without its parentheses.
struct Item {
    std::string_view text;
    bool comment = false;
};

// Up to the semicolon before the date.
std::vector<Item> items_of(std::string_view text) {
    constexpr std::size_t most_items = 200;
    constexpr std::string_view ends = " \t;(";
    std::vector<Item> items;
    while (items.size() < most_items) {
        const auto begin = text.find_first_not_of(" \t");
        if (begin == std::string_view::npos || text[begin] == ';') break;
        text.remove_prefix(begin);
        if (text.front() != '(') {
            const auto end = std::min(text.find_first_of(ends), text.size());
            items.push_back({text.substr(0, end), false});
            text.remove_prefix(end);
            continue;
        }
        std::size_t depth = 0;
        std::size_t end = 0;
        for (; end < text.size(); ++end) {
            if (text[end] == '\\')
                ++end;
            else if (text[end] == '(')
                ++depth;
            else if (text[end] == ')' && --depth == 0)
                break;
        }
        end = std::min(end, text.size());
        items.push_back({text.substr(1, end - 1), true});
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return items;
}

std::optional<Address> parse_literal(std::string_view text) {
    constexpr std::string_view tag = "ipv6:";
    if (lower(text.substr(0, tag.size())) == tag) text.remove_prefix(tag.size());
    const auto address = Address::parse(text);
    return address ? std::optional{*address} : std::nullopt;
}

// The last "[address]" of the text: what stands before it can be the client's own words.
std::optional<Address> last_literal(std::string_view text) {
    const auto begin = text.rfind('[');
    if (begin == std::string_view::npos) return std::nullopt;
    const auto end = text.find(']', begin);
    if (end == std::string_view::npos) return std::nullopt;
    return parse_literal(text.substr(begin + 1, end - begin - 1));
}

// Cuts off what the client said of itself: "[192.0.2.1]:4711 helo=[198.51.100.1] ident=x" (Exim).
std::string_view without_claims(std::string_view comment) {
    const auto folded = lower(comment);
    for (const std::string_view claim : {"helo=", "ident="}) {
        for (auto at = folded.find(claim); at != std::string::npos; at = folded.find(claim, at + 1)) {
            if (at != 0 && folded[at - 1] != ' ' && folded[at - 1] != '\t') continue;
            comment = comment.substr(0, std::min(at, comment.size()));
            break;
        }
    }
    return trimmed(comment);
}

// "unknown [192.0.2.1]" (Postfix), "[192.0.2.1] helo=x" (Exim), "192.0.2.1" (Exchange), "user@192.0.2.1" (qmail).
std::optional<Address> address_in(std::string_view comment) {
    const auto folded = lower(comment);
    if (folded.starts_with("helo ") || folded.starts_with("ehlo ")) return std::nullopt; // qmail
    const auto seen = without_claims(comment);
    if (const auto literal = last_literal(seen)) return literal;
    const auto at = seen.rfind('@');
    return parse_literal(at == std::string_view::npos ? seen : seen.substr(at + 1));
}

bool is(const Item& item, std::string_view keyword) {
    return !item.comment && lower(item.text) == keyword;
}

std::string name_of(std::string_view text) {
    if (text.starts_with('[') && text.ends_with(']')) {
        if (const auto address = parse_literal(text.substr(1, text.size() - 2))) return address->to_string();
    }
    if (text.ends_with('.')) text.remove_suffix(1);
    return lower(text);
}

// "(qmail 17 invoked by uid 0); date": how the mail came into qmail's queue, which every mail there begins with. It
// names no server, so it vouches for nothing: the next line has to be one of ours by itself.
bool is_qmail_note(std::string_view value) {
    const auto items = items_of(value);
    return items.size() == 1 && items.front().comment && lower(items.front().text).starts_with("qmail ");
}

bool within(const Address& address, const TrustedHops& trusted) {
    static const auto itself6 = *Address::parse("::1");
    return address == Address::v4(127, 0, 0, 1) || address == itself6 ||
           std::any_of(trusted.networks.begin(), trusted.networks.end(),
                       [&](const Prefix& one) { return one.contains(address); });
}

bool is_ours(const std::string& by, const TrustedHops& trusted) {
    if (std::find(trusted.names.begin(), trusted.names.end(), by) != trusted.names.end()) return true;
    const auto address = Address::parse(by);
    return address && within(*address, trusted);
}

} // namespace

std::optional<Hop> parse_received(std::string_view value) {
    const auto items = items_of(value);
    const bool from = !items.empty() && is(items.front(), "from");
    // What follows `from` is the client's word for itself, and may well be "by".
    const auto first = items.begin() + std::min<std::ptrdiff_t>(from ? 2 : 0, std::ssize(items));
    const auto by = std::find_if(first, items.end(), [](const Item& item) { return is(item, "by"); });
    if (by == items.end() || by + 1 == items.end() || (by + 1)->comment) return std::nullopt;
    Hop hop;
    hop.by = name_of((by + 1)->text);
    if (!from) return hop;
    bool claims_apart = true; // no comment, or Exim's of what the client claims: then the word is what was seen
    for (auto item = items.begin() + 1; item != by; ++item) {
        if (!item->comment) continue;
        if (!hop.from) hop.from = address_in(item->text);
        const auto folded = lower(item->text);
        claims_apart = claims_apart &&
                       (folded.starts_with("helo=") || folded.starts_with("port=") || folded.starts_with("ident="));
    }
    const auto& word = *(items.begin() + 1);
    if (!hop.from && claims_apart && !word.comment && word.text.starts_with('[')) hop.from = last_literal(word.text);
    return hop;
}

Result<Address> injecting_address(const Header& header, const TrustedHops& trusted) {
    std::size_t number = 0;
    for (const auto& [name, value] : header.fields()) {
        if (name != "received") continue;
        if (++number > most_hops) break;
        if (is_qmail_note(value)) continue;
        const auto hop = parse_received(value);
        if (!hop)
            return Error{Errc::invalid,
                         fmt::format("Received line {} says of no server that it wrote it (`by`)", number)};
        if (!is_ours(hop->by, trusted))
            return Error{
                Errc::invalid,
                fmt::format("Received line {} was written by '{}', which is none of our mail servers; if it is, "
                            "the operator names it in intake.mail.trusted_names",
                            number, hop->by.substr(0, 255))};
        if (hop->from && !within(*hop->from, trusted)) return *hop->from;
    }
    if (number == 0)
        return Error{Errc::invalid, "there are no Received lines; forward the whole mail, as an attachment"};
    return Error{Errc::invalid, "no Received line of our mail servers names a host outside: it came from inside"};
}

} // namespace provenbl::tools::intake::mail
