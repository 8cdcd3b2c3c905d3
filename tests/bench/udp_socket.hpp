// A UDP socket, and the core that a thread runs on, for the measuring programs.
#pragma once

#include "store/address.hpp"

#include <cstdint>
#include <utility>

namespace provenbl::bench {

class UdpSocket {
public:
    // Both throw std::system_error. Buffers are as large as the kernel lets us have.
    static UdpSocket connected(const Endpoint& server); // non-blocking
    static UdpSocket bound(const Endpoint& local);      // blocking, SO_REUSEPORT
    UdpSocket(UdpSocket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    UdpSocket& operator=(UdpSocket&&) = delete;
    ~UdpSocket();

    [[nodiscard]] int fd() const { return fd_; }
    [[nodiscard]] Endpoint local() const;

private:
    explicit UdpSocket(int fd) : fd_(fd) {}
    int fd_;
};

void pin_to_core(unsigned core);

} // namespace provenbl::bench
