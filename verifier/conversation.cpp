// One transcript line for each line of text, and one for each chunk without a line end (binary protocols).
#include "verifier/conversation.hpp"

#include <fmt/format.h>

#include <utility>

namespace provenbl::verifier {
namespace {

void append_escaped(std::string& out, std::string_view bytes) {
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '\\') {
            out += "\\\\";
        } else if (byte >= 0x20 && byte < 0x7f) {
            out += c;
        } else {
            fmt::format_to(std::back_inserter(out), "\\x{:02x}", byte);
        }
    }
}

} // namespace

Conversation::Conversation(const Clock& clock, Observer observer)
    : clock_(clock), observer_(std::move(observer)), begun_(clock.now()) {}

void Conversation::sent(std::string_view bytes) {
    add('>', bytes);
}
void Conversation::received(std::string_view bytes) {
    add('<', bytes);
}
void Conversation::note(std::string_view what) {
    add('*', what);
}

void Conversation::add(char arrow, std::string_view bytes) {
    const double offset = std::chrono::duration<double>(clock_.now() - begun_).count();
    while (!bytes.empty()) {
        const auto end = bytes.find('\n');
        auto line = bytes.substr(0, end);
        bytes.remove_prefix(end == std::string_view::npos ? bytes.size() : end + 1);
        if (end != std::string_view::npos && line.ends_with('\r')) line.remove_suffix(1);
        auto shown = fmt::format("+{:.3f} {} ", offset, arrow);
        append_escaped(shown, line);
        if (observer_) observer_(shown);
        shown += '\n';
        keep(shown);
    }
}

void Conversation::keep(std::string_view line) {
    // Once something was left out, everything later is: a transcript has no holes in the middle.
    if (dropped_ == 0 && kept_ + line.size() <= limit) {
        text_ += line;
        kept_ = text_.size();
        return;
    }
    dropped_ += line.size();
    text_.resize(kept_);
    fmt::format_to(std::back_inserter(text_), "... {} more characters were not kept\n", dropped_);
}

} // namespace provenbl::verifier
