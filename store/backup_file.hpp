// What a backup is: an LMDB data file with a manifest behind it, in one file, so that neither is ever without the
// other.
//
//   the data file, `bytes` long | the manifest, lines "name value" | its length, 8 bytes big-endian | "pblbkup1"
//
// LMDB's own tools can read it as it is (mdb_stat -n); `tail -n 12` shows the manifest.
#pragma once

#include "store/clock.hpp"
#include "store/result.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace provenbl {

struct BackupManifest {
    std::uint64_t schema = 0;
    std::uint64_t serial = 0; // the journal's last sequence: what a zone's SOA said
    Time made{};
    std::uint64_t bytes = 0;                                    // of the data file
    std::string sha256;                                         // of the data file, 64 hex digits
    std::vector<std::pair<std::string, std::uint64_t>> entries; // of each table, by name
    bool operator==(const BackupManifest&) const = default;
};

// What stands behind the data: manifest, length, magic.
[[nodiscard]] std::string trailer_of(const BackupManifest& manifest);
// Error invalid when it is none.
[[nodiscard]] Result<BackupManifest> parse_manifest(std::string_view text);
// Errors: not_found, io; invalid when the file is no backup or was cut short.
[[nodiscard]] Result<BackupManifest> read_manifest(const std::filesystem::path& file);

} // namespace provenbl
