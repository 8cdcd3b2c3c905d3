// What workers ask for while they carry out a visit: the part of the coordinator that answers.
#include "store/log.hpp"
#include "tools/workers/coordinator.hpp"
#include "tools/workers/envelope.hpp"
#include "tools/workers/given.hpp"
#include "verifier/carried_steps.hpp"
#include "verifier/technique.hpp"

#include <boost/asio/co_spawn.hpp>
#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace provenbl::tools::workers {

namespace asio = boost::asio;
using verifier::Awaitable;

namespace {

constexpr std::size_t answered_at_once = 1000;
constexpr std::size_t answered_to_one = 32; // lease: whoever asks for more keeps others from asking
constexpr std::size_t tokens_per_visit = 2000;
constexpr std::size_t longest_detail = 700;
constexpr Duration callback_grace = std::chrono::minutes(1); // as visit_context.cpp

std::string make_lease(Entropy& entropy) {
    std::array<std::uint8_t, 16> octets{};
    entropy.fill(octets);
    std::string text;
    for (const auto octet : octets) text += fmt::format("{:02x}", octet);
    return text;
}

class Counted {
public:
    explicit Counted(std::size_t& count) : count_(count) { ++count_; }
    ~Counted() { --count_; }
    Counted(const Counted&) = delete;
    Counted& operator=(const Counted&) = delete;

private:
    std::size_t& count_;
};

} // namespace

void Coordinator::heard_request(std::string message, CoordinatorBus::Answer answer_with) {
    const auto opened = workers::open(Purpose::request, message);
    const auto worker = opened ? members_.name_of(opened->signer) : std::nullopt;
    if (!worker) {
        ++refused_;
        log::of("workers")->warn("a request was refused: {}",
                                 opened ? "its key is no registered worker's (key " + opened->signer.id() + ")"
                                        : opened.error().message);
        // Whoever has a valid key of his own is told: a worker that was not registered yet, say.
        if (!opened) return;
        if (const auto request = decode_request(opened->body)) {
            Answer no{request->lease, request->count,
                      Error{Errc::not_allowed, "this key is no registered worker's: `provenbl worker add` at the "
                                               "coordinator"}};
            answer_with(seal(key_, Purpose::answer, encode(no)));
        }
        return;
    }
    auto request = decode_request(opened->body);
    if (!request) {
        ++refused_;
        log::of("workers")->warn("a request of {} was refused: {}", *worker, request.error().message);
        return;
    }
    if (pending_ >= answered_at_once) return; // the worker asks again
    ++pending_;
    Asked asked{*worker, std::move(*request)};
    asio::co_spawn(
        executor_,
        [this, asked = std::move(asked)]() -> Awaitable<std::string> {
            auto what = co_await answer(asked);
            what.to = asked.request.lease;
            what.count = asked.request.count;
            co_return seal(key_, Purpose::answer, encode(what));
        },
        [this, answer_with = std::move(answer_with)](const std::exception_ptr& failed, const std::string& text) {
            --pending_;
            if (!failed) answer_with(text);
        });
}

Awaitable<Answer> Coordinator::answer(Asked asked) {
    const auto& request = asked.request;
    if (books_ == nullptr) co_return Answer{{}, 0, Error{Errc::unreachable, "the coordinator stops"}};
    if (const auto* what = std::get_if<Take>(&request.what)) co_return co_await take(asked, *what);
    const auto found = leases_.find(request.lease);
    if (found == leases_.end() || found->second->over || found->second->lease != request.lease)
        co_return Answer{
            {}, 0, refuse(Errc::not_found, "there is no such lease: the visit is over, or another has it")};
    const auto given = found->second;
    if (given->worker != asked.worker)
        co_return Answer{{}, 0, refuse(Errc::not_allowed, "the lease is another worker's")};
    if (given->asking >= answered_to_one)
        co_return Answer{{}, 0, Error{Errc::busy, "too many requests for one visit at once"}};
    if (!given->is_new(request.count))
        co_return Answer{{}, 0, refuse(Errc::conflict, "this request has been made before")};
    given->heard = clock_.now();
    const Counted counted(given->asking);
    co_return co_await answer_to(given, asked);
}

Awaitable<Answer> Coordinator::take(const Asked& asked, const Take& what) {
    const auto found = given_.find(what.scan);
    if (found == given_.end() || found->second->over || found->second->why_home)
        co_return Answer{
            {}, 0, Error{Errc::not_found, "this visit is not to be taken: it is over, or was never given out"}};
    const auto keeps = found->second;
    auto& given = *keeps;
    const auto now = clock_.now();
    if (what.delivery <= given.delivery) co_return Answer{{}, 0, refuse(Errc::conflict, "this order was taken before")};
    // Who holds it gives up when he hears nothing of us for so long: never two at one host.
    if (!given.lease.empty() && now - given.heard < settings_.ack_wait * 3 / 4)
        co_return Answer{{}, 0, Error{Errc::busy, "another worker is at it"}};
    if (!given.lease.empty()) {
        ++lost_;
        log::of("workers")->warn("{} takes over the visit to {}: nothing was heard of {}", asked.worker,
                                 given.scan.host.to_string(), given.worker);
        drop_lease(given);
    }
    if (const auto allowed = given.allowed_by(*books_); !allowed) {
        given.go_home(allowed.error(), now); // here each connection is asked for
        co_return Answer{{}, 0, allowed.error()};
    }
    const auto lease = make_lease(entropy_);
    const bool anew = !given.steps.empty();
    given.lease = lease;
    given.taken = now;
    given.worker = asked.worker;
    given.delivery = what.delivery;
    given.counts.clear();
    given.heard = now;
    given.tokens.clear();
    given.steps.clear();
    given.written = 0;
    leases_[lease] = keeps;
    if (anew) {
        // Nobody knows the new lease yet, so only steps of him who is lost are taken out.
        const auto done = co_await books_->begin_anew(given.scan);
        if (!done || given.lease != lease)
            co_return Answer{{}, 0, Error{Errc::not_found, "this visit is not to be taken: it is over"}};
    }
    log::of("workers")->debug("{} visits {}", asked.worker, given.scan.host.to_string());
    verifier::Errand errand{given.scan, given.known, verifier_.identity, verifier_.probe};
    co_return Answer{{}, 0, Taken{lease, settings_.ack_wait, std::move(errand)}};
}

Awaitable<Answer> Coordinator::answer_to(Given_ given, const Asked& asked) {
    const auto answered = [](auto result) {
        if (!result) return Answer{{}, 0, result.error()};
        if constexpr (std::is_same_v<decltype(result), Result<>>)
            return Answer{{}, 0, Done{}};
        else
            return Answer{{}, 0, std::move(*result)};
    };
    if (const auto allowed = given->allowed_by(*books_); !allowed) co_return Answer{{}, 0, allowed.error()};
    if (const auto* what = std::get_if<Issue>(&asked.request.what)) {
        auto issued = co_await issue(given, *what);
        co_return answered(std::move(issued));
    }
    if (const auto* what = std::get_if<Steps>(&asked.request.what)) {
        auto written = co_await steps(given, *what);
        co_return answered(std::move(written));
    }
    const auto* const arrived = std::get_if<Arrived>(&asked.request.what);
    const auto* const confirm = std::get_if<Confirm>(&asked.request.what);
    if (arrived == nullptr && confirm == nullptr) co_return Answer{{}, 0, Done{}};
    const auto token = arrived != nullptr ? arrived->token : confirm->token;
    if (!given->tokens.contains(token))
        co_return Answer{{}, 0, refuse(Errc::not_allowed, "this token is not of this visit")};
    if (arrived != nullptr) {
        const bool seen = co_await books_->arrived(token, arrived->patience);
        co_return Answer{{}, 0, Seen{seen}};
    }
    auto confirmed = co_await books_->confirm(token);
    co_return answered(std::move(confirmed));
}

Awaitable<Result<Issued>> Coordinator::issue(Given_ given, Issue what) {
    const auto* const technique = verifier::find_technique(what.technique);
    if (technique == nullptr || !given->holds(what.target.address) || what.target.port == 0)
        co_return refuse(Errc::invalid, "this probe is not of this visit");
    if (const auto allowed = books_->allows(what.target.address); !allowed) co_return allowed.error();
    if (given->tokens.size() >= tokens_per_visit) co_return refuse(Errc::limit, "too many tokens for one visit");
    const auto& probe_settings = verifier_.probe;
    PendingProbe probe;
    probe.target = what.target;
    probe.technique = std::string(technique->name);
    probe.cls = technique->cls;
    probe.sink = what.sink;
    probe.written = clock_.now();
    probe.expires =
        probe.written + (what.sink == SinkKind::mail ? probe_settings.mail_token_life
                                                     : probe_settings.conversation_timeout + callback_grace);
    // No command to repeat it with: what owners are told to type is never a worker's words.
    probe.software = what.software.substr(0, 200);
    probe.carrier = given->worker;
    const auto lease = given->lease;
    const auto token = co_await books_->issue(std::move(probe));
    if (!token) co_return token.error();
    if (given->lease != lease) co_return Error{Errc::not_found, "another worker has the visit"};
    given->tokens.insert(token->id);
    std::string answer;
    if (what.sink != SinkKind::mail) answer = books_->answer_to(token->id);
    co_return Issued{token->id, token->text, std::move(answer)};
}

// Makes of a worker's steps what may be recorded; an error when they can't be of this visit.
Result<> Coordinator::take_over(const Given& given, std::vector<ScanStep>& steps) const {
    for (auto& step : steps) {
        if (verifier::find_technique(step.technique) == nullptr || !given.holds(step.target) || step.port == 0)
            return Error{Errc::invalid, fmt::format("a step ({} at {} port {}) is not of this visit",
                                                    step.technique.substr(0, 40), step.target.to_string(), step.port)};
        step.at = clock_.now(); // his clock is his own
        step.detail = step.detail.substr(0, longest_detail);
    }
    return {};
}

Awaitable<Result<>> Coordinator::steps(Given_ given, Steps what) {
    if (what.first != given->steps.size() || given->steps.size() + what.steps.size() > most_steps)
        co_return refuse(Errc::conflict, "these steps are out of order");
    if (auto fit = take_over(*given, what.steps); !fit) co_return refuse(fit.error().code, fit.error().message);
    for (const auto& token : what.talk.issued)
        if (!given->tokens.contains(token)) co_return refuse(Errc::not_allowed, "a token is not of this visit");
    what.talk.software = what.talk.software.substr(0, 200);
    const auto host = books_->known(given->scan.host).host;
    std::vector<ScanStep> weighed;
    for (const auto& step : what.steps) weighed.push_back(verifier::weigh(host, given->scan, step, given->worker));
    given->steps.insert(given->steps.end(), what.steps.begin(), what.steps.end());
    const auto lease = given->lease;
    const auto upto = given->steps.size();
    auto written = co_await books_->write_down(given->scan, std::move(weighed), std::move(what.talk));
    if (written && given->lease == lease && given->written + what.steps.size() == upto) given->written = upto;
    co_return written;
}

} // namespace provenbl::tools::workers
