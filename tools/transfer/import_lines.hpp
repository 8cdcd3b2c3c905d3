// JSON lines into a store, in bounded transactions: what export_lines.hpp writes.
//
// How far it has come is kept in the store, in the same transaction as the records: run it again with the same lines
// after an interruption, and it goes on where it was. A line that is refused is told with its number and reason, and
// the others go on, up to a bound; the import is complete only when no line was refused.
#pragma once

#include "store/store.hpp"

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <string>

namespace provenbl::tools::transfer {

struct ImportOptions {
    std::uint64_t error_limit = 100;
    std::function<void(std::uint64_t line, const std::string& reason)> refused = {};
    std::function<void(std::uint64_t records)> progress = {};
};

struct Imported {
    std::uint64_t records = 0; // taken by this run
    std::uint64_t skipped = 0; // were there from an interrupted run
    std::uint64_t refused = 0;
    std::uint64_t serial = 0;
    bool complete = false;
};

// Errors: invalid (no header, cut short, too many refused lines), conflict (transfer.hpp), and the store's.
Result<Imported> import_lines(Store& store, std::istream& in, const ImportOptions& options);

} // namespace provenbl::tools::transfer
