#include "dnsbl/sockets.hpp"

#include "dnsbl/socket_address.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <unistd.h>

namespace provenbl::dnsbl {
namespace {

constexpr int tcp_backlog = 1024;
constexpr int receive_buffer = 4 << 20; // the kernel grants what net.core.rmem_max allows
constexpr int tries_for_a_free_port = 32;

const char* remedy(int error) {
    switch (error) {
    case EADDRINUSE:
        return "the port is in use; stop the other server ('ss -lntup' shows it) or choose another port";
    case EACCES:
        return "not permitted; start as root, grant CAP_NET_BIND_SERVICE, or choose a port from 1024 on";
    case EADDRNOTAVAIL:
        return "no interface of this machine has the address; correct it or bring the interface up";
    case EAFNOSUPPORT:
        return "this machine has no such address family; remove the endpoint";
    case EMFILE:
    case ENFILE:
        return "too many open files; raise the limit (LimitNOFILE, 'ulimit -n')";
    default:
        return std::strerror(error);
    }
}

Error bind_error(const Endpoint& endpoint, const char* transport, int error) {
    return {error == EADDRINUSE ? Errc::conflict : Errc::io,
            fmt::format("can't listen on {} ({}): {}", endpoint.to_string(), transport, remedy(error))};
}

void set(int fd, int level, int option, int value) {
    setsockopt(fd, level, option, &value, sizeof value);
}

struct Errno {
    int value;
};

// A bound socket, or why not.
boost::system::result<Descriptor, Errno> bound(const Endpoint& endpoint, int type, bool share) {
    const int family = endpoint.address.is_v4() ? AF_INET : AF_INET6;
    Descriptor socket(::socket(family, type | SOCK_CLOEXEC, 0));
    if (socket.get() < 0) return Errno{errno};
    if (family == AF_INET6) set(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, 1);
    if (type == SOCK_STREAM) set(socket.get(), SOL_SOCKET, SO_REUSEADDR, 1);
    if (share) set(socket.get(), SOL_SOCKET, SO_REUSEPORT, 1);
    const auto address = socket_address(endpoint);
    if (::bind(socket.get(), address.get(), address.size) != 0) return Errno{errno};
    return socket;
}

void tune_udp(int fd, const Address& address) {
    set(fd, SOL_SOCKET, SO_RCVBUF, receive_buffer);
    // Answers are small: don't let forged ICMP change how they travel.
    if (address.is_v4()) {
        set(fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_OMIT);
    } else {
        set(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_OMIT);
    }
    if (!is_wildcard(address)) return;
    if (address.is_v4()) {
        set(fd, IPPROTO_IP, IP_PKTINFO, 1);
    } else {
        set(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
    }
}

std::uint16_t bound_port(int fd) {
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;
    if (getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &size) != 0) return 0;
    // The port stands at the same place in both families.
    sockaddr_in v4{};
    std::memcpy(&v4, &storage, sizeof v4);
    return ntohs(v4.sin_port);
}

Result<BoundEndpoint> bind_tcp(const Endpoint& wanted) {
    BoundEndpoint made;
    made.endpoint = wanted;
    auto tcp = bound(wanted, SOCK_STREAM, false);
    if (!tcp) return bind_error(wanted, "TCP", tcp.error().value);
    made.tcp = std::move(*tcp);
    if (listen(made.tcp.get(), tcp_backlog) != 0) return bind_error(wanted, "TCP", errno);
    made.endpoint.port = bound_port(made.tcp.get());
    return made;
}

Result<BoundEndpoint> bind_once(const Endpoint& wanted, unsigned udp_sockets) {
    auto bound_tcp = bind_tcp(wanted);
    if (!bound_tcp) return bound_tcp;
    auto& made = *bound_tcp;
    const bool share = udp_sockets > 1;
    if (share) {
        // A shared port would be joined silently, whoever has it; so see first that nobody does.
        const auto alone = bound(made.endpoint, SOCK_DGRAM, false);
        if (!alone) return bind_error(made.endpoint, "UDP", alone.error().value);
    }
    for (unsigned i = 0; i < std::max(udp_sockets, 1U); ++i) {
        auto udp = bound(made.endpoint, SOCK_DGRAM, share);
        if (!udp) return bind_error(made.endpoint, "UDP", udp.error().value);
        tune_udp(udp->get(), wanted.address);
        made.udp.push_back(std::move(*udp));
    }
    return bound_tcp;
}

// What a socket is bound to, and whether it is for datagrams.
struct Bound {
    Endpoint endpoint;
    bool datagrams = false;
};

Result<Bound> describe(int fd) {
    int type = 0;
    socklen_t size = sizeof type;
    sockaddr_in6 name{};
    socklen_t name_size = sizeof name;
    if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) != 0 ||
        getsockname(fd, reinterpret_cast<sockaddr*>(&name), &name_size) != 0)
        return Error{Errc::io, fmt::format("descriptor {} is no socket: {}", fd, std::strerror(errno))};
    if (name.sin6_family != AF_INET && name.sin6_family != AF_INET6)
        return Error{Errc::invalid, fmt::format("the socket {} that was passed is neither of IPv4 nor of IPv6", fd)};
    return Bound{endpoint_of(name), type == SOCK_DGRAM};
}

} // namespace

Result<std::vector<BoundEndpoint>> adopt_sockets(std::span<const int> sockets, unsigned udp_sockets) {
    std::vector<BoundEndpoint> all;
    for (const int fd : sockets) {
        const auto about = describe(fd);
        if (!about) return about.error();
        auto at =
            std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.endpoint == about->endpoint; });
        if (at == all.end()) {
            at = all.emplace(all.end());
            at->endpoint = about->endpoint;
            at->kept = true;
        }
        // Who passes one UDP socket has all workers read from that one.
        for (unsigned i = 0; i < (about->datagrams ? std::max(udp_sockets, 1U) : 1U); ++i) {
            Descriptor copy(fcntl(fd, F_DUPFD_CLOEXEC, 0));
            if (copy.get() < 0) return bind_error(about->endpoint, "passed", errno);
            if (!about->datagrams) {
                at->tcp = std::move(copy);
                break;
            }
            // A worker waits in its socket.
            fcntl(copy.get(), F_SETFL, fcntl(copy.get(), F_GETFL) & ~O_NONBLOCK);
            tune_udp(copy.get(), about->endpoint.address);
            at->udp.push_back(std::move(copy));
        }
    }
    for (const auto& one : all) {
        if (one.tcp.get() < 0 || one.udp.empty())
            return Error{Errc::invalid, fmt::format("of {} only the {} socket was passed; DNS needs UDP and TCP{}",
                                                    one.endpoint.to_string(), one.udp.empty() ? "TCP" : "UDP",
                                                    one.udp.empty() ? " (DNS over TLS has TCP alone: on a port of "
                                                                      "dns.tls.listen)"
                                                                    : "")};
    }
    return all;
}

Result<std::vector<BoundEndpoint>> adopt_listening_sockets(std::vector<int>& sockets,
                                                           std::span<const std::uint16_t> ports) {
    std::vector<BoundEndpoint> all;
    std::vector<int> left;
    for (const int fd : sockets) {
        const auto about = describe(fd);
        if (!about) return about.error();
        if (about->datagrams || std::find(ports.begin(), ports.end(), about->endpoint.port) == ports.end()) {
            left.push_back(fd);
            continue;
        }
        auto& made = all.emplace_back();
        made.endpoint = about->endpoint;
        made.kept = true;
        made.tcp = Descriptor(fcntl(fd, F_DUPFD_CLOEXEC, 0));
        if (made.tcp.get() < 0) return bind_error(about->endpoint, "passed", errno);
    }
    sockets = std::move(left);
    return all;
}

Descriptor::~Descriptor() {
    if (fd_ >= 0) close(fd_);
}

Endpoint endpoint_of(const sockaddr_in6& peer) {
    if (peer.sin6_family != AF_INET) {
        std::array<std::uint8_t, 16> bytes{};
        std::memcpy(bytes.data(), &peer.sin6_addr, bytes.size());
        return {Address::v6(bytes), ntohs(peer.sin6_port)};
    }
    sockaddr_in v4{};
    std::memcpy(&v4, &peer, sizeof v4);
    return {Address::v4(ntohl(v4.sin_addr.s_addr)), ntohs(v4.sin_port)};
}

bool is_wildcard(const Address& address) {
    const auto bytes = address.bytes();
    return std::all_of(bytes.begin(), bytes.end(), [](auto octet) { return octet == 0; });
}

Result<BoundEndpoint> bind_endpoint(const Endpoint& endpoint, unsigned udp_sockets) {
    auto made = bind_once(endpoint, udp_sockets);
    // A port that is free for TCP may be taken for UDP.
    for (int left = tries_for_a_free_port; endpoint.port == 0 && !made && left > 0; --left)
        made = bind_once(endpoint, udp_sockets);
    return made;
}

Result<BoundEndpoint> bind_tcp_endpoint(const Endpoint& endpoint) {
    return bind_tcp(endpoint);
}

} // namespace provenbl::dnsbl
