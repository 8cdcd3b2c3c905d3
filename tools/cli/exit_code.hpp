// What the program's exit status means; every --help says it too.
#pragma once

#include "store/result.hpp"

namespace provenbl::tools::cli {

enum class Exit : int {
    done = 0, // lookup: not listed
    failed = 1,
    usage = 2,       // or a configuration that is wrong
    listed = 3,      // lookup; delist: still listed
    refused = 4,     // special-purpose, excluded, too soon, the operator's only
    unreachable = 5, // the server
    behind = 6,      // mirror status: one is older than allowed, or does not answer
    too_old = 7,     // export --delta: what changed can't be told any more
};

inline constexpr auto exit_code_help =
    "Exit status: 0 done (lookup: not listed), 1 failed, 2 wrong usage or configuration,\n"
    "3 listed (lookup) or still listed (delist), 4 refused by rule (special-purpose, excluded, too soon,\n"
    "operator only), 5 the server can't be reached, 6 a mirror is behind (mirror status),\n"
    "7 too old to tell what changed (export --delta).";

[[nodiscard]] Exit exit_of(Errc code);

} // namespace provenbl::tools::cli
