// Which TCP connections live, and which goes when there is no room: the judgement of the TCP path, without
// sockets and without a clock of its own (RFC 7766 section 6).
//
// Connections stand in the order of their last progress: an accept or a whole message. Octets that complete
// nothing are no progress, so a client that sends one octet a second grows old as one that sends none. The
// one that waited longest makes room, first of the client's own when the client has too many.
// The fuller it gets, the shorter an idle connection may stay, and clients are told so (RFC 7828).
#pragma once

#include "store/address.hpp"

#include <chrono>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <vector>

namespace provenbl::dnsbl {

struct TcpLimits {
    std::size_t total = 1000;
    std::size_t per_client = 100;
};

// What is kept of a connection; the server's own derives from it.
struct TcpSlot {
    virtual ~TcpSlot() = default;
    Address client; // an IPv6 client is its /64
    std::chrono::steady_clock::time_point deadline;
    std::list<std::shared_ptr<TcpSlot>>::iterator place;
    bool present = false;
};

class TcpConnections {
public:
    using Slot = std::shared_ptr<TcpSlot>;
    using Time = std::chrono::steady_clock::time_point;

    explicit TcpConnections(TcpLimits limits) : limits_(limits) {}

    // The one that counts as one client with all its neighbours.
    [[nodiscard]] static Address client_of(const Address& address);

    // Takes the connection in and returns those that must be closed for it; they are out already.
    [[nodiscard]] std::vector<Slot> admit(const Slot& slot);
    // Takes out the one that waited longest; null when there is none.
    [[nodiscard]] Slot evict_oldest();
    // New limits; whoever is there already stays.
    void limit(TcpLimits limits) { limits_ = limits; }
    // It completed a message.
    void progress(const Slot& slot);
    void remove(const Slot& slot);
    // Those whose deadline has passed; they are out already.
    [[nodiscard]] std::vector<Slot> expire(Time now);
    [[nodiscard]] std::size_t size() const { return order_.size(); }
    // How long a connection may be idle now: all of `whole` up to half of the total, nothing from nine tenths on,
    // and evenly less in between.
    [[nodiscard]] std::chrono::milliseconds idle_timeout(std::chrono::milliseconds whole) const;

private:
    TcpLimits limits_;
    std::list<Slot> order_; // the longest without progress first
    std::map<Address, std::size_t> per_client_;
};

} // namespace provenbl::dnsbl
