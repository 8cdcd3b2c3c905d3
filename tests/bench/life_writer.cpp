#include "tests/bench/life_writer.hpp"

#include "store/derived_keys.hpp"
#include "store/hosts.hpp"
#include "store/tables.hpp"

#include <algorithm>
#include <functional>
#include <string>

namespace provenbl::bench {
namespace {

constexpr std::uint64_t piece = 200'000;      // records in one transaction
constexpr std::uint32_t first = 0x01000001;   // 1.0.0.1
constexpr std::uint64_t stride = 999'999'937; // prime: a round goes through all hosts in a scattered order
constexpr Duration length = std::chrono::hours(24 * 600);
constexpr std::uint32_t last = 0xdf000000;

class Writer {
public:
    Writer(Store& store, const Life& life, Time end)
        : store_(store), life_(life), end_(end), between_(length / static_cast<std::int64_t>(life.journal() + 1)) {}

    void run() {
        in_pieces(life_.hosts, [&](WriteTxn& txn, std::uint64_t i) { host(txn, i); });
        in_pieces(life_.rounds * life_.hosts, [&](WriteTxn& txn, std::uint64_t n) {
            journal(txn, n / life_.hosts, n % life_.hosts * (stride % life_.hosts) % life_.hosts, n + 1);
        });
        in_pieces(life_.listed(), [&](WriteTxn& txn, std::uint64_t n) {
            journal(txn, life_.rounds, n * life_.listed_every, life_.rounds * life_.hosts + n + 1);
        });
        in_pieces(life_.hosts, [&](WriteTxn& txn, std::uint64_t i) { journal_hosts(txn, i); });
    }

private:
    void in_pieces(std::uint64_t count, const std::function<void(WriteTxn&, std::uint64_t)>& one) {
        for (std::uint64_t from = 0; from < count; from += piece) {
            store_
                .write([&](WriteTxn& txn) -> Result<> {
                    for (auto i = from; i < std::min(count, from + piece); ++i) one(txn, i);
                    return {};
                })
                .value();
        }
    }

    [[nodiscard]] Address address(std::uint64_t i) const { return life_.address(i); }
    [[nodiscard]] bool listed(std::uint64_t i) const { return i % life_.listed_every == 0; }
    // Where host i comes in a full round: the inverse of the scattered order, kept because it costs a division to find.
    void place_hosts() {
        places_.resize(life_.hosts);
        for (std::uint64_t n = 0; n < life_.hosts; ++n)
            places_[n * (stride % life_.hosts) % life_.hosts] = static_cast<std::uint32_t>(n);
    }
    [[nodiscard]] std::uint64_t sequence(std::uint64_t i, std::uint64_t round) {
        if (places_.empty()) place_hosts();
        if (round == life_.rounds) return round * life_.hosts + i / life_.listed_every + 1;
        return round * life_.hosts + places_[i] + 1;
    }
    [[nodiscard]] Time at(std::uint64_t sequence) const {
        return end_ - between_ * static_cast<std::int64_t>(life_.journal() + 1 - sequence);
    }

    void host(WriteTxn& txn, std::uint64_t i) {
        Host record;
        record.address = address(i);
        record.scans = static_cast<std::uint32_t>(life_.rounds);
        record.relistings = static_cast<std::uint32_t>(life_.rounds / 2);
        record.software = "Postfix";
        record.delisted_at = at(sequence(i, life_.rounds - 1));
        record.case_id = sequence(i, life_.rounds - 2);
        const auto key = keys::address(record.address);
        if (listed(i)) {
            record.case_id = sequence(i, life_.rounds);
            record.listed_since = at(record.case_id);
            record.holes.push_back({"smtp-relay/plain", record.address, 25, ListingClass::relay, 0, record.listed_since,
                                    record.listed_since});
            record.queued_scan = i + 1;
            record.due_kind = ScanKind::rescan;
            record.due = record.listed_since + std::chrono::hours(24 * 365) + length;
            txn.txn.append(txn.tables.listed4, keys::bare(record.address), codec::encode(*hosts::listing_of(record)));
            evidence(txn, record);
            Scan scan;
            scan.id = record.queued_scan;
            scan.host = record.address;
            scan.kind = ScanKind::rescan;
            scan.due = record.due;
            txn.txn.append(txn.tables.scans, key + keys::number(scan.id), codec::encode(scan));
            txn.txn.append(txn.tables.due, due_key(record.due_kind, record.due, record.address), {});
            txn.txn.put(txn.tables.meta, "scans", keys::number(scan.id));
        }
        txn.txn.append(txn.tables.hosts, key, codec::encode(record));
    }

    static void evidence(WriteTxn& txn, const Host& host) {
        CaseEvidence record;
        record.host = host.address;
        record.case_id = host.case_id;
        record.technique = "smtp-relay/plain";
        record.entry = {host.address, 25};
        record.exit = host.address;
        record.sink_port = 25;
        record.sent = record.arrived = host.listed_since;
        record.software = "Postfix";
        record.repeat = "swaks --server " + host.address.to_string() + " --to token@probes.example";
        for (int line = 0; line < 12; ++line)
            record.transcript += "+0.0" + std::to_string(line) + "1 > RCPT TO:<token@probes.example> at " +
                                 host.address.to_string() + "\n";
        record.message = "Received: from " + host.address.to_string() +
                         " by mx.probes.example\r\nSubject: probe\r\n\r\n" +
                         "This mail was sent to find out whether a mail server relays for strangers.\r\n";
        txn.txn.append(txn.tables.evidence, keys::address(host.address) + keys::number(host.case_id) + keys::number(0),
                       codec::encode(record));
    }

    void journal(WriteTxn& txn, std::uint64_t round, std::uint64_t i, std::uint64_t sequence) {
        Change change;
        change.sequence = sequence;
        change.at = at(sequence);
        change.address = address(i);
        const ClassSet relay{ListingClass::relay};
        if (round % 2 == 0) {
            change.after = relay;
            change.case_id = sequence;
            change.note = "smtp-relay/plain";
        } else {
            change.before = relay;
            change.reason = ChangeReason::secured;
            change.case_id = sequence - life_.hosts; // the same place in the round before
            change.note = "visit " + std::to_string(i);
        }
        change.actor = "verifier";
        txn.txn.append(txn.tables.journal, keys::number(sequence), codec::encode(change));
    }

    void journal_hosts(WriteTxn& txn, std::uint64_t i) {
        const auto key = keys::address(address(i));
        for (std::uint64_t round = 0; round < life_.rounds + (listed(i) ? 1 : 0); ++round)
            txn.txn.append(txn.tables.journal_hosts, key + keys::number(sequence(i, round)), {});
    }

    Store& store_;
    const Life life_;
    const Time end_;
    const Duration between_; // entries of the journal
    std::vector<std::uint32_t> places_;
};

} // namespace

void write_life(const std::filesystem::path& directory, const Life& life) {
    const SystemClock clock;
    StoreOptions options;
    options.directory = directory;
    options.initial_map_size = (std::size_t{1} << 30U) + life.journal() * 200 + life.hosts * 1500;
    Writer(*Store::open(options, clock, "verifier").value(), life, clock.now()).run();
}

Address Life::address(std::uint64_t number) const {
    const auto gap = std::max<std::uint64_t>(1, (last - first) / hosts);
    return Address::v4(static_cast<std::uint32_t>(first + number * gap));
}

} // namespace provenbl::bench
