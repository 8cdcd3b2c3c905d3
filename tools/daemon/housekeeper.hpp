// Forgets, in the role that writes, what the retention rules say (store/retention.hpp).
//
// A thread of its own, so that no visit waits for it: a round of small pieces with a breath between them, then a long
// pause. Trouble is logged once and tried again with the next round.
#pragma once

#include "store/retention.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>

namespace provenbl::tools {

class Housekeeper {
public:
    struct Pace {
        std::size_t records_at_once = 1000;
        Duration between_pieces = std::chrono::milliseconds(50);
        Duration between_rounds = std::chrono::hours(1);
    };
    Housekeeper(Store& store, const retention::Rules& rules, const Pace& pace);
    ~Housekeeper(); // stops, after the piece that is under way
    Housekeeper(const Housekeeper&) = delete;
    Housekeeper& operator=(const Housekeeper&) = delete;

private:
    void run();
    void round();
    void forget_requests();
    // False when it is time to stop.
    bool pause(Duration span);

    Store& store_;
    const retention::Rules rules_;
    const Pace pace_;
    std::mutex mutex_;
    std::condition_variable stop_;
    bool stopping_ = false;
    std::thread thread_;
};

} // namespace provenbl::tools
