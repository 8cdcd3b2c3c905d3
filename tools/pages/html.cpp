#include "tools/pages/html.hpp"

#include "tools/api/plain_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace provenbl::tools::pages {
namespace {

constexpr std::array<std::string_view, 6> void_elements{"br", "hr", "img", "input", "link", "meta"};

bool is_name(std::string_view name) {
    return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
    });
}

bool may_be_linked(std::string_view target) {
    // "//host" would be another site's.
    if (target.starts_with('#') || (target.starts_with('/') && !target.starts_with("//"))) return true;
    return target.starts_with("https://") || target.starts_with("http://") || target.starts_with("mailto:");
}

} // namespace

std::string escape_html(std::string_view text) {
    const auto plain = api::as_utf8(text);
    std::string escaped;
    escaped.reserve(plain.size() + plain.size() / 8);
    for (const char c : plain) {
        switch (c) {
        case '&':
            escaped += "&amp;";
            break;
        case '<':
            escaped += "&lt;";
            break;
        case '>':
            escaped += "&gt;";
            break;
        case '"':
            escaped += "&quot;";
            break;
        case '\'':
            escaped += "&#39;";
            break;
        default:
            escaped += c;
        }
    }
    return escaped;
}

Html make_element(std::string_view tag, const Attributes& attributes, const Html& content) {
    if (!is_name(tag)) throw std::logic_error(fmt::format("'{}' is no name of an element", tag));
    Html made;
    made.markup_ = fmt::format("<{}", tag);
    for (const auto& attribute : attributes) {
        if (!is_name(attribute.name))
            throw std::logic_error(fmt::format("'{}' is no name of an attribute", attribute.name));
        made.markup_ += fmt::format(" {}=\"{}\"", attribute.name, escape_html(attribute.value));
    }
    made.markup_ += '>';
    if (std::find(void_elements.begin(), void_elements.end(), tag) != void_elements.end()) {
        if (!content.empty()) throw std::logic_error(fmt::format("<{}> holds nothing", tag));
        return made;
    }
    made.markup_ += content.markup_;
    made.markup_ += fmt::format("</{}>", tag);
    return made;
}

Html link(std::string_view target, const Html& text) {
    if (!may_be_linked(target)) return text;
    return element("a", {{"href", std::string{target}}}, text);
}

Html table(std::string_view caption, const std::vector<Html>& heads, const std::vector<std::vector<Html>>& rows) {
    Html head;
    for (const auto& one : heads) head += element("th", {{"scope", "col"}}, one);
    Html body;
    for (const auto& row : rows) {
        Html cells;
        for (const auto& cell : row) cells += tag("td", cell);
        body += tag("tr", cells);
    }
    // What is wider than a phone scrolls by itself, with the keyboard, too.
    return element("div",
                   {{"class", "scroll"}, {"tabindex", "0"}, {"role", "region"}, {"aria-label", std::string{caption}}},
                   tag("table", tag("caption", caption), tag("thead", tag("tr", head)), tag("tbody", body)));
}

Html excerpt(std::string_view text, std::size_t most) {
    // Escaping makes no more than six bytes of one, so a fitting cut is found in a few steps.
    for (auto take = std::min(text.size(), most);;) {
        // Not inside a character, which has three more bytes at most.
        for (int back = 0;
             back < 3 && take < text.size() && (static_cast<unsigned char>(text[take]) & 0xc0U) == 0x80U && take > 0;
             ++back)
            --take;
        Html part{text.substr(0, take)};
        if (part.size() <= most || take == 0) {
            if (take < text.size()) part += Html{"\n[cut here]"};
            return part;
        }
        take = take * most / (part.size() + 1);
    }
}

} // namespace provenbl::tools::pages
