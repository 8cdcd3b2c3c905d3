// How many listed hosts are of which country and of which network: counted one by one, read as a table. Pure.
//
// Bounded, whatever a file says: so many networks are told apart, and those beyond count as others.
#pragma once

#include "store/clock.hpp"
#include "tools/origins/location_file.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace provenbl::tools::origins {

// The most hosts first.
struct Origins {
    struct CountryRow {
        Country country;
        std::uint64_t hosts = 0;
    };
    struct NetworkRow {
        Network network;
        std::uint64_t hosts = 0;
    };
    Time counted{};          // when the count was over
    std::uint64_t hosts = 0; // in all
    bool by_country = false; // is there a file that tells it
    bool by_network = false;
    std::vector<CountryRow> countries;
    std::uint64_t other_countries = 0; // hosts of those that are not shown
    std::uint64_t no_country = 0;      // hosts of which the file says nothing
    std::vector<NetworkRow> networks;
    std::uint64_t other_networks = 0;
    std::uint64_t no_network = 0;
};

class OriginTally {
public:
    static constexpr std::size_t most_countries = 1000;
    static constexpr std::size_t most_networks = 100'000;
    static constexpr std::size_t shown = 50; // of each

    OriginTally(bool by_country, bool by_network) : by_country_(by_country), by_network_(by_network) {}
    void add(const std::optional<Country>& country, const std::optional<Network>& network);
    [[nodiscard]] Origins result(Time now) const;

private:
    struct Count {
        std::string name;
        std::uint64_t hosts = 0;
    };
    bool by_country_;
    bool by_network_;
    std::uint64_t hosts_ = 0;
    std::uint64_t no_country_ = 0;
    std::uint64_t no_network_ = 0;
    std::uint64_t more_countries_ = 0;
    std::uint64_t more_networks_ = 0;
    std::unordered_map<std::string, Count> countries_;
    std::unordered_map<std::uint32_t, Count> networks_;
};

} // namespace provenbl::tools::origins
