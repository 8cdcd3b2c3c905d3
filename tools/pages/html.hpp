// HTML as a value that can't be wrong: text is escaped by default, and elements close themselves.
//
// An Html is made from text (which is escaped), from numbers, or by element(); nothing else makes markup. So no page
// can show what a suspect, a reporter or a remote server said as anything but text, and no tag stays open. Pure.
#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace provenbl::tools::pages {

// For text and for quoted attributes: the five characters that HTML reads become references; control characters, broken
// UTF-8 and bidirectional overrides are shown as what they are (as_utf8), so that a page is valid and fools nobody.
[[nodiscard]] std::string escape_html(std::string_view text);

// Its value is escaped. One without a value ("open", "defer") has an empty one, which means the same.
struct Attribute {
    std::string_view name;
    std::string value;
};
using Attributes = std::vector<Attribute>;

class Html {
public:
    Html() = default;
    // NOLINTBEGIN(google-explicit-constructor): text is meant to become Html wherever Html is wanted
    Html(std::string_view text) : markup_(escape_html(text)) {}
    Html(const std::string& text) : Html(std::string_view{text}) {}
    Html(const char* text) : Html(std::string_view{text}) {}
    template <std::integral N> Html(N number) : markup_(std::to_string(number)) {}
    // NOLINTEND(google-explicit-constructor)
    // A flag is no text: say in words what it means.
    Html(bool) = delete;

    Html& operator+=(const Html& more) {
        markup_ += more.markup_;
        return *this;
    }
    [[nodiscard]] friend Html operator+(Html left, const Html& right) {
        left += right;
        return left;
    }
    [[nodiscard]] bool empty() const { return markup_.empty(); }
    [[nodiscard]] std::size_t size() const { return markup_.size(); }
    [[nodiscard]] const std::string& markup() const { return markup_; }

private:
    friend Html make_element(std::string_view tag, const Attributes& attributes, const Html& content);
    std::string markup_;
};

// Tag and attribute names are ours, never a stranger's: std::logic_error for a name that is not letters, digits and
// '-', and for content of a void element (br, hr, img, input, link, meta).
[[nodiscard]] Html make_element(std::string_view tag, const Attributes& attributes, const Html& content);

template <class... Parts>
[[nodiscard]] Html element(std::string_view tag, const Attributes& attributes, Parts&&... parts) {
    Html content;
    ((content += Html(std::forward<Parts>(parts))), ...);
    return make_element(tag, attributes, content);
}
// Without attributes.
template <class... Parts> [[nodiscard]] Html tag(std::string_view name, Parts&&... parts) {
    return element(name, Attributes{}, std::forward<Parts>(parts)...);
}

// A link to one of our own paths, or to http, https or mailto; any other scheme stays text.
[[nodiscard]] Html link(std::string_view target, const Html& text);

// A table with a caption for those who can't see it, and heads of columns.
[[nodiscard]] Html table(std::string_view caption, const std::vector<Html>& heads,
                         const std::vector<std::vector<Html>>& rows);

// No more than `most` bytes of markup of the text; says what was left out. For texts that may be of any length.
[[nodiscard]] Html excerpt(std::string_view text, std::size_t most);

} // namespace provenbl::tools::pages
