#include "tools/workers/worker.hpp"

#include "store/log.hpp"
#include "tools/workers/bridge.hpp"
#include "tools/workers/envelope.hpp"
#include "tools/workers/remote_books.hpp"
#include "verifier/visitor.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <atomic>
#include <exception>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>

namespace provenbl::tools::workers {

namespace asio = boost::asio;
using SteadyClock = std::chrono::steady_clock;
using verifier::Awaitable;

namespace {

constexpr Duration call_patience = std::chrono::seconds(10);
constexpr Duration pass_on_after = std::chrono::seconds(5);
constexpr Duration shortest_beat = std::chrono::milliseconds(100);

} // namespace

struct Worker::Impl {
    // One visit that was taken.
    struct Visit {
        Visit(asio::io_context& context, std::shared_ptr<Delivery> order_) : order(std::move(order_)), beat(context) {}
        std::shared_ptr<Delivery> order;
        asio::cancellation_signal cancel;
        asio::steady_timer beat;
        std::optional<RemoteBooks> books;
        std::string host;
        std::string why;                     // it is given up
        Duration back_after = pass_on_after; // before others may have the order
        bool over = false;
        bool settled = false; // the order is
    };

    Impl(const WorkerSettings& settings_, const signing::SigningKey& key_, const signing::PublicKey& coordinator_,
         WorkerBus& bus_, const Clock& clock_)
        : settings(settings_), key(key_), coordinator(coordinator_), bus(bus_), clock(clock_),
          caller(bus_, key_, coordinator_) {}

    const WorkerSettings& settings;
    const signing::SigningKey& key;
    const signing::PublicKey coordinator;
    WorkerBus& bus;
    const Clock& clock;
    Caller caller;
    asio::io_context context{1};
    std::optional<asio::executor_work_guard<asio::io_context::executor_type>> work;
    std::thread thread;
    std::set<std::shared_ptr<Visit>> visits;
    bool stopping = false;
    std::atomic<std::size_t> running{0};
    std::atomic<std::uint64_t> finished{0}, given_up{0}, passed_on{0}, made{0};

    void run() {
        for (;;) {
            try {
                context.run();
                return;
            } catch (const std::exception& fault) {
                log::of("workers")->error("{}", fault.what());
            }
        }
    }

    void give_up(Visit& visit, std::string why) {
        if (visit.over) return;
        if (visit.why.empty()) visit.why = std::move(why);
        visit.cancel.emit(asio::cancellation_type::terminal);
    }

    // While the visit is on: is it still ours? What the coordinator has said lately is enough for a while, and that
    // ends before others may be given the visit: asked every eighth of ack_wait, waited for as long, given up after
    // three eighths, so after five at the latest; a request that is on its way then takes one more at most.
    static Awaitable<void> keep(Impl& self, std::shared_ptr<Visit> visit, Duration ack_wait) {
        const auto every = std::max(shortest_beat, ack_wait / 8);
        auto heard = SteadyClock::now();
        while (!visit->over) {
            visit->beat.expires_after(every);
            const auto [stopped] = co_await visit->beat.async_wait(asio::as_tuple(asio::use_awaitable));
            if (stopped || visit->over) co_return;
            const auto asked = SteadyClock::now();
            const auto still = co_await visit->books->alive(every);
            if (visit->over) co_return;
            if (const auto& missed = visit->books->missed(); !missed.empty()) {
                self.give_up(*visit, "the coordinator could not be asked: " + missed);
                co_return;
            }
            if (still) {
                heard = asked;
                visit->order->working();
                continue;
            }
            if (!is_away(still.error()) || SteadyClock::now() - heard >= ack_wait * 3 / 8) {
                self.give_up(*visit, still.error().message);
                co_return;
            }
        }
    }

    void settle(Visit& visit, bool done) {
        if (std::exchange(visit.settled, true)) return;
        if (done)
            visit.order->done();
        else
            visit.order->again(visit.back_after);
    }

    void pass_on(Visit& visit, bool done, const std::string& why) {
        ++passed_on;
        log::of("workers")->info("an order is passed on: {}", why);
        settle(visit, done);
    }

    static Awaitable<void> carry_out(Impl& self, std::shared_ptr<Visit> visit) {
        const auto opened = workers::open(Purpose::order, visit->order->data());
        const auto order = opened ? decode_order(opened->body) : Result<Order>(opened.error());
        if (!opened || !order || !(opened->signer == self.coordinator)) {
            log::of("workers")->error("an order that is not the coordinator's: is coordinator_key right?");
            co_return self.pass_on(*visit, false, "it is not signed by the coordinator");
        }
        if (order->until <= self.clock.now()) co_return self.pass_on(*visit, true, "its time is over");
        Request request{"take-" + std::to_string(++self.made), order->scan, Take{order->scan, visit->order->number()}};
        auto answer = co_await self.caller.ask(std::move(request), call_patience);
        auto* const taken = answer ? std::get_if<Taken>(&answer->what) : nullptr;
        if (taken == nullptr) {
            const auto error =
                answer ? Error{Errc::protocol, "the coordinator answered something else"} : answer.error();
            // Over: nobody need take it.
            co_return self.pass_on(*visit, error.code == Errc::not_found, error.message);
        }
        auto errand = taken->errand;
        errand.identity.helo = self.settings.helo;
        errand.probe.source4 = self.settings.source4;
        errand.probe.source6 = self.settings.source6;
        visit->host = errand.scan.host.to_string();
        visit->back_after = taken->ack_wait * 7 / 8; // our lease keeps others off for six eighths
        log::of("workers")->info("visits {}", visit->host);
        visit->books.emplace(self.caller, std::move(*taken));
        asio::co_spawn(self.context, keep(self, visit, taken->ack_wait), asio::detached);
        verifier::GateSettings gate{self.settings.unlocked, self.settings.own_networks};
        const auto scan = co_await verifier::carry_out(std::move(errand), std::move(gate), self.clock, *visit->books);
        visit->over = true;
        visit->beat.cancel();
        if (!scan) co_return self.pass_on(*visit, false, scan.error().message);
        // Where no token could be had nothing was tried, and that is no word about the host.
        if (const auto& missed = visit->books->missed(); !missed.empty())
            co_return self.pass_on(*visit, false, "the coordinator could not be asked: " + missed);
        const auto result = seal(self.key, Purpose::result, encode(visit->books->result()));
        const auto handed_in = co_await bridged<void>([&](auto done) { self.bus.finish(result, std::move(done)); });
        if (!handed_in) co_return self.pass_on(*visit, false, handed_in.error().message);
        self.settle(*visit, true);
        ++self.finished;
        log::of("workers")->info("{} is visited", visit->host);
    }

    void begin(std::shared_ptr<Delivery> order) {
        auto visit = std::make_shared<Visit>(context, std::move(order));
        if (stopping) return settle(*visit, false);
        visits.insert(visit);
        running = visits.size();
        asio::co_spawn(
            context, carry_out(*this, visit),
            asio::bind_cancellation_slot(visit->cancel.slot(), [this, visit](const std::exception_ptr& failed) {
                if (failed) {
                    ++given_up;
                    log::of("workers")->warn("the visit to {} is given up: {}",
                                             visit->host.empty() ? "a host" : visit->host,
                                             visit->why.empty() ? words_of(failed) : visit->why);
                    settle(*visit, false);
                }
                visit->over = true;
                visit->beat.cancel();
                visits.erase(visit);
                running = visits.size();
                if (!stopping) bus.more();
            }));
    }

    static std::string words_of(const std::exception_ptr& failed) {
        try {
            std::rethrow_exception(failed);
        } catch (const std::exception& fault) {
            return fault.what();
        } catch (...) {
            return "for a reason that is not known";
        }
    }
};

Worker::Worker(const WorkerSettings& settings, const signing::SigningKey& key, const signing::PublicKey& coordinator,
               WorkerBus& bus, const Clock& clock)
    : impl_(std::make_unique<Impl>(settings, key, coordinator, bus, clock)) {}

Worker::~Worker() {
    stop();
}

Result<> Worker::start() {
    auto& self = *impl_;
    auto started = self.bus.start([&self](std::shared_ptr<Delivery> order) {
        asio::post(self.context, [&self, order = std::move(order)]() mutable { self.begin(std::move(order)); });
    });
    if (!started) return started;
    self.work.emplace(asio::make_work_guard(self.context));
    self.thread = std::thread([&self] { self.run(); });
    for (std::size_t i = 0; i < self.settings.concurrent_visits; ++i) self.bus.more();
    return {};
}

void Worker::stop() {
    auto& self = *impl_;
    if (!self.thread.joinable()) return;
    asio::post(self.context, [&self] {
        self.stopping = true;
        const auto visits = self.visits; // an emission may end one, and that changes the set
        for (const auto& visit : visits) self.give_up(*visit, "the worker stops");
        self.work.reset();
    });
    // What still waits for an answer hears that there is none.
    self.bus.stop();
    self.thread.join();
}

WorkerCounts Worker::counts() const {
    return {impl_->running, impl_->finished, impl_->given_up, impl_->passed_on};
}

} // namespace provenbl::tools::workers
