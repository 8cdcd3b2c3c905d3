#include "store/check.hpp"

#include "store/check_hosts.hpp"
#include "store/journal.hpp"
#include "store/journal_append.hpp"

#include <algorithm>

namespace provenbl::check {
namespace {

constexpr std::size_t repairs_at_once = 10'000; // in one transaction

Result<> apply(Store& store, const std::vector<Repair>& repairs) {
    for (std::size_t from = 0; from < repairs.size(); from += repairs_at_once) {
        const auto to = std::min(repairs.size(), from + repairs_at_once);
        auto written = store.write([&](WriteTxn& txn) -> Result<> {
            for (auto i = from; i < to; ++i) {
                const auto& repair = repairs[i];
                if (repair.value)
                    txn.txn.put(repair.table, repair.key, *repair.value);
                else
                    txn.txn.erase(repair.table, repair.key);
            }
            return {};
        });
        if (!written) return written;
    }
    if (std::none_of(repairs.begin(), repairs.end(), [](const Repair& repair) { return repair.of_index; })) return {};
    // No line of the journal tells what was served wrongly: whoever follows it, here or at a secondary, begins anew.
    return store.write([](WriteTxn& txn) -> Result<> {
        journal::advance(txn, journal::last(txn) + 1, "the serving index was repaired");
        return {};
    });
}

} // namespace

Result<Summary> run(Store& store, const Options& options, Time now) {
    Findings findings(options);
    try {
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
        if (auto applied = apply(store, findings.repairs()); !applied) return applied.error();
        findings.summary().repaired = findings.repairs().size();
    }
    return findings.summary();
}

} // namespace provenbl::check
