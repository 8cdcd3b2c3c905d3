// The course of a visit: plan, attempts, decision.
#include "verifier/scanner.hpp"

#include "store/hosts.hpp"
#include "store/ledger.hpp"
#include "store/listing_unit.hpp"
#include "store/log.hpp"
#include "store/tokens.hpp"
#include "verifier/commit.hpp"
#include "verifier/plan.hpp"
#include "verifier/rescans.hpp"
#include "verifier/techniques/verdicts.hpp"
#include "verifier/transitions.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

namespace provenbl::verifier {

namespace asio = boost::asio;

namespace {

constexpr Duration store_retry = std::chrono::seconds(5);
// Steps that say only that nothing serves there wait so long for others, and no longer.
constexpr Duration steps_wait = std::chrono::milliseconds(200);
constexpr std::size_t steps_waiting = 64;

bool nothing_serves(Verdict verdict) {
    return verdict == Verdict::closed_port || verdict == Verdict::unreachable;
}

// The verdict of a port on which nothing can be talked to, by any technique.
std::optional<ProbeResult> dead_port(const std::vector<ProbeResult>& results) {
    const bool dead = std::all_of(results.begin(), results.end(),
                                  [](const ProbeResult& result) { return nothing_serves(result.verdict); });
    return dead ? std::optional(results.back()) : std::nullopt;
}

// Whoever complains of how much we ask wants no more of us; so does a mail server that says 421, or a 5xx instead of a
// greeting (RFC 5321 3.1, 3.8).
bool asks_to_stop(const Technique& technique, const ProbeResult& result) {
    if (result.hint == Hint::unwelcome) return true;
    if (technique.cls != ListingClass::relay) return false;
    return (result.verdict == Verdict::unreachable && result.detail.find(": 421") != std::string::npos) ||
           (result.verdict == Verdict::refused && result.detail.starts_with("banner: 5"));
}

} // namespace

struct Scanner::Course {
    Scan scan;
    Host host;                               // as the visit found it
    Prefix unit = Prefix::of(Address{}, 32); // what the host stands for
    Watch watch;
    std::vector<ScanStep> unwritten; // the oldest first
    std::string software;
    bool software_is_of_hole = false;
    std::map<Endpoint, ProbeResult> dead; // ports where nothing serves
    // Who did, to what, with his words.
    std::map<std::pair<Address, ListingClass>, std::string> asked_to_stop;
    // What one technique has said about its relatives.
    std::map<std::pair<Endpoint, std::string_view>, Hint> hints;
    std::map<std::pair<Endpoint, std::string_view>, ProbeResult> hopeless;

    // Is a technique that waits for suspicion tried here? Whoever reported a port suspects it.
    [[nodiscard]] bool suspected(const Endpoint& target, std::string_view family) const {
        const auto found = hints.find({target, family});
        if (found == hints.end()) return false;
        const bool reported = std::find(scan.ports.begin(), scan.ports.end(), target.port) != scan.ports.end();
        return found->second == Hint::promising || (found->second == Hint::speaks && reported);
    }
    void learn(const Endpoint& target, const Technique& technique, const ProbeResult& result) {
        if (result.hint == Hint::none) return;
        const std::pair key{target, family_of(technique.name)};
        if (result.hint == Hint::hopeless || result.hint == Hint::unwelcome) hopeless.emplace(key, result);
        auto& hint = hints[key];
        if (result.hint == Hint::promising || hint == Hint::none) hint = result.hint;
    }
};

Scanner::Scanner(const VisitParts& parts, std::span<const Technique* const> techniques)
    : parts_(parts), techniques_(techniques.begin(), techniques.end()),
      plan_of_stranger_(plan_visit(Host{}, Scan{}, techniques_, parts.probe.thorough)) {}

// Most hosts have nothing known about them, and are all visited alike: one plan serves them, which a campaign of many
// thousands feels in time and in memory.
bool Scanner::is_stranger(const Host& host, const Scan& scan) {
    return host.holes.empty() && !host.listed() && scan.ports.empty() && scan.targets.empty();
}

Awaitable<Result<Scan>> Scanner::visit(Address host) {
    const auto started = std::make_shared<Scan>();
    Store::Work work = [host, started](WriteTxn& txn) -> Result<> {
        auto scan = ledger::start_scan(txn, host);
        if (!scan) return scan.error();
        *started = std::move(*scan);
        return {};
    };
    const auto done = co_await commit(parts_.store, std::move(work));
    if (!done) co_return done.error();
    co_return co_await run(*started, Watch{});
}

Awaitable<Result<Scan>> Scanner::run(Scan scan, Watch watch) {
    Course course;
    course.host.address = scan.host;
    parts_.store.read([&](const ReadTxn& txn) {
        course.unit = listing_unit::covered(txn, scan.host);
        if (auto known = hosts::find(txn, scan.host)) course.host = std::move(*known);
    });
    course.scan = std::move(scan);
    course.watch = std::move(watch);

    // Asked for whatever brought the visit here; the network asks again for each connection.
    if (!parts_.gate.check(course.scan.host)) co_return co_await conclude(course);
    const bool stranger = is_stranger(course.host, course.scan);
    const auto own_plan =
        stranger ? std::vector<Attempt>{} : plan_visit(course.host, course.scan, techniques_, parts_.probe.thorough);
    const auto end = course.scan.started + parts_.probe.visit_timeout;
    const auto& plan = stranger ? plan_of_stranger_ : own_plan;
    for (const auto& next : plan) {
        const auto target = stranger ? Endpoint{course.scan.host, next.target.port} : next.target;
        // The proven ways come first; a host that drags its feet keeps its slot no longer than this.
        if (parts_.clock.now() >= end) {
            log::of("verifier")
                ->info("the visit to {} ends before all was tried: it took too long", course.scan.host.to_string());
            break;
        }
        const auto dead = course.dead.find(target);
        if (dead != course.dead.end() && !next.techniques.front()->udp) {
            co_await skip(course, target, next, dead->second.verdict, dead->second.detail);
            continue;
        }
        const auto family = family_of(next.techniques.front()->name);
        if (next.stage == Stage::suspicion && !course.suspected(target, family)) continue;
        const auto stop = course.asked_to_stop.find({target.address, next.techniques.front()->cls});
        if (stop != course.asked_to_stop.end()) {
            co_await skip(course, target, next, Verdict::unreachable,
                          "the host had ended the visit before: " + stop->second);
            continue;
        }
        if (const auto sent_away = course.hopeless.find({target, family}); sent_away != course.hopeless.end()) {
            co_await skip(course, target, next, sent_away->second.verdict, sent_away->second.detail);
            continue;
        }
        co_await attempt(course, target, next);
    }
    co_return co_await conclude(course);
}

Awaitable<void> Scanner::attempt(Course& course, Endpoint target, const Attempt& attempt) {
    VisitContext context(parts_, target, course.watch.line, put_off_);
    std::vector<ProbeResult> results(attempt.techniques.size());
    std::string fault;
    try {
        co_await attempt.techniques.front()->run(context, attempt.techniques, results);
    } catch (const boost::system::system_error& error) {
        if (error.code() == asio::error::operation_aborted) throw; // the visit is cancelled
        fault = error.what();
    } catch (const std::exception& error) {
        fault = error.what();
    }
    if (!fault.empty()) {
        log::of("verifier")->error("{} on {} failed: {}", attempt.techniques.front()->name, target.to_string(), fault);
        for (auto& result : results)
            if (result.verdict != Verdict::open) result = {Verdict::unreachable, "the probe failed: " + fault};
    }

    std::vector<ScanStep> steps;
    for (std::size_t i = 0; i < results.size(); ++i) {
        probes_.add(attempt.techniques[i]->name, results[i].verdict);
        steps.push_back({parts_.clock.now(), std::string(attempt.techniques[i]->name), target.address, target.port,
                         results[i].verdict, results[i].detail});
    }
    // What serves the hole is what its owner has to fix, whatever else the host runs.
    const bool proven = std::any_of(results.begin(), results.end(),
                                    [](const ProbeResult& result) { return result.verdict == Verdict::open; });
    if (!context.software_seen().empty() && course.unit.contains(target.address) &&
        (proven || !course.software_is_of_hole)) {
        course.software = context.software_seen();
        course.software_is_of_hole = proven;
    }
    // Silence after a connection says nothing for others: a proxy waits for the client, a mail server does not.
    if (const auto dead = dead_port(results); dead && !context.ever_connected() && !attempt.techniques.front()->udp)
        course.dead.emplace(target, *dead);
    for (std::size_t i = 0; i < results.size(); ++i) {
        course.learn(target, *attempt.techniques[i], results[i]);
        const auto token = context.issued_for(*attempt.techniques[i]);
        if (token && results[i].detail.starts_with(techniques::try_later))
            put_off_.remember(target, attempt.techniques[i]->name, *token);
        if (asks_to_stop(*attempt.techniques[i], results[i]))
            course.asked_to_stop.emplace(std::pair{target.address, attempt.techniques[i]->cls}, results[i].detail);
    }
    co_await record(course, std::move(steps), context);
}

// Only a proven way that is not tried needs a step: the policy judges each of them.
Awaitable<void> Scanner::skip(Course& course, Endpoint target, const Attempt& attempt, Verdict verdict,
                              std::string detail) {
    std::vector<ScanStep> steps;
    for (const auto* technique : attempt.techniques) {
        const bool proven = std::any_of(course.host.holes.begin(), course.host.holes.end(), [&](const Hole& hole) {
            return hole.technique == technique->name && hole.entry == target.address && hole.port == target.port;
        });
        if (proven)
            steps.push_back(
                {parts_.clock.now(), std::string(technique->name), target.address, target.port, verdict, detail});
    }
    if (steps.empty()) co_return;
    course.unwritten.insert(course.unwritten.end(), steps.begin(), steps.end());
    if (course.watch.step || course.unwritten.size() >= steps_waiting) co_await write_down(course, nullptr);
}

Awaitable<void> Scanner::record(Course& course, std::vector<ScanStep> steps, const VisitContext& context) {
    const bool dull = context.issued().empty() && std::all_of(steps.begin(), steps.end(), [](const ScanStep& step) {
                          return nothing_serves(step.verdict);
                      });
    course.unwritten.insert(course.unwritten.end(), steps.begin(), steps.end());
    // Whoever looks on sees what is stored.
    const bool may_wait = dull && !course.watch.step && course.unwritten.size() < steps_waiting &&
                          parts_.clock.now() - course.unwritten.front().at < steps_wait;
    if (!may_wait) co_await write_down(course, &context);
}

Awaitable<void> Scanner::write_down(Course& course, const VisitContext* context) {
    const auto steps = std::exchange(course.unwritten, {});
    Store::Work work = [host = course.scan.host, id = course.scan.id, steps,
                        issued = context ? context->issued() : std::vector<TokenId>{},
                        transcript = context ? context->transcript() : std::string{},
                        software = context ? context->software_seen() : std::string{}](WriteTxn& txn) -> Result<> {
        for (const auto& token : issued) tokens::attach_conversation(txn, token, transcript, software);
        ledger::add_steps(txn, host, id, steps);
        return {};
    };
    const auto done = co_await commit(parts_.store, std::move(work));
    // Not the end of the visit: without its step a hole counts as not tried, so nothing is delisted for this.
    if (!done)
        log::of("verifier")
            ->error("steps of the visit to {} could not be recorded: {}", course.scan.host.to_string(),
                    done.error().message);
    if (course.watch.step)
        for (const auto& step : steps) course.watch.step(step);
}

Awaitable<Result<Scan>> Scanner::conclude(Course& course) {
    const auto finished = std::make_shared<Scan>();
    const Store::Work work = [&rules = parts_.rules, &gate = parts_.gate, address = course.scan.host,
                              id = course.scan.id, software = course.software, jitter = draw_jitter(parts_.entropy),
                              steps = std::exchange(course.unwritten, {}), finished](WriteTxn& txn) -> Result<> {
        if (!steps.empty()) ledger::add_steps(txn, address, id, steps);
        auto ended = conclude_visit(txn, gate, rules, {address, id, software, jitter});
        if (!ended) return ended.error();
        *finished = std::move(*ended);
        return {};
    };
    asio::steady_timer pause(co_await asio::this_coro::executor);
    for (;;) {
        const auto done = co_await commit(parts_.store, work);
        if (done) {
            log::of("verifier")->debug("the visit to {} has ended: {}", finished->host.to_string(), finished->outcome);
            co_return *finished;
        }
        if (done.error().code == Errc::not_found || done.error().code == Errc::conflict) co_return done.error();
        // A full disk, say: what was found is kept until it can be written.
        log::of("verifier")
            ->error("the visit to {} can't be finished: {}", course.scan.host.to_string(), done.error().message);
        pause.expires_after(store_retry);
        co_await pause.async_wait(asio::use_awaitable);
    }
}

} // namespace provenbl::verifier
