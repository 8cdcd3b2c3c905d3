// An endpoint of ours as Asio's.
#pragma once

#include "store/address.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <algorithm>

namespace provenbl::tools::api {

[[nodiscard]] inline boost::asio::ip::tcp::endpoint to_asio(const Endpoint& endpoint) {
    if (endpoint.address.is_v4()) return {boost::asio::ip::address_v4{endpoint.address.to_v4()}, endpoint.port};
    boost::asio::ip::address_v6::bytes_type bytes{};
    std::copy(endpoint.address.bytes().begin(), endpoint.address.bytes().end(), bytes.begin());
    return {boost::asio::ip::address_v6{bytes}, endpoint.port};
}

} // namespace provenbl::tools::api
