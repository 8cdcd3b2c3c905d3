// Asks all mirrors, all the time, how far they are: one SOA question over UDP for each zone at each address and
// interval.
//
// A thread with one socket of each family. It reads the store only: which mirrors there are, and how old a serial is.
// What it finds is told in the log when a mirror stays behind, and by `lags` to whoever asks. When what is to be done
// is mirror_rounds.hpp.
#pragma once

#include "dnsbl/transfer/notify_sockets.hpp"
#include "store/clock.hpp"
#include "store/entropy.hpp"
#include "store/store.hpp"
#include "tools/daemon/mirror_rounds.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <thread>
#include <vector>

namespace provenbl::tools {

class MirrorWatch {
public:
    using Tell = std::function<void(bool trouble, std::string_view text)>;
    // All of them must outlive it.
    struct World {
        const Store& store;
        const Clock& clock;
        Entropy& entropy; // of ids
    };
    MirrorWatch(const World& world, std::shared_ptr<const Configuration> configuration,
                std::unique_ptr<dnsbl::transfer::NotifyNetwork> network, Tell tell);
    ~MirrorWatch(); // stops
    MirrorWatch(const MirrorWatch&) = delete;
    MirrorWatch& operator=(const MirrorWatch&) = delete;

    void start();
    void stop();
    // One look: asks who is due, takes answers, waiting for `longest_wait` at most. What the thread does; for tests.
    void round(Duration longest_wait);
    // Any thread, any time.
    [[nodiscard]] std::vector<api::MirrorLag> lags() const;
    // Watches by another configuration from the next round on; what is known of zones that remain stays known.
    void use(std::shared_ptr<const Configuration> next);

private:
    void take_up();
    void take_targets(Time now);
    void ask(const MirrorTarget& target, Time now);
    void take(const dnsbl::transfer::NotifyDatagram& datagram);
    [[nodiscard]] bool is_catalog(const std::string& zone) const;
    std::uint32_t random();

    const World world_;
    const std::unique_ptr<dnsbl::transfer::NotifyNetwork> network_;
    const Tell tell_;
    std::shared_ptr<const Configuration> configuration_; // of this round; of the thread alone
    std::optional<std::uint64_t> seen_;                  // the store's version of the mirrors
    Time judged_{};                                      // when it was last looked for what is to be told
    mutable std::mutex mutex_;                           // guards what follows, up to the thread
    std::shared_ptr<const Configuration> next_;          // null: no other has come
    MirrorRounds rounds_;
    std::atomic<bool> stopping_{false};
    std::thread thread_;
};

} // namespace provenbl::tools
