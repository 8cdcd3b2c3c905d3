#include "dnsbl/transfer/desk.hpp"

#include "dnsbl/wire/query.hpp"

#include <algorithm>
#include <exception>

namespace provenbl::dnsbl::transfer {
namespace {

// A difference of so many journal entries is told in any case, one of a third of the list is not worth it, and none
// holds more memory than this.
constexpr std::size_t always_told = 1000;
constexpr std::size_t most_told = 200'000;
constexpr std::size_t entries_at_once = 1000;
// What may fit into a message over UDP; more are not even read.
constexpr std::size_t most_over_udp = 100;

std::size_t worth_telling(const zones::Index& index) {
    return std::clamp(index.size() / 3, always_told, most_told);
}

} // namespace

Desk::Desk(const zones::ZoneTable& table, const Store& store, std::shared_ptr<Book> book)
    : table_(table), store_(store), book_(std::move(book)) {
    contents_.reserve(table.zones().size());
    for (const auto& zone : table.zones()) contents_.emplace_back(table, zone);
}

Order Desk::take(std::span<const std::uint8_t> message, const Outcome& outcome, std::span<const std::uint8_t> answer,
                 std::shared_ptr<const zones::Snapshot> snapshot, const Asker& asker) const {
    wire::Query query;
    static_cast<void>(wire::read_query(message, query)); // it was read before
    const auto tsig = query.tsig ? wire::check_tsig(message, asker.mirrors->keys(), asker.now) : wire::TsigCheck{};
    std::optional<std::uint32_t> serial;
    if (outcome.transfer == TransferDue::difference) serial = outcome.client_serial;
    const auto* mirror = asker.mirrors->find(outcome.mirror);
    return {&contents_[outcome.zone],
            std::move(snapshot),
            Head::of(answer, query.question.size()),
            serial,
            wire::TsigSigner(tsig),
            mirror == nullptr ? std::string() : mirror->name,
            asker.client.address};
}

std::optional<zones::DeltaReader> Desk::difference(const Order& order) const {
    // Of a list that is shut down nothing changes but the serial, and it is small; so is a catalog.
    if (!order.client_serial || order.contents->zone().is_catalog() || order.snapshot->index.is_shut_down())
        return std::nullopt;
    const auto to = order.snapshot->sequence;
    const auto place = zones::place_of(*order.client_serial, to);
    const auto most = worth_telling(order.snapshot->index);
    if (place.state != zones::SerialState::behind || to - place.sequence > most) return std::nullopt;
    return zones::DeltaReader(place.sequence, to, most);
}

zones::DeltaReader::Progress Desk::read(zones::DeltaReader& reader) const {
    return store_.read([&](const ReadTxn& txn) { return reader.read(txn, entries_at_once); });
}

std::optional<Difference> Desk::small_difference(const Order& order) const {
    const auto to = order.snapshot->sequence;
    const auto place = zones::place_of(*order.client_serial, to);
    if (place.state != zones::SerialState::behind || order.snapshot->index.is_shut_down() ||
        order.contents->zone().is_catalog())
        return std::nullopt;
    try {
        auto delta =
            store_.read([&](const ReadTxn& txn) { return zones::read_delta(txn, place.sequence, to, most_over_udp); });
        if (delta) return Difference{*order.client_serial, std::move(*delta)};
    } catch (const std::exception&) {
        // The store can't be read: over TCP the zone comes whole, from memory.
    }
    return std::nullopt;
}

std::size_t Desk::answer_udp(std::span<const std::uint8_t> message, const Outcome& outcome,
                             std::span<std::uint8_t> room, std::size_t limit, const zones::Snapshot& snapshot,
                             const Asker& asker) const {
    // It lives as long as this call, and no longer is it held.
    const std::shared_ptr<const zones::Snapshot> held(std::shared_ptr<void>(), &snapshot);
    auto order = take(message, outcome, room.first(outcome.size), held, asker);
    auto size = outcome.size;
    if (auto difference = small_difference(order)) {
        Transfer whole(*order.contents, held, order.head, std::move(difference));
        std::vector<std::uint8_t> made;
        if (whole.next(made, limit - std::min(limit, order.signer.room())) && whole.over()) {
            std::copy(made.begin(), made.end(), room.begin());
            size = made.size();
            book_->served({order.mirror,
                           order.contents->zone().apex().to_string(),
                           order.client,
                           false,
                           true,
                           size,
                           records_in(made),
                           1,
                           {}},
                          asker.now);
        }
    }
    return order.signer.sign(room, size, asker.now);
}

} // namespace provenbl::dnsbl::transfer
