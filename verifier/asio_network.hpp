// The real network: TCP over Asio, TLS over OpenSSL, from a configured source address.
//
// It asks nobody where it may go: GatedNetwork does, and nothing else is given this one (tests/layering). Connections
// enforce ProbeSettings' limits by themselves (network.hpp). The executor serialises: a strand, or a context that one
// thread runs. Coroutines that use a connection run on it, and connections end before the network does.
#pragma once

#include "verifier/network.hpp"
#include "verifier/settings.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <memory>

namespace boost::asio::ssl {
class context;
}

namespace provenbl::verifier {

class AsioNetwork final : public Network {
public:
    AsioNetwork(ProbeSettings settings, boost::asio::any_io_executor executor);
    ~AsioNetwork() override;
    Awaitable<Result<std::unique_ptr<Connection>>> connect(const Endpoint& target) override;
    Awaitable<Result<std::unique_ptr<Connection>>> connect_udp(const Endpoint& target) override;

private:
    ProbeSettings settings_;
    boost::asio::any_io_executor executor_;
    std::unique_ptr<boost::asio::ssl::context> tls_;
};

} // namespace provenbl::verifier
