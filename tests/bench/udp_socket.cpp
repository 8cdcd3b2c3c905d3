#include "tests/bench/udp_socket.hpp"

#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <sched.h>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>

namespace provenbl::bench {
namespace {

int check(int result, const char* what) {
    if (result < 0) throw std::system_error(errno, std::generic_category(), what);
    return result;
}

struct SocketAddress {
    sockaddr_storage storage{};
    socklen_t size = 0;
    explicit SocketAddress(const Endpoint& endpoint) {
        const auto bytes = endpoint.address.bytes();
        if (endpoint.address.is_v4()) {
            auto* in = reinterpret_cast<sockaddr_in*>(&storage);
            in->sin_family = AF_INET;
            in->sin_port = htons(endpoint.port);
            std::memcpy(&in->sin_addr, bytes.data(), bytes.size());
            size = sizeof *in;
        } else {
            auto* in = reinterpret_cast<sockaddr_in6*>(&storage);
            in->sin6_family = AF_INET6;
            in->sin6_port = htons(endpoint.port);
            std::memcpy(&in->sin6_addr, bytes.data(), bytes.size());
            size = sizeof *in;
        }
    }
    [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

int make(const Endpoint& endpoint, int flags) {
    const int fd = check(::socket(endpoint.address.is_v4() ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC | flags, 0),
                         "making a socket");
    const int large = 8 << 20;
    for (const auto& [forced, polite] : {std::pair{SO_RCVBUFFORCE, SO_RCVBUF}, std::pair{SO_SNDBUFFORCE, SO_SNDBUF}}) {
        if (::setsockopt(fd, SOL_SOCKET, forced, &large, sizeof large) != 0)
            ::setsockopt(fd, SOL_SOCKET, polite, &large, sizeof large);
    }
    return fd;
}

} // namespace

UdpSocket UdpSocket::connected(const Endpoint& server) {
    UdpSocket socket(make(server, SOCK_NONBLOCK));
    const SocketAddress address(server);
    check(::connect(socket.fd_, address.get(), address.size), "connecting a socket");
    return socket;
}

UdpSocket UdpSocket::bound(const Endpoint& local) {
    UdpSocket socket(make(local, 0));
    const int on = 1;
    check(::setsockopt(socket.fd_, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on), "sharing a port");
    const SocketAddress address(local);
    check(::bind(socket.fd_, address.get(), address.size), "binding a socket");
    return socket;
}

UdpSocket::~UdpSocket() {
    if (fd_ >= 0) ::close(fd_);
}

Endpoint UdpSocket::local() const {
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;
    check(::getsockname(fd_, reinterpret_cast<sockaddr*>(&storage), &size), "asking for a port");
    if (storage.ss_family == AF_INET) {
        const auto* in = reinterpret_cast<const sockaddr_in*>(&storage);
        return {Address::v4(ntohl(in->sin_addr.s_addr)), ntohs(in->sin_port)};
    }
    const auto* in = reinterpret_cast<const sockaddr_in6*>(&storage);
    return {Address::from_bytes({in->sin6_addr.s6_addr, 16}), ntohs(in->sin6_port)};
}

void pin_to_core(unsigned core) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(core, &set);
    check(::sched_setaffinity(0, sizeof set, &set), "pinning to a core");
}

} // namespace provenbl::bench
