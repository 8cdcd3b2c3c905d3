// The first moment of a data directory. Inside store/ only.
//
// LMDB writes its first pages without a sync: a power cut then leaves a file that is none, which nobody could open and
// in which nothing was ever promised. So a new data file is made under another name, with its tables and schema version
// committed, and gets its own name when all of it is on the disk.
#pragma once

#include "store/result.hpp"

#include <filesystem>

namespace provenbl {

// Makes data.mdb in the directory unless it is there. Two processes may try at once: one file wins and neither is
// overwritten. Errors: disk_full, read_only, io. Throws lmdb::LmdbError.
Result<> create_data_file(const std::filesystem::path& directory);

} // namespace provenbl
