// Who listens to a bus, and until when: handlers are called one at a time and never after end() has returned, whatever
// is still on its way in threads that nobody here can stop.
#pragma once

#include "tools/workers/bus.hpp"

#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace provenbl::tools::workers {

// Shared with what may call late, so that it outlives the bus. Any thread; a handler must not call end().
class Listening {
public:
    explicit Listening(CoordinatorBus::Handlers handlers) : handlers_(std::move(handlers)) {}

    // Waits for the handler that is being called.
    void end() {
        const std::lock_guard lock(mutex_);
        ended_ = true;
        handlers_ = {};
    }
    void request(std::string message, CoordinatorBus::Answer answer) {
        const std::lock_guard lock(mutex_);
        if (!ended_) handlers_.request(std::move(message), std::move(answer));
    }
    void result(std::shared_ptr<Delivery> delivery) {
        const std::lock_guard lock(mutex_);
        if (!ended_) handlers_.result(std::move(delivery));
    }

private:
    std::mutex mutex_;
    bool ended_ = false;
    CoordinatorBus::Handlers handlers_;
};

} // namespace provenbl::tools::workers
