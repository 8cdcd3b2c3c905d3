// Where NOTIFY leaves from: UDP from the address that mirrors know as our own (BIND and PowerDNS refuse it from any
// other, even signed). An interface, so that the notifier can be tested without a network.
#pragma once

#include "store/address.hpp"
#include "store/clock.hpp"
#include "store/result.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace provenbl::dnsbl::transfer {

struct NotifyDatagram {
    Endpoint from;
    std::vector<std::uint8_t> bytes;
};

class NotifyNetwork {
public:
    virtual ~NotifyNetwork() = default;
    // What can't be sent is lost, like what is lost on its way.
    virtual void send(const Endpoint& to, std::span<const std::uint8_t> message) = 0;
    // The next datagram, or nothing after `timeout`.
    virtual std::optional<NotifyDatagram> receive(Duration timeout) = 0;
};

// `sources`: one address of each family at most. Of a family that has none, messages leave from whichever address the
// kernel chooses. Errors name the address and what to do.
[[nodiscard]] Result<std::unique_ptr<NotifyNetwork>> open_notify_sockets(const std::vector<Address>& sources);

} // namespace provenbl::dnsbl::transfer
