// Records that stand alone: they can be read, and lie where they belong.
#include "store/ascending_lookup.hpp"
#include "store/check_hosts.hpp"
#include "store/derived_keys.hpp"
#include "store/reporters.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace provenbl::check {
namespace {

void expect_key(std::string_view table, lmdb::Bytes key, const std::string& expected, Findings& findings) {
    if (key != expected) findings.add(table, name_address(key), "holds another's record: " + name_address(expected));
}

void check_tokens(const ReadTxn& txn, Findings& findings) {
    const auto derived = txn.tables.token_expiry;
    std::uint64_t found = 0;
    walk_table(
        txn, "tokens", txn.tables.tokens, findings,
        [&](lmdb::Bytes key, lmdb::Bytes value) {
            const auto probe = codec::decode<PendingProbe>(value);
            if (key != lmdb::Bytes(reinterpret_cast<const char*>(probe.id.data()), probe.id.size()))
                findings.add("tokens", name_hex(key), "holds another's record");
            const auto expiry = expiry_key(probe);
            if (txn.txn.get(derived, expiry))
                ++found;
            else
                findings.add("token_expiry", name_hex(key), "lacks this token", {derived, expiry, "", false});
        },
        name_hex);
    if (txn.txn.entries(derived) == found) return;
    walk_table(
        txn, "token_expiry", derived, findings,
        [&](lmdb::Bytes key, lmdb::Bytes) {
            std::optional<PendingProbe> probe;
            if (key.size() > 8) probe = get_record<PendingProbe>(txn, txn.tables.tokens, key.substr(8));
            if (probe && expiry_key(*probe) == key) return;
            findings.add("token_expiry", name_hex(key), "there is no such token",
                         {derived, std::string(key), std::nullopt, false});
        },
        name_hex);
}

// A counter behind its records would give one of their numbers again.
void check_counter(const ReadTxn& txn, const std::string& name, std::uint64_t highest, Findings& findings) {
    const auto stored = txn.txn.get(txn.tables.meta, name);
    const auto value = stored && stored->size() == 8 ? keys::to_number(*stored) : 0;
    if (value >= highest) return;
    findings.add("meta", name, fmt::format("counts to {}, but {} has been given already", value, highest),
                 {txn.tables.meta, name, keys::number(highest), false});
}

// Records that have a number for a key.
template <class T>
void check_numbered(const ReadTxn& txn, std::string_view name, MDB_dbi table, const std::string& counter,
                    Findings& findings) {
    std::uint64_t highest = 0;
    walk_table(
        txn, name, table, findings,
        [&](lmdb::Bytes key, lmdb::Bytes value) {
            const auto record = codec::decode<T>(value);
            if (key != keys::number(record.id)) findings.add(name, name_number(key), "holds another's record");
            highest = std::max<std::uint64_t>(highest, record.id);
        },
        name_number);
    check_counter(txn, counter, highest, findings);
}

void check_reporters(const ReadTxn& txn, Findings& findings) {
    const auto derived = txn.tables.reporter_keys;
    std::set<std::string, std::less<>> in_force; // there are reporters::most at most
    std::uint64_t highest = 0;
    walk_table(
        txn, "reporters", txn.tables.reporters, findings,
        [&](lmdb::Bytes key, lmdb::Bytes value) {
            const auto reporter = codec::decode<Reporter>(value);
            if (key != keys::number(reporter.id)) findings.add("reporters", name_number(key), "holds another's record");
            if (reporter.id > reporters::anonymous_id)
                highest = std::max<std::uint64_t>(highest, reporter.id - reporters::anonymous_id);
            if (reporter.revoked != Time{} || reporter.key_hash.empty()) return;
            in_force.insert(reporter.key_hash);
            if (derived != lmdb::absent_table && txn.txn.get(derived, reporter.key_hash) != lmdb::Bytes(key))
                findings.add("reporter_keys", reporter.name, "his key does not lead to him",
                             {derived, reporter.key_hash, std::string(key), false});
        },
        name_number);
    check_counter(txn, "reporters", highest, findings);
    walk_table(
        txn, "reporter_keys", derived, findings,
        [&](lmdb::Bytes key, lmdb::Bytes) {
            if (in_force.find(key) == in_force.end())
                findings.add("reporter_keys", name_hex(key), "is nobody's key in force",
                             {derived, std::string(key), std::nullopt, false});
        },
        name_hex);
}

} // namespace

void check_records(const ReadTxn& txn, Findings& findings) {
    lmdb::AscendingLookup hosts(txn.txn, txn.tables.hosts);
    walk_table(
        txn, "evidence", txn.tables.evidence, findings,
        [&](lmdb::Bytes key, lmdb::Bytes value) {
            const auto evidence = codec::decode<CaseEvidence>(value);
            const auto host = keys::address(evidence.host);
            expect_key("evidence", key, host + keys::number(evidence.case_id) + keys::number(evidence.ordinal),
                       findings);
            if (!hosts.find(host)) findings.add("evidence", name_address(key), "its host is not known");
        },
        name_address);

    std::uint64_t highest_scan = 0;
    walk_table(
        txn, "scans", txn.tables.scans, findings,
        [&](lmdb::Bytes key, lmdb::Bytes value) {
            const auto scan = codec::decode_numbers<Scan>(value);
            expect_key("scans", key, keys::address(scan.host) + keys::number(scan.id), findings);
            highest_scan = std::max(highest_scan, scan.id);
        },
        name_address);
    check_counter(txn, "scans", highest_scan, findings);

    const auto derived = txn.tables.host_reports;
    std::uint64_t reports = 0;
    std::uint64_t highest_report = 0;
    walk_table(
        txn, "reports", txn.tables.reports, findings,
        [&](lmdb::Bytes key, lmdb::Bytes value) {
            const auto report = codec::decode<Report>(value);
            if (key != keys::number(report.id)) findings.add("reports", name_number(key), "holds another's record");
            highest_report = std::max(highest_report, report.id);
            const auto of_host = keys::address(report.host) + keys::number(report.id);
            if (txn.txn.get(derived, of_host))
                ++reports;
            else if (derived != lmdb::absent_table)
                findings.add("host_reports", report.host.to_string(), fmt::format("lacks report {}", report.id),
                             {derived, of_host, "", false});
        },
        name_number);
    check_counter(txn, "reports", highest_report, findings);
    if (txn.txn.entries(derived) != reports) {
        walk_table(
            txn, "host_reports", derived, findings,
            [&](lmdb::Bytes key, lmdb::Bytes) {
                const auto size = keys::address_size(key);
                const auto report = get_record<Report>(txn, txn.tables.reports, key.substr(size));
                if (report && keys::address(report->host) == key.substr(0, size)) return;
                findings.add("host_reports", name_address(key), "there is no such report of this host",
                             {derived, std::string(key), std::nullopt, false});
            },
            name_address);
    }
    check_tokens(txn, findings);
    check_reporters(txn, findings);
    check_numbered<Notice>(txn, "notices", txn.tables.notices, "notices", findings);
    check_numbered<Purge>(txn, "purges", txn.tables.purges, "purges", findings);
    check_numbered<AccessKey>(txn, "access_keys", txn.tables.access_keys, "access_keys_id", findings);
    check_numbered<Mirror>(txn, "mirrors", txn.tables.mirrors, "mirrors_id", findings);
    check_numbered<ExclusionRequest>(txn, "exclusion_requests", txn.tables.exclusion_requests, "exclusion_requests",
                                     findings);
    check_letters(txn, findings);
}

} // namespace provenbl::check
