// The loop that looks, and the visits that it starts.
#include "verifier/scheduler.hpp"

#include "store/hosts.hpp"
#include "store/ledger.hpp"
#include "store/log.hpp"
#include "store/notices.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <atomic>
#include <exception>
#include <utility>

namespace provenbl::verifier {

namespace asio = boost::asio;
using SteadyClock = std::chrono::steady_clock;

namespace {

constexpr std::size_t looked_at_once = 10'000;             // due visits in one look
constexpr Duration glance = std::chrono::milliseconds(20); // between looks at the store's version
constexpr Duration second_look = std::chrono::seconds(1);  // while something is due that a bound holds back
constexpr Duration look_anyway = std::chrono::seconds(1);  // the version may move before readers see why
constexpr Duration held_after_error = std::chrono::seconds(5);
constexpr std::size_t held_at_most = 100'000;
constexpr int rest_after_look = 4; // times what the look took, while something is held back
constexpr std::size_t owners_at_least = 4;
// A visit to a closed host is some hundred turns of the executor, each as long as its queue.
constexpr Duration lag_allowed = std::chrono::milliseconds(2);
constexpr std::size_t begun_at_once = 16;                     // in one look, before the lag is known again
constexpr std::size_t running_anyway = 16;                    // whatever the lag: others may use the processor, too
constexpr Duration look_again = std::chrono::milliseconds(1); // while there is more to begin

} // namespace

std::size_t places(const SchedulerSettings& settings, ScanKind kind) {
    const auto reserved = std::max(owners_at_least, settings.concurrent_scans / 8);
    return settings.concurrent_scans + (kind == ScanKind::owner ? reserved : 0);
}

std::size_t places_in_network(const SchedulerSettings& settings, ScanKind kind) {
    return settings.concurrent_per_network + (kind == ScanKind::owner ? 1 : 0);
}

Prefix network_of(const Address& address) {
    return Prefix::of(address, address.is_v4() ? 24 : 48);
}

namespace {

// A visit that probes many addresses of one network counts once there: it probes one after the other.
std::set<Prefix> networks_of(const std::vector<Address>& addresses) {
    std::set<Prefix> networks;
    for (const auto& address : addresses) networks.insert(network_of(address));
    return networks;
}

} // namespace

bool Bookings::full(const Prefix& network, ScanKind kind) const {
    const auto booked = networks_.find(network);
    return booked != networks_.end() && booked->second >= places_in_network(settings_, kind);
}

bool Bookings::free(const std::vector<Address>& addresses, ScanKind kind) const {
    if (std::any_of(addresses.begin(), addresses.end(), [&](const Address& each) { return busy_.contains(each); }))
        return false;
    const auto networks = networks_of(addresses);
    return std::none_of(networks.begin(), networks.end(), [&](const Prefix& network) { return full(network, kind); });
}

Bookings::Taken Bookings::take(const ReadTxn& txn, Time now, const std::map<Address, Time>& held, std::size_t others) {
    Taken taken;
    std::size_t looked = 0;
    // A list that is shut down has no reason to look at anybody; an owner who asks has his own.
    const bool shut_down = notices::shutdown(txn).has_value();
    ledger::walk_due(txn, now, [&](const Address& address, ScanKind kind, Time) {
        if (shut_down && kind != ScanKind::owner) {
            taken.passed_over = true;
            return false;
        }
        if (running_ >= places(settings_, kind) || ++looked > looked_at_once) {
            taken.passed_over = true;
            return false;
        }
        if (kind != ScanKind::owner && others == 0) {
            taken.passed_over = taken.more = true;
            return false;
        }
        // Before the record is read: behind a network that is full there may be thousands of its hosts.
        if (full(network_of(address), kind)) {
            taken.passed_over = true;
            return true;
        }
        Booking booking{address, {address}};
        if (const auto host = hosts::find(txn, address)) {
            for (const auto& hole : host->holes)
                if (std::find(booking.addresses.begin(), booking.addresses.end(), hole.entry) ==
                    booking.addresses.end())
                    booking.addresses.push_back(hole.entry);
        }
        const auto hold = held.find(address);
        if ((hold != held.end() && now < hold->second) || !free(booking.addresses, kind)) {
            taken.passed_over = true;
            return true;
        }
        if (kind != ScanKind::owner) --others;
        ++running_;
        hosts_.insert(address);
        busy_.insert(booking.addresses.begin(), booking.addresses.end());
        for (const auto& network : networks_of(booking.addresses)) ++networks_[network];
        taken.bookings.push_back(std::move(booking));
        return true;
    });
    return taken;
}

void Bookings::release(const Booking& booking) {
    --running_;
    hosts_.erase(booking.host);
    for (const auto& each : booking.addresses) busy_.erase(each);
    for (const auto& network : networks_of(booking.addresses)) {
        const auto at = networks_.find(network);
        if (at != networks_.end() && --at->second == 0) networks_.erase(at);
    }
}

struct Scheduler::State {
    State(asio::any_io_executor executor_, const Store& store_, const Clock& clock_, const SchedulerSettings& settings,
          Visit visit_)
        : executor(std::move(executor_)), store(store_), clock(clock_), bookings(settings), visit(std::move(visit_)),
          timer(executor) {}

    asio::any_io_executor executor;
    const Store& store;
    const Clock& clock;
    Bookings bookings;
    Visit visit;
    asio::steady_timer timer;
    std::set<std::shared_ptr<asio::cancellation_signal>> signals;
    std::map<Address, Time> held; // hosts whose visit failed for a reason of ours
    std::optional<Time> look_at;  // when something becomes due
    std::optional<std::uint64_t> seen;
    SteadyClock::time_point looked;
    SteadyClock::time_point rested; // no look before this
    bool ended = false;             // a visit has, since the last look
    bool more = false;              // visits wait for the executor alone
    SteadyClock::duration lag{};    // what waits in the executor's queue, in time
    std::optional<SteadyClock::time_point> woken;
    bool stopping = false;
    std::atomic<std::size_t> running{0};
    std::atomic<std::uint64_t> finished{0};

    static Awaitable<void> one_visit(std::shared_ptr<State> state, Bookings::Booking booking) {
        std::string fault;
        bool done = false;
        try {
            const auto result = co_await state->visit(booking.host);
            done = result.has_value();
            if (!done) fault = result.error().message;
        } catch (const std::exception& error) {
            fault = error.what();
        }
        state->bookings.release(booking);
        state->running = state->bookings.running();
        state->ended = true;
        if (done) {
            ++state->finished;
        } else if (!state->stopping) {
            log::of("verifier")->warn("the visit to {} did not come to an end: {}", booking.host.to_string(), fault);
            if (state->held.size() < held_at_most) state->held[booking.host] = state->clock.now() + held_after_error;
        }
        if (!state->woken) state->woken = SteadyClock::now();
        state->timer.cancel(); // look at once
    }

    void begin(const std::shared_ptr<State>& self, Bookings::Booking booking) {
        auto signal = std::make_shared<asio::cancellation_signal>();
        signals.insert(signal);
        asio::co_spawn(executor, one_visit(self, std::move(booking)),
                       asio::bind_cancellation_slot(
                           signal->slot(), [self, signal](const std::exception_ptr&) { self->signals.erase(signal); }));
    }

    void look(const std::shared_ptr<State>& self) {
        const auto now = clock.now();
        std::erase_if(held, [now](const auto& each) { return each.second <= now; });
        ended = false;
        seen = store.version(); // before the look: a commit during it brings another
        looked = SteadyClock::now();
        auto [taken, next] = store.read([&](const ReadTxn& txn) {
            const bool busy = lag > lag_allowed && bookings.running() >= running_anyway;
            auto booked = bookings.take(txn, now, held, busy ? 0 : begun_at_once);
            return std::pair(std::move(booked), ledger::next_due(txn));
        });
        look_at = taken.passed_over ? now + second_look : next;
        more = taken.more;
        running = bookings.running();
        for (auto& booking : taken.bookings) begin(self, std::move(booking));
        if (taken.passed_over) {
            const auto done = SteadyClock::now();
            rested = done + rest_after_look * (done - looked);
        }
    }

    [[nodiscard]] bool must_look() const {
        if (SteadyClock::now() < rested) return false;
        return ended || more || !seen || store.version() != *seen || (look_at && clock.now() >= *look_at) ||
               SteadyClock::now() >= looked + look_anyway;
    }

    static Awaitable<void> loop(std::shared_ptr<State> state) {
        while (!state->stopping) {
            Duration rest = glance;
            try {
                if (state->must_look()) state->look(state);
            } catch (const std::exception& error) {
                log::of("verifier")->error("the due queue can't be read: {}", error.what());
                rest = held_after_error;
            }
            if (state->more) rest = std::min(rest, look_again);
            // What was not looked at because the last look was long is looked at when it has rested.
            if (const auto left = state->rested - SteadyClock::now(); left > SteadyClock::duration::zero())
                rest = std::min(rest, std::chrono::ceil<Duration>(left));
            state->timer.expires_after(rest);
            co_await state->timer.async_wait(asio::as_tuple(asio::use_awaitable));
            const auto wanted = std::min(state->timer.expiry(), state->woken.value_or(SteadyClock::time_point::max()));
            state->lag = SteadyClock::now() - wanted;
            state->woken.reset();
        }
    }
};

Scheduler::Scheduler(asio::any_io_executor executor, const Store& store, const Clock& clock,
                     const SchedulerSettings& settings, Visit visit)
    : state_(std::make_shared<State>(std::move(executor), store, clock, settings, std::move(visit))) {}

Scheduler::~Scheduler() {
    stop();
}

void Scheduler::start() {
    asio::co_spawn(state_->executor, State::loop(state_), asio::detached);
}

void Scheduler::stop() {
    if (state_->stopping) return;
    state_->stopping = true;
    state_->timer.cancel();
    const auto signals = state_->signals; // an emission may end a visit, and that changes the set
    for (const auto& signal : signals) signal->emit(asio::cancellation_type::terminal);
}

const std::set<Address>& Scheduler::under_way() const {
    return state_->bookings.hosts();
}

std::size_t Scheduler::running() const {
    return state_->running;
}
std::uint64_t Scheduler::finished() const {
    return state_->finished;
}

} // namespace provenbl::verifier
