// What a check has found so far, and what would repair it. Inside store/ only.
#pragma once

#include "store/check.hpp"
#include "store/tables.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace provenbl::check {

// One row of a derived table: written, or erased when there is no value.
struct Repair {
    MDB_dbi table = lmdb::absent_table;
    std::string key;
    std::optional<std::string> value;
    bool of_index = false; // changes what is served
};

class Findings {
public:
    // A million repairs take about 100 MB.
    static constexpr std::size_t most_repairs = 1'000'000;

    explicit Findings(const Options& options) : options_(options) {}

    void add(std::string_view table, std::string key, std::string what);
    void add(std::string_view table, std::string key, std::string what, Repair repair);
    // Counts a record, and tells of the progress.
    void seen(std::string_view table, std::uint64_t done, std::uint64_t of);

    [[nodiscard]] Summary& summary() { return summary_; }
    [[nodiscard]] const std::vector<Repair>& repairs() const { return repairs_; }

private:
    const Options& options_;
    Summary summary_;
    std::vector<Repair> repairs_;
};

// Walks a whole table. A record that can't be read is a finding, and the walk goes on; a table that can't be walked
// is one, and the walk ends. `name_key` says a key for people.
void walk_table(const ReadTxn& txn, std::string_view name, MDB_dbi table, Findings& findings,
                const std::function<void(lmdb::Bytes key, lmdb::Bytes value)>& visit,
                const std::function<std::string(lmdb::Bytes key)>& name_key);

// Keys for people. What is no such key is shown as hex digits.
[[nodiscard]] std::string name_address(lmdb::Bytes key);
[[nodiscard]] std::string name_bare(lmdb::Bytes key);
[[nodiscard]] std::string name_number(lmdb::Bytes key);
[[nodiscard]] std::string name_hex(lmdb::Bytes key);

} // namespace provenbl::check
