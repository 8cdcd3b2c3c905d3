#include "tools/cli/terminal.hpp"

#include "tools/api/plain_text.hpp"
#include "tools/cli/exit_code.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <ostream>
#include <sys/ioctl.h>
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

// Of UTF-8: every byte but those that go on with a character.
std::size_t width_of(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; }));
}

} // namespace

std::string wrapped(std::string_view text, std::size_t columns) {
    if (columns == 0 || width_of(text) <= columns) return std::string{text};
    const auto margin = std::min(text.find_first_not_of(' '), text.size());
    const std::string indent(margin + 2, ' ');
    std::string lines{text.substr(0, margin)};
    auto used = margin;
    bool first = true;
    for (auto rest = text.substr(margin); !rest.empty();) {
        const auto end = std::min(rest.find(' '), rest.size());
        const auto word = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        if (word.empty()) continue; // blanks that made columns
        if (!first && used + 1 + width_of(word) > columns) {
            lines += '\n' + indent;
            used = indent.size();
        } else if (!first) {
            lines += ' ';
            ++used;
        }
        first = false;
        lines += word;
        used += width_of(word);
    }
    return lines;
}

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

std::size_t screen_columns() {
    winsize size{};
    if (::isatty(STDOUT_FILENO) != 1 || ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return 0;
    return size.ws_col;
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
