// What has changed between two serials, from the journal: what an incremental transfer sends (RFC 1995).
//
// A serial is the low 32 bits of a journal sequence, so it wraps as RFC 1982 has it. The entries from one to the other
// are condensed: an address that changed and changed back is in none of it. Nothing is told where the journal does not
// tell all: before its floor, across a gap, across a change of the zones' definition, across a shutdown. Then, and
// where there is more to tell than it is worth, the whole zone has to go. It is the same for all zones; what of it a
// zone shows is zones/contents.hpp.
#pragma once

#include "store/records.hpp"
#include "store/store.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace provenbl::zones {

enum class SerialState : std::uint8_t {
    current, // it is ours, or newer than ours
    behind,
    unknown, // neither before nor after ours (RFC 1982 section 3.2), or from before the journal began
};

struct SerialPlace {
    SerialState state = SerialState::unknown;
    std::uint64_t sequence = 0; // of the journal, where `behind`
};

// Where a serial stands, towards what `sequence` is the serial of.
[[nodiscard]] SerialPlace place_of(std::uint32_t serial, std::uint64_t sequence);

struct AddressChange {
    Address address;
    ClassSet before;
    ClassSet after;
    bool operator==(const AddressChange&) const = default;
};

// By address, each once, none without a difference.
using Delta = std::vector<AddressChange>;

// Reads a delta in pieces, so that nobody waits for it for long. It holds 22 octets for each journal entry in between.
class DeltaReader {
public:
    // From the state after `from` to the state after `to`. More than `most` entries are too many to tell.
    DeltaReader(std::uint64_t from, std::uint64_t to, std::size_t most);

    enum class Progress : std::uint8_t { more, done, untold };
    // Reads up to `count` entries on. `untold` is final: send the whole zone.
    Progress read(const ReadTxn& txn, std::size_t count);
    // After `done`.
    [[nodiscard]] Delta take();

private:
    std::uint64_t at_;
    std::uint64_t to_;
    bool untold_;
    Delta changes_; // in the order of the journal
};

// All of it at once; nothing when it can't be told.
[[nodiscard]] std::optional<Delta> read_delta(const ReadTxn& txn, std::uint64_t from, std::uint64_t to,
                                              std::size_t most);

} // namespace provenbl::zones
