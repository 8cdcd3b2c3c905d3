// How often one client may ask: token buckets of addresses and of reporters' keys, in a table of a fixed size.
//
// A bucket is one time: when it will be full again. Asking moves that on by the price of the request; who would move
// it further than a whole bucket takes to fill has to wait (the "generic cell rate algorithm"). IPv6 clients are their
// /64, which one host has whole. A place of the table that is wanted by another is taken from the fullest bucket
// there, so memory is bounded, and what is forgotten is what mattered least. Pure: the time is an argument.
#pragma once

#include "store/address.hpp"
#include "store/clock.hpp"
#include "tools/config/configuration.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace provenbl::tools::api {

enum class Limited : std::uint8_t { nothing, lookups, rescans, reports };

struct Allowance {
    bool allowed = true;
    std::uint32_t limit = 0; // requests in a whole bucket; 0: there is no limit
    std::uint32_t remaining = 0;
    std::chrono::seconds reset{};       // until the bucket is full
    std::chrono::seconds retry_after{}; // until this request can be taken; at least 1 when it was refused
};

class RateLimiter {
public:
    explicit RateLimiter(const ApiLimits& limits);
    // Charges the client's bucket and, where `requester` (a hash of a key) is given, the requester's as well: both or
    // neither. The tighter one is told. A price above a whole bucket is a whole bucket.
    Allowance take(Limited what, const Address& client, std::string_view requester, Time now, std::uint32_t price = 1);

private:
    struct Bucket {
        std::uint64_t key = 0; // 0: free
        Time full_at{};
    };
    struct Rate {
        std::uint32_t burst = 0;
        Duration interval{}; // in which one token comes back
    };
    [[nodiscard]] Rate rate_of(Limited what) const;
    Bucket& bucket_of(std::uint64_t key);

    ApiLimits limits_;
    std::vector<Bucket> table_;
};

} // namespace provenbl::tools::api
