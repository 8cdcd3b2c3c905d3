// A data set in the forms that the servers take.
#pragma once

#include "tests/bench/data_set.hpp"

#include <cstdint>
#include <filesystem>

namespace provenbl::bench {

struct StoredSize {
    std::size_t entries = 0;
    std::size_t pages = 0; // of listed4 and listed6, all levels
    std::size_t page_size = 0;
    std::size_t file = 0; // bytes in use in the whole data file
};

enum class Arrival { in_order, scattered };

// A provenbl store with the serving index and one journal entry. In order is fast and packs pages full;
// scattered is how listings come in life, and shows what the index costs after years.
StoredSize write_store(const std::filesystem::path& directory, const DataSet& set, Arrival arrival, std::uint64_t seed);

// rbldnsd's ip4set (whole /24s as such, which suits it best) and ip6trie.
void write_rbldnsd(const std::filesystem::path& v4, const std::filesystem::path& v6, const DataSet& set);

// A master file with an A and a TXT record for every name.
void write_zone(const std::filesystem::path& file, const DataSet& set);

} // namespace provenbl::bench
