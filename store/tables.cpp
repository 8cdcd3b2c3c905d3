#include "store/tables.hpp"

#include "store/migrate.hpp"

namespace provenbl {

Result<Tables> open_tables(lmdb::Transaction& txn, bool create) {
    Tables tables{};
    try {
        tables.meta = txn.open_table("meta", create);
        const auto version = txn.get(tables.meta, "schema");
        const auto found = version && version->size() == 8 ? keys::to_number(*version) : 0;
        if (!version && create) {
            txn.put(tables.meta, "schema", keys::number(schema_version));
        } else if (found > schema_version) {
            return Error{Errc::newer_version, "the data were written by a newer provenbl (schema " +
                                                  std::to_string(found) + ", this program knows " +
                                                  std::to_string(schema_version) +
                                                  "); install that version, or restore a backup made by this one"};
        } else if (found < oldest_schema) {
            return Error{Errc::corrupt, "the data have no schema version; restore a backup"};
        }
        tables.listed4 = txn.open_table("listed4", create);
        tables.listed6 = txn.open_table("listed6", create);
        tables.hosts = txn.open_table("hosts", create);
        tables.evidence = txn.open_table("evidence", create);
        tables.scans = txn.open_table("scans", create);
        tables.due = txn.open_table("due", create);
        tables.running = txn.open_table("running", create);
        tables.tokens = txn.open_table("tokens", create);
        tables.token_expiry = txn.open_table("token_expiry", create);
        tables.reports = txn.open_table("reports", create);
        tables.exclusions = txn.open_table("exclusions", create);
        tables.journal = txn.open_table("journal", create);
        tables.journal_hosts = txn.open_table("journal_hosts", create);
        tables.audit = txn.open_later_table("audit", create);
        tables.host_reports = txn.open_later_table("host_reports", create);
        tables.reporters = txn.open_later_table("reporters", create);
        tables.reporter_keys = txn.open_later_table("reporter_keys", create);
        tables.manual = txn.open_later_table("manual", create);
        tables.notices = txn.open_later_table("notices", create);
        tables.purges = txn.open_later_table("purges", create);
        tables.access_keys = txn.open_later_table("access_keys", create);
        tables.sweeps = txn.open_later_table("sweeps", create);
        tables.mirrors = txn.open_later_table("mirrors", create);
        tables.letters = txn.open_later_table("letters", create);
        tables.letter_due = txn.open_later_table("letter_due", create);
        tables.letter_mails = txn.open_later_table("letter_mails", create);
        tables.letter_contacts = txn.open_later_table("letter_contacts", create);
        tables.exclusion_requests = txn.open_later_table("exclusion_requests", create);
        if (create && version) migrate(txn, tables, found);
    } catch (const lmdb::LmdbError& error) {
        if (error.code() != MDB_NOTFOUND) throw;
        return Error{Errc::not_found, "there are no provenbl data in this directory yet; start `provenbl run` once"};
    }
    return tables;
}

std::vector<std::pair<std::string_view, MDB_dbi>> all_tables(const Tables& tables) {
    return {{"listed4", tables.listed4},
            {"listed6", tables.listed6},
            {"hosts", tables.hosts},
            {"evidence", tables.evidence},
            {"scans", tables.scans},
            {"due", tables.due},
            {"running", tables.running},
            {"tokens", tables.tokens},
            {"token_expiry", tables.token_expiry},
            {"reports", tables.reports},
            {"exclusions", tables.exclusions},
            {"journal", tables.journal},
            {"journal_hosts", tables.journal_hosts},
            {"audit", tables.audit},
            {"host_reports", tables.host_reports},
            {"reporters", tables.reporters},
            {"reporter_keys", tables.reporter_keys},
            {"manual", tables.manual},
            {"notices", tables.notices},
            {"purges", tables.purges},
            {"access_keys", tables.access_keys},
            {"sweeps", tables.sweeps},
            {"mirrors", tables.mirrors},
            {"letters", tables.letters},
            {"letter_due", tables.letter_due},
            {"letter_mails", tables.letter_mails},
            {"letter_contacts", tables.letter_contacts},
            {"exclusion_requests", tables.exclusion_requests}};
}

std::uint64_t next_number(WriteTxn& txn, std::string_view counter) {
    const auto stored = txn.txn.get(txn.tables.meta, counter);
    const auto next = (stored ? keys::to_number(*stored) : 0) + 1;
    txn.txn.put(txn.tables.meta, counter, keys::number(next));
    return next;
}

} // namespace provenbl
