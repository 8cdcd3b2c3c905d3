// Answers of DNS come first: what else the program does gives way to them where processors are short.
//
// Threads take over how they are scheduled from the thread that starts them (sched(7)), so a role is started by a
// thread that has been given its place before. Any process may step back, and may ask for short turns; where even that
// is refused (a sandbox), or not known (short turns before Linux 6.12), all threads stay equal and nothing else is
// lost. The store's writer, for which all others wait, stays as it is.
#pragma once

#include "store/result.hpp"

#include <functional>

namespace provenbl::tools::precedence {

// Both run `start` in a thread of its own and wait for it; exceptions come through.

// Short turns: such a thread does little at a time, and runs soon after it is woken, also when others are running. It
// takes nothing from them: their shares stay the same.
[[nodiscard]] Result<> come_first(const std::function<Result<>()>& start);
// Nicer by `nice`, and never in the place of a running thread when it is woken (SCHED_BATCH). With 0 `start` runs in
// this thread, and nothing is changed.
[[nodiscard]] Result<> give_way(int nice, const std::function<Result<>()>& start);

} // namespace provenbl::tools::precedence
