// Completes what the responder has begun: it knows who may have a zone and answers the SOA alone; what is due behind it
// comes from here, where the store is at hand.
//
// Over TCP an order becomes a Transfer, message after message. Over UDP a difference goes that fits into one message
// and is quickly read; else the SOA stays alone, and the client comes over TCP (RFC 1995 section 2). Safe to call from
// many threads at once.
#pragma once

#include "dnsbl/exchange.hpp"
#include "dnsbl/transfer/access.hpp"
#include "dnsbl/transfer/book.hpp"
#include "dnsbl/transfer/transfer.hpp"
#include "dnsbl/wire/tsig.hpp"
#include "store/store.hpp"
#include "zones/contents.hpp"
#include "zones/delta.hpp"
#include "zones/snapshot.hpp"
#include "zones/zone_table.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace provenbl::dnsbl::transfer {

// A request that was granted.
struct Order {
    const zones::Contents* contents = nullptr;
    std::shared_ptr<const zones::Snapshot> snapshot;
    Head head;
    std::optional<std::uint32_t> client_serial; // of IXFR
    wire::TsigSigner signer;                    // of every message
    std::string mirror;                         // whose key signed the request; empty: it was not signed
    Address client;

    // Octets of a message beside its signature.
    [[nodiscard]] std::size_t room() const { return Message::longest - signer.room(); }
};

class Desk {
public:
    // `table` and `store` must outlive this. `book`: where it is written down what became of orders.
    Desk(const zones::ZoneTable& table, const Store& store, std::shared_ptr<Book> book = std::make_shared<Book>());

    // `outcome` and `answer`: what the responder made of `message`, with a transfer that is due.
    [[nodiscard]] Order take(std::span<const std::uint8_t> message, const Outcome& outcome,
                             std::span<const std::uint8_t> answer, std::shared_ptr<const zones::Snapshot> snapshot,
                             const Asker& asker) const;

    // For an order of a difference: reads it in pieces. Nothing where the whole zone is to be sent.
    [[nodiscard]] std::optional<zones::DeltaReader> difference(const Order& order) const;
    // Reads a piece, which takes a millisecond or so. Throws what the store throws.
    zones::DeltaReader::Progress read(zones::DeltaReader& reader) const;

    // Over UDP: the whole message into `room`, of at most `limit` octets, in the place of `answer`, which lies there as
    // well. Returns its size.
    [[nodiscard]] std::size_t answer_udp(std::span<const std::uint8_t> message, const Outcome& outcome,
                                         std::span<std::uint8_t> room, std::size_t limit,
                                         const zones::Snapshot& snapshot, const Asker& asker) const;

    // Writes down an outcome with a refusal.
    void refused(std::span<const std::uint8_t> message, const Asker& asker, const Outcome& outcome) const {
        book_->refused(message, asker, outcome, table_);
    }
    [[nodiscard]] Book& book() const { return *book_; }

private:
    [[nodiscard]] std::optional<Difference> small_difference(const Order& order) const;
    const zones::ZoneTable& table_;
    std::vector<zones::Contents> contents_; // as the table's zones
    const Store& store_;
    const std::shared_ptr<Book> book_;
};

} // namespace provenbl::dnsbl::transfer
