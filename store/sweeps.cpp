#include "store/sweeps.hpp"

#include "store/derived_keys.hpp"
#include "store/ledger.hpp"
#include "store/listing_unit.hpp"
#include "store/reports.hpp"
#include "store/tables.hpp"
#include "store/visits.hpp"

#include <vector>

namespace provenbl {
namespace sweeps {
namespace {

void put(WriteTxn& txn, const ExclusionSweep& sweep) {
    put_record(txn, txn.tables.sweeps, exclusion_key(sweep.prefix), sweep);
}

// What is to be changed of the next hosts; moves the cursor on. True when the end was reached.
bool look(const ReadTxn& txn, ExclusionSweep& sweep, std::size_t examine, std::size_t change,
          std::vector<Host>& covered) {
    // A part of what one listing covers takes it whole.
    const auto unit = listing_unit::covered(txn, sweep.prefix.base());
    const auto affected = sweep.prefix.length() > unit.length() ? unit : sweep.prefix;
    const auto done = sweep.cursor;
    std::size_t examined = 0;
    bool end = true;
    txn.txn.walk(txn.tables.hosts, done.empty() ? keys::address(affected.base()) : done,
                 [&](lmdb::Bytes key, lmdb::Bytes value) {
                     if (key == done) return true;
                     if (!affected.contains(keys::to_address(key))) return false;
                     if (examined == examine || covered.size() == change) {
                         end = false;
                         return false;
                     }
                     ++examined;
                     sweep.cursor = key;
                     const auto host = codec::decode_numbers<Host>(value);
                     if (host.listed() || host.queued_scan != 0) covered.push_back(codec::decode<Host>(value));
                     return true;
                 });
    return end;
}

Result<Step> go_on(WriteTxn& txn, ExclusionSweep sweep, const Exclusion& exclusion, std::size_t examine,
                   std::size_t change) {
    Step step;
    std::vector<Host> covered;
    step.finished = look(txn, sweep, examine, change, covered);
    for (auto& host : covered) {
        ledger::drop_queued_visit(txn, host, "excluded: " + exclusion.reason);
        ledger::put_host(txn, host);
        reports::withdraw(txn, host.address);
        if (!host.listed()) continue;
        const auto cleared = ledger::clear(txn, Clearance::from_exclusion(host, exclusion), "operator", exclusion.by);
        if (!cleared) return cleared.error();
        ++step.delisted;
    }
    sweep.delisted += step.delisted;
    if (step.finished)
        txn.txn.erase(txn.tables.sweeps, exclusion_key(sweep.prefix));
    else
        put(txn, sweep);
    step.sweep = std::move(sweep);
    return step;
}

} // namespace

Result<std::size_t> begin(WriteTxn& txn, const Exclusion& exclusion, std::size_t examine, std::size_t change) {
    put_record(txn, txn.tables.exclusions, exclusion_key(exclusion.prefix), exclusion);
    ExclusionSweep sweep;
    sweep.prefix = exclusion.prefix;
    const auto first = go_on(txn, std::move(sweep), exclusion, examine, change);
    if (!first) return first.error();
    return first->delisted;
}

Result<std::optional<Step>> step(WriteTxn& txn, std::size_t examine, std::size_t change) {
    std::optional<ExclusionSweep> sweep;
    txn.txn.walk(txn.tables.sweeps, {}, [&](lmdb::Bytes, lmdb::Bytes value) {
        sweep = codec::decode<ExclusionSweep>(value);
        return false;
    });
    if (!sweep) return std::optional<Step>();
    const auto exclusion = get_record<Exclusion>(txn, txn.tables.exclusions, exclusion_key(sweep->prefix));
    if (!exclusion || (exclusion->until != Time{} && exclusion->until <= txn.now)) {
        txn.txn.erase(txn.tables.sweeps, exclusion_key(sweep->prefix));
        return std::optional<Step>(Step{std::move(*sweep), 0, true});
    }
    auto done = go_on(txn, std::move(*sweep), *exclusion, examine, change);
    if (!done) return done.error();
    return std::optional<Step>(std::move(*done));
}

bool under_way(const ReadTxn& txn) {
    return txn.txn.entries(txn.tables.sweeps) != 0;
}

std::optional<ExclusionSweep> find(const ReadTxn& txn, const Prefix& exclusion) {
    return get_record<ExclusionSweep>(txn, txn.tables.sweeps, exclusion_key(exclusion));
}

void again(WriteTxn& txn, const Prefix& exclusion) {
    ExclusionSweep sweep;
    sweep.prefix = exclusion;
    put(txn, sweep);
}

} // namespace sweeps

Result<std::size_t> ledger::exclude(WriteTxn& txn, const Exclusion& exclusion) {
    return sweeps::begin(txn, exclusion);
}

} // namespace provenbl
