// What the public may see of a visit.
//
// A report brings its visit within moments, so when exactly that was asked for, due, made and ended tells when the
// report was made: a spammer would find our traps by it. The public sees the day; so it does in the timeline
// (timeline.hpp). Visits that an owner asked for, and those that come by themselves, are shown as they were.
#pragma once

#include "tools/api/describe.hpp"
#include "tools/api/message.hpp"
#include "tools/api/timeline.hpp"

namespace provenbl::tools::api {

[[nodiscard]] inline Reader reader_of(bool is_operator) {
    return is_operator ? Reader::the_operator : Reader::everybody;
}

// All times of the visit and of its steps, as this reader may know them.
[[nodiscard]] Scan seen_by(Reader reader, Scan scan);
// The last visit and the next.
[[nodiscard]] HostFacts seen_by(Reader reader, HostFacts facts);

} // namespace provenbl::tools::api
