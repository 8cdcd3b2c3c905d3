#include "store/journal.hpp"

#include "store/journal_append.hpp"
#include "store/listing_unit.hpp"
#include "store/tables.hpp"

namespace provenbl::journal {

std::uint64_t last(const ReadTxn& txn) {
    const auto entry = txn.txn.last(txn.tables.journal);
    return entry ? keys::to_number(entry->first) : floor(txn);
}

std::uint64_t floor(const ReadTxn& txn) {
    const auto stored = txn.txn.get(txn.tables.meta, "journal_floor");
    return stored ? keys::to_number(*stored) : 0;
}

void walk(const ReadTxn& txn, std::uint64_t after, const std::function<bool(const Change&)>& visit) {
    txn.txn.walk(txn.tables.journal, keys::number(after + 1),
                 [&](lmdb::Bytes, lmdb::Bytes value) { return visit(codec::decode<Change>(value)); });
}

std::vector<Change> of(const ReadTxn& txn, const Address& address, std::size_t at_most) {
    std::vector<Change> all;
    const auto start = keys::address(listing_unit::of(txn, address));
    txn.txn.walk_back(txn.tables.journal_hosts, start + std::string(8, '\xff'), [&](lmdb::Bytes key, lmdb::Bytes) {
        if (!key.starts_with(start) || all.size() == at_most) return false;
        auto change = get_record<Change>(txn, txn.tables.journal, key.substr(start.size()));
        if (change) all.push_back(std::move(*change));
        return true;
    });
    return all;
}

bool note_configuration(WriteTxn& txn, std::string_view digest) {
    if (txn.txn.get(txn.tables.meta, "zones_digest") == digest) return false;
    txn.txn.put(txn.tables.meta, "zones_digest", digest);
    Change change;
    change.reason = ChangeReason::configuration;
    change.actor = "operator";
    change.note = "the definition of the zones changed";
    txn.txn.put(txn.tables.meta, "zones_digest_at", keys::number(append(txn, change)));
    return true;
}

Configuration configuration(const ReadTxn& txn) {
    Configuration noted;
    if (const auto digest = txn.txn.get(txn.tables.meta, "zones_digest")) noted.digest = *digest;
    if (const auto at = txn.txn.get(txn.tables.meta, "zones_digest_at")) noted.sequence = keys::to_number(*at);
    return noted;
}

void advance(WriteTxn& txn, std::uint64_t sequence, std::string_view note) {
    Change change;
    change.sequence = sequence;
    change.at = txn.now;
    change.reason = ChangeReason::configuration;
    change.actor = "operator";
    change.note = note;
    txn.txn.append(txn.tables.journal, keys::number(sequence), codec::encode(change));
    // What was defined between the backup and its restore is not known any more: secondaries look again.
    txn.txn.put(txn.tables.meta, "zones_digest_at", keys::number(sequence));
    raise_floor(txn, sequence);
}

void raise_floor(WriteTxn& txn, std::uint64_t sequence) {
    if (sequence > floor(txn)) txn.txn.put(txn.tables.meta, "journal_floor", keys::number(sequence));
}

std::uint64_t append(WriteTxn& txn, Change& change) {
    change.sequence = last(txn) + 1;
    change.at = txn.now;
    const auto key = keys::number(change.sequence);
    if (change.before.empty() && !change.after.empty()) change.case_id = change.sequence;
    txn.txn.append(txn.tables.journal, key, codec::encode(change));
    if (names_host(change.reason)) txn.txn.put(txn.tables.journal_hosts, keys::address(change.address) + key, {});
    return change.sequence;
}

} // namespace provenbl::journal
