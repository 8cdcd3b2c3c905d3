// What happens to the list, counted by reading the journal on: no hook anywhere, and what another process commits
// counts as well.
//
// A look reads a bounded number of changes, so that it takes milliseconds whatever has happened; the next goes on.
// Numbers of entries are exact at the position that was read: counted once at the beginning, then moved by each change.
// Not for several threads at once.
#pragma once

#include "store/records.hpp"
#include "store/store.hpp"
#include "tools/metrics/page.hpp"
#include "zones/definition.hpp"

#include <array>
#include <map>
#include <span>
#include <utility>
#include <vector>

namespace provenbl::tools::metrics {

class ListingWatch {
public:
    static constexpr std::size_t changes_at_once = 20'000;

    // Counts what comes after this moment.
    explicit ListingWatch(const Store& store);
    void look();
    [[nodiscard]] std::vector<std::pair<ListingClass, std::uint64_t>> by_class() const;
    void tell(Page& page, std::span<const zones::ZoneDefinition> zones) const;

private:
    void count_all(const ReadTxn& txn);
    void take(const ReadTxn& txn, const Change& change);
    void time_listing(const ReadTxn& txn, const Change& change);
    void time_delisting(const ReadTxn& txn, const Change& change);
    struct Listed {
        std::uint64_t v4 = 0;
        std::uint64_t v6 = 0;
    };
    using ByClass = std::map<std::pair<ListingClass, ChangeReason>, std::uint64_t>;

    const Store& store_;
    std::uint64_t seen_ = 0;             // of the journal
    std::uint64_t last_ = 0;             // ... and where it ended at the last look
    Time changed_{};                     // of the change that was seen last
    bool shut_ = false;                  // the list is
    std::map<std::uint16_t, Listed> by_; // by the bits of the class set
    ByClass listings_;
    ByClass delistings_;
    Distribution listing_latency_;
    Distribution delisting_latency_;
};

} // namespace provenbl::tools::metrics
