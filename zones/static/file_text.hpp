// A data file as it stands on the disk: its state, by which a change is seen, and its whole text.
#pragma once

#include "store/result.hpp"

#include <compare>
#include <cstdint>
#include <string>

namespace provenbl::zones::statics {

// Two states that are equal are taken for the same contents.
struct FileState {
    bool there = false;
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::int64_t size = 0;
    std::int64_t changed_ns = 0; // mtime, since 1970
    auto operator<=>(const FileState&) const = default;
};

[[nodiscard]] FileState state_of(const std::string& path);

struct FileText {
    std::string text;
    FileState state; // before and after it was read
};
// Errors name the file and say what to do; busy: it was written to while it was read.
[[nodiscard]] Result<FileText> read_file(const std::string& path);

} // namespace provenbl::zones::statics
