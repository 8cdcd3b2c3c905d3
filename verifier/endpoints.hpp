// Endpoints of ours as Asio's, of TCP or UDP, and back.
#pragma once

#include "store/address.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>

#include <algorithm>

namespace provenbl::verifier {

template <class Protocol> [[nodiscard]] boost::asio::ip::basic_endpoint<Protocol> to_asio(const Endpoint& endpoint) {
    if (endpoint.address.is_v4()) return {boost::asio::ip::address_v4{endpoint.address.to_v4()}, endpoint.port};
    const auto bytes = endpoint.address.bytes();
    boost::asio::ip::address_v6::bytes_type raw{};
    std::copy(bytes.begin(), bytes.end(), raw.begin());
    return {boost::asio::ip::address_v6{raw}, endpoint.port};
}

template <class Protocol> [[nodiscard]] Endpoint from_asio(const boost::asio::ip::basic_endpoint<Protocol>& endpoint) {
    const auto address = endpoint.address();
    if (address.is_v4()) return {Address::v4(address.to_v4().to_uint()), endpoint.port()};
    return {Address::v6(address.to_v6().to_bytes()), endpoint.port()};
}

} // namespace provenbl::verifier
