// The serving index as the journal tells it: what the tables listed4 and listed6 have to be, byte for byte.
//
// Nothing changes a listing without a journal entry, so the entries from the first to the last, applied to an empty
// index, give the serving index again: classes from `after`, the case from the entry, and `since` from the entry that
// made a host listed that was not. What differs is a listing that nothing explains.
// Memory is bounded by what is listed at one time (about 80 bytes each), not by the journal.
#pragma once

#include "store/records.hpp"
#include "store/store.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <functional>
#include <optional>
#include <string_view>

namespace provenbl::replay {

class Index {
public:
    // Applies the next entry. Error corrupt when it can't follow the one before (a gap in the sequence, or a `before`
    // that is not what the entries so far have made of the host); it is applied all the same, so that one fault is
    // told once.
    Result<> apply(const Change& change);

    // What a trimmed part of the journal has left in force (audit.hpp), before the first entry.
    void begin_with(const Address& address, const Listing& listing) { listed_[address] = listing; }
    // Entries up to this one are known to be missing.
    void go_on_after(std::uint64_t sequence) { last_ = sequence; }

    [[nodiscard]] std::optional<Listing> find(const Address& address) const;
    [[nodiscard]] std::size_t size() const { return listed_.size(); }
    [[nodiscard]] std::uint64_t last() const { return last_; } // sequence; 0 before the first entry
    // In no order.
    void walk(const std::function<void(const Address&, const Listing&)>& visit) const;

private:
    struct Hash {
        std::size_t operator()(const Address& address) const {
            const auto bytes = address.bytes();
            return std::hash<std::string_view>{}({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
        }
    };
    // One piece of memory: a long journal looks into it at random, tens of millions of times.
    boost::unordered_flat_map<Address, Listing, Hash> listed_;
    std::uint64_t last_ = 0;
};

// Where the serving index and the journal disagree. Absent: not listed.
struct Difference {
    Address address;
    std::optional<Listing> replayed;
    std::optional<Listing> served;
};

// Every difference, until visit returns false. Compares the stored bytes, not only their meaning.
void compare(const ReadTxn& txn, const Index& index, const std::function<bool(const Difference&)>& visit);

// Replays the whole journal of the store. `fault` hears of every entry that can't follow the one before; `progress`, if
// any, of the sequence that was reached, every 100,000 entries.
[[nodiscard]] Index journal(const ReadTxn& txn, const std::function<void(const Change&, const Error&)>& fault,
                            const std::function<void(std::uint64_t sequence)>& progress = {});

} // namespace provenbl::replay
