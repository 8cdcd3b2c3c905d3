#include "store/lock_file.hpp"

#include "store/durable_file.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace provenbl {
namespace {

std::string path_of(const std::filesystem::path& directory, const std::string& role) {
    return (directory / (role + ".lock")).string();
}

} // namespace

Result<LockFile> LockFile::take(const std::filesystem::path& directory, const std::string& role) {
    const auto path = path_of(directory, role);
    LockFile lock(open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640));
    if (lock.descriptor_ >= 0)
        give_to_owner_of(directory, lock.descriptor_);
    else if (errno == EEXIST)
        lock.descriptor_ = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640);
    if (lock.descriptor_ < 0) {
        const int why = errno;
        const auto code = why == EROFS ? Errc::read_only : why == ENOSPC ? Errc::disk_full : Errc::io;
        return Error{code,
                     "can't open " + path + ": " + std::strerror(why) + "; check the directory's owner and free space"};
    }
    if (flock(lock.descriptor_, LOCK_EX | LOCK_NB) != 0) {
        std::array<char, 32> holder{};
        const auto size = pread(lock.descriptor_, holder.data(), holder.size() - 1, 0);
        return Error{Errc::conflict, "another provenbl (process " + std::string(size > 0 ? holder.data() : "unknown") +
                                         ") runs as '" + role + "' on " + directory.string() +
                                         "; stop it first, or give this one another data_directory"};
    }
    const auto self = std::to_string(getpid());
    // The number is only for the message above; a full disk must not stop us here.
    if (ftruncate(lock.descriptor_, 0) == 0) (void)!pwrite(lock.descriptor_, self.data(), self.size(), 0);
    return lock;
}

LockFile::~LockFile() {
    if (descriptor_ >= 0) close(descriptor_);
}

bool LockFile::held(const std::filesystem::path& directory, const std::string& role) {
    const LockFile probe(open(path_of(directory, role).c_str(), O_RDONLY | O_CLOEXEC));
    if (probe.descriptor_ < 0) return false;
    return flock(probe.descriptor_, LOCK_SH | LOCK_NB) != 0;
}

} // namespace provenbl
