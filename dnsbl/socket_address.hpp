// An endpoint as the kernel takes it.
#pragma once

#include "store/address.hpp"

#include <sys/socket.h>

namespace provenbl::dnsbl {

struct SocketAddress {
    sockaddr_storage storage{};
    socklen_t size = 0;
    [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

[[nodiscard]] SocketAddress socket_address(const Endpoint& endpoint);

} // namespace provenbl::dnsbl
