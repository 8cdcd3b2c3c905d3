// A list, line by line, into reports: streaming, so a list of any length takes the same memory; each line by itself, so
// a bad one stops no other; and restartable, because the place is known after every line.
#pragma once

#include "tools/intake/entry.hpp"

#include <cstdint>
#include <functional>
#include <istream>
#include <ostream>

namespace provenbl::tools::intake {

// What became of one report.
struct Filed {
    enum class What : std::uint8_t {
        taken,
        refused, // for good: a rule says so
        later    // it can't be taken now (limits, a full queue or disk, no server): the list waits
    };
    What what = What::taken;
    std::string why; // of the other two
};
using File = std::function<Filed(const Entry&)>;

struct Progress {
    std::uint64_t offset = 0; // bytes that were dealt with
    std::uint64_t lines = 0;
    std::uint64_t taken = 0;
    std::uint64_t refused = 0; // by a rule
    std::uint64_t bad = 0;     // could not be read
};

struct Feeding {
    File file;
    std::function<void(const Progress&)> after_line;               // what was done is to be remembered
    std::function<void(std::uint64_t, std::string_view)> complain; // line number, why it made no report
    std::function<bool()> stop = [] { return false; };
};

// Reads on from where the stream is: `progress` and `reader` say what came before. An error (busy) when the list has to
// wait: progress is where to go on. Else everything was read, or `stop` said so.
[[nodiscard]] Result<> feed(std::istream& list, EntryReader& reader, Progress& progress, const Feeding& how);

} // namespace provenbl::tools::intake
