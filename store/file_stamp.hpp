// By what it is known that a file is another than the one that was read.
//
// Taken before the file is read: what is replaced in between is then seen at the next look. The time of the last change
// of the inode is part of it, since a file that is renamed into its place, or copied with its times, may have the size
// and the time of the one before.
#pragma once

#include <cstdint>
#include <filesystem>
#include <sys/stat.h>

namespace provenbl {

struct FileStamp {
    std::int64_t size = -1;    // -1: there is none, or it can't be looked at
    std::int64_t modified = 0; // ns since 1970
    std::int64_t changed = 0;  // likewise, of the inode
    std::uint64_t inode = 0;
    std::uint64_t device = 0;
    [[nodiscard]] bool there() const { return size >= 0; }
    bool operator==(const FileStamp&) const = default;
};

[[nodiscard]] FileStamp stamp_of(const std::filesystem::path& file);
[[nodiscard]] FileStamp to_stamp(const struct stat& about);

} // namespace provenbl
