// GET /metrics over TCP, and nothing else: for a collector that can't reach the operator's socket. A thread of its own,
// so that any role can have it. Bounds: connections, bytes of a request, time for a request and for its answer.
#pragma once

#include "store/address.hpp"
#include "store/result.hpp"

#include <functional>
#include <memory>
#include <string>

namespace provenbl::tools::api {

class MetricsListener {
public:
    // `text` is called on the listener's thread.
    MetricsListener(const Endpoint& endpoint, std::function<std::string()> text);
    ~MetricsListener(); // stops
    MetricsListener(const MetricsListener&) = delete;
    MetricsListener& operator=(const MetricsListener&) = delete;

    // Binds and starts. The error names the setting.
    Result<> start();
    // As bound: where port 0 was asked for, the port that the system gave.
    [[nodiscard]] Endpoint endpoint() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace provenbl::tools::api
