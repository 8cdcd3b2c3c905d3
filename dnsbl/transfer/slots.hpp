// How many transfers go on at once, in total and to one client; and how long one may take.
//
// A transfer holds on to a snapshot, a message and the changes that it has to tell, so there is a bound for each of
// these: a message that the client does not take in time, and a transfer that is not over in time, end the connection.
// Pure: without sockets and without a clock. Not for several threads.
#pragma once

#include "store/address.hpp"

#include <chrono>
#include <cstddef>
#include <map>
#include <utility>

namespace provenbl::dnsbl::transfer {

struct Limits {
    std::size_t total = 20;
    std::size_t per_client = 10; // of one IPv4 address or IPv6 /64; a mirror asks for all of its zones at once
    std::chrono::milliseconds message_timeout{30'000};
    std::chrono::milliseconds timeout{30 * 60'000};
};

class Slots {
public:
    explicit Slots(const Limits& limits) : limits_(limits) {}

    [[nodiscard]] bool has_room(const Address& client) const {
        const auto known = per_client_.find(client);
        return taken_ < limits_.total && (known == per_client_.end() || known->second < limits_.per_client);
    }
    [[nodiscard]] std::size_t taken() const { return taken_; }

    // A transfer under way; its end gives the place back.
    class Slot {
    public:
        Slot(Slots& slots, const Address& client) : slots_(&slots), client_(client) {
            ++slots.per_client_[client];
            ++slots.taken_;
        }
        Slot(Slot&& other) noexcept : slots_(std::exchange(other.slots_, nullptr)), client_(other.client_) {}
        Slot& operator=(Slot&&) = delete;
        ~Slot() {
            if (slots_ == nullptr) return;
            --slots_->taken_;
            const auto counted = slots_->per_client_.find(client_);
            if (--counted->second == 0) slots_->per_client_.erase(counted);
        }

    private:
        Slots* slots_;
        Address client_;
    };
    // Where there is room. `client` as TcpConnections::client_of has it.
    [[nodiscard]] Slot take(const Address& client) { return {*this, client}; }

private:
    const Limits limits_;
    std::size_t taken_ = 0;
    std::map<Address, std::size_t> per_client_;
};

} // namespace provenbl::dnsbl::transfer
