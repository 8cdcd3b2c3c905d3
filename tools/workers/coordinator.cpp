#include "tools/workers/coordinator.hpp"

#include "store/log.hpp"
#include "tools/workers/bridge.hpp"
#include "tools/workers/envelope.hpp"
#include "verifier/carried_steps.hpp"
#include "verifier/technique.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

namespace provenbl::tools::workers {

namespace asio = boost::asio;
using verifier::Awaitable;
using verifier::Findings;
using verifier::VisitBooks;

namespace {

constexpr Duration glance = std::chrono::milliseconds(100);
constexpr std::size_t answered_at_once = 1000;
constexpr std::size_t answered_to_one = 32; // lease: whoever asks for more keeps others from asking
constexpr std::size_t request_window = 256;
constexpr std::size_t tokens_per_visit = 2000;
constexpr std::size_t longest_detail = 700;
constexpr Duration visit_margin = std::chrono::minutes(5);
constexpr Duration order_life = std::chrono::hours(1);
constexpr Duration mute_for = std::chrono::seconds(30);      // after an order that JetStream did not acknowledge
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

// A visit that is out.
struct Coordinator::Given {
    Given(const asio::any_io_executor& executor, Scan scan_, VisitBooks::Known known_)
        : scan(std::move(scan_)), known(std::move(known_)), timer(executor) {}

    Scan scan;
    VisitBooks::Known known;
    std::optional<std::uint64_t> order; // its number in the queue
    // Who holds it.
    std::string lease; // empty: nobody
    std::string worker;
    std::uint64_t delivery = 0;
    Time taken{};                   // when he did
    std::set<std::uint64_t> counts; // of his requests; several are on their way at once
    Time heard{};                   // of him; before that, when it was given out
    std::size_t asking = 0;         // of his requests: being answered
    std::set<TokenId> tokens;
    std::vector<ScanStep> steps; // as he claims them; those of a worker that is lost, until they are taken out
    std::size_t written = 0;     // of them: in the books
    bool over = false;           // the result is in: nothing more is taken
    // Nobody may take it any more: it is carried out here, from a time on.
    std::optional<Error> why_home;
    Time home_at{};
    std::shared_ptr<Delivery> result;
    std::optional<Findings> findings;
    asio::steady_timer timer;

    // What has fallen out of the window counts as made before.
    bool is_new(std::uint64_t count) {
        if (counts.contains(count)) return false; // before it could push another out
        if (counts.size() >= request_window) {
            if (count < *counts.begin()) return false;
            counts.erase(counts.begin());
        }
        return counts.insert(count).second;
    }
    // All that is probed in the visit: an exclusion covers any of it.
    [[nodiscard]] Result<> allowed_by(const VisitBooks& books) const {
        auto allowed = books.allows(scan.host);
        for (const auto& target : scan.targets)
            if (allowed) allowed = books.allows(target);
        for (const auto& hole : known.host.holes)
            if (allowed) allowed = books.allows(hole.entry);
        return allowed;
    }
    void go_home(Error why, Time at) {
        why_home = std::move(why);
        home_at = at;
        timer.cancel();
    }
    [[nodiscard]] bool holds(const Address& address) const {
        const auto& targets = scan.targets;
        return address == scan.host || std::find(targets.begin(), targets.end(), address) != targets.end() ||
               std::any_of(known.host.holes.begin(), known.host.holes.end(),
                           [&](const Hole& hole) { return hole.entry == address; });
    }
};

// In the table for as long as the coordinator waits for it, however that ends.
class Coordinator::OnTheList {
public:
    OnTheList(Coordinator& of, Given_ given) : of_(of), given_(std::move(given)) {
        of_.given_[given_->scan.id] = given_;
        of_.out_ = of_.given_.size();
    }
    ~OnTheList() {
        of_.given_.erase(given_->scan.id);
        of_.out_ = of_.given_.size();
        if (!given_->over) of_.leases_.erase(given_->lease); // else until it has been recorded
        if (given_->order && !given_->over) of_.bus_.take_back(*given_->order);
    }
    OnTheList(const OnTheList&) = delete;
    OnTheList& operator=(const OnTheList&) = delete;

private:
    Coordinator& of_;
    Given_ given_;
};

Coordinator::Coordinator(const Settings& settings, const verifier::VerifierSettings& verifier,
                         const signing::SigningKey& key, Register& members, CoordinatorBus& bus, const Clock& clock,
                         Entropy& entropy)
    : settings_(settings), verifier_(verifier), key_(key), members_(members), bus_(bus), clock_(clock),
      entropy_(entropy) {}

Coordinator::~Coordinator() = default;

void Coordinator::open(asio::any_io_executor executor, VisitBooks& books) {
    executor_ = std::move(executor);
    books_ = &books;
    pending_ = 0; // what asked the last verifier is answered by nobody
    mute_until_ = Time{};
    const auto started = bus_.start({[this](std::string message, CoordinatorBus::Answer answer) {
                                         heard_request(std::move(message), std::move(answer));
                                     },
                                     [this](std::shared_ptr<Delivery> delivery) { heard_result(delivery); }});
    if (!started) log::of("workers")->error("there will be no workers: {}", started.error().message);
}

void Coordinator::hang_up() {
    bus_.stop();
}

void Coordinator::close() {
    books_ = nullptr;
    for (const auto& [id, given] : given_) given->timer.cancel();
}

CoordinatorCounts Coordinator::counts() const {
    return {given_count_, returned_, lost_, refused_, at_home_, out_, members_.size(), bus_.connected()};
}

Error Coordinator::refuse(Errc code, std::string why) {
    ++refused_;
    return {code, std::move(why)};
}

// ---- giving out ----

Awaitable<Result<>> Coordinator::give(Given_ given) {
    // Before it is given: it may be taken before this hears that it was.
    given->heard = clock_.now();
    given->delivery = 0; // a new order counts anew
    const auto order = seal(key_, Purpose::order, encode(Order{given->scan.id, clock_.now() + order_life}));
    const auto number = co_await bridged<std::uint64_t>([&](auto done) { bus_.give(order, std::move(done)); });
    // Each try would keep a visit waiting, and a thread of the bus.
    if (!number && number.error().code == Errc::timeout) mute_until_ = clock_.now() + mute_for;
    if (!number) co_return number.error();
    given->order = *number;
    ++given_count_;
    co_return Result<>{};
}

// Whoever held it holds nothing any more.
void Coordinator::drop_lease(Given& given) {
    leases_.erase(given.lease);
    given.lease.clear();
}

void Coordinator::drop_order(Given& given) {
    if (given.order) bus_.take_back(*given.order);
    given.order.reset();
}

Awaitable<Result<Findings>> Coordinator::visit(Scan scan, VisitBooks::Known known) {
    const bool waits = settings_.when_absent == WhenAbsent::wait;
    const auto longest = verifier_.probe.visit_timeout + visit_margin;
    const auto given = std::make_shared<Given>(executor_, std::move(scan), std::move(known));
    const OnTheList listed(*this, given);
    for (;;) {
        if (given->findings) {
            ++returned_;
            co_return std::move(*given->findings);
        }
        if (books_ == nullptr) co_return Error{Errc::closed, "the program stops"};
        const auto now = clock_.now();
        const auto silent = now - given->heard;
        const bool held = !given->lease.empty();
        if (given->why_home) {
            if (now >= given->home_at) {
                ++at_home_;
                // The word of a worker that is lost decides nothing.
                if (!given->steps.empty()) (void)co_await books_->begin_anew(given->scan);
                co_return *given->why_home;
            }
        } else if (held && now - given->taken >= longest) {
            given->go_home({Errc::timeout, "the worker " + given->worker + " takes too long"},
                           given->heard + settings_.ack_wait * 3 / 4); // he gives up by then, whatever he hears
            drop_lease(*given);
            drop_order(*given);
        } else if (held && silent >= settings_.ack_wait + settings_.take_within) {
            // The queue has given it to others, and nobody has come for it.
            ++lost_;
            log::of("workers")->warn("the worker {} has not been heard of since it took {}", given->worker,
                                     given->scan.host.to_string());
            drop_lease(*given);
            drop_order(*given);
            if (!waits) given->go_home({Errc::timeout, "the worker that took it is lost"}, now);
        } else if (!held && !given->order) {
            Result<> out = Error{Errc::unreachable, "the NATS server can't be reached"};
            if (bus_.connected() && now < mute_until_)
                out = Error{Errc::unreachable, "JetStream did not answer a moment ago"};
            else if (bus_.connected())
                out = co_await give(given);
            if (!out && !waits) given->go_home(out.error(), now);
        } else if (!held && silent >= settings_.take_within && !waits) {
            given->go_home({Errc::unreachable, "no worker has taken it; is one running, and registered?"}, now);
        } else if (!held && silent >= order_life) {
            drop_order(*given); // given out anew
        }
        if (given->why_home && now >= given->home_at) continue;
        given->timer.expires_after(glance);
        const auto [woken] = co_await given->timer.async_wait(asio::as_tuple(asio::use_awaitable));
        (void)woken;
    }
}

// ---- requests ----

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

// ---- results ----

void Coordinator::heard_result(const std::shared_ptr<Delivery>& delivery) {
    const auto drop = [&](const std::string& why) {
        ++refused_;
        log::of("workers")->warn("a result was refused: {}", why);
        delivery->done();
    };
    const auto opened = workers::open(Purpose::result, delivery->data());
    if (!opened) return drop(opened.error().message);
    const auto worker = members_.name_of(opened->signer);
    if (!worker) return drop("its key is no registered worker's (key " + opened->signer.id() + ")");
    auto message = decode_result(opened->body);
    if (!message) return drop(*worker + ": " + message.error().message);
    asio::post(executor_, [this, worker = *worker, message = std::move(*message), delivery]() mutable {
        result(worker, std::move(message), std::move(delivery));
    });
}

void Coordinator::result(const std::string& worker, ResultMessage message, std::shared_ptr<Delivery> delivery) {
    const auto drop = [&](const std::string& why) {
        ++refused_;
        log::of("workers")->warn("a result of {} was refused: {}", worker, why);
        delivery->done();
    };
    if (books_ == nullptr) return; // it comes again
    const auto found = leases_.find(message.lease);
    if (found == leases_.end() || found->second->lease != message.lease)
        return drop("it answers no visit that is out: that is over, another's, or was never given out");
    const auto given = found->second;
    if (given->worker != worker) return drop("the lease is another worker's");
    if (given->over) { // said again while the first is being recorded
        given->result = std::move(delivery);
        return;
    }
    if (message.steps.size() < given->steps.size()) return drop("it lacks steps that were told before");
    if (const auto fit = take_over(*given, message.steps); !fit) return drop(fit.error().message);
    std::copy(given->steps.begin(), given->steps.end(), message.steps.begin()); // what was told stands
    given->over = true;
    given->result = std::move(delivery);
    given->findings =
        Findings{worker, std::move(message.steps), given->written, message.software.substr(0, 200), [this, given] {
                     leases_.erase(given->lease);
                     if (given->result) given->result->done();
                     given->result.reset();
                 }};
    given->timer.cancel();
}

} // namespace provenbl::tools::workers
