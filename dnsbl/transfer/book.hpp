// What became of transfers: what each mirror took, and whom a zone was refused, with a line in the log.
//
// Whoever asks for zones that he may not have can't fill the log: a minute has a few lines, each client and reason one,
// and what was left out is told as a number. It outlives a change of configuration, so that counts go on. Time is an
// argument. For many threads at once.
//
// Nothing of it lies on the way of ordinary answers. A refusal is counted without a lock, and waits for none: where
// another thread is at the lines of the log just then, it counts as one that is not told. Only what was granted waits,
// for as long as a sum takes: one transfer over TCP, or one difference over UDP, which was read from the store.
#pragma once

#include "dnsbl/exchange.hpp"
#include "dnsbl/transfer/access.hpp"
#include "dnsbl/watch/statistics.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace provenbl::zones {
class ZoneTable;
}

namespace provenbl::dnsbl::transfer {

// One transfer that is over.
struct Served {
    std::string mirror; // its name; empty: an unsigned one
    std::string zone;
    Address client;
    bool whole = true;
    bool complete = true; // to its last message
    std::uint64_t octets = 0;
    std::uint64_t records = 0;
    std::uint64_t messages = 0;
    std::chrono::milliseconds took{};
};

class Book {
public:
    enum class Level : std::uint8_t { detail, news, trouble };
    using Tell = std::function<void(Level, std::string_view)>;
    static constexpr std::size_t lines_a_minute = 10;

    // `tell` is called by whichever thread has something to say; nothing: nobody is told.
    explicit Book(Tell tell = {}) : tell_(std::move(tell)) {}

    // Of an outcome with a refusal. `zones`: those that it was answered from.
    void refused(std::span<const std::uint8_t> message, const Asker& asker, const Outcome& outcome,
                 const zones::ZoneTable& zones);
    void served(const Served& transfer, Time now);
    [[nodiscard]] TransferStatistics statistics() const;

private:
    // Whether this one may be told; how many could not be before it.
    [[nodiscard]] std::pair<bool, std::uint64_t> may_tell(const Address& client, Refusal why, Time now);

    const Tell tell_;
    std::array<std::atomic<std::uint64_t>, refusal_names.size()> refused_{};
    std::atomic<std::uint64_t> untold_{0};
    std::mutex lines_mutex_;                     // is never waited for; guards both that follow
    std::set<std::pair<Address, Refusal>> told_; // in this minute
    Time minute_{};
    mutable std::mutex mutex_; // guards what follows
    std::map<std::string, MirrorTransfers> by_mirror_;
};

// "it did not come over TLS: ...": what stood in the way, and what to do where it is a mirror that should have the
// zone.
[[nodiscard]] std::string_view reason_of(Refusal refusal);

} // namespace provenbl::dnsbl::transfer
