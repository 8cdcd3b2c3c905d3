// Publishes zones as files while the server runs: the thread around tools/exports/rounds.hpp.
//
// It reads snapshots only, writes nothing to the store, and gives way to those who answer.
#pragma once

#include "store/clock.hpp"
#include "tools/exports/rounds.hpp"

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

namespace provenbl::tools {

class Exporter {
public:
    // How zones stand now; called on the exporter's thread.
    using TakeSnapshot = std::function<std::shared_ptr<const zones::Snapshot>()>;

    Exporter(const Configuration& configuration, const Clock& clock, TakeSnapshot take_snapshot);
    ~Exporter(); // stops; an export that is under way leaves the old file
    Exporter(const Exporter&) = delete;
    Exporter& operator=(const Exporter&) = delete;

private:
    void run();
    bool pause(Duration span); // false when it is time to stop

    const Clock& clock_;
    const TakeSnapshot take_snapshot_;
    exports::Rounds rounds_;
    std::atomic<bool> stopping_{false};
    std::mutex mutex_;
    std::condition_variable stop_;
    std::thread thread_;
};

} // namespace provenbl::tools
