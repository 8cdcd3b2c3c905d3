// A visit that a worker in another network carries out: given out, taken in, looked at again from here where its word
// is not enough, and concluded. Where nobody takes it, it is carried out here.
//
// Executor: that of the scheduler, which calls visit(), and of the receiver, which calls hold().
#pragma once

#include "verifier/carried_steps.hpp"
#include "verifier/elsewhere.hpp"
#include "verifier/scanner.hpp"

#include <map>
#include <set>
#include <vector>

namespace provenbl::verifier {

class CarriedVisits {
public:
    static constexpr std::size_t remembered_at_most = 10'000;

    CarriedVisits(const Clock& clock, const Gate& gate, Scanner& scanner, Elsewhere& elsewhere)
        : clock_(clock), gate_(gate), scanner_(scanner), elsewhere_(elsewhere) {}

    Awaitable<Result<>> visit(Address host);
    // A mail of a worker came through the host, and proves nothing by itself. True: it is looked at from here before
    // the visit that is out is concluded. Otherwise the next visit to the host is carried out here, and it is the
    // caller's to ask for that. In memory, and bounded: what is forgotten goes to a worker again.
    bool hold(const Address& host, Claim claim);

private:
    class Out;
    Awaitable<Result<>> from_here(Scan scan, std::vector<Claim> held);
    Awaitable<Result<>> take_in(Scan scan, Findings findings, std::vector<Claim> held);
    [[nodiscard]] Host now(const Address& host) const;

    const Clock& clock_;
    const Gate& gate_;
    Scanner& scanner_;
    Elsewhere& elsewhere_;
    std::set<Address> from_here_;
    std::map<Address, std::vector<Claim>> out_; // visits that are out, with the mail that is held
};

} // namespace provenbl::verifier
