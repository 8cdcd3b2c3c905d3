// When which mirror is told of which serial: the judgement of the notifier, without its sockets and its clock.
//
// For each mirror's address and zone one NOTIFY is out at most. It is sent again with growing pauses until it is
// answered; whoever stays silent is asked once a minute from then on, however fast the zone changes, so that a dead
// mirror costs nothing. A serial that comes while one is out takes its place. Between two changes that are told lies
// the publication interval: a mirror that is told of each of a thousand changes does nothing else.
#pragma once

#include "dnsbl/wire/hmac.hpp"
#include "store/address.hpp"
#include "store/clock.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace provenbl::dnsbl::transfer {

inline constexpr unsigned notify_tries = 5; // 1, 2, 4, 8 and 16 seconds apart
inline constexpr Duration notify_first_pause = std::chrono::seconds{1};
inline constexpr Duration notify_silent_pause = std::chrono::minutes{1};

// Who is told of what. `mirror` and `zone` are positions that the caller knows.
struct NotifyTarget {
    std::uint64_t mirror = 0;
    Endpoint address;
    std::size_t zone = 0;
    auto operator<=>(const NotifyTarget&) const = default;
};

struct NotifyState {
    std::optional<std::uint32_t> notified; // the last serial that was sent
    std::optional<std::uint32_t> answered; // ... and that an answer came for
    Time sent{};
    Time answered_at{};
    std::uint64_t messages = 0;
    unsigned failures = 0;  // serials in a row that no answer came for
    std::uint8_t rcode = 0; // of the last answer
};

// Of all targets since the start, also of those that are gone.
struct NotifyCounts {
    std::uint64_t sent = 0;  // messages
    std::uint64_t again = 0; // ... that had been sent before
    std::uint64_t answered = 0;
    std::uint64_t given_up = 0;
};

// The serial of each zone: one for all lists, which share the journal, and perhaps another for the catalog.
struct NotifySerials {
    std::uint32_t lists = 0;
    std::optional<std::size_t> catalog_zone = {}; // its position
    std::uint32_t catalog = 0;

    NotifySerials(std::uint32_t all) : lists(all) {} // NOLINT(google-explicit-constructor): one for all
    NotifySerials(std::uint32_t all, std::size_t zone, std::uint32_t serial)
        : lists(all), catalog_zone(zone), catalog(serial) {}
    [[nodiscard]] std::uint32_t of(const NotifyTarget& target) const {
        return catalog_zone == target.zone ? catalog : lists;
    }
};

class NotifyPlan {
public:
    explicit NotifyPlan(Duration interval) : interval_(interval) {}

    // What is known of those that remain stays known. Whoever is new is told of the serial that there is.
    void set_targets(const std::vector<NotifyTarget>& targets);
    // Who has to be told now.
    [[nodiscard]] std::vector<NotifyTarget> due(const NotifySerials& serials, Time now);
    // It was: with this id, and this code (none: unsigned).
    void sent(const NotifyTarget& target, std::uint32_t serial, std::uint16_t id, const wire::Mac& mac, Time now);
    // The code of what is out with this id; null when nothing is.
    [[nodiscard]] const wire::Mac* outstanding(const NotifyTarget& target, std::uint16_t id) const;
    // An answer that belongs to what is out.
    void answered(const NotifyTarget& target, std::uint8_t rcode, Time now);
    // When `due` has something to say if nothing else happens; nothing: only a new serial changes that.
    [[nodiscard]] std::optional<Time> next(const NotifySerials& serials) const;
    [[nodiscard]] std::map<NotifyTarget, NotifyState> states() const;
    [[nodiscard]] const NotifyCounts& counts() const { return counts_; }

private:
    struct Entry {
        NotifyState state;
        unsigned tries = 0; // of what is out; 0: nothing is
        bool silent = false;
        Time next{}; // not before
        std::uint16_t id = 0;
        wire::Mac mac;
    };
    const Duration interval_;
    NotifyCounts counts_;
    std::map<NotifyTarget, Entry> entries_;
};

} // namespace provenbl::dnsbl::transfer
