// The tables of the environment, and typed access to their records. Inside store/ only.
//
//   listed4, listed6  address                      -> Listing (12 bytes): the serving index
//   hosts             address key                  -> Host
//   evidence          address key, case, ordinal   -> CaseEvidence
//   scans             address key, scan id         -> Scan
//   due               kind, time, address key      -> nothing; derived from hosts
//   running           address key                  -> scan id; derived from hosts
//   tokens            token id                     -> PendingProbe
//   token_expiry      time, token id               -> nothing; derived from tokens
//   reports           report id                    -> Report
//   host_reports      address key, report id       -> nothing; derived from reports
//   reporters         reporter id                  -> Reporter
//   reporter_keys     hash of a key                -> reporter id; derived from reporters
//   exclusions        address key, length          -> Exclusion
//   sweeps            address key, length          -> ExclusionSweep: what an exclusion has still to take off the list
//   exclusion_requests  request id                 -> ExclusionRequest
//   manual            end, address key             -> nothing; derived from hosts
//   notices           notice id                    -> Notice
//   purges            purge id                     -> Purge
//   journal           sequence                     -> Change
//   journal_hosts     address key, sequence        -> nothing; derived from journal
//   access_keys       key id                       -> AccessKey
//   mirrors           mirror id                    -> Mirror
//   letters           address key, case            -> Letter
//   letter_due        time, address key, case      -> nothing; derived from letters
//   letter_mails      token id                     -> LetterMail
//   letter_contacts   mail address                 -> LetterContact
//   audit             address key, case            -> AuditLine: what remains of trimmed journal entries
//   meta              name                         -> schema version, counters, token key, zones' digest, the
//                                                     journal's floor
//
// A table that came later than schema 1 began is opened with open_later_table: a program that only reads an older file
// finds it empty, one that writes makes it.
#pragma once

#include "store/codec.hpp"
#include "store/keys.hpp"
#include "store/lmdb.hpp"
#include "store/store.hpp"

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace provenbl {

struct Tables {
    MDB_dbi listed4, listed6, hosts, evidence, scans, due, running, tokens, token_expiry, reports, exclusions, journal,
        journal_hosts, audit, meta;
    MDB_dbi host_reports, reporters, reporter_keys, manual, notices, purges, access_keys, sweeps, mirrors, letters,
        letter_due, letter_mails, letter_contacts, exclusion_requests;
};

// Opens the tables, making them when create is set; writes or checks the schema version, and
// brings an older schema up to date (migrate.hpp). Errors: newer_version, corrupt (no such tables).
Result<Tables> open_tables(lmdb::Transaction& txn, bool create);

// Every table but meta, by name: for what treats them all alike. A new table belongs here too.
[[nodiscard]] std::vector<std::pair<std::string_view, MDB_dbi>> all_tables(const Tables& tables);

template <class T> std::optional<T> get_record(const ReadTxn& txn, MDB_dbi table, lmdb::Bytes key) {
    const auto bytes = txn.txn.get(table, key);
    if (!bytes) return std::nullopt;
    return codec::decode<T>(*bytes);
}

template <class T> void put_record(WriteTxn& txn, MDB_dbi table, lmdb::Bytes key, const T& record) {
    txn.txn.put(table, key, codec::encode(record));
}

// A counter in meta: its next value, from 1.
std::uint64_t next_number(WriteTxn& txn, std::string_view counter);

} // namespace provenbl
