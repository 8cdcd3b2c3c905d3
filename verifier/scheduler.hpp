// Takes the visits that are due, and keeps the bounds: one visit to a host at a time (and to the entries
// that it probes), so many to one network, so many in all.
//
// The due queue is the store's (ledger.hpp), in its order: owners, reports, rescans. The scheduler looks
// when the store has changed, when something becomes due, and when a visit has ended; in between it sleeps, and while
// something is held back it looks no more than a fifth of the time. A host that a bound holds back is passed over, and
// others go on. Owners have places that nobody else gets, in all and in each network: however many hosts are reported,
// and however slow they are, an owner's host waits for none of them. Hosts that are quick (closed ports) cost the
// executor's thread, not time: while it lags behind, only owners' visits are begun, so that thousands of quick ones
// never stand in its queue before an owner's. Executor: one thread runs it.
#pragma once

#include "store/records.hpp"
#include "store/store.hpp"
#include "verifier/network.hpp"
#include "verifier/settings.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

namespace provenbl::verifier {

// What is being visited, and what may be taken besides. Pure bookkeeping over a read transaction.
class Bookings {
public:
    explicit Bookings(const SchedulerSettings& settings) : settings_(settings) {}

    struct Booking {
        Address host;
        std::vector<Address> addresses; // the host, and the entries that its visit probes
    };
    // Books every due visit that the bounds allow. `held` are hosts to pass over; of others than owners' at most
    // `others`.
    struct Taken {
        std::vector<Booking> bookings;
        bool passed_over = false; // something is due that could not be taken
        bool more = false;        // it could be but for `others`
    };
    [[nodiscard]] Taken take(const ReadTxn& txn, Time now, const std::map<Address, Time>& held,
                             std::size_t others = std::numeric_limits<std::size_t>::max());
    void release(const Booking& booking);
    [[nodiscard]] const std::set<Address>& hosts() const { return hosts_; }
    [[nodiscard]] std::size_t running() const { return running_; }

private:
    [[nodiscard]] bool free(const std::vector<Address>& addresses, ScanKind kind) const;
    [[nodiscard]] bool full(const Prefix& network, ScanKind kind) const;
    SchedulerSettings settings_;
    std::size_t running_ = 0;
    std::set<Address> busy_;
    std::set<Address> hosts_; // that are being visited
    std::map<Prefix, std::size_t> networks_;
};

// Visits at once in all, and in one network, for a kind of visit.
[[nodiscard]] std::size_t places(const SchedulerSettings& settings, ScanKind kind);
[[nodiscard]] std::size_t places_in_network(const SchedulerSettings& settings, ScanKind kind);

// The network that a bound counts for: a /24, or a /48.
[[nodiscard]] Prefix network_of(const Address& address);

class Scheduler {
public:
    // One visit; an Error means that it could not be begun or ended, and is tried again a little later.
    using Visit = std::function<Awaitable<Result<>>(Address host)>;

    Scheduler(boost::asio::any_io_executor executor, const Store& store, const Clock& clock,
              const SchedulerSettings& settings, Visit visit);
    ~Scheduler();
    Scheduler(const Scheduler&) = delete;
    Scheduler& operator=(const Scheduler&) = delete;

    void start();
    // On the executor: takes nothing more, and cancels what runs (it stays `running` in the store).
    void stop();
    // On the executor: the hosts whose visits are under way.
    [[nodiscard]] const std::set<Address>& under_way() const;
    [[nodiscard]] std::size_t running() const; // any thread
    [[nodiscard]] std::uint64_t finished() const;

private:
    struct State; // shared with the visits
    std::shared_ptr<State> state_;
};

} // namespace provenbl::verifier
