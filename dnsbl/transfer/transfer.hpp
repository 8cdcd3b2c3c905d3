// One transfer, message after message: a whole zone (AXFR, RFC 5936) or a difference (IXFR, RFC 1995 section 4).
//
// It keeps its snapshot and a place in it, and makes each message when it is asked for; so it never holds more than
// one. A difference is one sequence: the new SOA, the old one and what goes, the new one and what comes, the new one.
// What has changed of an entry goes whole and comes whole. Pure.
#pragma once

#include "dnsbl/transfer/message.hpp"
#include "zones/contents.hpp"
#include "zones/delta.hpp"
#include "zones/snapshot.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace provenbl::dnsbl::transfer {

struct Difference {
    std::uint32_t from = 0; // the serial that the client has
    zones::Delta changes;   // since then, up to the snapshot
};

class Transfer {
public:
    // `contents` must outlive this. Without a difference the whole zone is sent.
    Transfer(const zones::Contents& contents, std::shared_ptr<const zones::Snapshot> snapshot, Head head,
             std::optional<Difference> difference);

    // Writes the next message, of at most `limit` octets; not after the last. False when not even one record fits.
    [[nodiscard]] bool next(std::vector<std::uint8_t>& message, std::size_t limit = Message::longest);
    // Nothing is left.
    [[nodiscard]] bool over() const { return stage_ == Stage::over; }

private:
    enum class Stage : std::uint8_t { opening, contents, old_soa, removals, new_soa, additions, closing, over };
    [[nodiscard]] bool write(Message& message);
    [[nodiscard]] bool write_changes(Message& message, ClassSet zones::AddressChange::*side);

    const zones::Contents& contents_;
    std::shared_ptr<const zones::Snapshot> snapshot_;
    Head head_;
    std::optional<Difference> difference_;
    Stage stage_ = Stage::opening;
    bool first_ = true;
    zones::Contents::Cursor cursor_;
    std::size_t change_ = 0; // the next one
};

} // namespace provenbl::dnsbl::transfer
