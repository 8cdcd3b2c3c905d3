#include "store/file_stamp.hpp"

namespace provenbl {
namespace {

std::int64_t nanoseconds(const timespec& time) {
    return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

} // namespace

FileStamp to_stamp(const struct stat& about) {
    return {about.st_size, nanoseconds(about.st_mtim), nanoseconds(about.st_ctim), about.st_ino, about.st_dev};
}

FileStamp stamp_of(const std::filesystem::path& file) {
    struct stat about {};
    return ::stat(file.c_str(), &about) == 0 ? to_stamp(about) : FileStamp{};
}

} // namespace provenbl
