// The journal in its order, what it makes listed, and its derived table.
#include "store/audit.hpp"
#include "store/check_hosts.hpp"
#include "store/journal.hpp"
#include "store/set_sum.hpp"

#include <fmt/format.h>

#include <array>

namespace provenbl::check {
namespace {

// Of journal_hosts; made without allocation.
class DerivedKey {
public:
    DerivedKey(const Address& address, std::uint64_t sequence) {
        bytes_[size_++] = address.is_v4() ? '\4' : '\6';
        for (const auto byte : address.bytes()) bytes_[size_++] = static_cast<char>(byte);
        for (int shift = 56; shift >= 0; shift -= 8) bytes_[size_++] = static_cast<char>(sequence >> unsigned(shift));
    }
    operator std::string_view() const { return {bytes_.data(), size_}; } // NOLINT: it is one

private:
    std::array<char, 1 + 16 + 8> bytes_{};
    std::size_t size_ = 0;
};

DerivedKey derived_key(const Change& change) {
    return {change.address, change.sequence};
}

void compare_key_by_key(const ReadTxn& txn, Findings& findings) {
    const auto table = txn.tables.journal_hosts;
    walk_table(
        txn, "journal", txn.tables.journal, findings,
        [&](lmdb::Bytes, lmdb::Bytes value) {
            const auto change = codec::decode_numbers<Change>(value);
            if (!names_host(change.reason) || txn.txn.get(table, derived_key(change))) return;
            findings.add("journal_hosts", change.address.to_string(), fmt::format("lacks entry {}", change.sequence),
                         {table, std::string(derived_key(change)), "", false});
        },
        name_number);
    walk_table(
        txn, "journal_hosts", table, findings,
        [&](lmdb::Bytes key, lmdb::Bytes) {
            const auto size = keys::address_size(key);
            const auto change = get_record<Change>(txn, txn.tables.journal, key.substr(size));
            if (change && names_host(change->reason) && std::string_view(derived_key(*change)) == key) return;
            findings.add("journal_hosts", name_address(key), "the journal has no such entry for this host",
                         {table, std::string(key), std::nullopt, false});
        },
        name_address);
}

} // namespace

replay::Index check_journal(const ReadTxn& txn, Findings& findings) {
    replay::Index index;
    walk_table(
        txn, "audit", txn.tables.audit, findings,
        [&](lmdb::Bytes key, lmdb::Bytes value) {
            const auto line = codec::decode_numbers<AuditLine>(value);
            if (key != keys::address(line.address) + keys::number(line.case_id))
                findings.add("audit", name_address(key), "holds the line of " + line.address.to_string());
            else if (!line.in_force.empty())
                index.begin_with(line.address, audit::listing_of(line));
        },
        name_address);

    const auto floor = journal::floor(txn);
    SetSum from_journal;
    walk_table(
        txn, "journal", txn.tables.journal, findings,
        [&](lmdb::Bytes key, lmdb::Bytes value) {
            const auto change = codec::decode_numbers<Change>(value);
            if (key.size() != 8 || keys::to_number(key) != change.sequence) {
                findings.add("journal", name_number(key), fmt::format("holds entry {}", change.sequence));
                return;
            }
            if (names_host(change.reason)) from_journal.add(derived_key(change));
            // Up to the floor entries may be gone: they were trimmed, or a restore moved the serial on.
            if (change.sequence <= floor)
                index.go_on_after(change.sequence - 1);
            else if (index.last() == 0 && change.sequence != floor + 1)
                findings.add("journal", std::to_string(change.sequence), fmt::format("is the first, after {}", floor));
            else if (index.last() == 0)
                index.go_on_after(floor);
            if (const auto applied = index.apply(change); !applied)
                findings.add("journal", std::to_string(change.sequence), applied.error().message);
        },
        name_number);

    SetSum from_derived;
    walk_table(
        txn, "journal_hosts", txn.tables.journal_hosts, findings,
        [&](lmdb::Bytes key, lmdb::Bytes) { from_derived.add(key); }, name_address);
    if (!(from_journal == from_derived)) compare_key_by_key(txn, findings);
    return index;
}

} // namespace provenbl::check
