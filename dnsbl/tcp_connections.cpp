#include "dnsbl/tcp_connections.hpp"

#include <algorithm>

namespace provenbl::dnsbl {

Address TcpConnections::client_of(const Address& address) {
    return address.is_v4() ? address : Prefix::of(address, 64).base();
}

std::vector<TcpConnections::Slot> TcpConnections::admit(const Slot& slot) {
    std::vector<Slot> out;
    const auto known = per_client_.find(slot->client);
    if (known != per_client_.end() && known->second >= limits_.per_client) {
        const auto own = std::find_if(order_.begin(), order_.end(),
                                      [&](const auto& other) { return other->client == slot->client; });
        if (own != order_.end()) out.push_back(*own);
    } else if (order_.size() >= limits_.total && !order_.empty()) {
        out.push_back(order_.front());
    }
    for (const auto& gone : out) remove(gone);
    slot->place = order_.insert(order_.end(), slot);
    slot->present = true;
    ++per_client_[slot->client];
    return out;
}

void TcpConnections::progress(const Slot& slot) {
    if (slot->present) order_.splice(order_.end(), order_, slot->place);
}

void TcpConnections::remove(const Slot& slot) {
    if (!slot->present) return;
    slot->present = false;
    const auto counted = per_client_.find(slot->client);
    if (--counted->second == 0) per_client_.erase(counted);
    order_.erase(slot->place);
}

TcpConnections::Slot TcpConnections::evict_oldest() {
    if (order_.empty()) return nullptr;
    auto oldest = order_.front();
    remove(oldest);
    return oldest;
}

std::chrono::milliseconds TcpConnections::idle_timeout(std::chrono::milliseconds whole) const {
    const auto total = static_cast<std::int64_t>(limits_.total);
    const auto taken = static_cast<std::int64_t>(order_.size());
    if (2 * taken <= total) return whole;
    // From 1/2 to 9/10 there are 4/10 of the total to go.
    return whole * std::max<std::int64_t>(9 * total - 10 * taken, 0) / (4 * total);
}

std::vector<TcpConnections::Slot> TcpConnections::expire(Time now) {
    std::vector<Slot> out;
    for (const auto& slot : order_) {
        if (slot->deadline <= now) out.push_back(slot);
    }
    for (const auto& slot : out) remove(slot);
    return out;
}

} // namespace provenbl::dnsbl
