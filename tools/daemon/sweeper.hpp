// Takes off the list, in the role that writes, what wide exclusions cover (store/sweeps.hpp).
//
// A thread of its own: it looks whether a sweep is under way, whichever process entered the exclusion, and goes on with
// it in small transactions with a breath between them. After a crash it goes on where the last commit was.
#pragma once

#include "store/store.hpp"

#include <thread>

namespace provenbl::tools {

class Sweeper {
public:
    struct Pace {
        std::size_t examine = 5000; // hosts in one transaction
        std::size_t change = 500;
        Duration between_steps = std::chrono::milliseconds(5);
        Duration between_looks = std::chrono::milliseconds(250);
        Duration after_trouble = std::chrono::seconds(10);
    };
    Sweeper(Store& store, const Pace& pace);

private:
    void run(const std::stop_token& stop);
    // How long to wait until the next.
    Duration step();

    Store& store_;
    const Pace pace_;
    std::jthread thread_; // last: its end is waited for first
};

} // namespace provenbl::tools
