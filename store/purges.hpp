// Taking back a bad batch of listings in bulk, with a note that everybody can read (RFC 6471 3.9).
//
// A purge is a record that goes on in steps of bounded size, one transaction each: it can be watched, and whoever was
// interrupted goes on from where it was. Each delisting is an entry of the journal, with the note.
#pragma once

#include "store/records.hpp"
#include "store/store.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace provenbl::purges {

inline constexpr std::size_t examined_at_once = 5000; // hosts looked at in one step
inline constexpr std::size_t changed_at_once = 500;   // hosts changed in one step

struct Match {
    std::vector<Hole> holes;
    std::vector<ManualListing> manual;
    [[nodiscard]] bool any() const { return !holes.empty() || !manual.empty(); }
};
// What of the host the filter means, whoever reported it. A way that was proven before `since` stays, even when it was
// proven again later. Pure.
[[nodiscard]] Match match(const Host& host, const PurgeFilter& filter);

// Errors: invalid (no note; a filter that would match everything; times in the wrong order). The notice appears at
// once.
Result<Purge> begin(WriteTxn& txn, const PurgeFilter& filter, std::string_view note, std::string_view by);
// Goes on. `finished` is set in what comes back when nothing is left. Error not_found.
Result<Purge> step(WriteTxn& txn, std::uint64_t id, std::size_t examine = examined_at_once,
                   std::size_t change = changed_at_once);
[[nodiscard]] std::optional<Purge> find(const ReadTxn& txn, std::uint64_t id);
// The newest first.
[[nodiscard]] std::vector<Purge> newest(const ReadTxn& txn, std::size_t at_most);

// What a purge would take, from a cursor on; changes nothing. An empty cursor begins, an empty one back ends.
struct Preview {
    std::uint64_t examined = 0;
    std::vector<Address> matched;
    std::string cursor;
};
[[nodiscard]] Preview preview(const ReadTxn& txn, const PurgeFilter& filter, const std::string& cursor,
                              std::size_t examine = examined_at_once);
// Error invalid, as begin.
[[nodiscard]] Result<> check(const PurgeFilter& filter);

} // namespace provenbl::purges
