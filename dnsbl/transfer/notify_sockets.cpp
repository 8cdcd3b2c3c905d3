#include "dnsbl/transfer/notify_sockets.hpp"

#include "dnsbl/socket_address.hpp"
#include "dnsbl/sockets.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <poll.h>
#include <string>

namespace provenbl::dnsbl::transfer {
namespace {

constexpr std::size_t longest_answer = 4096;

class Sockets final : public NotifyNetwork {
public:
    Sockets(Descriptor v4, Descriptor v6) : v4_(std::move(v4)), v6_(std::move(v6)) {}

    void send(const Endpoint& to, std::span<const std::uint8_t> message) override {
        const auto& socket = to.address.is_v4() ? v4_ : v6_;
        const auto address = socket_address(to);
        // An error is a lost message: it is sent again, and silence is counted.
        static_cast<void>(
            ::sendto(socket.get(), message.data(), message.size(), MSG_DONTWAIT, address.get(), address.size));
    }

    std::optional<NotifyDatagram> receive(Duration timeout) override {
        // A descriptor below 0 is passed over.
        std::array<pollfd, 2> waiting{pollfd{v4_.get(), POLLIN, 0}, pollfd{v6_.get(), POLLIN, 0}};
        if (::poll(waiting.data(), waiting.size(), static_cast<int>(timeout.count())) <= 0) return std::nullopt;
        for (const auto& ready : waiting) {
            if (ready.revents == 0) continue;
            NotifyDatagram datagram;
            datagram.bytes.resize(longest_answer);
            sockaddr_in6 peer{};
            socklen_t size = sizeof peer;
            const auto count = ::recvfrom(ready.fd, datagram.bytes.data(), datagram.bytes.size(), MSG_DONTWAIT,
                                          reinterpret_cast<sockaddr*>(&peer), &size);
            if (count < 0) continue;
            datagram.bytes.resize(static_cast<std::size_t>(count));
            datagram.from = endpoint_of(peer);
            return datagram;
        }
        return std::nullopt;
    }

private:
    Descriptor v4_;
    Descriptor v6_;
};

Result<Descriptor> open_socket(bool v4, const std::vector<Address>& sources) {
    Descriptor socket(::socket(v4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    const auto source =
        std::find_if(sources.begin(), sources.end(), [&](const Address& address) { return address.is_v4() == v4; });
    if (source == sources.end()) return socket; // also without IPv6 on this machine
    const auto address = socket_address({*source, 0});
    if (socket.get() < 0 || ::bind(socket.get(), address.get(), address.size) != 0)
        return Error{Errc::io, "NOTIFY can't be sent from " + source->to_string() + ": " + std::strerror(errno) +
                                   "; set transfers.notify_source to an address of this machine that the mirrors know"};
    return socket;
}

} // namespace

Result<std::unique_ptr<NotifyNetwork>> open_notify_sockets(const std::vector<Address>& sources) {
    auto v4 = open_socket(true, sources);
    if (!v4) return v4.error();
    auto v6 = open_socket(false, sources);
    if (!v6) return v6.error();
    return std::unique_ptr<NotifyNetwork>(std::make_unique<Sockets>(std::move(*v4), std::move(*v6)));
}

} // namespace provenbl::dnsbl::transfer
