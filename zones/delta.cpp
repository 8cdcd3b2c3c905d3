#include "zones/delta.hpp"

#include "store/journal.hpp"

#include <algorithm>
#include <utility>

namespace provenbl::zones {

SerialPlace place_of(std::uint32_t serial, std::uint64_t sequence) {
    constexpr std::uint32_t half = 0x80000000U;
    const auto behind = static_cast<std::uint32_t>(sequence) - serial;
    if (behind == 0 || behind > half) return {SerialState::current, sequence};
    if (behind == half || behind > sequence) return {SerialState::unknown, 0};
    return {SerialState::behind, sequence - behind};
}

DeltaReader::DeltaReader(std::uint64_t from, std::uint64_t to, std::size_t most)
    : at_(from), to_(to), untold_(from > to || to - from > most) {
    if (!untold_) changes_.reserve(to - from);
}

DeltaReader::Progress DeltaReader::read(const ReadTxn& txn, std::size_t count) {
    // Looked at each time: what was there a moment ago may have been trimmed since, or restored from a backup.
    untold_ = untold_ || at_ < journal::floor(txn) || journal::last(txn) < to_;
    if (untold_ || at_ == to_) return untold_ ? Progress::untold : Progress::done;
    const auto before = at_;
    std::size_t seen = 0;
    journal::walk(txn, at_, [&](const Change& change) {
        untold_ = change.sequence != at_ + 1 || !names_host(change.reason);
        if (untold_) return false;
        at_ = change.sequence;
        changes_.push_back({change.address, change.before, change.after});
        return at_ < to_ && ++seen < count;
    });
    untold_ = untold_ || at_ == before;
    if (untold_) return Progress::untold;
    return at_ == to_ ? Progress::done : Progress::more;
}

Delta DeltaReader::take() {
    auto changes = std::exchange(changes_, {});
    std::stable_sort(changes.begin(), changes.end(),
                     [](const auto& a, const auto& b) { return a.address < b.address; });
    auto kept = changes.begin();
    for (auto first = changes.begin(); first != changes.end();) {
        const auto next =
            std::find_if(first, changes.end(), [&](const auto& other) { return other.address != first->address; });
        const AddressChange change{first->address, first->before, std::prev(next)->after};
        if (change.before != change.after) *kept++ = change;
        first = next;
    }
    changes.erase(kept, changes.end());
    return changes;
}

std::optional<Delta> read_delta(const ReadTxn& txn, std::uint64_t from, std::uint64_t to, std::size_t most) {
    DeltaReader reader(from, to, most);
    if (reader.read(txn, most) != DeltaReader::Progress::done) return std::nullopt;
    return reader.take();
}

} // namespace provenbl::zones
