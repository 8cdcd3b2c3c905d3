// Every table against every other: `provenbl check`.
//
// One read transaction, each table walked from its first key to its last; memory is bounded by what is listed and
// by the repairs that are remembered, not by the size of the store. Other processes may go on reading and writing.
//
// Three things are never made by a repair: a host, an evidence, a line of the journal that lists somebody. What can be
// made again from those is: the serving index (where host and journal agree), due, running, manual, token_expiry,
// journal_hosts, host_reports, reporter_keys, and counters that would give a number twice.
//
// What several tables say of one host is compared in the order of their keys, a cursor on each; what lies in another
// order (journal_hosts, due) as a set first, and row by row where the sets differ.
#pragma once

#include "store/store.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace provenbl::check {

struct Finding {
    std::string table;
    std::string key; // for people: "5.6.7.8 case 17 ordinal 2"; empty: the whole table
    std::string what;
    bool repairable = false;
};

struct Options {
    // Table, records seen of it, records that it has. Every 100,000 records.
    std::function<void(std::string_view table, std::uint64_t done, std::uint64_t of)> progress = {};
    std::function<void(const Finding&)> finding = {};
    // Repairs what can be. Nobody else may write meanwhile: take the roles' locks first.
    bool repair = false;
    std::size_t repairs_at_once = 10'000; // in one transaction; who was interrupted repairs the rest
};

struct Summary {
    std::uint64_t records = 0;
    std::uint64_t findings = 0;
    std::uint64_t repairable = 0;
    std::uint64_t repaired = 0;
    bool unfinished = false; // more was to be repaired than is remembered at once: run it again
    std::uint64_t serial = 0;
};

// Error when the store can't be read at all, or a repair could not be written.
Result<Summary> run(Store& store, const Options& options, Time now);

} // namespace provenbl::check
