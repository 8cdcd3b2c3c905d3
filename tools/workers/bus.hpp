// How orders, requests and results travel: an interface, so that tests need no server. nats/bus.hpp is the real one.
//
// Handlers are called on threads of the bus, one call of each at a time, until stop() has returned. Nothing here reads
// what it carries.
#pragma once

#include "store/clock.hpp"
#include "store/result.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace provenbl::tools::workers {

// A message of a work queue. It comes back, to this client or another, unless it is settled in time. Any thread.
class Delivery {
public:
    virtual ~Delivery() = default;
    [[nodiscard]] virtual const std::string& data() const = 0;
    [[nodiscard]] virtual std::uint64_t number() const = 0; // 1 for the first time that it is delivered
    virtual void done() = 0;                                // never again
    virtual void again(Duration after) = 0;
    virtual void working() = 0; // begins the time anew in which it has to be settled
};

class CoordinatorBus {
public:
    using Answer = std::function<void(std::string)>; // any thread; a requester who has gone hears nothing
    struct Handlers {
        std::function<void(std::string, Answer)> request;
        std::function<void(std::shared_ptr<Delivery>)> result;
    };
    virtual ~CoordinatorBus() = default;
    // Comes back at once; a server that is away is looked for until stop(). Error invalid for settings that can't work.
    virtual Result<> start(Handlers handlers) = 0;
    virtual void stop() = 0;
    [[nodiscard]] virtual bool connected() const = 0;
    // Puts an order into the queue; tells its number there. Errors: unreachable, busy (the queue is full).
    virtual void give(std::string order, std::function<void(Result<std::uint64_t>)> done) = 0;
    // Takes it out again, if it is there still.
    virtual void take_back(std::uint64_t number) = 0;
};

class WorkerBus {
public:
    virtual ~WorkerBus() = default;
    // `order` is called with one order at a time, and only after more() has asked for one.
    virtual Result<> start(std::function<void(std::shared_ptr<Delivery>)> order) = 0;
    virtual void stop() = 0;
    virtual void more() = 0;
    // Errors: unreachable, timeout, busy.
    virtual void request(std::string message, Duration patience, std::function<void(Result<std::string>)> done) = 0;
    // Puts a result into the queue of results. Errors as give().
    virtual void finish(std::string result, std::function<void(Result<>)> done) = 0;
};

} // namespace provenbl::tools::workers
