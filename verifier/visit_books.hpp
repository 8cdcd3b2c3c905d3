// What a visit reads, writes down and asks of the sinks. At home that is the store (store_books.hpp); a worker in
// another network asks whoever has the store (tools/workers). Called on the executor of the visit.
#pragma once

#include "store/address.hpp"
#include "store/records.hpp"
#include "verifier/network.hpp"
#include "verifier/token.hpp"

#include <optional>
#include <string>
#include <vector>

namespace provenbl::verifier {

class VisitBooks {
public:
    struct Known {
        Host host;                               // as the visit finds it
        Prefix unit = Prefix::of(Address{}, 32); // what the host stands for
    };
    // What one conversation leaves behind.
    struct Talk {
        std::vector<TokenId> issued;
        std::string transcript;
        std::string software;
    };

    virtual ~VisitBooks() = default;

    // ---- the visit ----
    // Starts the visit that is queued for the host. Error conflict when none is.
    virtual Awaitable<Result<Scan>> start(Address host) = 0;
    [[nodiscard]] virtual Known known(const Address& host) const = 0;
    // May the address be probed still? Exclusions come while visits are on.
    [[nodiscard]] virtual Result<> allows(const Address& address) const = 0;
    // Forgets what has been written down of the visit: somebody else carries it out from its beginning. In force when
    // it returns.
    virtual Awaitable<Result<>> begin_anew(const Scan& scan) = 0;
    // Durable when it returns, for those who follow the visit live.
    virtual Awaitable<Result<>> write_down(const Scan& scan, std::vector<ScanStep> steps, Talk talk) = 0;
    // The visit's end, with steps that were not written down yet: what it decides is in force when this returns.
    virtual Awaitable<Result<Scan>> conclude(const Scan& scan, std::vector<ScanStep> last, std::string software) = 0;

    // ---- its tokens ----
    // Durable when it returns. `probe` has no id yet, and TOKEN in `repeat` where the token goes.
    virtual Awaitable<Result<TokenMint::Token>> issue(PendingProbe probe) = 0;
    // A token of an earlier visit that the host has put off, while it can still prove something.
    [[nodiscard]] virtual std::optional<TokenMint::Token> put_off(const TokenId& id, SinkKind sink) const = 0;
    // Waits until the sink has seen the token, or patience ends.
    virtual Awaitable<bool> arrived(TokenId id, Duration patience) = 0;
    [[nodiscard]] virtual std::string answer_to(const TokenId& id) const = 0;
    // The sink's answer came back. Errors as tokens::confirm.
    virtual Awaitable<Result<>> confirm(TokenId id) = 0;
};

} // namespace provenbl::verifier
