// The books of our own visits: the store, and the sinks beside it.
#pragma once

#include "store/entropy.hpp"
#include "verifier/arrivals.hpp"
#include "verifier/receiver.hpp"
#include "verifier/settings.hpp"
#include "verifier/visit_books.hpp"

namespace provenbl::verifier {

// What visits need; owned by the verifier, and living longer than they do.
struct VisitParts {
    Store& store;
    const Clock& clock;
    const Gate& gate;
    Network& network;
    TokenMint& mint;
    Receiver& receiver;
    Arrivals& arrivals;
    const Identity& identity;
    const ProbeSettings& probe;
    const PolicyRules& rules;
    Entropy& entropy;
};

class StoreBooks final : public VisitBooks {
public:
    explicit StoreBooks(const VisitParts& parts) : parts_(parts) {}

    Awaitable<Result<Scan>> start(Address host) override;
    [[nodiscard]] Known known(const Address& host) const override;
    [[nodiscard]] Result<> allows(const Address& address) const override { return parts_.gate.check(address); }
    // Waits until it can be written, as conclude() does: what a lost worker has said must not decide.
    Awaitable<Result<>> begin_anew(const Scan& scan) override;
    Awaitable<Result<>> write_down(const Scan& scan, std::vector<ScanStep> steps, Talk talk) override;
    // Waits until what was found can be written (a full disk, say).
    Awaitable<Result<Scan>> conclude(const Scan& scan, std::vector<ScanStep> last, std::string software) override;

    Awaitable<Result<TokenMint::Token>> issue(PendingProbe probe) override;
    [[nodiscard]] std::optional<TokenMint::Token> put_off(const TokenId& id, SinkKind sink) const override;
    Awaitable<bool> arrived(TokenId id, Duration patience) override;
    [[nodiscard]] std::string answer_to(const TokenId& id) const override;
    Awaitable<Result<>> confirm(TokenId id) override;

private:
    // Commits as soon as that can be done (a full disk, say); errors not_found and conflict alone.
    Awaitable<Result<>> insist(Store::Work work, std::string what);
    VisitParts parts_;
};

} // namespace provenbl::verifier
