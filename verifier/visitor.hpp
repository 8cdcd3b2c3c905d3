// A visit that is carried out for somebody else, without a store: what a worker does. The same techniques, the same
// gate before every connection, the same bounds; the books are whoever's the visit is.
#pragma once

#include "verifier/settings.hpp"
#include "verifier/visit_books.hpp"

namespace provenbl::verifier {

struct Errand {
    Scan scan;
    VisitBooks::Known known;
    Identity identity;
    ProbeSettings probe;
};

// On the caller's executor, which serialises. The books and the clock live longer. Error not_allowed when the gate of
// these settings refuses the host.
Awaitable<Result<Scan>> carry_out(Errand errand, GateSettings gate, const Clock& clock, VisitBooks& books);

} // namespace provenbl::verifier
