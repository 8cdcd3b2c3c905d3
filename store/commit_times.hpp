// How long this process's commits have taken, for who looks on: from the first piece of a batch until it was durable.
//
// Of the process, not of a Store: a process has one store that it writes to, and what is counted here decides nothing.
// Any thread may count and read.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>

namespace provenbl {

class CommitTimes {
public:
    // Seconds; a commit belongs to the first bound that is not less. One more bucket takes what is above.
    static constexpr std::array bounds{0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1,
                                       0.2,    0.5,   1.0,   2.0,   5.0,  10.0, 30.0};
    struct Sum {
        std::array<std::uint64_t, bounds.size() + 1> counts{};
        double seconds = 0;
    };

    void add(std::chrono::nanoseconds took);
    [[nodiscard]] Sum sum() const;

private:
    std::array<std::atomic<std::uint64_t>, bounds.size() + 1> counts_{};
    std::atomic<std::uint64_t> nanoseconds_{0};
};

[[nodiscard]] CommitTimes& commit_times();

} // namespace provenbl
