// All that questions are answered with under one configuration.
//
// Made whole before anybody sees it, and never changed afterwards; who answers takes it at his next step (a UDP worker
// with its next batch, the TCP thread between two messages), and whoever still uses an old one keeps it. So a change of
// configuration loses no question, and none is answered half by the old and half by the new.
#pragma once

#include "dnsbl/fast_path.hpp"
#include "dnsbl/responder.hpp"
#include "dnsbl/server.hpp"
#include "dnsbl/transfer/desk.hpp"
#include "dnsbl/watch/watch.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace provenbl::dnsbl {

struct Serving {
    Serving(const zones::ZoneSet& set, ServerSettings with, wire::CookieSecrets secrets,
            std::shared_ptr<const zones::statics::Library> library, const Store& store,
            std::shared_ptr<transfer::Book> book)
        : settings(std::move(with)), statics(std::move(library)),
          responder(set, {settings.edns_size, settings.identity, guard::AccessList(settings.access), std::move(secrets),
                          statics.get()}),
          fast_path(responder), desk(responder.zones(), store, std::move(book)) {}

    const ServerSettings settings;
    const std::shared_ptr<const zones::statics::Library> statics; // null: there are none
    const Responder responder;
    const FastPath fast_path; // asked first
    const transfer::Desk desk;
    // Outlives a change that leaves the zones as they are, so that counters go on.
    std::shared_ptr<watch::Watch> watch;
    std::vector<watch::Recorder*> recorders; // of TCP, then of each UDP worker, then of TLS
};

// What is in force. Readers look at the generation, and take the pointer when it has moved.
class CurrentServing {
public:
    void publish(std::shared_ptr<const Serving> next) {
        {
            const std::lock_guard lock(mutex_);
            current_.swap(next);
        }
        generation_.fetch_add(1, std::memory_order_release);
    }
    [[nodiscard]] std::uint64_t generation() const { return generation_.load(std::memory_order_acquire); }
    [[nodiscard]] std::shared_ptr<const Serving> get() const {
        const std::lock_guard lock(mutex_);
        return current_;
    }

private:
    std::atomic<std::uint64_t> generation_{0};
    mutable std::mutex mutex_; // guards current_
    std::shared_ptr<const Serving> current_;
};

} // namespace provenbl::dnsbl
