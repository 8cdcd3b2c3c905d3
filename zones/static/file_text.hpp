// A data file as it stands on the disk: by what a change of it is seen, and its whole text.
#pragma once

#include "store/file_stamp.hpp"
#include "store/result.hpp"

#include <string>

namespace provenbl::zones::statics {

struct FileText {
    std::string text;
    FileStamp stamp; // before it was read
};
// Errors name the file and say what to do; busy: it was written to while it was read.
[[nodiscard]] Result<FileText> read_file(const std::string& path);

} // namespace provenbl::zones::statics
