// Where a command writes: results to out, complaints to err; colours and broken lines only where somebody looks at
// them.
#pragma once

#include <cstddef>
#include <iosfwd>
#include <string>
#include <string_view>

namespace provenbl::tools::cli {

enum class Colour { plain, bold, green, yellow, red, dim };

// `text` in lines of at most `columns` characters, broken between words; what follows the first is indented two further
// than it. A word that is longer stays whole. 0 columns: as it is.
[[nodiscard]] std::string wrapped(std::string_view text, std::size_t columns);

class Terminal {
public:
    // `columns` of the screen; 0: there is none, and no line is broken.
    Terminal(std::ostream& out, std::ostream& err, bool coloured, std::size_t columns = 0)
        : out_(out), err_(err), coloured_(coloured), columns_(columns) {}

    [[nodiscard]] std::string paint(Colour colour, std::string_view text) const;
    void line(std::string_view text); // to out, at once
    void line(Colour colour, std::string_view text) { line(paint(colour, text)); }
    void words(Colour colour, std::string_view text) { line(colour, wrapped(text, columns_)); } // a sentence, to out
    void words(std::string_view text) { words(Colour::plain, text); }
    void complain(std::string_view text); // "provenbl: ..." to err
    [[nodiscard]] std::size_t columns() const { return columns_; }

private:
    std::ostream& out_;
    std::ostream& err_;
    bool coloured_;
    std::size_t columns_;
};

// Standard output is a terminal, and neither NO_COLOR (no-color.org) nor TERM=dumb says otherwise.
[[nodiscard]] bool wants_colour();

// Of the terminal that standard output is; 0 when it is none, or does not say.
[[nodiscard]] std::size_t screen_columns();

// Text of others on our screen: as tools/api/plain_text.hpp says, and a carriage return is no more than the end of a
// line. Line breaks stay.
[[nodiscard]] std::string printable(std::string_view text);

} // namespace provenbl::tools::cli
