#include "tools/origins/origins.hpp"

#include <algorithm>
#include <tuple>

namespace provenbl::tools::origins {
namespace {

// The most hosts first; of equals, the lower name. Returns how many hosts are of the rows that are left out.
template <class Row, class Name> std::uint64_t keep_the_most(std::vector<Row>& rows, const Name& name) {
    std::sort(rows.begin(), rows.end(),
              [&](const Row& a, const Row& b) { return a.hosts != b.hosts ? a.hosts > b.hosts : name(a) < name(b); });
    std::uint64_t left_out = 0;
    for (std::size_t i = OriginTally::shown; i < rows.size(); ++i) left_out += rows[i].hosts;
    if (rows.size() > OriginTally::shown) rows.resize(OriginTally::shown);
    return left_out;
}

// Counts one more for `key`; false when there is no room for another key.
template <class Map, class Key> bool count(Map& map, const Key& key, const std::string& name, std::size_t most) {
    auto found = map.find(key);
    if (found == map.end()) {
        if (map.size() >= most) return false;
        found = map.emplace(key, typename Map::mapped_type{name, 0}).first;
    }
    ++found->second.hosts;
    return true;
}

} // namespace

void OriginTally::add(const std::optional<Country>& country, const std::optional<Network>& network) {
    ++hosts_;
    if (by_country_ && !country) ++no_country_;
    if (by_country_ && country && !count(countries_, country->code, country->name, most_countries)) ++more_countries_;
    if (by_network_ && !network) ++no_network_;
    if (by_network_ && network && !count(networks_, network->number, network->name, most_networks)) ++more_networks_;
}

Origins OriginTally::result(Time now) const {
    Origins all;
    all.counted = now;
    all.hosts = hosts_;
    all.by_country = by_country_;
    all.by_network = by_network_;
    all.no_country = no_country_;
    all.no_network = no_network_;
    for (const auto& [code, one] : countries_) all.countries.push_back({{code, one.name}, one.hosts});
    for (const auto& [number, one] : networks_) all.networks.push_back({{number, one.name}, one.hosts});
    all.other_countries =
        more_countries_ + keep_the_most(all.countries, [](const Origins::CountryRow& row) { return row.country.code; });
    all.other_networks =
        more_networks_ + keep_the_most(all.networks, [](const Origins::NetworkRow& row) { return row.network.number; });
    return all;
}

} // namespace provenbl::tools::origins
