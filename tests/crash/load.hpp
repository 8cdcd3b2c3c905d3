// A store under load until somebody kills it, and what must be found there afterwards.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace provenbl::crash {

struct Load {
    std::filesystem::path directory;
    int promises = -1; // a descriptor: a line for everything that was acknowledged, after its commit
    std::uint64_t seed = 1;
    std::uint64_t start_hour = 0;  // of the injected clock
    std::uint64_t events = 0;      // 0: without end
    std::filesystem::path backups; // where hot copies are made all the while; empty: none
};
// Throws BadResult when the store can't be opened or refuses.
void run_load(const Load& load);

struct Found {
    std::vector<std::string> faults; // at most 20
    std::uint64_t serial = 0;
    std::size_t promises = 0; // that were looked for
    std::size_t listed = 0;
    std::size_t map_size = 0;
    std::size_t backups = 0;
};
// Reopens the store as the program does and looks for every promise, for listings that nothing explains, and for a
// serial that went back. `backups`, if any, have to be whole, and explained by their own journal. With `check`, every
// table is compared with every other as well, in the backups too.
[[nodiscard]] Found look(const std::filesystem::path& directory, const std::filesystem::path& promises,
                         std::uint64_t serial_at_least, const std::filesystem::path& backups, bool check);

// Makes of the store what a program of schema 1 would have left, so that the next to open it has to migrate it.
void make_older(const std::filesystem::path& directory);

// Takes rows out of derived tables and puts wrong ones in, at random: what a repair has to put right.
void damage(const std::filesystem::path& directory, std::uint64_t seed);
// Few rows in one transaction, so that there is a middle to be interrupted in. Returns how many rows it made again.
std::uint64_t repair(const std::filesystem::path& directory);

} // namespace provenbl::crash
