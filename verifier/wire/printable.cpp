// See the header. Used for verdict details, which reach terminals, JSON and pages.
#include "verifier/wire/printable.hpp"

namespace provenbl::verifier::wire {

std::string printable(std::string_view bytes, std::size_t limit) {
    std::string text;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        const bool blank = c == ' ' || c == '\t' || c == '\r' || c == '\n';
        if (blank && (text.empty() || text.back() == ' ')) continue;
        if (text.size() >= limit) {
            text.resize(limit);
            text += "...";
            return text;
        }
        text += blank ? ' ' : byte >= 0x20 && byte < 0x7f ? c : '?';
    }
    if (text.ends_with(' ')) text.pop_back();
    return text;
}

} // namespace provenbl::verifier::wire
