#include "tools/workers/remote_books.hpp"

#include "tools/workers/bridge.hpp"
#include "tools/workers/envelope.hpp"

#include <algorithm>

namespace provenbl::tools::workers {

using verifier::Awaitable;

namespace {

constexpr Duration longest_call = std::chrono::seconds(10);
constexpr std::size_t kept_for_open = 64; // steps

} // namespace

// No request outlasts the lease by much: worker.cpp.
Duration RemoteBooks::call_patience() const {
    return std::min(longest_call, taken_.ack_wait / 8);
}

bool is_away(const Error& error) {
    return error.code == Errc::unreachable || error.code == Errc::timeout || error.code == Errc::busy;
}

void RemoteBooks::note(const Error& error) {
    if (missed_.empty() && is_away(error)) missed_ = error.message;
}

Awaitable<Result<Answer>> Caller::ask(Request request, Duration patience) {
    const auto message = seal(key_, Purpose::request, encode(request));
    const auto reply =
        co_await bridged<std::string>([&](auto done) { bus_.request(message, patience, std::move(done)); });
    if (!reply) co_return reply.error();
    const auto opened = workers::open(Purpose::answer, *reply);
    if (!opened) co_return opened.error();
    if (!(opened->signer == coordinator_))
        co_return Error{Errc::invalid, "an answer is signed with a key that is not the coordinator's (key " +
                                           opened->signer.id() + "); is coordinator_key right?"};
    auto answer = decode_answer(opened->body);
    if (!answer) co_return Error{Errc::invalid, "an answer of the coordinator " + answer.error().message};
    if (answer->to != request.lease || answer->count != request.count)
        co_return Error{Errc::invalid, "an answer of the coordinator is to another request"};
    if (const auto* error = std::get_if<Error>(&answer->what)) co_return *error;
    co_return std::move(*answer);
}

template <class T>
Awaitable<Result<T>> RemoteBooks::asked(std::variant<Take, Alive, Issue, Arrived, Confirm, Steps> what,
                                        Duration patience) {
    Request request{taken_.lease, ++count_, std::move(what)};
    auto answer = co_await caller_.ask(std::move(request), patience);
    if (!answer) co_return answer.error();
    auto* const fitting = std::get_if<T>(&answer->what);
    if (fitting == nullptr) co_return Error{Errc::protocol, "the coordinator answered something else"};
    co_return std::move(*fitting);
}

Awaitable<Result<Scan>> RemoteBooks::start(Address /*host*/) {
    co_return Error{Errc::not_allowed, "visits are started by the coordinator"};
}

verifier::VisitBooks::Known RemoteBooks::known(const Address& /*host*/) const {
    return taken_.errand.known;
}

Awaitable<Result<>> RemoteBooks::begin_anew(const Scan& /*scan*/) {
    co_return Error{Errc::not_allowed, "visits are begun by the coordinator"};
}

// What is open is told in any case: it comes last where its mail was waited for.
void RemoteBooks::keep_what_fits(std::vector<ScanStep>& steps) const {
    auto size = steps_.size();
    std::erase_if(steps, [&](const ScanStep& step) {
        const auto room = step.verdict == Verdict::open ? most_steps : most_steps - kept_for_open;
        return size >= room || (++size, false);
    });
}

Awaitable<Result<>> RemoteBooks::write_down(const Scan& /*scan*/, std::vector<ScanStep> steps, Talk talk) {
    keep_what_fits(steps);
    Steps what{steps_.size(), steps, std::move(talk)};
    steps_.insert(steps_.end(), steps.begin(), steps.end());
    const auto written = co_await asked<Done>(std::move(what), call_patience());
    // The result has them all once more; what is lost is a transcript.
    co_return written ? Result<>{} : Result<>{written.error()};
}

Awaitable<Result<Scan>> RemoteBooks::conclude(const Scan& scan, std::vector<ScanStep> last, std::string software) {
    keep_what_fits(last);
    steps_.insert(steps_.end(), last.begin(), last.end());
    software_ = std::move(software);
    auto finished = scan;
    finished.steps = steps_;
    finished.state = ScanState::finished;
    co_return finished;
}

Awaitable<Result<verifier::TokenMint::Token>> RemoteBooks::issue(PendingProbe probe) {
    Issue what{probe.technique, probe.target, probe.sink, probe.software};
    auto issued = co_await asked<Issued>(std::move(what), call_patience());
    if (!issued) {
        note(issued.error());
        co_return issued.error();
    }
    if (issued->text.size() != verifier::TokenMint::text_size)
        co_return Error{Errc::protocol, "the coordinator gave no token"};
    answers_[issued->token] = std::move(issued->answer);
    co_return verifier::TokenMint::Token{issued->token, std::move(issued->text)};
}

Awaitable<bool> RemoteBooks::arrived(TokenId id, Duration patience) {
    for (;;) {
        const auto now = std::min({patience, longest_patience, call_patience() / 2});
        Arrived what{id, now};
        const auto seen = co_await asked<Seen>(std::move(what), call_patience());
        if (seen && seen->arrived) co_return true;
        if (!seen) note(seen.error());
        patience -= now;
        if (patience <= Duration::zero() || !seen) co_return false;
    }
}

std::string RemoteBooks::answer_to(const TokenId& id) const {
    const auto at = answers_.find(id);
    // Never empty: that would be found in anything.
    return at == answers_.end() || at->second.empty() ? "no answer is known" : at->second;
}

Awaitable<Result<>> RemoteBooks::confirm(TokenId id) {
    Confirm what{id};
    const auto done = co_await asked<Done>(what, call_patience());
    if (!done) note(done.error());
    co_return done ? Result<>{} : Result<>{done.error()};
}

Awaitable<Result<>> RemoteBooks::alive(Duration patience) {
    const auto done = co_await asked<Done>(Alive{}, patience);
    co_return done ? Result<>{} : Result<>{done.error()};
}

} // namespace provenbl::tools::workers
