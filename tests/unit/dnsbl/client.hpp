// Clients over real sockets. Waits are bounded so that a server that fails fails the test, not so that it passes.
#pragma once

#include "question.hpp"
#include "store/address.hpp"

#include <cstring>
#include <netinet/in.h>
#include <optional>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

namespace provenbl::dnsbl::testing {

class Socket {
public:
    Socket(int type, const Endpoint& to) : fd_(socket(to.address.is_v4() ? AF_INET : AF_INET6, type, 0)) {
        const timeval patience{20, 0};
        setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        const auto bytes = to.address.bytes();
        sockaddr_in6 v6{};
        sockaddr_in v4{};
        v6.sin6_family = AF_INET6;
        v4.sin_family = AF_INET;
        v6.sin6_port = v4.sin_port = htons(to.port);
        std::memcpy(to.address.is_v4() ? static_cast<void*>(&v4.sin_addr) : static_cast<void*>(&v6.sin6_addr),
                    bytes.data(), bytes.size());
        const auto* address =
            to.address.is_v4() ? reinterpret_cast<const sockaddr*>(&v4) : reinterpret_cast<const sockaddr*>(&v6);
        if (connect(fd_, address, to.address.is_v4() ? sizeof v4 : sizeof v6) != 0)
            throw std::runtime_error("connect to " + to.to_string() + ": " + std::strerror(errno));
    }
    ~Socket() { close(fd_); }
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;

    [[nodiscard]] int fd() const { return fd_; }
    void send(const Bytes& bytes) const {
        if (::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(bytes.size()))
            throw std::runtime_error(std::string("send: ") + std::strerror(errno));
    }
    // Whatever comes next; empty at the end or when the other side went away.
    [[nodiscard]] Bytes receive(std::size_t at_most = 65535) const {
        Bytes bytes(at_most);
        const auto count = recv(fd_, bytes.data(), bytes.size(), 0);
        if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) throw std::runtime_error("nothing came");
        bytes.resize(count < 0 ? 0 : static_cast<std::size_t>(count));
        return bytes;
    }
    [[nodiscard]] Bytes receive_exactly(std::size_t size) const {
        Bytes bytes;
        while (bytes.size() < size) {
            const auto more = receive(size - bytes.size());
            if (more.empty()) break;
            append(bytes, more);
        }
        return bytes;
    }

private:
    int fd_;
};

class UdpClient : public Socket {
public:
    explicit UdpClient(const Endpoint& to) : Socket(SOCK_DGRAM, to) {}
    [[nodiscard]] Bytes ask(const Bytes& message) const {
        send(message);
        return receive();
    }
};

inline Bytes framed(const Bytes& message) {
    Bytes bytes;
    put16(bytes, static_cast<unsigned>(message.size()));
    append(bytes, message);
    return bytes;
}

class TcpClient : public Socket {
public:
    explicit TcpClient(const Endpoint& to) : Socket(SOCK_STREAM, to) {}
    // Nothing when the server closed the connection.
    [[nodiscard]] std::optional<Bytes> answer() const {
        const auto length = receive_exactly(2);
        if (length.size() < 2) return std::nullopt;
        return receive_exactly(static_cast<std::size_t>(length[0] << 8U | length[1]));
    }
    [[nodiscard]] std::optional<Bytes> ask(const Bytes& message) const {
        send(framed(message));
        return answer();
    }
};

} // namespace provenbl::dnsbl::testing
