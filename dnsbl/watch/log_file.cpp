#include "dnsbl/watch/log_file.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace provenbl::dnsbl::watch {
namespace {

constexpr unsigned mode = 0640; // it tells who asks what

Error trouble(std::string_view what, const std::string& place, int why) {
    return {why == ENOSPC || why == EDQUOT ? Errc::disk_full : Errc::io,
            fmt::format("can't {} {}: {}", what, place, std::strerror(why))};
}

} // namespace

Result<bool> LogFile::follow() {
    if (place_ == "stderr") {
        if (file_.get() >= 0) return false;
        file_ = Descriptor(::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3));
        if (file_.get() < 0) return trouble("write to", place_, errno);
        return true;
    }
    struct stat about {};
    if (file_.get() >= 0 && ::stat(place_.c_str(), &about) == 0 && about.st_dev == device_ && about.st_ino == inode_)
        return false;
    // Not blocking: a FIFO that nobody reads must not hold the thread.
    Descriptor opened(::open(place_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, mode));
    if (opened.get() < 0) return trouble("open", place_, errno);
    if (::fstat(opened.get(), &about) != 0) return trouble("open", place_, errno);
    device_ = about.st_dev;
    inode_ = about.st_ino;
    file_ = std::move(opened);
    return true;
}

Result<std::size_t> LogFile::write(std::string_view text) const {
    std::size_t taken = 0;
    while (taken < text.size()) {
        const auto count = ::write(file_.get(), text.data() + taken, text.size() - taken);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) {
            if (taken > 0) break;
            return trouble("write to", place_, errno);
        }
        taken += static_cast<std::size_t>(count);
    }
    return taken;
}

} // namespace provenbl::dnsbl::watch
