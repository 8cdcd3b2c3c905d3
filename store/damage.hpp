// A damaged data file may end the process where no code can catch it: a page behind the end of the file is SIGBUS, a
// length that points outside of the map SIGSEGV. Then at least it is said what happened and what to do.
#pragma once

namespace provenbl {

// Once, at the start of the program. The signal then does what it always does.
void explain_damage_signals();

} // namespace provenbl
