#include "verifier/gated_network.hpp"

namespace provenbl::verifier {

Awaitable<Result<std::unique_ptr<Connection>>> GatedNetwork::connect(const Endpoint& target) {
    if (auto allowed = gate_.check(target.address); !allowed) co_return allowed.error();
    co_return co_await behind_.connect(target);
}

Awaitable<Result<std::unique_ptr<Connection>>> GatedNetwork::connect_udp(const Endpoint& target) {
    if (auto allowed = gate_.check(target.address); !allowed) co_return allowed.error();
    co_return co_await behind_.connect_udp(target);
}

} // namespace provenbl::verifier
