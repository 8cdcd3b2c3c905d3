#include "verifier/store_books.hpp"

#include "store/carried.hpp"
#include "store/hosts.hpp"
#include "store/ledger.hpp"
#include "store/listing_unit.hpp"
#include "store/log.hpp"
#include "store/tokens.hpp"
#include "verifier/commit.hpp"
#include "verifier/rescans.hpp"
#include "verifier/transitions.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <memory>
#include <utility>

namespace provenbl::verifier {

namespace asio = boost::asio;

namespace {

constexpr Duration store_retry = std::chrono::seconds(5);

std::string with_token(std::string repeat, std::string_view token) {
    constexpr std::string_view placeholder = "TOKEN";
    for (auto at = repeat.find(placeholder); at != std::string::npos; at = repeat.find(placeholder, at + token.size()))
        repeat.replace(at, placeholder.size(), token);
    return repeat;
}

} // namespace

Awaitable<Result<Scan>> StoreBooks::start(Address host) {
    const auto started = std::make_shared<Scan>();
    Store::Work work = [host, started](WriteTxn& txn) -> Result<> {
        auto scan = ledger::start_scan(txn, host);
        if (!scan) return scan.error();
        *started = std::move(*scan);
        return {};
    };
    const auto done = co_await commit(parts_.store, std::move(work));
    if (!done) co_return done.error();
    co_return *started;
}

VisitBooks::Known StoreBooks::known(const Address& host) const {
    Known known;
    known.host.address = host;
    parts_.store.read([&](const ReadTxn& txn) {
        known.unit = listing_unit::covered(txn, host);
        if (auto found = hosts::find(txn, host)) known.host = std::move(*found);
    });
    return known;
}

Awaitable<Result<>> StoreBooks::write_down(const Scan& scan, std::vector<ScanStep> steps, Talk talk) {
    Store::Work work = [host = scan.host, id = scan.id, steps = std::move(steps),
                        talk = std::move(talk)](WriteTxn& txn) -> Result<> {
        for (const auto& token : talk.issued) tokens::attach_conversation(txn, token, talk.transcript, talk.software);
        ledger::add_steps(txn, host, id, steps);
        return {};
    };
    co_return co_await commit(parts_.store, std::move(work));
}

Awaitable<Result<Scan>> StoreBooks::conclude(const Scan& scan, std::vector<ScanStep> last, std::string software) {
    const auto finished = std::make_shared<Scan>();
    const Store::Work work = [&rules = parts_.rules, &gate = parts_.gate, address = scan.host, id = scan.id,
                              software = std::move(software), jitter = draw_jitter(parts_.entropy),
                              steps = std::move(last), finished](WriteTxn& txn) -> Result<> {
        if (!steps.empty()) ledger::add_steps(txn, address, id, steps);
        auto ended = conclude_visit(txn, gate, rules, {address, id, software, jitter});
        if (!ended) return ended.error();
        *finished = std::move(*ended);
        return {};
    };
    auto what = "the visit to " + scan.host.to_string() + " can't be finished";
    const auto done = co_await insist(work, std::move(what));
    if (!done) co_return done.error();
    log::of("verifier")->debug("the visit to {} has ended: {}", finished->host.to_string(), finished->outcome);
    co_return *finished;
}

Awaitable<Result<>> StoreBooks::begin_anew(const Scan& scan) {
    Store::Work work = [host = scan.host, id = scan.id](WriteTxn& txn) -> Result<> {
        ledger::forget_steps(txn, host, id);
        return {};
    };
    auto what = "what a lost worker said of " + scan.host.to_string() + " can't be taken out";
    co_return co_await insist(std::move(work), std::move(what));
}

// What was found is kept until it can be written.
Awaitable<Result<>> StoreBooks::insist(Store::Work work, std::string what) {
    asio::steady_timer pause(co_await asio::this_coro::executor);
    for (;;) {
        const auto done = co_await commit(parts_.store, work);
        if (done || done.error().code == Errc::not_found || done.error().code == Errc::conflict) co_return done;
        log::of("verifier")->error("{}: {}", what, done.error().message);
        pause.expires_after(store_retry);
        co_await pause.async_wait(asio::use_awaitable);
    }
}

Awaitable<Result<TokenMint::Token>> StoreBooks::issue(PendingProbe probe) {
    const auto token = parts_.mint.make();
    probe.id = token.id;
    probe.repeat = with_token(std::move(probe.repeat), token.text);
    Store::Work work = [probe = std::move(probe)](WriteTxn& txn) { return tokens::issue(txn, probe); };
    const auto done = co_await commit(parts_.store, std::move(work));
    if (!done) co_return done.error();
    co_return token;
}

std::optional<TokenMint::Token> StoreBooks::put_off(const TokenId& id, SinkKind sink) const {
    const auto probe = parts_.store.read([&](const ReadTxn& txn) { return tokens::find(txn, id); });
    const bool good = probe && !probe->arrived && !probe->redeemed && probe->sink == sink &&
                      probe->expires > parts_.clock.now() + parts_.probe.conversation_timeout;
    if (!good) return std::nullopt;
    return TokenMint::Token{id, parts_.mint.text_of(id)};
}

Awaitable<bool> StoreBooks::arrived(TokenId id, Duration patience) {
    co_return co_await parts_.arrivals.wait(id, patience);
}

std::string StoreBooks::answer_to(const TokenId& id) const {
    return parts_.receiver.answer_to(id);
}

Awaitable<Result<>> StoreBooks::confirm(TokenId id) {
    co_return co_await parts_.receiver.confirm(id);
}

} // namespace provenbl::verifier
