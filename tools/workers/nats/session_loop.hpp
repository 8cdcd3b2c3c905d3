// Connects, reads one queue, and begins anew when that breaks: the loop that both sides share.
//
// A connection that breaks is made anew from the beginning, with growing pauses (1 s to 30 s). Calls that block are
// made by threads of their own, in a bounded queue.
#pragma once

#include "tools/workers/bus.hpp"
#include "tools/workers/nats/session.hpp"
#include "tools/workers/task_threads.hpp"

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

namespace provenbl::tools::workers::nats {

inline constexpr int fetched_at_once = 16; // messages

class SessionLoop {
public:
    SessionLoop(const NatsSettings& settings, const char* name, std::size_t callers);
    virtual ~SessionLoop() = default; // after end()
    SessionLoop(const SessionLoop&) = delete;
    SessionLoop& operator=(const SessionLoop&) = delete;

    // None while there is no connection, and once the bus is stopped: what waits then is told so.
    [[nodiscard]] std::shared_ptr<Session> session() const;

protected:
    virtual Result<> prepare(Session& session) = 0;       // streams, subscriptions
    [[nodiscard]] virtual std::size_t wanted() const = 0; // messages, now
    virtual void received(std::shared_ptr<Delivery> delivery) = 0;

    Result<> run();
    void end();
    [[nodiscard]] bool stopping() const;
    void look() { wake_.notify_all(); } // more messages are wanted

    // Runs a call that may block; `done` is told when there is no connection, and when there are too many calls.
    template <class T> void call(std::function<Result<T>(Session&)> what, std::function<void(Result<T>)> done) {
        auto task = [this, what = std::move(what), done] {
            const auto now = session();
            if (now == nullptr)
                done(Error{Errc::unreachable, "the NATS server can't be reached"});
            else
                done(what(*now));
        };
        if (!callers_.add(std::move(task))) done(Error{Errc::busy, "too many calls wait for the NATS server"});
    }

    // What need not be waited for; dropped when too much waits.
    void write(std::function<void(Session&)> what);

private:
    Result<std::shared_ptr<Session>> connect();
    [[nodiscard]] std::string shown_url() const;
    bool pause(Duration span);
    void loop();
    bool read(const std::shared_ptr<Session>& session);

    const NatsSettings& settings_;
    const char* name_;
    Options options_;
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    bool stopping_ = false;
    std::shared_ptr<Session> session_;
    TaskThreads callers_;
    std::shared_ptr<TaskThreads> writers_; // shared with deliveries, which may outlive this
    std::thread reader_;
};

} // namespace provenbl::tools::workers::nats
