// Tokens and the recorded connection of one attempt.
#include "verifier/visit_context.hpp"

#include "store/tokens.hpp"
#include "verifier/commit.hpp"

#include <fmt/format.h>

#include <utility>

namespace provenbl::verifier {
namespace {

constexpr std::size_t tokens_per_attempt = 64;
constexpr std::size_t software_limit = 200;
// Past the conversation's end, for an answer that is on its way while the deadline passes.
constexpr Duration callback_grace = std::chrono::minutes(1);

std::string with_token(std::string repeat, std::string_view token) {
    constexpr std::string_view placeholder = "TOKEN";
    for (auto at = repeat.find(placeholder); at != std::string::npos; at = repeat.find(placeholder, at + token.size()))
        repeat.replace(at, placeholder.size(), token);
    return repeat;
}

} // namespace

struct VisitContext::Recording {
    Recording(const Clock& clock, Conversation::Observer observer) : conversation(clock, std::move(observer)) {}
    Conversation conversation;
    RecordedConnection* open = nullptr;
};

class VisitContext::RecordedConnection final : public Connection {
public:
    enum class Kind { only_one, beside };
    RecordedConnection(std::shared_ptr<Recording> recording, std::unique_ptr<Connection> inner, Kind kind)
        : recording_(std::move(recording)), inner_(std::move(inner)) {
        if (kind == Kind::only_one) recording_->open = this;
    }
    ~RecordedConnection() override { leave(); }

    Awaitable<Result<std::size_t>> read_some(std::span<char> into, Duration patience) override {
        auto size = co_await inner_->read_some(into, patience);
        if (size)
            recording_->conversation.received({into.data(), *size});
        else
            recording_->conversation.note(size.error().message);
        co_return size;
    }
    Awaitable<Result<>> write(std::string_view bytes) override {
        recording_->conversation.sent(bytes);
        auto done = co_await inner_->write(bytes);
        if (!done) recording_->conversation.note(done.error().message);
        co_return done;
    }
    Awaitable<Result<>> start_tls(const TlsWish& wish) override {
        co_return co_await inner_->start_tls(wish); // the runner says what came of it
    }
    void close() override {
        inner_->close();
        leave();
    }

private:
    void leave() {
        if (recording_->open != this) return;
        recording_->open = nullptr;
        recording_->conversation.note("connection closed");
    }
    std::shared_ptr<Recording> recording_;
    std::unique_ptr<Connection> inner_;
};

VisitContext::VisitContext(const VisitParts& parts, const Endpoint& target, Conversation::Observer observer,
                           PutOff& put_off)
    : parts_(parts), target_(target), recording_(std::make_shared<Recording>(parts.clock, std::move(observer))),
      put_off_(put_off) {}

VisitContext::~VisitContext() = default;

Awaitable<Result<std::unique_ptr<Connection>>> VisitContext::connect() {
    if (recording_->open != nullptr) recording_->open->close();
    auto connection = co_await parts_.network.connect(target_);
    if (!connection) {
        recording_->conversation.note(connection.error().message);
        co_return connection.error();
    }
    ever_connected_ = true;
    recording_->conversation.note("connected to " + target_.to_string());
    std::unique_ptr<Connection> recorded =
        std::make_unique<RecordedConnection>(recording_, std::move(*connection), RecordedConnection::Kind::only_one);
    co_return recorded;
}

Awaitable<Result<std::unique_ptr<Connection>>> VisitContext::connect_udp(std::uint16_t port) {
    const Endpoint target{target_.address, port};
    auto connection = co_await parts_.network.connect_udp(target);
    if (!connection) {
        recording_->conversation.note(connection.error().message);
        co_return connection.error();
    }
    recording_->conversation.note("datagrams to " + target.to_string());
    std::unique_ptr<Connection> recorded =
        std::make_unique<RecordedConnection>(recording_, std::move(*connection), RecordedConnection::Kind::beside);
    co_return recorded;
}

void VisitContext::note(std::string_view what) {
    recording_->conversation.note(what);
}

void VisitContext::software(std::string_view name) {
    software_ = std::string(name.substr(0, software_limit));
}

// The token of a probe that was put off, if it can still prove something.
std::optional<TokenId> VisitContext::asked_before(const Technique& technique, SinkKind sink) {
    const auto id = put_off_.take(target_, technique.name);
    if (!id) return std::nullopt;
    const auto probe = parts_.store.read([&](const ReadTxn& txn) { return tokens::find(txn, *id); });
    const bool good = probe && !probe->arrived && !probe->redeemed && probe->sink == sink &&
                      probe->expires > parts_.clock.now() + parts_.probe.conversation_timeout;
    return good ? id : std::nullopt;
}

std::optional<TokenId> VisitContext::issued_for(const Technique& technique) const {
    const auto at = newest_.find(&technique);
    return at == newest_.end() ? std::nullopt : std::optional(at->second);
}

Awaitable<Result<TokenMint::Token>> VisitContext::issue(const Technique& technique, SinkKind sink, std::string repeat) {
    if (issued_.size() >= tokens_per_attempt) co_return Error{Errc::limit, "too many tokens for one conversation"};
    if (const auto before = asked_before(technique, sink)) {
        issued_.push_back(*before);
        newest_[&technique] = *before;
        co_return TokenMint::Token{*before, parts_.mint.text_of(*before)};
    }
    const auto token = parts_.mint.make();
    PendingProbe probe;
    probe.id = token.id;
    probe.target = target_;
    probe.technique = std::string(technique.name);
    probe.cls = technique.cls;
    probe.sink = sink;
    probe.written = parts_.clock.now();
    probe.expires = probe.written + (sink == SinkKind::mail ? parts_.probe.mail_token_life
                                                            : parts_.probe.conversation_timeout + callback_grace);
    probe.repeat = with_token(std::move(repeat), token.text);
    probe.software = software_;
    Store::Work work = [probe = std::move(probe)](WriteTxn& txn) { return tokens::issue(txn, probe); };
    const auto done = co_await commit(parts_.store, std::move(work));
    if (!done) co_return done.error();
    issued_.push_back(token.id);
    newest_[&technique] = token.id;
    co_return token;
}

Awaitable<bool> VisitContext::arrived(const TokenId& id, Duration patience) {
    co_return co_await parts_.arrivals.wait(id, patience);
}

std::string VisitContext::answer_to(const TokenId& id) const {
    return parts_.receiver.answer_to(id);
}

Awaitable<Result<>> VisitContext::confirm(const TokenId& id) {
    co_return co_await parts_.receiver.confirm(id);
}

const std::string& VisitContext::transcript() const {
    return recording_->conversation.text();
}

} // namespace provenbl::verifier
