// How far a list has come, beside the list: `.NAME.progress`, written after every line, so that who is killed goes on
// with the line after the last one that was filed. The one line between a report and its place is filed again, which
// the store takes for the same report while that is open.
#pragma once

#include "tools/intake/feed.hpp"

#include <filesystem>
#include <optional>

namespace provenbl::tools::intake {

class Place {
public:
    explicit Place(const std::filesystem::path& list);
    ~Place();
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

    struct Known {
        Progress progress;
        EntryReader::State state;
    };
    // Nothing when there is none, or when it is of another list: other bytes, or another file of that name.
    [[nodiscard]] std::optional<Known> read() const;
    // The error says what to do.
    [[nodiscard]] Result<> write(const Progress& progress, const EntryReader::State& state);
    void forget();
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
    [[nodiscard]] std::string identity() const; // of the list as it is now
    std::filesystem::path list_;
    std::filesystem::path path_;
    std::string identity_; // taken once: a list that grows meanwhile is the same one
    int fd_ = -1;
};

} // namespace provenbl::tools::intake
