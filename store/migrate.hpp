// From the schema of an older program to this one's. Inside store/ only.
#pragma once

#include "store/tables.hpp"

namespace provenbl {

// Bumped when the meaning of stored bytes changes so that an older program must not touch them. A new table or a new
// field of a record is no such change.
//   1  the first
//   2  the journal has a floor, and may be trimmed to nothing: a program of schema 1 would give its serials again
inline constexpr std::uint64_t schema_version = 2;
inline constexpr std::uint64_t oldest_schema = 1; // that can still be read and migrated

// Everything in the transaction that opens the tables, so that a crash leaves the old schema or the new one. Afterwards
// an older program refuses the data.
void migrate(lmdb::Transaction& txn, const Tables& tables, std::uint64_t from);

} // namespace provenbl
