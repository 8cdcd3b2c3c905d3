// Time as an argument.
//
// Whatever decides takes a Time; only what waits or stamps holds a Clock. Tests pass a ManualClock and
// never sleep to be right.
#pragma once

#include <atomic>
#include <chrono>
#include <string>

namespace provenbl {

using Duration = std::chrono::milliseconds;
// Milliseconds since 1970-01-01 UTC. Time{} (the epoch) means "never".
using Time = std::chrono::sys_time<Duration>;

class Clock {
public:
    virtual ~Clock() = default;
    [[nodiscard]] virtual Time now() const = 0;
};

class SystemClock final : public Clock {
public:
    [[nodiscard]] Time now() const override {
        return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
    }
};

class ManualClock final : public Clock {
public:
    explicit ManualClock(Time start) : now_(start.time_since_epoch().count()) {}
    [[nodiscard]] Time now() const override { return Time{Duration{now_.load()}}; }
    void advance(Duration by) { now_ += by.count(); }

private:
    std::atomic<Duration::rep> now_;
};

// RFC 3339 in UTC with seconds, "2026-11-24T22:53:16Z"; "never" for Time{}.
[[nodiscard]] std::string to_string(Time time);

} // namespace provenbl
