// A folder that lists are put into. Each is filed, then moved to `done/`, or to `failed/` when none of its lines made a
// report; what was wrong with single lines is in `NAME.errors` beside it.
//
// Looks are asked for, so a test needs no time to pass. A list is taken when it has not changed between two looks, or
// was renamed into the folder before the first: who writes slowly is not cut short. Names that begin with a dot or end
// with .tmp, .part or .errors are left alone, and so is whatever is no plain file: a link could lead anywhere.
#pragma once

#include "tools/intake/feed.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>

namespace provenbl::tools::intake {

class Folder {
public:
    using Tell = std::function<void(bool trouble, const std::string& text)>;

    Folder(std::filesystem::path folder, File file, Tell tell);

    // Makes done/ and failed/. The error says what to do.
    [[nodiscard]] Result<> prepare() const;
    // Files what is ready, until `stop`. False when a list has to wait (`why` was told): look again later.
    bool look(const std::function<bool()>& stop);

private:
    struct Seen {
        std::uintmax_t size = 0;
        std::filesystem::file_time_type changed;
        bool operator==(const Seen&) const = default;
    };
    bool file_list(const std::filesystem::path& list, const std::function<bool()>& stop);
    void put_away(const std::filesystem::path& list, const std::filesystem::path& errors, bool done);

    const std::filesystem::path folder_;
    const File file_;
    const Tell tell_;
    std::map<std::filesystem::path, Seen> seen_;
    std::string waits_; // why, told once
};

} // namespace provenbl::tools::intake
