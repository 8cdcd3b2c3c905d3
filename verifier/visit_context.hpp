// What a runner works with during a real visit: ProbeContext over the books, the network and the sinks.
//
// One per attempt, so one transcript per conversation. Every byte either way is recorded, every token is
// durable before the runner gets it, and there is never more than one connection open, and datagrams beside it only
// where a protocol needs both.
#pragma once

#include "verifier/conversation.hpp"
#include "verifier/gate.hpp"
#include "verifier/put_off.hpp"
#include "verifier/technique.hpp"
#include "verifier/visit_books.hpp"

#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace provenbl::verifier {

// What a visit works with, wherever it is carried out. All of it lives longer than the visit.
struct VisitTools {
    VisitBooks& books;
    const Clock& clock;
    const Gate& gate;
    Network& network;
    const Identity& identity;
    const ProbeSettings& probe;
};

class VisitContext final : public ProbeContext {
public:
    // `put_off` lives longer; what it holds for the target is asked again with its own token.
    VisitContext(const VisitTools& tools, const Endpoint& target, Conversation::Observer observer, PutOff& put_off);
    ~VisitContext() override;

    [[nodiscard]] Endpoint target() const override { return target_; }
    [[nodiscard]] Time now() const override { return tools_.clock.now(); }
    [[nodiscard]] const Identity& identity() const override { return tools_.identity; }
    [[nodiscard]] const ProbeSettings& settings() const override { return tools_.probe; }
    // A connection that the runner still holds is closed first.
    Awaitable<Result<std::unique_ptr<Connection>>> connect() override;
    Awaitable<Result<std::unique_ptr<Connection>>> connect_udp(std::uint16_t port) override;
    void note(std::string_view what) override;
    void software(std::string_view name) override;
    Awaitable<Result<TokenMint::Token>> issue(const Technique& technique, SinkKind sink, std::string repeat) override;
    Awaitable<bool> arrived(const TokenId& id, Duration patience) override;
    void look_again(const Technique& technique, const TokenId& id) override { late_.emplace_back(&technique, id); }
    [[nodiscard]] std::string answer_to(const TokenId& id) const override;
    Awaitable<Result<>> confirm(const TokenId& id) override;

    // The port speaks something else: whoever says nothing for so long at the beginning of a conversation does not
    // speak this as well. Zero: the usual patience.
    void expect_first_answer_within(Duration patience);

    // What the attempt leaves behind.
    [[nodiscard]] const std::vector<TokenId>& issued() const { return issued_; }
    // The newest token of a technique.
    [[nodiscard]] std::optional<TokenId> issued_for(const Technique& technique) const;
    // What may still arrive, while the visit goes on.
    [[nodiscard]] const std::vector<std::pair<const Technique*, TokenId>>& late() const { return late_; }
    [[nodiscard]] const std::string& transcript() const;
    [[nodiscard]] const std::string& software_seen() const { return software_; }
    [[nodiscard]] bool ever_connected() const { return ever_connected_; }

private:
    [[nodiscard]] std::optional<TokenMint::Token> asked_before(const Technique& technique, SinkKind sink);

    struct Recording; // the transcript and the open connection, shared with connections that outlive the attempt
    class RecordedConnection;

    VisitTools tools_;
    Endpoint target_;
    std::shared_ptr<Recording> recording_;
    std::string software_;
    bool ever_connected_ = false;
    PutOff& put_off_;
    std::vector<TokenId> issued_;
    std::map<const Technique*, TokenId> newest_;
    std::vector<std::pair<const Technique*, TokenId>> late_;
};

} // namespace provenbl::verifier
