// Queries for the load generator, with the answer that each must get.
//
// File: "PBQ1", count (u32, host order), then for each query its length (u16), expected rcode (u8), expected
// number of answers (u8), and the message as it goes on the wire; the generator gives each its id.
#pragma once

#include "tests/bench/data_set.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace provenbl::bench {

inline constexpr std::string_view apex = "bl.example";
enum class Type : std::uint16_t { a = 1, txt = 16, aaaa = 28 };

inline constexpr std::uint8_t noerror = 0;
inline constexpr std::uint8_t nxdomain = 3;

// A question about `address` in our zone; id 0, no flags. `edns`: with an OPT record that offers 1232 octets.
[[nodiscard]] std::string wire_query(const Address& address, Type type, bool edns);

struct Expected {
    std::uint8_t rcode = noerror;
    std::uint8_t answers = 0;
};

struct QueryMix {
    std::size_t count = 500'000;
    unsigned hits_percent = 30;
    unsigned txt_percent = 12;
    unsigned aaaa_percent = 8; // the rest is A
    unsigned v6_percent = 5;
    unsigned edns_percent = 0;
};
void write_queries(const std::filesystem::path& file, const DataSet& set, const QueryMix& mix, std::uint64_t seed);

class QueryFile {
public:
    // Throws std::runtime_error.
    explicit QueryFile(const std::filesystem::path& file);

    struct Query {
        char* wire = nullptr; // the generator writes its id into the first two octets
        std::uint16_t size = 0;
        Expected expected;
    };
    [[nodiscard]] const std::vector<Query>& queries() const { return queries_; }

private:
    std::string bytes_;
    std::vector<Query> queries_;
};

} // namespace provenbl::bench
