#include "zones/static/file_text.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace provenbl::zones::statics {
namespace {

constexpr std::int64_t largest_file = std::int64_t{2} << 30U;

class File {
public:
    explicit File(const std::string& path) : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
    ~File() {
        if (fd_ >= 0) ::close(fd_);
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    [[nodiscard]] int get() const { return fd_; }

private:
    int fd_;
};

Error can_not_read(const std::string& path) {
    const int why = errno;
    return {why == ENOENT ? Errc::not_found : Errc::io, fmt::format("{}: can't be read: {}", path, std::strerror(why))};
}

} // namespace

Result<FileText> read_file(const std::string& path) {
    const File file{path};
    if (file.get() < 0) return can_not_read(path);
    struct stat about {};
    if (::fstat(file.get(), &about) != 0) return can_not_read(path);
    if (!S_ISREG(about.st_mode)) return Error{Errc::invalid, path + ": is no regular file"};
    if (about.st_size > largest_file)
        return Error{Errc::limit, path + ": is larger than 2 GiB; split it into several data sets"};
    FileText made;
    made.stamp = to_stamp(about);
    made.text.resize(static_cast<std::size_t>(about.st_size));
    std::size_t have = 0;
    while (have < made.text.size()) {
        const auto count = ::read(file.get(), made.text.data() + have, made.text.size() - have);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return can_not_read(path);
        if (count == 0) break;
        have += static_cast<std::size_t>(count);
    }
    if (::fstat(file.get(), &about) != 0) return can_not_read(path);
    // Not the inode's time: a rename over it changes that, and not what is read.
    const auto after = to_stamp(about);
    if (have < made.text.size() || after.size != made.stamp.size || after.modified != made.stamp.modified)
        return Error{Errc::busy, path + ": was written to while it was read; write a new file and rename it"};
    if (made.text.starts_with("\x1f\x8b")) return Error{Errc::invalid, path + ": is compressed; unpack it with gunzip"};
    return made;
}

} // namespace provenbl::zones::statics
