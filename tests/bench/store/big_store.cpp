#include "tests/bench/store/big_store.hpp"

#include "store/tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>

namespace provenbl::bench {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t piece = 200'000; // entries in one transaction
constexpr Time first_day{std::chrono::hours(24 * 365 * 50)};
const ClassSet relay{ListingClass::relay};
const ClassSet both{ListingClass::relay, ListingClass::socks};

// The journal goes through the hosts round after round, each round in the same scattered order.
class Shape {
public:
    explicit Shape(const BigStore& size) : size_(size), stride_(2'654'435'761U % size.hosts) {
        while (std::gcd(stride_, std::uint64_t{size.hosts}) != 1) ++stride_;
        // The inverse, by Euclid.
        std::int64_t t = 0, next_t = 1;
        std::int64_t r = size.hosts, next_r = static_cast<std::int64_t>(stride_);
        while (next_r != 0) {
            const auto quotient = r / next_r;
            t = std::exchange(next_t, t - quotient * next_t);
            r = std::exchange(next_r, r - quotient * next_r);
        }
        inverse_ = static_cast<std::uint64_t>(t < 0 ? t + size.hosts : t);
    }

    [[nodiscard]] std::uint64_t entries() const { return std::uint64_t{size_.hosts} * size_.entries_each; }
    [[nodiscard]] std::uint32_t host_of(std::uint64_t sequence) const {
        return static_cast<std::uint32_t>((sequence - 1) % size_.hosts * stride_ % size_.hosts);
    }
    // Of the host's entry in this round.
    [[nodiscard]] std::uint64_t sequence_of(std::uint32_t host, std::uint32_t round) const {
        return host * inverse_ % size_.hosts + std::uint64_t{round} * size_.hosts + 1;
    }
    [[nodiscard]] bool listed(std::uint32_t host) const {
        return std::uint64_t{host} * size_.listed / size_.hosts !=
               (std::uint64_t{host} + 1) * size_.listed / size_.hosts;
    }
    // After the host's entry in this round. Who is listed in the end grew by a class in the second round, so that an
    // even number of rounds ends with a listing.
    [[nodiscard]] ClassSet after(std::uint32_t host, std::uint32_t round) const {
        if (!listed(host)) return round % 2 == 0 ? relay : ClassSet{};
        if (round == 0) return relay;
        if (round == 1) return both;
        return round % 2 == 0 ? ClassSet{} : relay;
    }
    // The round that opened the case of the host's entry in this round.
    [[nodiscard]] std::uint32_t opening(std::uint32_t host, std::uint32_t round) const {
        if (!listed(host)) return round / 2 * 2;
        return round <= 2 ? 0 : (round - 1) / 2 * 2 + 1;
    }
    [[nodiscard]] static Time at(std::uint64_t sequence) { return first_day + std::chrono::seconds(sequence * 3); }
    // Neighbours are two apart, so that half of what is asked is not there.
    [[nodiscard]] static Address address(std::uint32_t host) { return Address::v4(0x05000000U + host * 2); }
    [[nodiscard]] const BigStore& size() const { return size_; }

private:
    BigStore size_;
    std::uint64_t stride_;
    std::uint64_t inverse_ = 0;
};

// Calls `write` for every number below `count`, in transactions of `piece`.
void in_pieces(Store& store, std::uint64_t count, const std::function<void(WriteTxn&, std::uint64_t)>& write) {
    for (std::uint64_t from = 0; from < count; from += piece) {
        store
            .write([&](WriteTxn& txn) -> Result<> {
                for (auto i = from; i < std::min(count, from + piece); ++i) write(txn, i);
                return {};
            })
            .value();
    }
}

Host host_record(const Shape& shape, std::uint32_t number) {
    const auto rounds = shape.size().entries_each;
    const auto last = shape.sequence_of(number, rounds - 1);
    Host host;
    host.address = Shape::address(number);
    host.case_id = shape.sequence_of(number, shape.opening(number, rounds - 1));
    host.listed_since = Shape::at(host.case_id);
    host.last_scan = host.last_answer = host.last_counted = Shape::at(last);
    host.scans = 20;
    host.relistings = rounds / 2 - 1;
    host.software = "Postfix";
    host.next_ordinal = 1;
    if (shape.listed(number)) {
        host.holes = {
            {"smtp-relay/plain", host.address, 25, ListingClass::relay, 0, host.listed_since, Shape::at(last)}};
        host.delisted_at = Shape::at(shape.sequence_of(number, rounds - 2));
        host.queued_scan = number + 1;
        host.due_kind = ScanKind::rescan;
        host.due = Shape::at(last) + 24h;
    } else {
        host.delisted_at = Shape::at(last);
    }
    return host;
}

void write_journal(Store& store, const Shape& shape) {
    in_pieces(store, shape.entries(), [&](WriteTxn& txn, std::uint64_t i) {
        Change change;
        change.sequence = i + 1;
        const auto host = shape.host_of(change.sequence);
        const auto round = static_cast<std::uint32_t>(i / shape.size().hosts);
        change.at = Shape::at(change.sequence);
        change.address = Shape::address(host);
        change.before = round == 0 ? ClassSet{} : shape.after(host, round - 1);
        change.after = shape.after(host, round);
        change.reason = change.after.empty() ? ChangeReason::secured : ChangeReason::proven;
        change.case_id = shape.sequence_of(host, shape.opening(host, round));
        change.actor = "verifier";
        change.note = change.after.empty() ? fmt::format("visit {}", change.sequence) : "smtp-relay/plain";
        txn.txn.append(txn.tables.journal, keys::number(change.sequence), codec::encode(change));
    });
}

void write_hosts(Store& store, const Shape& shape) {
    in_pieces(store, shape.size().hosts, [&](WriteTxn& txn, std::uint64_t i) {
        const auto number = static_cast<std::uint32_t>(i);
        const auto host = host_record(shape, number);
        const auto key = keys::address(host.address);
        txn.txn.append(txn.tables.hosts, key, codec::encode(host));
        for (std::uint32_t round = 0; round < shape.size().entries_each; ++round)
            txn.txn.append(txn.tables.journal_hosts, key + keys::number(shape.sequence_of(number, round)), {});
        if (!host.listed()) return;
        const auto since = host.listed_since.time_since_epoch().count() / 1000;
        txn.txn.append(txn.tables.listed4, keys::bare(host.address),
                       codec::encode(Listing{host.classes(), static_cast<std::uint32_t>(since), host.case_id}));
        CaseEvidence evidence;
        evidence.host = evidence.exit = host.address;
        evidence.case_id = host.case_id;
        evidence.technique = "smtp-relay/plain";
        evidence.entry = {host.address, 25};
        evidence.sent = evidence.arrived = host.listed_since;
        evidence.repeat = "swaks --to TOKEN@probe.example --server " + host.address.to_string();
        for (int line = 0; line < 24; ++line)
            evidence.transcript +=
                fmt::format("+0.{:03} < 250 2.1.{} Ok, {} says so\n", line, line, number * 31 + line);
        evidence.message =
            fmt::format("Received: from x ({0}) by mx.probe.example\r\nMessage-ID: <{0}.{1}@x>\r\n\r\nbody",
                        host.address.to_string(), evidence.case_id);
        txn.txn.append(txn.tables.evidence, key + keys::number(host.case_id) + keys::number(0),
                       codec::encode(evidence));
        Scan scan;
        scan.id = host.queued_scan;
        scan.host = host.address;
        scan.kind = ScanKind::rescan;
        scan.requested = host.last_scan;
        scan.due = host.due;
        txn.txn.append(txn.tables.scans, key + keys::number(scan.id), codec::encode(scan));
    });
}

// In the order of their time, which is that of the last round.
void write_queue(Store& store, const Shape& shape) {
    const auto rounds = shape.size().entries_each;
    in_pieces(store, shape.size().hosts, [&](WriteTxn& txn, std::uint64_t i) {
        const auto sequence = std::uint64_t{shape.size().hosts} * (rounds - 1) + i + 1;
        const auto number = shape.host_of(sequence);
        if (!shape.listed(number)) return;
        const auto due = static_cast<std::uint64_t>((Shape::at(sequence) + 24h).time_since_epoch().count());
        txn.txn.append(txn.tables.due,
                       static_cast<char>(ScanKind::rescan) + keys::number(due) + keys::address(Shape::address(number)),
                       {});
    });
    store
        .write([&](WriteTxn& txn) -> Result<> {
            txn.txn.put(txn.tables.meta, "scans", keys::number(shape.size().hosts));
            return {};
        })
        .value();
}

} // namespace

std::size_t write_big_store(const std::filesystem::path& directory, const BigStore& size,
                            const std::function<void(const char*)>& say) {
    const Shape shape(size);
    const SystemClock clock;
    StoreOptions options;
    options.directory = directory;
    options.initial_map_size = std::size_t{4} << 30U;
    auto store = Store::open(options, clock, "verifier").value();
    say("the journal");
    write_journal(*store, shape);
    say("hosts, listings, evidence, visits");
    write_hosts(*store, shape);
    say("the queue");
    write_queue(*store, shape);
    return store->statistics().map_used;
}

} // namespace provenbl::bench
