// Writes straight into the tables: millions of listings through the ledger, with evidence, would take an hour.
#include "store/journal_append.hpp"
#include "store/tables.hpp"
#include "tests/bench/data_writers.hpp"

#include <algorithm>
#include <span>

namespace provenbl::bench {
namespace {

constexpr std::size_t piece = 200'000;
constexpr std::uint32_t since = 1'700'000'000;

void write_piece(Store& store, std::span<const Entry> entries, Arrival arrival) {
    store
        .write([&](WriteTxn& txn) -> Result<> {
            for (const auto& entry : entries) {
                const auto table = entry.address.is_v4() ? txn.tables.listed4 : txn.tables.listed6;
                const auto value = codec::encode(Listing{ClassSet{entry.cls}, since, 1});
                if (arrival == Arrival::in_order)
                    txn.txn.append(table, keys::bare(entry.address), value);
                else
                    txn.txn.put(table, keys::bare(entry.address), value);
            }
            return {};
        })
        .value();
}

void write_all(Store& store, std::span<const Entry> entries, Arrival arrival) {
    for (; !entries.empty(); entries = entries.subspan(std::min(piece, entries.size())))
        write_piece(store, entries.first(std::min(piece, entries.size())), arrival);
}

} // namespace

StoredSize write_store(const std::filesystem::path& directory, const DataSet& set, Arrival arrival,
                       std::uint64_t seed) {
    const SystemClock clock;
    StoreOptions options;
    options.directory = directory;
    options.initial_map_size = (std::size_t{1} << 30U) + set.v4.size() * 100;
    auto store = Store::open(options, clock, "writer").value();
    if (arrival == Arrival::in_order) {
        write_all(*store, set.v4, arrival);
        write_all(*store, set.v6, arrival);
    } else {
        auto all = set.v4;
        all.insert(all.end(), set.v6.begin(), set.v6.end());
        std::shuffle(all.begin(), all.end(), std::mt19937_64{seed});
        write_all(*store, all, arrival);
    }
    const auto& first = set.v4.front();
    store
        ->write([&](WriteTxn& txn) -> Result<> {
            Change change;
            change.address = first.address;
            change.after = ClassSet{first.cls};
            change.actor = "verifier";
            journal::append(txn, change);
            return {};
        })
        .value();

    StoredSize size;
    store->read([&](const ReadTxn& txn) {
        for (const auto table : {txn.tables.listed4, txn.tables.listed6}) {
            MDB_stat stat{};
            if (mdb_stat(txn.txn.handle(), table, &stat) != MDB_SUCCESS)
                throw std::runtime_error("can't ask for the size of a table");
            size.entries += stat.ms_entries;
            size.pages += stat.ms_branch_pages + stat.ms_leaf_pages + stat.ms_overflow_pages;
            size.page_size = stat.ms_psize;
        }
    });
    size.file = store->statistics().map_used;
    return size;
}

} // namespace provenbl::bench
