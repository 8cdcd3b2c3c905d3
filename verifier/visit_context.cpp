// Tokens and the recorded connection of one attempt.
#include "verifier/visit_context.hpp"

#include <fmt/format.h>

#include <utility>

namespace provenbl::verifier {
namespace {

constexpr std::size_t tokens_per_attempt = 64;
constexpr std::size_t software_limit = 200;
// Past the conversation's end, for an answer that is on its way while the deadline passes.
constexpr Duration callback_grace = std::chrono::minutes(1);

} // namespace

struct VisitContext::Recording {
    Recording(const Clock& clock, Conversation::Observer observer) : conversation(clock, std::move(observer)) {}
    Conversation conversation;
    RecordedConnection* open = nullptr;
    Duration first_answer_within = Duration::zero();
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
        const auto longest = recording_->first_answer_within;
        if (!answered_ && longest > Duration::zero() && (patience == Duration::zero() || patience > longest))
            patience = longest;
        auto size = co_await inner_->read_some(into, patience);
        answered_ = answered_ || size.has_value();
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
        auto done = co_await inner_->start_tls(wish); // the runner says what came of it
        answered_ = answered_ || done.has_value();
        co_return done;
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
    bool answered_ = false; // anything, on this connection
};

VisitContext::VisitContext(const VisitTools& tools, const Endpoint& target, Conversation::Observer observer,
                           PutOff& put_off)
    : tools_(tools), target_(target), recording_(std::make_shared<Recording>(tools.clock, std::move(observer))),
      put_off_(put_off) {}

VisitContext::~VisitContext() = default;

Awaitable<Result<std::unique_ptr<Connection>>> VisitContext::connect() {
    if (recording_->open != nullptr) recording_->open->close();
    auto connection = co_await tools_.network.connect(target_);
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
    auto connection = co_await tools_.network.connect_udp(target);
    if (!connection) {
        recording_->conversation.note(connection.error().message);
        co_return connection.error();
    }
    recording_->conversation.note("datagrams to " + target.to_string());
    std::unique_ptr<Connection> recorded =
        std::make_unique<RecordedConnection>(recording_, std::move(*connection), RecordedConnection::Kind::beside);
    co_return recorded;
}

void VisitContext::expect_first_answer_within(Duration patience) {
    recording_->first_answer_within = patience;
}

void VisitContext::note(std::string_view what) {
    recording_->conversation.note(what);
}

void VisitContext::software(std::string_view name) {
    software_ = std::string(name.substr(0, software_limit));
}

// The token of a probe that was put off, if it can still prove something.
std::optional<TokenMint::Token> VisitContext::asked_before(const Technique& technique, SinkKind sink) {
    const auto id = put_off_.take(target_, technique.name);
    return id ? tools_.books.put_off(*id, sink) : std::nullopt;
}

std::optional<TokenId> VisitContext::issued_for(const Technique& technique) const {
    const auto at = newest_.find(&technique);
    return at == newest_.end() ? std::nullopt : std::optional(at->second);
}

Awaitable<Result<TokenMint::Token>> VisitContext::issue(const Technique& technique, SinkKind sink, std::string repeat) {
    if (issued_.size() >= tokens_per_attempt) co_return Error{Errc::limit, "too many tokens for one conversation"};
    if (auto before = asked_before(technique, sink)) {
        issued_.push_back(before->id);
        newest_[&technique] = before->id;
        co_return std::move(*before);
    }
    PendingProbe probe;
    probe.target = target_;
    probe.technique = std::string(technique.name);
    probe.cls = technique.cls;
    probe.sink = sink;
    probe.written = tools_.clock.now();
    probe.expires = probe.written + (sink == SinkKind::mail ? tools_.probe.mail_token_life
                                                            : tools_.probe.conversation_timeout + callback_grace);
    probe.repeat = std::move(repeat);
    probe.software = software_;
    auto token = co_await tools_.books.issue(std::move(probe));
    if (!token) co_return token;
    issued_.push_back(token->id);
    newest_[&technique] = token->id;
    co_return token;
}

Awaitable<bool> VisitContext::arrived(const TokenId& id, Duration patience) {
    co_return co_await tools_.books.arrived(id, patience);
}

std::string VisitContext::answer_to(const TokenId& id) const {
    return tools_.books.answer_to(id);
}

Awaitable<Result<>> VisitContext::confirm(const TokenId& id) {
    co_return co_await tools_.books.confirm(id);
}

const std::string& VisitContext::transcript() const {
    return recording_->conversation.text();
}

} // namespace provenbl::verifier
