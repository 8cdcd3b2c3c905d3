// The books of a visit that is the coordinator's: each question goes to it, signed, under the lease.
#pragma once

#include "tools/signing/signing_key.hpp"
#include "tools/workers/bus.hpp"
#include "tools/workers/messages.hpp"

#include <map>
#include <memory>

namespace provenbl::tools::workers {

// The coordinator could not be asked: an error of the way to it, not its answer.
[[nodiscard]] bool is_away(const Error& error);

// Asks the coordinator, and believes nobody else.
class Caller {
public:
    Caller(WorkerBus& bus, const signing::SigningKey& key, const signing::PublicKey& coordinator)
        : bus_(bus), key_(key), coordinator_(coordinator) {}
    // Errors: those of the bus, those that the coordinator answers, and invalid for an answer that is not its own or to
    // something else.
    verifier::Awaitable<Result<Answer>> ask(Request request, Duration patience);

private:
    WorkerBus& bus_;
    const signing::SigningKey& key_;
    const signing::PublicKey coordinator_;
};

class RemoteBooks final : public verifier::VisitBooks {
public:
    RemoteBooks(Caller& caller, Taken taken) : caller_(caller), taken_(std::move(taken)) {}

    verifier::Awaitable<Result<Scan>> start(Address host) override;
    [[nodiscard]] Known known(const Address& host) const override;
    [[nodiscard]] Result<> allows(const Address& /*address*/) const override { return {}; } // asked with each request
    verifier::Awaitable<Result<>> begin_anew(const Scan& scan) override;
    verifier::Awaitable<Result<>> write_down(const Scan& scan, std::vector<ScanStep> steps, Talk talk) override;
    verifier::Awaitable<Result<Scan>> conclude(const Scan& scan, std::vector<ScanStep> last,
                                               std::string software) override;
    verifier::Awaitable<Result<verifier::TokenMint::Token>> issue(PendingProbe probe) override;
    // A host that put another visit off is asked anew: that was another worker's, from another address.
    [[nodiscard]] std::optional<verifier::TokenMint::Token> put_off(const TokenId& /*id*/,
                                                                    SinkKind /*sink*/) const override {
        return std::nullopt;
    }
    verifier::Awaitable<bool> arrived(TokenId id, Duration patience) override;
    [[nodiscard]] std::string answer_to(const TokenId& id) const override;
    verifier::Awaitable<Result<>> confirm(TokenId id) override;

    // Nothing new: is the visit still ours?
    verifier::Awaitable<Result<>> alive(Duration patience);
    // Why a token could not be had, or not be asked after; empty: all could. What such a visit calls closed was not
    // tried.
    [[nodiscard]] const std::string& missed() const { return missed_; }
    // After conclude().
    [[nodiscard]] ResultMessage result() const { return {taken_.lease, steps_, software_}; }

private:
    template <class T>
    verifier::Awaitable<Result<T>> asked(std::variant<Take, Alive, Issue, Arrived, Confirm, Steps> what,
                                         Duration patience);
    [[nodiscard]] Duration call_patience() const;
    void note(const Error& error);
    void keep_what_fits(std::vector<ScanStep>& steps) const;
    Caller& caller_;
    Taken taken_;
    std::uint64_t count_ = 0;
    std::vector<ScanStep> steps_;
    std::string software_;
    std::string missed_;
    std::map<TokenId, std::string> answers_;
};

} // namespace provenbl::tools::workers
