// Waiting for a token to reach a sink.
//
// The sink may be in this process (notify) or in another one that shares the store: while somebody waits,
// the store's version is looked at every few milliseconds and the token only when it has moved. The store
// is the truth; notify is a shortcut, and its table is bounded.
#pragma once

#include "store/store.hpp"
#include "store/tokens.hpp"
#include "verifier/network.hpp"

#include <map>
#include <memory>
#include <mutex>

namespace provenbl::verifier {

class Arrivals {
public:
    static constexpr std::size_t notified_at_once = 4096; // further ones wait by looking only

    explicit Arrivals(const Store& store) : store_(store) {}

    // True as soon as the token has arrived, false when patience ends first.
    Awaitable<bool> wait(TokenId id, Duration patience);
    // The token's arrival is durable. Any thread.
    void notify(const TokenId& id);
    [[nodiscard]] std::size_t waiting() const;

private:
    struct Waiter;
    class Registration;
    [[nodiscard]] bool in_store(const TokenId& id) const;

    const Store& store_;
    mutable std::mutex mutex_;
    std::multimap<TokenId, std::shared_ptr<Waiter>> waiters_;
};

} // namespace provenbl::verifier
