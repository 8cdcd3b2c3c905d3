#include "dnsbl/socket_address.hpp"

#include <cstring>
#include <netinet/in.h>

namespace provenbl::dnsbl {

SocketAddress socket_address(const Endpoint& endpoint) {
    SocketAddress made;
    const auto bytes = endpoint.address.bytes();
    if (endpoint.address.is_v4()) {
        sockaddr_in v4{};
        v4.sin_family = AF_INET;
        v4.sin_port = htons(endpoint.port);
        std::memcpy(&v4.sin_addr, bytes.data(), bytes.size());
        std::memcpy(&made.storage, &v4, sizeof v4);
        made.size = sizeof v4;
    } else {
        sockaddr_in6 v6{};
        v6.sin6_family = AF_INET6;
        v6.sin6_port = htons(endpoint.port);
        std::memcpy(&v6.sin6_addr, bytes.data(), bytes.size());
        std::memcpy(&made.storage, &v6, sizeof v6);
        made.size = sizeof v6;
    }
    return made;
}

} // namespace provenbl::dnsbl
