// Where a command writes: results to out, complaints to err; colours only where somebody looks at them.
#pragma once

#include <iosfwd>
#include <string>
#include <string_view>

namespace provenbl::tools::cli {

enum class Colour { plain, bold, green, yellow, red, dim };

class Terminal {
public:
    Terminal(std::ostream& out, std::ostream& err, bool coloured) : out_(out), err_(err), coloured_(coloured) {}

    [[nodiscard]] std::string paint(Colour colour, std::string_view text) const;
    void line(std::string_view text); // to out, at once
    void line(Colour colour, std::string_view text) { line(paint(colour, text)); }
    void complain(std::string_view text); // "provenbl: ..." to err

private:
    std::ostream& out_;
    std::ostream& err_;
    bool coloured_;
};

// Standard output is a terminal, and neither NO_COLOR (no-color.org) nor TERM=dumb says otherwise.
[[nodiscard]] bool wants_colour();

// Text of others on our screen: as tools/api/plain_text.hpp says, and a carriage return is no more than the end of a
// line. Line breaks stay.
[[nodiscard]] std::string printable(std::string_view text);

} // namespace provenbl::tools::cli
