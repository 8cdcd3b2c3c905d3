#include "tools/intake/feed.hpp"

namespace provenbl::tools::intake {
namespace {

// The next line without its end, no more than a byte longer than it may be; the rest of a longer one is passed over.
// `size` is what it took of the stream. False at the end.
bool next_line(std::istream& list, std::string& line, std::uint64_t& size) {
    line.clear();
    size = 0;
    auto* const buffer = list.rdbuf();
    for (;;) {
        const auto c = buffer->sbumpc();
        if (c == std::char_traits<char>::eof()) return size > 0;
        ++size;
        if (c == '\n') return true;
        if (line.size() <= longest_line) line += static_cast<char>(c);
    }
}

} // namespace

Result<> feed(std::istream& list, EntryReader& reader, Progress& progress, const Feeding& how) {
    std::string line;
    std::uint64_t size = 0;
    while (!how.stop() && next_line(list, line, size)) {
        const auto number = progress.lines + 1;
        const auto entry = reader.read(line);
        if (!entry) {
            ++progress.bad;
            how.complain(number, entry.error().message);
        } else if (*entry) {
            const auto filed = how.file(**entry);
            if (filed.what == Filed::What::later) return Error{Errc::busy, filed.why};
            if (filed.what == Filed::What::taken) {
                ++progress.taken;
            } else {
                ++progress.refused;
                how.complain(number, (**entry).address.to_string() + ": " + filed.why);
            }
        }
        progress.lines = number;
        progress.offset += size;
        how.after_line(progress);
    }
    return {};
}

} // namespace provenbl::tools::intake
