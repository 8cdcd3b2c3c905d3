#include "tools/daemon/passed_sockets.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <systemd/sd-daemon.h>

namespace provenbl::tools {
namespace {

// The names, which sd_listen_fds_with_names allocates.
class Names {
public:
    ~Names() {
        for (char** name = names_; name != nullptr && *name != nullptr; ++name) std::free(*name);
        std::free(names_);
    }
    Names() = default;
    Names(const Names&) = delete;
    Names& operator=(const Names&) = delete;
    char*** out() { return &names_; }
    [[nodiscard]] std::string_view at(int i) const { return names_ != nullptr ? names_[i] : ""; }

private:
    char** names_ = nullptr;
};

} // namespace

Result<PassedSockets> passed_sockets(Role role) {
    Names names;
    const int count = sd_listen_fds_with_names(1, names.out());
    if (count < 0)
        return Error{Errc::invalid,
                     fmt::format("the service manager's sockets can't be read: {}", std::strerror(-count))};
    PassedSockets passed;
    for (int i = 0; i < count; ++i) {
        const int fd = SD_LISTEN_FDS_START + i;
        const auto name = names.at(i);
        const auto refuse = [&](std::string_view why) {
            return Error{Errc::invalid,
                         fmt::format("the service manager passed the socket {} ('{}'), {}", fd, name, why)};
        };
        std::optional<bool> for_dns;
        if (name == "dns")
            for_dns = true;
        else if (name == "api" || sd_is_socket(fd, AF_UNIX, SOCK_STREAM, 1) > 0)
            for_dns = false;
        else if (role == Role::dns || role == Role::api)
            for_dns = role == Role::dns;
        if (!for_dns) return refuse("and it is not known what for: expected FileDescriptorName=dns or api");
        if (*for_dns ? !serves_dns(role) : !serves_api(role)) return refuse("which this role does not serve");
        if (sd_is_socket(fd, AF_UNSPEC, SOCK_DGRAM, -1) <= 0 && sd_is_socket(fd, AF_UNSPEC, SOCK_STREAM, 1) <= 0)
            return refuse("which neither listens nor takes datagrams: expected ListenStream= or ListenDatagram=");
        (*for_dns ? passed.dns : passed.api).push_back(fd);
    }
    return passed;
}

} // namespace provenbl::tools
