// The one road by which a packet may leave for a host: the gate, and behind it the network.
//
// Visits are given this one and no other (tests/layering: nothing else knows asio_network.hpp), so whatever a
// technique, a suspect's answer or a hole's entry names, it is checked here, anew for each connection: exclusions come
// while visits are on.
#pragma once

#include "verifier/gate.hpp"
#include "verifier/network.hpp"

namespace provenbl::verifier {

class GatedNetwork final : public Network {
public:
    GatedNetwork(const Gate& gate, Network& behind) : gate_(gate), behind_(behind) {}
    // Error not_allowed, with the rule, for what may not be probed.
    Awaitable<Result<std::unique_ptr<Connection>>> connect(const Endpoint& target) override;
    Awaitable<Result<std::unique_ptr<Connection>>> connect_udp(const Endpoint& target) override;

private:
    const Gate& gate_;
    Network& behind_;
};

} // namespace provenbl::verifier
