// What `provenbl top` shows: two answers of GET /v1/status, the time between them, and a screen's size -> text. Pure.
#pragma once

#include "tools/cli/terminal.hpp"

#include <boost/json.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace provenbl::tools::cli {

struct ScreenSize {
    std::size_t rows = 24;
    std::size_t columns = 80;
};

// What happened between two looks, a second: {"queries": {"udp": 12.5, "tcp": 0}, "answers": {"listed": 3, ...},
// "dropped": 0, "visits": 0.2, "commits": 4, "latency_ns": {"p50": ..., "p99": ...}}. A counter that fell (another
// process answers now) counts from 0. Nothing when there is no look before.
[[nodiscard]] boost::json::object rates(const boost::json::object& before, const boost::json::object& now,
                                        double seconds);

// Lines without colour or control characters, each at most as wide as the screen, at most as many as it has.
[[nodiscard]] std::vector<std::string> top_frame(const boost::json::object& status, const boost::json::object& rates,
                                                 ScreenSize size);

} // namespace provenbl::tools::cli
