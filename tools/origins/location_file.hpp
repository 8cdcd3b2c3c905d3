// A file in MaxMind's format (MMDB): what it says of an address. Over libmaxminddb.
//
// The library maps its file, and who truncates a mapped file kills its reader (SIGBUS); so it is given a copy in memory
// of its own. The file may be replaced, cut short or deleted at any time: the next open() sees it.
#pragma once

#include "store/address.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace provenbl::tools::origins {

struct Country {
    std::string code; // ISO 3166-1, two capital letters
    std::string name; // in English; may be empty
};
struct Network {
    std::uint32_t number = 0; // of an autonomous system
    std::string name;         // may be empty
};

class LocationFile {
public:
    static constexpr std::uintmax_t largest = std::uintmax_t{1} << 30U;

    // Errors: io, limit, invalid (no such format); they name the file.
    [[nodiscard]] static Result<LocationFile> open(const std::filesystem::path& path);
    ~LocationFile();
    LocationFile(LocationFile&&) noexcept;
    LocationFile& operator=(LocationFile&&) = delete;
    LocationFile(const LocationFile&) = delete;
    LocationFile& operator=(const LocationFile&) = delete;

    // Nothing where the file says nothing, or what can't be read.
    [[nodiscard]] std::optional<Country> country(const Address& address) const;
    [[nodiscard]] std::optional<Network> network(const Address& address) const;

private:
    struct Impl;
    explicit LocationFile(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

} // namespace provenbl::tools::origins
