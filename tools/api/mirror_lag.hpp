// How far mirrors are behind, as the daemon knows it: values, and what is said of them. tools/daemon/mirror_watch.hpp
// finds them out.
#pragma once

#include "store/address.hpp"
#include "store/clock.hpp"

#include <boost/json.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace provenbl::tools::api {

// One zone at one address of a mirror, when it was asked last.
struct MirrorLag {
    std::string mirror;
    Endpoint address;
    std::string zone;
    std::optional<std::uint32_t> serial; // that it said last, however long ago
    Time asked{};                        // for the last time; never: Time{}
    Time answered{};                     // with a serial
    std::uint64_t behind = 0;            // changes that it lacked then
    Duration age{};                      // of the first of them, then
    bool at_least = false;               // it is older than that: our journal was trimmed
    bool ahead = false;                  // a serial that we never had
    Time silent_since{};                 // it has given no serial since; Time{}: it gives one
    std::string trouble;                 // ... because
    bool alert = false;                  // longer than mirrors.alert_after

    [[nodiscard]] bool answering() const { return silent_since == Time{}; }
    // How far it is now: it answered when it was asked last.
    [[nodiscard]] bool known() const { return serial.has_value() && answering(); }
};

// One zone of a mirror: the worst of its addresses.
struct ZoneStanding {
    std::string zone;
    bool known = true; // every address has answered; else what follows is of those that did
    std::uint64_t serials_behind = 0;
    std::int64_t seconds_behind = 0;
    bool ahead = false;
};

// A mirror as a whole: the worst of its addresses and zones.
struct MirrorStanding {
    std::string name;
    std::string zone; // that is farthest behind, or does not answer
    std::uint64_t serials_behind = 0;
    std::int64_t seconds_behind = 0;
    bool answering = true; // every address, for every zone
    bool ahead = false;
    bool alert = false;
    Time silent_since{};
    Time asked{};
    std::vector<ZoneStanding> zones; // in the order of their names
};
// In the order of their names.
[[nodiscard]] std::vector<MirrorStanding> standings(std::span<const MirrorLag> lags);

// {"zone": "bl.example", "serials_behind": 3, "seconds_behind": 1, "answering": true, "ahead": false, "alert": false,
// "silent_since": null, "asked": "2026-01-02T03:04:05Z", "zones": {"bl.example": {"serials_behind": 3,
// "seconds_behind": 1, "ahead": false}, ...}}. What is not known is null.
[[nodiscard]] boost::json::object describe(const MirrorStanding& standing);
[[nodiscard]] boost::json::object describe(const MirrorLag& lag);
// By name: what /v1/status has below "mirrors".
[[nodiscard]] boost::json::object describe_standings(std::span<const MirrorLag> lags);

} // namespace provenbl::tools::api
