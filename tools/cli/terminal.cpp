#include "tools/cli/terminal.hpp"

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
    std::string shown;
    shown.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (c == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
        // C1 controls arrive as UTF-8 (c2 80 to c2 9f); 8-bit ones and ours are escaped alike.
        const bool c1 = c == 0xc2 && i + 1 < text.size() && (static_cast<unsigned char>(text[i + 1]) & 0xe0U) == 0x80;
        if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f || c1)
            shown += fmt::format("\\x{:02x}", c);
        else
            shown += text[i];
    }
    return shown;
}

} // namespace provenbl::tools::cli
