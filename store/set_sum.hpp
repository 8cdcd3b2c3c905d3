// Whether two sets of keys are the same, in whatever order they are walked. Inside store/ only.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace provenbl {

// The number of keys and the sum of a hash of each: equal sets have equal sums. 64 bits don't miss an accident, and
// nobody gains by making two sets that look alike: what is compared is ours.
class SetSum {
public:
    void add(std::string_view key) {
        std::uint64_t hash = 0xcbf29ce484222325U ^ key.size();
        for (; key.size() >= 8; key.remove_prefix(8)) hash = mix(hash, key, 8);
        if (!key.empty()) hash = mix(hash, key, key.size());
        sum_ += hash ^ hash >> 29U;
        ++count_;
    }
    bool operator==(const SetSum&) const = default;

private:
    static std::uint64_t mix(std::uint64_t hash, std::string_view key, std::size_t size) {
        std::uint64_t word = 0;
        std::memcpy(&word, key.data(), size);
        hash = (hash ^ word) * 0x9e3779b97f4a7c15U;
        hash ^= hash >> 32U;
        return hash * 0xd6e8feb86659fd93U;
    }
    std::uint64_t sum_ = 0;
    std::uint64_t count_ = 0;
};

} // namespace provenbl
