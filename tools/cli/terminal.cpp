#include "tools/cli/terminal.hpp"

#include "tools/api/plain_text.hpp"
#include "tools/cli/exit_code.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <ostream>
#include <unistd.h>

namespace provenbl::tools::cli {
namespace {

std::string_view code_of(Colour colour) {
    switch (colour) {
    case Colour::bold:
        return "1";
    case Colour::green:
        return "32";
    case Colour::yellow:
        return "33";
    case Colour::red:
        return "31";
    case Colour::dim:
        return "2";
    case Colour::plain:
        break;
    }
    return "0";
}

} // namespace

Exit exit_of(Errc code) {
    switch (code) {
    case Errc::invalid:
        return Exit::usage;
    case Errc::not_allowed:
        return Exit::refused;
    case Errc::unreachable:
        return Exit::unreachable;
    default:
        return Exit::failed;
    }
}

std::string Terminal::paint(Colour colour, std::string_view text) const {
    if (!coloured_ || colour == Colour::plain) return std::string{text};
    return fmt::format("\x1b[{}m{}\x1b[0m", code_of(colour), text);
}

void Terminal::line(std::string_view text) {
    out_ << text << '\n' << std::flush;
}

void Terminal::complain(std::string_view text) {
    err_ << "provenbl: " << text << '\n' << std::flush;
}

bool wants_colour() {
    const char* const no_colour = std::getenv("NO_COLOR");
    const char* const terminal = std::getenv("TERM");
    if (no_colour != nullptr && *no_colour != '\0') return false;
    if (terminal != nullptr && std::string_view{terminal} == "dumb") return false;
    return ::isatty(STDOUT_FILENO) == 1;
}

std::string printable(std::string_view text) {
    std::string lines;
    lines.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\r')
            lines += text[i];
        else if (i + 1 == text.size() || text[i + 1] != '\n')
            lines += "\\x0d"; // alone, it would write over the line
    }
    return api::as_utf8(lines);
}

} // namespace provenbl::tools::cli
