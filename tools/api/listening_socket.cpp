#include "tools/api/listening_socket.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace provenbl::tools::api {
namespace {

// 0 when somebody answers, else why not.
int try_connect(const std::string& path) {
    const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (socket < 0) return errno;
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    path.copy(name.sun_path, sizeof name.sun_path - 1);
    const int result = ::connect(socket, reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0 ? 0 : errno;
    ::close(socket);
    return result;
}

} // namespace

Error explain_bind(int why, const std::string& where) {
    const std::string reason = std::strerror(why);
    switch (why) {
    case EADDRINUSE:
        return {Errc::conflict,
                fmt::format("can't listen on {}: {}; stop the program that listens there (ss -lp shows it), or "
                            "configure another endpoint",
                            where, reason)};
    case EACCES:
    case EPERM:
        return {
            Errc::io,
            fmt::format("can't listen on {}: {}; run as a user that may (for ports below 1024: CAP_NET_BIND_SERVICE)",
                        where, reason)};
    case EADDRNOTAVAIL:
        return {Errc::io,
                fmt::format("can't listen on {}: {}; this machine does not have the address, add it to an interface "
                            "first",
                            where, reason)};
    case EROFS:
        return {Errc::read_only,
                fmt::format("can't listen on {}: {}; choose a path that can be written", where, reason)};
    case ENOSPC:
        return {Errc::disk_full, fmt::format("can't listen on {}: {}; make room on the device", where, reason)};
    default:
        return {Errc::io, fmt::format("can't listen on {}: {}", where, reason)};
    }
}

Result<> clear_socket_path(const std::filesystem::path& path, std::string_view setting) {
    const auto name = path.string();
    if (name.size() >= sizeof(sockaddr_un::sun_path))
        return Error{Errc::invalid, fmt::format("the socket's path {} is too long; configure a shorter one", name)};
    std::error_code code;
    std::filesystem::create_directories(path.parent_path(), code);
    if (code) {
        return Error{Errc::io, fmt::format("can't make the directory {}: {}; create it for the user that runs provenbl",
                                           path.parent_path().string(), code.message())};
    }
    struct stat status {};
    if (::lstat(name.c_str(), &status) != 0) {
        if (errno == ENOENT) return {};
        return explain_bind(errno, "unix:" + name);
    }
    if (!S_ISSOCK(status.st_mode))
        return Error{
            Errc::conflict,
            fmt::format("{} exists and is not a socket; move it away or set {} to another path", name, setting)};
    const int why = try_connect(name);
    if (why == 0 || why == EAGAIN)
        return Error{Errc::conflict,
                     fmt::format("another process serves {}; stop it first, or set {} to another path", name, setting)};
    if (why != ECONNREFUSED && why != ENOENT) return explain_bind(why, "unix:" + name);
    if (::unlink(name.c_str()) != 0 && errno != ENOENT) return explain_bind(errno, "unix:" + name);
    return {};
}

} // namespace provenbl::tools::api
