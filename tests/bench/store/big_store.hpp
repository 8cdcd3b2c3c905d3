// A store as it is after years: millions of hosts, some of them listed, and ten journal entries for each host.
//
// Written straight into the tables, in the order of their keys: through the ledger it would take days. What is written
// holds together as the ledger would have left it (serving index, hosts, evidence, queue, journal).
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

namespace provenbl::bench {

struct BigStore {
    std::uint32_t hosts = 5'000'000;
    std::uint32_t listed = 1'000'000;
    std::uint32_t entries_each = 10; // of the journal; even
};

// `say` hears what is being written. Returns bytes in use.
std::size_t write_big_store(const std::filesystem::path& directory, const BigStore& size,
                            const std::function<void(const char*)>& say);

} // namespace provenbl::bench
