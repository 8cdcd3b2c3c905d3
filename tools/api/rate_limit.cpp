#include "tools/api/rate_limit.hpp"

#include <algorithm>
#include <span>

namespace provenbl::tools::api {
namespace {

constexpr std::size_t ways = 4;
constexpr unsigned one_host_v6 = 64;

// FNV-1a with a last stir. Nobody gains by a collision: two that share a bucket have less, not more.
class Hash {
public:
    void add(std::uint8_t byte) { value_ = (value_ ^ byte) * 0x100000001b3ULL; }
    [[nodiscard]] std::uint64_t end() const {
        auto mixed = value_ ^ value_ >> 33U;
        mixed *= 0xff51afd7ed558ccdULL;
        mixed ^= mixed >> 33U;
        return mixed == 0 ? 1 : mixed;
    }

private:
    std::uint64_t value_ = 0xcbf29ce484222325ULL;
};

std::uint64_t key_of(Limited what, const Address& client) {
    Hash hash;
    hash.add(static_cast<std::uint8_t>(what));
    const auto unit = client.is_v4() ? client : Prefix::of(client, one_host_v6).base();
    for (const auto byte : unit.bytes()) hash.add(byte);
    return hash.end();
}

std::uint64_t key_of(Limited what, std::string_view requester) {
    Hash hash;
    hash.add(static_cast<std::uint8_t>(0x80U | static_cast<unsigned>(what)));
    for (const char c : requester) hash.add(static_cast<std::uint8_t>(c));
    return hash.end();
}

std::chrono::seconds up(Duration span) {
    return std::chrono::ceil<std::chrono::seconds>(std::max(span, Duration::zero()));
}

} // namespace

RateLimiter::RateLimiter(const ApiLimits& limits)
    : limits_(limits), table_(std::max(ways, limits.table_size / ways * ways)) {}

RateLimiter::Rate RateLimiter::rate_of(Limited what) const {
    const auto in = [](std::uint32_t burst, Duration window) {
        return burst == 0 ? Rate{} : Rate{burst, std::max(Duration{1}, window / burst)};
    };
    switch (what) {
    case Limited::lookups:
        return in(limits_.lookups_per_minute, std::chrono::minutes{1});
    case Limited::rescans:
        return in(limits_.rescans_per_hour, std::chrono::hours{1});
    case Limited::reports:
        return in(limits_.reports_per_minute, std::chrono::minutes{1});
    case Limited::nothing:
        break;
    }
    return {};
}

RateLimiter::Bucket& RateLimiter::bucket_of(std::uint64_t key) {
    const auto set = std::span{table_}.subspan(key % (table_.size() / ways) * ways, ways);
    for (auto& bucket : set) {
        if (bucket.key == key) return bucket;
    }
    auto& taken = *std::min_element(set.begin(), set.end(),
                                    [](const Bucket& a, const Bucket& b) { return a.full_at < b.full_at; });
    taken = {key, Time{}};
    return taken;
}

Allowance RateLimiter::take(Limited what, const Address& client, std::string_view requester, Time now,
                            std::uint32_t price) {
    const auto rate = rate_of(what);
    Allowance told;
    if (rate.burst == 0) return told;
    told.limit = rate.burst;
    const auto whole = rate.interval * rate.burst;
    const auto cost = rate.interval * std::min(price, rate.burst);
    // A clock that was set back must not lock anybody out for longer than a whole bucket.
    const auto from = [&](const Bucket& bucket) { return std::clamp(bucket.full_at, now, now + whole); };

    auto& own = bucket_of(key_of(what, client));
    auto latest = from(own) + cost;
    const auto mine = latest;
    const auto requester_key = requester.empty() ? 0 : key_of(what, requester);
    if (requester_key != 0) latest = std::max(latest, from(bucket_of(requester_key)) + cost);

    told.allowed = latest <= now + whole;
    if (told.allowed) {
        // The second look-up may have taken the first one's place: ask again, in the order of need.
        if (requester_key != 0) {
            auto& theirs = bucket_of(requester_key);
            theirs.full_at = from(theirs) + cost;
        }
        bucket_of(key_of(what, client)).full_at = mine;
    } else {
        told.retry_after = std::max(std::chrono::seconds{1}, up(latest - now - whole));
        latest -= cost;
    }
    told.remaining = static_cast<std::uint32_t>((now + whole - latest) / rate.interval);
    told.reset = up(latest - now);
    return told;
}

} // namespace provenbl::tools::api
