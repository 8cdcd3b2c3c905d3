// One scan as server-sent events (WHATWG HTML 9.2): what has been committed since the last look.
//
// Events: `state` (queued, running), `step` (one for each), and last `finished` (outcome, listed, classes) or
// `gone` when the scan is no longer kept. Pure over the store: the server decides when to look.
#pragma once

#include "store/records.hpp"
#include "tools/api/context.hpp"
#include "tools/api/message.hpp"

#include <boost/json.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace provenbl::tools::api {

// "event: NAME\ndata: JSON\n\n".
[[nodiscard]] std::string format_event(std::string_view name, const boost::json::value& data);

class ScanFeed {
public:
    ScanFeed(const Context& context, Follow follow) : context_(context), follow_(follow) {}

    // Events since the last call; empty when there are none.
    [[nodiscard]] std::string next();
    [[nodiscard]] bool ended() const { return ended_; }

private:
    const Context& context_;
    Follow follow_;
    std::size_t steps_ = 0;
    std::optional<ScanState> state_;
    bool ended_ = false;
};

} // namespace provenbl::tools::api
