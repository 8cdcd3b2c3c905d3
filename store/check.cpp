#include "store/check.hpp"

#include "store/check_hosts.hpp"
#include "store/journal.hpp"
#include "store/journal_append.hpp"
#include "store/transfer.hpp"

#include <algorithm>

namespace provenbl::check {
namespace {

Result<> apply(Store& store, const std::vector<Repair>& repairs, std::size_t at_once) {
    for (std::size_t from = 0; from < repairs.size(); from += at_once) {
        const auto to = std::min(repairs.size(), from + at_once);
        auto written = store.write([&](WriteTxn& txn) -> Result<> {
            bool served = false;
            for (auto i = from; i < to; ++i) {
                const auto& repair = repairs[i];
                if (repair.value)
                    txn.txn.put(repair.table, repair.key, *repair.value);
                else
                    txn.txn.erase(repair.table, repair.key);
                served = served || repair.of_index;
            }
            // No line of the journal tells what was served wrongly: whoever follows it, here or at a secondary, begins
            // anew. In the same transaction, or a crash would leave them with what they have for good.
            if (served) journal::advance(txn, journal::last(txn) + 1, "the serving index was repaired");
            return {};
        });
        if (!written) return written;
    }
    return {};
}

} // namespace

Result<Summary> run(Store& store, const Options& options, Time now) {
    Findings findings(options);
    try {
        if (options.repair && store.read(transfer::unfinished)) return transfer::unfinished_error();
        store.read([&](const ReadTxn& txn) {
            const auto index = check_journal(txn, findings);
            check_hosts(txn, index, findings);
            check_exclusions(txn, now, findings);
            check_records(txn, findings);
            findings.summary().serial = journal::last(txn);
        });
    } catch (const std::exception& fault) {
        return Error{Errc::corrupt, std::string("the store can't be checked: ") + fault.what() + "; restore a backup"};
    }
    if (options.repair) {
        if (auto applied = apply(store, findings.repairs(), options.repairs_at_once); !applied) return applied.error();
        findings.summary().repaired = findings.repairs().size();
    }
    return findings.summary();
}

} // namespace provenbl::check
