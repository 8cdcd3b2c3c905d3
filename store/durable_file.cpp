#include "store/durable_file.hpp"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace provenbl {

Error file_error(int error_number, const std::filesystem::path& file, std::string_view doing) {
    const auto message = std::string(doing) + " " + file.string() + ": " + std::strerror(error_number);
    switch (error_number) {
    case ENOSPC:
    case EDQUOT:
        return {Errc::disk_full, message + "; free some space, or name another place"};
    case EROFS:
        return {Errc::read_only, message + "; name a place that can be written"};
    case EEXIST:
        return {Errc::conflict, message + "; remove it, or name another"};
    case ENOENT:
        return {Errc::not_found, message};
    default:
        return {Errc::io, message};
    }
}

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
}

void Descriptor::reset() {
    if (number_ >= 0) ::close(number_);
    number_ = -1;
}

namespace {

// What processes left that ended before they were done. Our own number on a file is one of them too: it is given again.
void remove_leftovers(const std::filesystem::path& directory, const std::string& prefix) {
    std::error_code ignored;
    const auto& place = directory.empty() ? std::filesystem::path(".") : directory;
    for (const auto& entry : std::filesystem::directory_iterator(place, ignored)) {
        const auto name = entry.path().filename().string();
        if (!name.starts_with(prefix)) continue;
        const auto* const number = name.c_str() + prefix.size();
        const auto owner = std::atoi(number);
        if (owner <= 0 || std::to_string(owner) != number) continue; // no file of ours
        if (owner != ::getpid() && (::kill(owner, 0) == 0 || errno != ESRCH)) continue;
        std::filesystem::remove(entry.path(), ignored);
    }
}

} // namespace

Result<DurableFile> DurableFile::create(const std::filesystem::path& target, unsigned mode) {
    auto path = target;
    path += ".partial-";
    remove_leftovers(path.parent_path(), path.filename().string());
    path += std::to_string(::getpid());
    Descriptor descriptor(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
    if (!descriptor) return file_error(errno, path, "making");
    return DurableFile(std::move(descriptor), std::move(path));
}

DurableFile::~DurableFile() {
    if (descriptor_) ::unlink(path_.c_str());
}

Result<> DurableFile::write(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto written = ::write(descriptor_.get(), bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return file_error(errno, path_, "writing");
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

Result<> DurableFile::sync() {
    if (::fsync(descriptor_.get()) != 0) return file_error(errno, path_, "writing");
    return {};
}

Result<> DurableFile::publish(const std::filesystem::path& name, bool replace) {
    if (auto synced = sync(); !synced) return synced;
    // A link, unlike a rename, fails when the name is taken.
    const int failed = replace ? ::rename(path_.c_str(), name.c_str()) : ::link(path_.c_str(), name.c_str());
    if (failed != 0) return file_error(errno, name, "naming");
    if (!replace) ::unlink(path_.c_str());
    descriptor_.reset();
    return sync_directory(name.parent_path());
}

void give_to_owner_of(const std::filesystem::path& directory, int descriptor) {
    struct stat about {};
    if (::geteuid() == 0 && ::stat(directory.c_str(), &about) == 0)
        (void)!::fchown(descriptor, about.st_uid, about.st_gid);
}

Result<> sync_directory(const std::filesystem::path& directory) {
    const auto& path = directory.empty() ? std::filesystem::path(".") : directory;
    const Descriptor descriptor(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!descriptor || ::fsync(descriptor.get()) != 0) return file_error(errno, path, "syncing");
    return {};
}

} // namespace provenbl
