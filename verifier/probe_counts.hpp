// How many probes ended how, for who looks on. The verifier's thread counts, any thread reads.
#pragma once

#include "store/records.hpp"

#include <cstdint>
#include <map>
#include <mutex>
#include <string_view>
#include <utility>
#include <vector>

namespace provenbl::verifier {

struct ProbeCount {
    std::string_view technique; // of the registry, so it lives for ever
    Verdict verdict = Verdict::inconclusive;
    std::uint64_t count = 0;
};

class ProbeCounts {
public:
    void add(std::string_view technique, Verdict verdict) {
        const std::lock_guard lock(mutex_);
        ++counts_[{technique, verdict}];
    }
    [[nodiscard]] std::vector<ProbeCount> all() const {
        const std::lock_guard lock(mutex_);
        std::vector<ProbeCount> all;
        for (const auto& [what, count] : counts_) all.push_back({what.first, what.second, count});
        return all;
    }

private:
    mutable std::mutex mutex_;
    std::map<std::pair<std::string_view, Verdict>, std::uint64_t> counts_;
};

} // namespace provenbl::verifier
