// The answer to a question for a name of a static zone (zones/static/static_zone.hpp). Pure.
#pragma once

#include "dnsbl/exchange.hpp"
#include "dnsbl/static_view.hpp"
#include "dnsbl/wire/response.hpp"

#include <cstdint>
#include <optional>
#include <span>

namespace provenbl::dnsbl {

struct StaticQuestion {
    std::span<const std::uint8_t> relative; // the labels above the apex, lower-case; an access key's taken away
    std::uint16_t type = 0;
    bool below_key = false;      // a key was taken away: there is no apex
    std::optional<Address> code; // what an access list says for every name of the list
};

// Fills in the response, and of the outcome whether the name is listed, and the barrier. `zone` is the table's own,
// which knows hosts and cuts of the configuration.
void answer_static(const zones::Zone& zone, const StaticView::Entry& from, const StaticQuestion& question,
                   wire::Response& response, Outcome& outcome);

} // namespace provenbl::dnsbl
