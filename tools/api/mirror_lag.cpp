#include "tools/api/mirror_lag.hpp"

#include "tools/api/describe.hpp"

#include <map>
#include <tuple>

namespace provenbl::tools::api {
namespace json = boost::json;
namespace {

std::int64_t seconds(Duration duration) {
    return std::chrono::duration_cast<std::chrono::seconds>(duration).count();
}

// What is worse: not to answer, to have what we never had, to be older.
auto badness(const MirrorLag& lag) {
    return std::tuple(!lag.answering(), lag.ahead, lag.age, lag.behind);
}

void add(ZoneStanding& zone, const MirrorLag& lag) {
    zone.known = zone.known && lag.known();
    if (!lag.known()) return;
    zone.serials_behind = std::max(zone.serials_behind, lag.behind);
    zone.seconds_behind = std::max(zone.seconds_behind, seconds(lag.age));
    zone.ahead = zone.ahead || lag.ahead;
}

json::value known_number(const ZoneStanding& zone, std::int64_t number) {
    return zone.known ? json::value(number) : json::value();
}

} // namespace

std::vector<MirrorStanding> standings(std::span<const MirrorLag> lags) {
    std::map<std::string, const MirrorLag*> worst;
    std::map<std::string, MirrorStanding> all;
    std::map<std::string, std::map<std::string, ZoneStanding>> zones;
    for (const auto& lag : lags) {
        auto& of = all[lag.mirror];
        auto& known = worst[lag.mirror];
        if (known == nullptr || badness(*known) < badness(lag)) known = &lag;
        add(zones[lag.mirror][lag.zone], lag);
        of.name = lag.mirror;
        of.zone = known->zone;
        of.serials_behind = std::max(of.serials_behind, lag.behind);
        of.seconds_behind = std::max(of.seconds_behind, seconds(lag.age));
        of.ahead = of.ahead || lag.ahead;
        of.alert = of.alert || lag.alert;
        of.asked = std::max(of.asked, lag.asked);
        if (lag.answering()) continue;
        of.silent_since = of.answering ? lag.silent_since : std::min(of.silent_since, lag.silent_since);
        of.answering = false;
    }
    std::vector<MirrorStanding> sorted;
    for (auto& [name, of] : all) {
        for (auto& [apex, zone] : zones[name]) {
            zone.zone = apex;
            of.zones.push_back(std::move(zone));
        }
        sorted.push_back(std::move(of));
    }
    return sorted;
}

json::object describe(const MirrorStanding& standing) {
    json::object zones;
    for (const auto& zone : standing.zones)
        zones[zone.zone] =
            json::object{{"serials_behind", known_number(zone, static_cast<std::int64_t>(zone.serials_behind))},
                         {"seconds_behind", known_number(zone, zone.seconds_behind)},
                         {"ahead", zone.ahead}};
    return {{"zone", standing.zone},
            {"serials_behind", standing.serials_behind},
            {"seconds_behind", standing.seconds_behind},
            {"answering", standing.answering},
            {"ahead", standing.ahead},
            {"alert", standing.alert},
            {"silent_since", describe(standing.silent_since)},
            {"asked", describe(standing.asked)},
            {"zones", std::move(zones)}};
}

json::object describe(const MirrorLag& lag) {
    json::object object{{"address", lag.address.to_string()},
                        {"zone", lag.zone},
                        {"serials_behind", lag.behind},
                        {"seconds_behind", seconds(lag.age)},
                        {"at_least", lag.at_least},
                        {"ahead", lag.ahead},
                        {"answering", lag.answering()},
                        {"alert", lag.alert},
                        {"asked", describe(lag.asked)},
                        {"answered", describe(lag.answered)},
                        {"silent_since", describe(lag.silent_since)},
                        {"trouble", lag.trouble}};
    object["serial"] = lag.serial ? json::value(*lag.serial) : json::value();
    return object;
}

json::object describe_standings(std::span<const MirrorLag> lags) {
    json::object all;
    for (const auto& standing : standings(lags)) all[standing.name] = describe(standing);
    return all;
}

} // namespace provenbl::tools::api
