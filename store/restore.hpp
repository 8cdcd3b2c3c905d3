// Putting a backup in the place of a store: `provenbl restore`.
//
// The old data stay beside the new as data.mdb.before. A serial must not go back, because secondaries and followers
// would keep what they have: so the last serial of what is there (and `serial_at_least`, what the world has seen) is
// compared with the backup's.
#pragma once

#include "store/backup.hpp"

#include <optional>

namespace provenbl::backup {

enum class SerialRule : std::uint8_t {
    refuse,    // when the serial would go back
    advance,   // one entry of the journal moves it on; secondaries then fetch everything
    allow_back // the operator knows that nobody has seen the later ones
};

struct RestoreOptions {
    std::filesystem::path file;
    std::filesystem::path directory; // made when it is not there
    std::uint64_t serial_at_least = 0;
    SerialRule rule = SerialRule::refuse;
};

struct Restored {
    BackupManifest manifest;
    std::optional<std::uint64_t> serial_before; // of what was there; absent when there was nothing that could be read
    std::uint64_t serial = 0;                   // now
    std::filesystem::path kept;                 // where the old data are; empty when there were none
};

// Errors: conflict (a process has the data open, a serial would go back, an older data.mdb.before is in the way),
// invalid, corrupt, newer_version, disk_full, io. After an error the old data are as they were.
Result<Restored> restore(const RestoreOptions& options, const Clock& clock, const Progress& progress = {});

} // namespace provenbl::backup
