// The parts, put together: one execution context and one thread for sinks, visits and scheduler. probe()
// builds the same parts once more, in the caller's thread.
//
// Order of ending: nothing new is taken, what runs is cancelled, the context runs dry, the store has
// called everybody back; only then do the parts go.
#include "verifier/verifier.hpp"

#include "store/carried.hpp"
#include "store/ledger.hpp"
#include "store/log.hpp"
#include "store/tokens.hpp"
#include "verifier/arrivals.hpp"
#include "verifier/asio_network.hpp"
#include "verifier/carried_visits.hpp"
#include "verifier/commit.hpp"
#include "verifier/elsewhere.hpp"
#include "verifier/gate.hpp"
#include "verifier/gated_network.hpp"
#include "verifier/receiver.hpp"
#include "verifier/scanner.hpp"
#include "verifier/scheduler.hpp"
#include "verifier/sinks/callback_sink.hpp"
#include "verifier/sinks/datagram_sink.hpp"
#include "verifier/sinks/mail_sink.hpp"
#include "verifier/technique.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include <chrono>
#include <exception>
#include <future>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace provenbl::verifier {

namespace asio = boost::asio;

namespace {

constexpr Duration sweep_interval = std::chrono::minutes(1);
// What a visit may take beyond the time in which it begins something new; older ones that are not ours are of a dead
// process. Ours may wait for a worker for as long as the operator likes.
constexpr Duration visit_margin = std::chrono::minutes(20);
constexpr Duration tokens_kept_expired = std::chrono::hours(24); // so that a late one is told that it is late
constexpr std::size_t swept_at_once = 10'000;
constexpr std::chrono::seconds patience_at_stop{5};

Result<std::array<std::uint8_t, 32>> token_key(Store& store, Entropy& entropy) {
    std::array<std::uint8_t, 32> fresh{};
    entropy.fill(fresh);
    auto key = std::make_shared<std::array<std::uint8_t, 32>>();
    const auto done = store.write([key, fresh](WriteTxn& txn) -> Result<> {
        const auto stored = tokens::key(txn, fresh);
        if (!stored) return stored.error();
        *key = *stored;
        return {};
    });
    if (!done) return done.error();
    return *key;
}

// Everything between the store and the network, on one context.
struct Parts {
    Parts(Store& store, const Clock& clock, Entropy& entropy, const VerifierSettings& settings,
          const TrapSettings& trap_settings, const std::array<std::uint8_t, 32>& key, asio::io_context& context,
          std::span<const Technique* const> techniques)
        : gate(store, clock, settings.gate), mint(key, entropy), arrivals(store),
          receiver(store, clock, gate, mint, settings.policy, arrivals),
          open_network(settings.probe, context.get_executor()), network(gate, open_network),
          scanner({store, clock, gate, network, mint, receiver, arrivals, settings.identity, settings.probe,
                   settings.policy, entropy},
                  techniques),
          traps(store, entropy, gate, settings.policy, trap_settings),
          mail_sink(context.get_executor(), receiver, clock, settings.mail_sink, settings.identity, &traps),
          callback_sink(context.get_executor(), receiver, clock, settings.callback_sink),
          datagram_sink(context.get_executor(), receiver, clock, settings.callback_sink) {}

    Result<> start_sinks() {
        auto bound = mail_sink.start();
        if (bound) bound = callback_sink.start();
        return bound ? datagram_sink.start() : bound;
    }
    void stop_sinks() {
        mail_sink.stop();
        callback_sink.stop();
        datagram_sink.stop();
    }

    Gate gate;
    TokenMint mint;
    Arrivals arrivals;
    Receiver receiver;
    AsioNetwork open_network;
    GatedNetwork network;
    Scanner scanner;
    TrapReports traps;
    MailSink mail_sink;
    CallbackSink callback_sink;
    DatagramSink datagram_sink;
};

// A context with what runs on it.
struct Machinery {
    Machinery(Store& store, const Clock& clock, Entropy& entropy, const VerifierSettings& settings,
              const TrapSettings& traps, const std::array<std::uint8_t, 32>& key,
              std::span<const Technique* const> techniques)
        : parts(store, clock, entropy, settings, traps, key, context, techniques),
          sweep_timer(context, sweep_interval) {}

    // Runs until nothing is left to do; one coroutine's failure is not everybody's end.
    void run() {
        for (;;) {
            try {
                context.run();
                return;
            } catch (const std::exception& error) {
                log::of("verifier")->error("{}", error.what());
            }
        }
    }

    static Awaitable<void> swept(Store& store, Store::Work work, const char* what) {
        if (const auto done = co_await commit(store, std::move(work)); !done)
            log::of("verifier")->warn("{} could not be swept: {}", what, done.error().message);
    }

    Awaitable<void> sweep(Store& store, const Clock& clock, Duration longest_visit) {
        for (;;) {
            const auto [error] = co_await sweep_timer.async_wait(asio::as_tuple(asio::use_awaitable));
            if (error) co_return;
            // Each by itself: a damaged record that stops one must not stop the others.
            Store::Work forget = [before = clock.now() - tokens_kept_expired](WriteTxn& txn) -> Result<> {
                tokens::sweep(txn, before, swept_at_once);
                return {};
            };
            Store::Work expire = [](WriteTxn& txn) -> Result<> {
                ledger::expire_manual(txn, txn.now, swept_at_once);
                return {};
            };
            Store::Work requeue = [longest_visit, ours = scheduler->under_way()](WriteTxn& txn) -> Result<> {
                ledger::requeue_interrupted(txn, txn.now - longest_visit, ours);
                return {};
            };
            co_await swept(store, std::move(forget), "expired tokens");
            co_await swept(store, std::move(expire), "listings by hand that have ended");
            co_await swept(store, std::move(requeue), "interrupted visits");
            if (stopping) co_return;
            sweep_timer.expires_after(sweep_interval);
        }
    }

    // On the context, or when nothing runs it: lets it run dry.
    void wind_down() {
        stopping = true;
        if (scheduler) scheduler->stop();
        if (elsewhere != nullptr) elsewhere->close();
        parts.stop_sinks();
        sweep_timer.cancel();
        work.reset();
    }

    asio::io_context context{1};
    std::optional<asio::executor_work_guard<asio::io_context::executor_type>> work;
    Parts parts;
    Elsewhere* elsewhere = nullptr;
    std::optional<CarriedVisits> carried;
    std::optional<Scheduler> scheduler;
    asio::steady_timer sweep_timer;
    bool stopping = false;
};

Result<std::vector<const Technique*>> named(const std::vector<std::string>& names) {
    std::vector<const Technique*> wanted;
    for (const auto& name : names) {
        const auto* technique = find_technique(name);
        if (technique == nullptr) {
            std::string known;
            for (const auto* each : all_techniques())
                known += fmt::format("{}{}", known.empty() ? "" : ", ", each->name);
            return Error{Errc::invalid, fmt::format("there is no technique \"{}\"; there are: {}", name, known)};
        }
        wanted.push_back(technique);
    }
    if (wanted.empty()) wanted.assign(all_techniques().begin(), all_techniques().end());
    return wanted;
}

} // namespace

struct Verifier::Impl {
    Store& store;
    const Clock& clock;
    Entropy& entropy;
    VerifierSettings settings;
    TrapSettings traps;
    Elsewhere* elsewhere = nullptr;

    mutable std::mutex mutex; // of the pointer, which statistics() reads from any thread
    std::unique_ptr<Machinery> machinery;
    std::thread thread;
    std::future<void> ended;

    Impl(Store& store_, const Clock& clock_, Entropy& entropy_, VerifierSettings settings_, TrapSettings traps_)
        : store(store_), clock(clock_), entropy(entropy_), settings(std::move(settings_)), traps(std::move(traps_)) {}

    // `with` lives longer than what is made of it.
    Result<std::unique_ptr<Machinery>> assemble(std::span<const Technique* const> techniques,
                                                const VerifierSettings& with) {
        const auto key = token_key(store, entropy);
        if (!key) return key.error();
        return std::make_unique<Machinery>(store, clock, entropy, with, traps, *key, techniques);
    }
};

Verifier::Verifier(Store& store, const Clock& clock, Entropy& entropy, VerifierSettings settings, TrapSettings traps)
    : impl_(std::make_unique<Impl>(store, clock, entropy, std::move(settings), std::move(traps))) {}

Verifier::~Verifier() {
    stop();
}

void Verifier::carry_out_by(Elsewhere& elsewhere) {
    impl_->elsewhere = &elsewhere;
}

Result<> Verifier::start() {
    auto& self = *impl_;
    if (self.machinery) return Error{Errc::conflict, "the verifier has been started already"};
    auto assembled = self.assemble(all_techniques(), self.settings);
    if (!assembled) return assembled.error();
    auto& machinery = **assembled;
    auto started = machinery.parts.start_sinks();
    if (started) {
        const auto requeued = self.store.write([](WriteTxn& txn) -> Result<> {
            ledger::requeue_interrupted(txn);
            return {};
        });
        // A full disk must not keep the answers from starting; the sweep tries again.
        if (!requeued) log::of("verifier")->error("visits that were cut short wait: {}", requeued.error().message);
    }
    if (!started) {
        machinery.wind_down();
        machinery.run();
        return started;
    }
    machinery.work.emplace(asio::make_work_guard(machinery.context));
    Scheduler::Visit visit = [&scanner = machinery.parts.scanner](Address host) -> Awaitable<Result<>> {
        const auto finished = co_await scanner.visit(host);
        co_return finished ? Result<>{} : Result<>{finished.error()};
    };
    if (self.elsewhere != nullptr) {
        auto& parts = machinery.parts;
        machinery.elsewhere = self.elsewhere;
        machinery.carried.emplace(self.clock, parts.gate, parts.scanner, *self.elsewhere);
        parts.receiver.expect_workers(self.elsewhere->vantage_points(),
                                      [&carried = *machinery.carried](const Address& host, Claim claim) {
                                          return carried.hold(host, std::move(claim));
                                      });
        self.elsewhere->open(machinery.context.get_executor(), parts.scanner.books());
        visit = [&carried = *machinery.carried](Address host) { return carried.visit(host); };
    }
    machinery.scheduler.emplace(machinery.context.get_executor(), self.store, self.clock, self.settings.scheduler,
                                std::move(visit));
    machinery.scheduler->start();
    asio::co_spawn(machinery.context,
                   machinery.sweep(self.store, self.clock, self.settings.probe.visit_timeout + visit_margin),
                   asio::detached);
    {
        const std::lock_guard lock(self.mutex);
        self.machinery = std::move(*assembled);
    }
    std::promise<void> ended;
    self.ended = ended.get_future();
    self.thread = std::thread([&machinery, ended = std::move(ended)]() mutable {
        machinery.run();
        ended.set_value();
    });
    return {};
}

void Verifier::stop() {
    auto& self = *impl_;
    if (!self.machinery) return;
    auto& machinery = *self.machinery;
    asio::post(machinery.context, [&machinery] { machinery.wind_down(); });
    // Beside it: whoever looks up a name or waits for a server that hangs takes his time, and visits need not.
    std::thread hanging_up([elsewhere = machinery.elsewhere] {
        if (elsewhere != nullptr) elsewhere->hang_up();
    });
    const bool dry = self.ended.wait_for(patience_at_stop) == std::future_status::ready;
    if (!dry) machinery.context.stop();
    self.thread.join();
    hanging_up.join(); // until then calls may still come to the context
    drain_commits(self.store);
    const std::lock_guard lock(self.mutex);
    if (dry) {
        self.machinery.reset();
    } else {
        // Coroutines that did not end still refer to it, so it is kept until the process ends.
        log::of("verifier")->error("a visit did not end when it was cancelled");
        (void)self.machinery.release();
    }
}

VerifierStatistics Verifier::statistics() const {
    const std::lock_guard lock(impl_->mutex);
    VerifierStatistics all;
    if (!impl_->machinery) return all;
    const auto& machinery = *impl_->machinery;
    const auto& counters = machinery.parts.receiver.counters();
    all.running_scans = machinery.scheduler->running();
    all.scans_finished = machinery.scheduler->finished();
    all.mail_accepted = counters.mail_accepted;
    all.callbacks_accepted = counters.callbacks_accepted;
    all.tokens_forged = counters.forged;
    all.tokens_unknown = counters.unknown;
    all.tokens_expired = counters.expired;
    all.tokens_used = counters.used;
    const auto& traps = machinery.parts.traps.counters();
    all.traps_taken = traps.taken;
    all.traps_refused = traps.refused;
    all.traps_failed = traps.failed;
    all.traps_bounces = traps.bounces;
    all.probes = machinery.parts.scanner.probes().all();
    return all;
}

Result<Scan> Verifier::probe(const ProbeRequest& request, const std::function<void(std::string_view)>& show,
                             const std::function<void(const ScanStep&)>& step) {
    auto& self = *impl_;
    const auto techniques = named(request.techniques);
    if (!techniques) return techniques.error();
    auto settings = self.settings;
    if (!request.techniques.empty()) settings.probe.thorough = true; // what is named is asked for, suspicion or not
    auto assembled = self.assemble(*techniques, settings);
    if (!assembled) return assembled.error();
    auto& machinery = **assembled;
    if (const auto allowed = machinery.parts.gate.check(request.host); !allowed) return allowed.error();
    if (request.own_sinks) {
        if (const auto bound = machinery.parts.start_sinks(); !bound) {
            machinery.wind_down();
            machinery.run();
            return bound.error();
        }
    }

    auto scan = std::make_shared<Scan>();
    const auto begun = self.store.write([&request, scan](WriteTxn& txn) -> Result<> {
        const auto asked = ledger::request_scan(txn, request.host, ScanKind::report, txn.now, request.ports);
        if (!asked) return asked.error();
        auto started = ledger::start_scan(txn, request.host);
        if (!started) return Error{Errc::conflict, "a visit to " + request.host.to_string() + " is under way already"};
        *scan = std::move(*started);
        return {};
    });
    Result<Scan> outcome =
        begun ? Result<Scan>(Error{Errc::io, "the visit was interrupted"}) : Result<Scan>(begun.error());
    if (begun) {
        asio::co_spawn(machinery.context, machinery.parts.scanner.run(*scan, {show, step}),
                       [&](const std::exception_ptr& failed, Result<Scan> finished) {
                           if (!failed) outcome = std::move(finished);
                           machinery.wind_down();
                       });
    } else {
        machinery.wind_down();
    }
    machinery.run();
    drain_commits(self.store);
    return outcome;
}

} // namespace provenbl::verifier
