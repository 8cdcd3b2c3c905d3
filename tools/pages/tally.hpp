// What the journal tells in numbers: how many are listed by class, what came and went on each day, how long listings
// last.
//
// A Tally is fed one entry after the other and stays small: a year of days, and one count for each set of classes.
// Pure.
#pragma once

#include "store/records.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>

namespace provenbl::tools::pages {

struct DayCount {
    std::chrono::sys_days day{};
    std::uint64_t listed = 0; // hosts that came onto the list
    std::uint64_t delisted = 0;
    bool operator==(const DayCount&) const = default;
};

class Tally {
public:
    static constexpr std::size_t kept_days = 366;
    static constexpr std::size_t class_sets = std::size_t{1} << all_listing_classes.size();
    static constexpr std::size_t reasons = 12;
    // How long listings lasted that have ended: less than each of these, and what is longer.
    static constexpr std::array<Duration, 6> spans{std::chrono::minutes{1},     std::chrono::hours{1},
                                                   std::chrono::hours{24},      std::chrono::hours{24 * 7},
                                                   std::chrono::hours{24 * 30}, std::chrono::hours{24 * 365}};

    // What is listed before the first change: hosts by their set of classes.
    void begin_with(ClassSet classes) { ++by_classes_[classes.bits() % class_sets]; }

    // The entry came onto the list or left it on its day. `opened` is when its case began; Time{}: not known.
    void add_to_history(const Change& change, Time opened);
    // ... and what is listed is other than before.
    void add_to_standing(const Change& change);

    [[nodiscard]] std::uint64_t listed() const { return listed_in(ClassSet::from_bits(class_sets - 1)); }
    // Hosts with one of these classes at least: what a zone of them holds.
    [[nodiscard]] std::uint64_t listed_in(ClassSet classes) const;
    // By day, without gaps, up to `today`; days before the first entry are not in it.
    [[nodiscard]] std::deque<DayCount> days(std::chrono::sys_days today, std::size_t most) const;
    // Of the last kept_days, by ChangeReason.
    [[nodiscard]] std::uint64_t ended(ChangeReason reason) const {
        return ended_[static_cast<std::size_t>(reason) % reasons];
    }
    [[nodiscard]] std::uint64_t ended_at_request() const { return at_request_; }
    // Listings that ended, by how long they had lasted: one count for each of `spans`, and one for what is longer.
    [[nodiscard]] const std::array<std::uint64_t, spans.size() + 1>& lasted() const { return lasted_; }

private:
    DayCount* day_of(Time at);

    std::array<std::uint64_t, class_sets> by_classes_{};
    std::deque<DayCount> days_; // ascending, only those on which something happened
    std::array<std::uint64_t, reasons> ended_{};
    std::uint64_t at_request_ = 0;
    std::array<std::uint64_t, spans.size() + 1> lasted_{};
};

} // namespace provenbl::tools::pages
