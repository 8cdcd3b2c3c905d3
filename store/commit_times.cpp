#include "store/commit_times.hpp"

#include <algorithm>

namespace provenbl {

void CommitTimes::add(std::chrono::nanoseconds took) {
    const auto seconds = std::chrono::duration<double>(took).count();
    const auto bucket = std::lower_bound(bounds.begin(), bounds.end(), seconds) - bounds.begin();
    counts_[static_cast<std::size_t>(bucket)].fetch_add(1, std::memory_order_relaxed);
    if (took.count() > 0) nanoseconds_.fetch_add(static_cast<std::uint64_t>(took.count()), std::memory_order_relaxed);
}

CommitTimes::Sum CommitTimes::sum() const {
    Sum sum;
    for (std::size_t i = 0; i < counts_.size(); ++i) sum.counts[i] = counts_[i].load(std::memory_order_relaxed);
    sum.seconds = static_cast<double>(nanoseconds_.load(std::memory_order_relaxed)) / 1e9;
    return sum;
}

CommitTimes& commit_times() {
    static CommitTimes times;
    return times;
}

} // namespace provenbl
