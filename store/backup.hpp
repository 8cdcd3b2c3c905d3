// A consistent copy of a whole store, while writes go on: `provenbl backup`.
//
// The copy is LMDB's own, of one read transaction, without free pages. While it lasts the pages of that snapshot can't
// be used again, so the live file grows by what is written meanwhile. The file appears whole or not at all.
#pragma once

#include "store/backup_file.hpp"
#include "store/store.hpp"

#include <functional>

namespace provenbl::backup {

struct Done {
    std::filesystem::path file;
    BackupManifest manifest;
    std::uint64_t grown = 0; // bytes that the live file grew by meanwhile
};

// Bytes written so far, of at most so many. Called about every 64 MiB.
using Progress = std::function<void(std::uint64_t done, std::uint64_t at_most)>;

// `target` is a file that is not there yet, or a directory, in which a file is named by time and serial. Errors:
// conflict (it is there), disk_full, read_only, io.
Result<Done> make(const Store& store, const std::filesystem::path& target, const Clock& clock,
                  const Progress& progress = {});

// The data of a backup are what its manifest says: length, digest, and that they can be opened. Error invalid or
// corrupt. `each` is given the data as they are read.
Result<BackupManifest> verify(const std::filesystem::path& file,
                              const std::function<Result<>(std::string_view bytes)>& each = {});

} // namespace provenbl::backup
