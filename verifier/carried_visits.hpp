// A visit that a worker in another network carries out: given out, taken in, looked at again from here where its word
// is not enough, and concluded. Where nobody takes it, it is carried out here.
//
// Executor: that of the scheduler, which calls visit(), and of the receiver, which calls look_from_here().
#pragma once

#include "verifier/elsewhere.hpp"
#include "verifier/scanner.hpp"

#include <set>

namespace provenbl::verifier {

class CarriedVisits {
public:
    static constexpr std::size_t remembered_at_most = 10'000;

    CarriedVisits(const Clock& clock, const Gate& gate, Scanner& scanner, Elsewhere& elsewhere)
        : clock_(clock), gate_(gate), scanner_(scanner), elsewhere_(elsewhere) {}

    Awaitable<Result<>> visit(Address host);
    // The next visit to the host is carried out here. In memory, and bounded: what is forgotten goes to a worker again.
    void look_from_here(const Address& host);

private:
    Awaitable<Result<>> take_in(Scan scan, Findings findings);
    [[nodiscard]] Host now(const Address& host) const;

    const Clock& clock_;
    const Gate& gate_;
    Scanner& scanner_;
    Elsewhere& elsewhere_;
    std::set<Address> from_here_;
};

} // namespace provenbl::verifier
