#include "store/creation.hpp"

#include "store/durable_file.hpp"
#include "store/tables.hpp"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <string>
#include <system_error>
#include <unistd.h>

namespace provenbl {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view prefix = "creating-"; // and the process number
constexpr unsigned most_tables = 64;             // more than there are
constexpr std::size_t first_map = std::size_t{1} << 20U;

Error failure(const fs::path& path, int code) {
    const auto kind = code == ENOSPC || code == EDQUOT                   ? Errc::disk_full
                      : code == EROFS || code == EACCES || code == EPERM ? Errc::read_only
                                                                         : Errc::io;
    return {kind, "can't make the data file " + path.string() + ": " + std::system_category().message(code) +
                      "; the data directory must be writable for the user that runs provenbl, and have room"};
}

// 0, or the error.
int sync(const fs::path& path, int flags) {
    const int descriptor = ::open(path.c_str(), flags | O_CLOEXEC);
    if (descriptor < 0) return errno;
    const int code = ::fsync(descriptor) == 0 ? 0 : errno;
    ::close(descriptor);
    return code;
}

// What processes left that ended before they were done.
void remove_leftovers(const fs::path& directory) {
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(directory, ignored)) {
        const auto name = entry.path().filename().string();
        if (!name.starts_with(prefix)) continue;
        const auto owner = std::atoi(name.c_str() + prefix.size());
        if (owner > 0 && owner != ::getpid() && (::kill(owner, 0) == 0 || errno != ESRCH)) continue;
        fs::remove_all(entry.path(), ignored);
    }
}

struct Remover {
    fs::path path;
    ~Remover() {
        std::error_code ignored;
        fs::remove_all(path, ignored);
    }
};

} // namespace

Result<> create_data_file(const fs::path& directory) {
    const auto file = directory / "data.mdb";
    std::error_code failed;
    if (fs::exists(file, failed)) return {};
    remove_leftovers(directory);
    const Remover work{directory / (std::string(prefix) + std::to_string(::getpid()))};
    if (!fs::create_directory(work.path, failed) && failed) return failure(file, failed.value());
    {
        lmdb::Environment::Options how;
        how.map_size = first_map;
        how.max_tables = most_tables;
        lmdb::Environment environment(work.path, how);
        lmdb::Transaction txn(environment, false);
        const auto tables = open_tables(txn, true);
        if (!tables) return tables.error();
        txn.commit();
    }
    const auto made = work.path / "data.mdb";
    if (const int code = sync(made, O_RDONLY)) return failure(file, code);
    {
        const Descriptor data(::open(made.c_str(), O_RDONLY | O_CLOEXEC));
        if (data) give_to_owner_of(directory, data.get());
    }
    // Not a rename: another process may have been faster, and may have written to its file by now.
    if (::link(made.c_str(), file.c_str()) != 0 && errno != EEXIST) return failure(file, errno);
    if (const int code = sync(directory, O_RDONLY | O_DIRECTORY)) return failure(file, code);
    return {};
}

} // namespace provenbl
