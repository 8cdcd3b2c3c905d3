// Tells mirrors that the zones have changed: NOTIFY (RFC 1996), signed with each mirror's key (RFC 8945).
//
// A thread of its own looks at the follower's snapshot and at the mirrors, sends what transfer/notify_plan.hpp finds
// due, and takes answers: only those that come from the very address and port that was told, with the id that is out
// and the zone's question. An answer without a signature counts (it can only keep us from saying a thing twice); one
// with a wrong signature does not.
#pragma once

#include "dnsbl/transfer/mirror_ring.hpp"
#include "dnsbl/transfer/notify_plan.hpp"
#include "dnsbl/transfer/notify_sockets.hpp"
#include "dnsbl/watch/statistics.hpp"
#include "store/clock.hpp"
#include "store/entropy.hpp"
#include "zones/follower.hpp"
#include "zones/zone_table.hpp"

#include <atomic>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace provenbl::dnsbl {

class Notifier {
public:
    // All of them must outlive it.
    struct World {
        const zones::ZoneTable& zones;
        const zones::Follower& follower;
        const transfer::MirrorRing& mirrors;
        const Clock& clock;
        Entropy& entropy; // of ids
    };
    Notifier(const World& world, Duration interval, std::unique_ptr<transfer::NotifyNetwork> network);
    ~Notifier(); // stops
    Notifier(const Notifier&) = delete;
    Notifier& operator=(const Notifier&) = delete;

    void start();
    void stop();
    // One look: sends what is due and takes answers, waiting for `longest_wait` at most. What the thread does; for
    // tests.
    void round(Duration longest_wait);
    [[nodiscard]] std::vector<MirrorStatistics> statistics() const;
    // What was told to all mirrors since the start, also to those that are none any more.
    void add_to(TransferStatistics& sum) const;

private:
    [[nodiscard]] std::optional<transfer::NotifySerials> serials();
    void take_targets();
    void tell(const transfer::NotifyTarget& target, std::uint32_t serial, Time now);
    void take(const transfer::NotifyDatagram& datagram);
    [[nodiscard]] const transfer::MirrorEntry* mirror(std::uint64_t id) const;

    const World world_;
    std::unique_ptr<transfer::NotifyNetwork> network_;
    zones::SnapshotReader snapshots_;
    transfer::AccessReader access_;
    const transfer::TransferAccess* known_ = nullptr; // whose targets the plan has
    mutable std::mutex mutex_;                        // guards plan_ and names_
    transfer::NotifyPlan plan_;
    std::map<std::uint64_t, std::string> names_;
    std::atomic<bool> stopping_{false};
    std::thread thread_;
};

} // namespace provenbl::dnsbl
