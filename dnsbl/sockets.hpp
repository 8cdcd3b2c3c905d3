// Sockets that are bound: the errors that an operator meets at start-up are made here, with the remedy.
#pragma once

#include "store/address.hpp"
#include "store/result.hpp"

#include <netinet/in.h>
#include <span>
#include <sys/socket.h>
#include <utility>
#include <vector>

namespace provenbl::dnsbl {

class Descriptor {
public:
    Descriptor() = default;
    explicit Descriptor(int fd) : fd_(fd) {}
    Descriptor(Descriptor&& other) noexcept : fd_(other.release()) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~Descriptor();
    [[nodiscard]] int get() const { return fd_; }
    [[nodiscard]] int release() { return std::exchange(fd_, -1); }

private:
    int fd_ = -1;
};

// Everything that serves one endpoint: a listening TCP socket, and a UDP socket for each worker, which share
// the port (SO_REUSEPORT).
struct BoundEndpoint {
    Endpoint endpoint; // with the port that was taken
    Descriptor tcp;
    std::vector<Descriptor> udp;
    bool kept = false; // somebody else has the same sockets, and goes on with them when we have ended
};

// Sockets that are bound already, to one endpoint each (a service manager's): copies of them, put together by endpoint,
// with `udp_sockets` UDP sockets each, as bind_endpoint would make them. An endpoint of which one half is missing is an
// error.
[[nodiscard]] Result<std::vector<BoundEndpoint>> adopt_sockets(std::span<const int> sockets, unsigned udp_sockets);

// Likewise for what has TCP alone: takes those that listen on one of these ports out of `sockets`.
[[nodiscard]] Result<std::vector<BoundEndpoint>> adopt_listening_sockets(std::vector<int>& sockets,
                                                                         std::span<const std::uint16_t> ports);

// Port 0 takes a port that is free for UDP and TCP. A port that another process serves is an error, even when
// that process would share it.
[[nodiscard]] Result<BoundEndpoint> bind_endpoint(const Endpoint& endpoint, unsigned udp_sockets);

// TCP alone, as bind_endpoint.
[[nodiscard]] Result<BoundEndpoint> bind_tcp_endpoint(const Endpoint& endpoint);

// An IPv6 socket's IPv4 client (v4-mapped) is an IPv4 address.
[[nodiscard]] Endpoint endpoint_of(const sockaddr_in6& peer); // a sockaddr_in where its family says so

// "All addresses": an answer must then leave from the address that was asked.
[[nodiscard]] bool is_wildcard(const Address& address);

} // namespace provenbl::dnsbl
