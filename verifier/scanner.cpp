// The course of a visit: plan, attempts, decision.
#include "verifier/scanner.hpp"

#include "store/log.hpp"
#include "verifier/plan.hpp"
#include "verifier/techniques/verdicts.hpp"

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

// Steps that say only that nothing serves there wait so long for others, and no longer: an owner looks on; who follows
// another visit sees such steps a little later, and a host that drops packets is no commit for each of its ports.
constexpr Duration steps_wait = std::chrono::seconds(5);
constexpr Duration steps_wait_of_owner = std::chrono::milliseconds(200);
constexpr std::size_t steps_waiting = 64;
// Between two attempts of other visits while an owner's is under way: those of a campaign are quick, and would stand in
// the executor's queue before each turn of his.
constexpr Duration way_given = std::chrono::milliseconds(5);

bool nothing_serves(Verdict verdict) {
    return verdict == Verdict::closed_port || verdict == Verdict::unreachable;
}

// The verdict of a port on which nothing can be talked to, by any technique.
std::optional<ProbeResult> dead_port(const std::vector<ProbeResult>& results) {
    const bool dead = std::all_of(results.begin(), results.end(),
                                  [](const ProbeResult& result) { return nothing_serves(result.verdict); });
    return dead ? std::optional(results.back()) : std::nullopt;
}

bool speaks_http(std::string_view family) {
    return family == "http" || family == "web";
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
    bool stranger = false;                   // visited by the plan of all of whom nothing is known
    Host host;                               // as the visit found it
    Prefix unit = Prefix::of(Address{}, 32); // what the host stands for
    Time end{};                              // nothing new is begun after it
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

    // Mail that was accepted and had not arrived when its attempt ended.
    struct Late {
        const Technique* technique;
        Endpoint target;
        TokenId token;
        Time since;
    };
    std::vector<Late> late;

    [[nodiscard]] bool is_proven(const Technique& technique, const Endpoint& target) const {
        return std::any_of(host.holes.begin(), host.holes.end(), [&](const Hole& hole) {
            return hole.technique == technique.name && hole.entry == target.address && hole.port == target.port;
        });
    }
    // Is a technique that waits for suspicion tried here? Whoever reported a port suspects it.
    [[nodiscard]] bool suspected(const Endpoint& target, std::string_view family) const {
        const auto found = hints.find({target, family});
        if (found == hints.end()) return false;
        const bool reported = std::find(scan.ports.begin(), scan.ports.end(), target.port) != scan.ports.end();
        return found->second == Hint::promising || (found->second == Hint::speaks && reported);
    }
    // Has another family been spoken there? Ports that speak two protocols answer either at once.
    [[nodiscard]] bool speaks_another(const Endpoint& target, std::string_view family) const {
        return std::any_of(hints.begin(), hints.end(), [&](const auto& each) {
            const auto& [where, hint] = each;
            return where.first == target && (hint == Hint::speaks || hint == Hint::promising) &&
                   where.second != family && !(speaks_http(where.second) && speaks_http(family));
        });
    }
    void learn(const Endpoint& target, const Technique& technique, const ProbeResult& result) {
        if (result.hint == Hint::none) return;
        const std::pair key{target, family_of(technique.name)};
        if (result.hint == Hint::hopeless || result.hint == Hint::unwelcome) hopeless.emplace(key, result);
        auto& hint = hints[key];
        if (result.hint == Hint::promising || hint == Hint::none) hint = result.hint;
    }
};

// Counted for as long as the visit is on, however it ends.
class Scanner::OwnersVisit {
public:
    explicit OwnersVisit(std::size_t* count) : count_(count) {
        if (count_ != nullptr) ++*count_;
    }
    ~OwnersVisit() {
        if (count_ != nullptr) --*count_;
    }
    OwnersVisit(const OwnersVisit&) = delete;
    OwnersVisit& operator=(const OwnersVisit&) = delete;

private:
    std::size_t* count_;
};

Awaitable<void> Scanner::give_way() {
    asio::steady_timer pause(co_await asio::this_coro::executor, way_given);
    co_await pause.async_wait(asio::use_awaitable);
}

Scanner::Scanner(const VisitParts& parts, std::span<const Technique* const> techniques)
    : Scanner(std::make_unique<StoreBooks>(parts), parts, techniques) {}

Scanner::Scanner(std::unique_ptr<StoreBooks> books, const VisitParts& parts,
                 std::span<const Technique* const> techniques)
    : Scanner(VisitTools{*books, parts.clock, parts.gate, parts.network, parts.identity, parts.probe}, techniques) {
    own_books_ = std::move(books);
}

Scanner::Scanner(const VisitTools& tools, std::span<const Technique* const> techniques)
    : tools_(tools), techniques_(techniques.begin(), techniques.end()),
      plan_of_stranger_(plan_visit(Host{}, Scan{}, techniques_, tools.probe.thorough)) {}

// Most hosts have nothing known about them, and are all visited alike: one plan serves them, which a campaign of many
// thousands feels in time and in memory.
bool Scanner::is_stranger(const Host& host, const Scan& scan) {
    return host.holes.empty() && !host.listed() && scan.ports.empty() && scan.targets.empty();
}

Awaitable<Result<Scan>> Scanner::visit(Address host) {
    auto started = co_await tools_.books.start(host);
    if (!started) co_return started;
    co_return co_await run(std::move(*started), Watch{});
}

Scanner::Course Scanner::course_of(Scan scan, Watch watch) const {
    Course course;
    auto known = tools_.books.known(scan.host);
    course.host = std::move(known.host);
    course.unit = known.unit;
    course.stranger = is_stranger(course.host, scan);
    // From now on, whenever the visit was started: somebody else may have had it before, and have been slow.
    course.end = tools_.clock.now() + tools_.probe.visit_timeout;
    course.scan = std::move(scan);
    course.watch = std::move(watch);
    return course;
}

Awaitable<Result<Scan>> Scanner::run(Scan scan, Watch watch) {
    auto course = course_of(std::move(scan), std::move(watch));
    const OwnersVisit counted(course.scan.kind == ScanKind::owner ? &owners_ : nullptr);
    // Asked for whatever brought the visit here; the network asks again for each connection.
    if (!tools_.gate.check(course.scan.host)) co_return co_await conclude(course);
    const auto own_plan = course.stranger ? std::vector<Attempt>{}
                                          : plan_visit(course.host, course.scan, techniques_, tools_.probe.thorough);
    co_await follow(course, course.stranger ? plan_of_stranger_ : own_plan);
    co_return co_await conclude(course);
}

Awaitable<std::vector<ScanStep>> Scanner::look_again(Scan scan, std::vector<Attempt> attempts) {
    const auto seen = std::make_shared<std::vector<ScanStep>>();
    Watch watch;
    watch.step = [seen](const ScanStep& step) { seen->push_back(step); };
    auto course = course_of(std::move(scan), std::move(watch));
    course.stranger = false;
    const OwnersVisit counted(course.scan.kind == ScanKind::owner ? &owners_ : nullptr);
    co_await follow(course, attempts);
    co_return std::move(*seen);
}

Awaitable<void> Scanner::follow(Course& course, const std::vector<Attempt>& plan) {
    for (const auto& next : plan) {
        const auto target = course.stranger ? Endpoint{course.scan.host, next.target.port} : next.target;
        // The proven ways come first; a host that drags its feet keeps its slot no longer than this.
        if (tools_.clock.now() >= course.end) {
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
        if (owners_ > 0 && course.scan.kind != ScanKind::owner) co_await give_way();
        co_await attempt(course, target, next);
    }
    co_await await_mail(course);
}

Awaitable<void> Scanner::attempt(Course& course, Endpoint target, const Attempt& attempt) {
    VisitContext context(tools_, target, course.watch.line, put_off_);
    const auto* lead = attempt.techniques.front();
    if (!course.is_proven(*lead, target) && course.speaks_another(target, family_of(lead->name)))
        context.expect_first_answer_within(tools_.probe.nudge_after);
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
        steps.push_back({tools_.clock.now(), std::string(attempt.techniques[i]->name), target.address, target.port,
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
    for (const auto& [technique, token] : context.late())
        course.late.push_back({technique, target, token, tools_.clock.now()});
    co_await record(course, std::move(steps), context);
}

// What has arrived is listed already, by the sink: this is the visit's own account of it.
Awaitable<void> Scanner::await_mail(Course& course) {
    for (const auto& late : course.late) {
        const auto patience = std::max(Duration::zero(), late.since + tools_.probe.mail_wait - tools_.clock.now());
        const bool arrived = co_await tools_.books.arrived(late.token, patience);
        if (!arrived) continue;
        course.unwritten.push_back({tools_.clock.now(), std::string(late.technique->name), late.target.address,
                                    late.target.port, Verdict::open, std::string(techniques::message_arrived)});
        if (course.watch.step) co_await write_down(course, nullptr);
    }
    if (!course.late.empty() && !course.unwritten.empty()) co_await write_down(course, nullptr);
}

// Only a proven way that is not tried needs a step: the policy judges each of them.
Awaitable<void> Scanner::skip(Course& course, Endpoint target, const Attempt& attempt, Verdict verdict,
                              std::string detail) {
    std::vector<ScanStep> steps;
    for (const auto* technique : attempt.techniques) {
        if (course.is_proven(*technique, target))
            steps.push_back(
                {tools_.clock.now(), std::string(technique->name), target.address, target.port, verdict, detail});
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
    const auto longest = course.scan.kind == ScanKind::owner ? steps_wait_of_owner : steps_wait;
    const bool may_wait = dull && !course.watch.step && course.unwritten.size() < steps_waiting &&
                          tools_.clock.now() - course.unwritten.front().at < longest;
    if (!may_wait) co_await write_down(course, &context);
}

Awaitable<void> Scanner::write_down(Course& course, const VisitContext* context) {
    const auto steps = std::exchange(course.unwritten, {});
    VisitBooks::Talk talk;
    if (context != nullptr) talk = {context->issued(), context->transcript(), context->software_seen()};
    const auto done = co_await tools_.books.write_down(course.scan, steps, std::move(talk));
    // Not the end of the visit: without its step a hole counts as not tried, so nothing is delisted for this.
    if (!done)
        log::of("verifier")
            ->error("steps of the visit to {} could not be recorded: {}", course.scan.host.to_string(),
                    done.error().message);
    if (course.watch.step)
        for (const auto& step : steps) course.watch.step(step);
}

Awaitable<Result<Scan>> Scanner::conclude(Course& course) {
    auto last = std::exchange(course.unwritten, {});
    co_return co_await tools_.books.conclude(course.scan, std::move(last), course.software);
}

} // namespace provenbl::verifier
