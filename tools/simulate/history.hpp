// A history for the policy to be tried on, as JSON lines. Three sorts of line, told apart by their members:
//
//   {"at": T, "event": "report", "host": A, "reporter": "alice", "standing": -30, "trap": false, "ports": [25]}
//   {"at": T, "event": "owner", "host": A}                       its owner asks for a look
//   {"at": T, "event": "visit", "host": A, "kind": "rescan",     what a visit found; the kind is that of the visit
//   which
//    "steps": [{"technique": "socks5/connect", "port": 1080,     waits, when none is told
//               "verdict": "open", "detail": "...", "target": A, "exit": A}]}
//   {"at": T, "event": "exclude", "prefix": P, "reason": "..."}
//   {"at": T, "event": "time"}                                   says what is due by then
//
// and the lines of `provenbl export` ("type"): reports, evidence (a visit that proved), exclusions, and the journal's
// entries of a listing's end (a visit in which every way was as the entry says). An export holds no visits, so of
// several in a row it knows the one that decided; `provenbl policy history` writes those that the store still has.
//
// Events of an export are put in the order of time; other lines must be in it. Pure: text in, values out.
#pragma once

#include "store/records.hpp"

#include <cstddef>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

namespace provenbl::tools::simulate {

struct Step {
    ScanStep step;
    std::optional<Address> exit; // of what was proven: who came to the sink, where it was not the target
};

struct Event {
    enum class What { report, owner, visit, exclude, time };
    std::size_t line = 0;
    Time at{};
    What what = What::time;
    Address host;
    // ---- a report
    std::string reporter;
    std::optional<std::int32_t> standing; // from here on
    bool trap = false;
    std::vector<std::uint16_t> ports;
    // ---- a visit
    std::optional<ScanKind> kind;
    std::vector<Step> steps;
    std::optional<Verdict> every_way; // instead of steps
    // ---- an exclusion
    Exclusion exclusion;
};
[[nodiscard]] std::string_view to_string(Event::What what);

struct Problem {
    std::size_t line = 0;
    std::string message;
};

struct History {
    std::vector<Event> events;
    std::vector<Problem> problems; // bounded; nothing should be simulated when there are some
};

[[nodiscard]] History read_history(std::istream& in);
// One event as a line that read_history takes. Visits keep their steps, and the verdicts' words.
[[nodiscard]] std::string write_event(const Event& event);

} // namespace provenbl::tools::simulate
