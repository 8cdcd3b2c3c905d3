// One process at a time for each role over one data directory: flock on <directory>/<role>.lock.
// The lock ends with the process, however it ends.
#pragma once

#include "store/result.hpp"

#include <filesystem>
#include <string>
#include <utility>

namespace provenbl {

class LockFile {
public:
    // Error conflict when another process holds it; its process number is in the message.
    static Result<LockFile> take(const std::filesystem::path& directory, const std::string& role);
    LockFile() = default;
    ~LockFile();
    LockFile(LockFile&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    LockFile& operator=(LockFile&& other) noexcept {
        std::swap(descriptor_, other.descriptor_);
        return *this;
    }
    // Does some process hold this role's lock now?
    static bool held(const std::filesystem::path& directory, const std::string& role);

private:
    explicit LockFile(int descriptor) : descriptor_(descriptor) {}
    int descriptor_ = -1;
};

} // namespace provenbl
