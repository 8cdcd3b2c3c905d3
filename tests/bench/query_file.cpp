#include "tests/bench/query_file.hpp"

#include "store/reversed_name.hpp"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace provenbl::bench {
namespace {

constexpr std::string_view magic = "PBQ1";

void append_labels(std::string& wire, std::string_view name) {
    while (!name.empty()) {
        const auto label = name.substr(0, name.find('.'));
        wire += static_cast<char>(label.size());
        wire += label;
        name.remove_prefix(std::min(name.size(), label.size() + 1));
    }
}

void append_number(std::string& wire, std::uint16_t value) {
    wire += static_cast<char>(value >> 8U);
    wire += static_cast<char>(value);
}

bool listed(const std::vector<Entry>& entries, const Address& address) {
    return std::binary_search(entries.begin(), entries.end(), Entry{address, {}},
                              [](const Entry& a, const Entry& b) { return a.address < b.address; });
}

const Entry& any_of(const std::vector<Entry>& entries, Dice& dice) {
    return entries[dice.below(static_cast<std::uint32_t>(entries.size()))];
}

// Half of the misses are neighbours of listed addresses: those are the hard ones.
Address miss(const DataSet& set, bool v6, Dice& dice) {
    for (;;) {
        Address address;
        const bool neighbour = dice.percent(50);
        if (v6) {
            std::array<std::uint8_t, 16> bytes{};
            const auto near = any_of(set.v6, dice).address.bytes();
            std::copy(near.begin(), near.end(), bytes.begin());
            const auto draw = dice.bits();
            for (unsigned i = neighbour ? 5 : 1; i < 8; ++i) bytes[8 + i] = static_cast<std::uint8_t>(draw >> (8 * i));
            if (!neighbour) bytes[2] = static_cast<std::uint8_t>(draw);
            address = Address::v6(bytes);
        } else if (neighbour) {
            address = Address::v4((any_of(set.singles, dice).address.to_v4() & 0xffffff00U) | dice.below(256));
        } else {
            address = Address::v4(any_public(dice));
        }
        if (!listed(v6 ? set.v6 : set.v4, address)) return address;
    }
}

} // namespace

std::string wire_query(const Address& address, Type type, bool edns) {
    std::string wire("\0\0\0\0\0\1\0\0\0\0\0\0", 12);
    append_labels(wire, reversed_name(address));
    append_labels(wire, apex);
    wire += '\0';
    append_number(wire, static_cast<std::uint16_t>(type));
    append_number(wire, 1);
    if (edns) {
        wire[11] = 1;
        wire += std::string("\0\0\x29\x04\xd0\0\0\0\0\0\0", 11);
    }
    return wire;
}

void write_queries(const std::filesystem::path& file, const DataSet& set, const QueryMix& mix, std::uint64_t seed) {
    Dice dice(seed);
    std::string bytes(magic);
    const auto count = static_cast<std::uint32_t>(mix.count);
    bytes.append(reinterpret_cast<const char*>(&count), sizeof count);
    for (std::size_t i = 0; i < mix.count; ++i) {
        const bool v6 = dice.percent(mix.v6_percent) && !set.v6.empty();
        const bool hit = dice.percent(mix.hits_percent);
        const auto draw = dice.below(100);
        const auto type = draw < mix.txt_percent                      ? Type::txt
                          : draw < mix.txt_percent + mix.aaaa_percent ? Type::aaaa
                                                                      : Type::a;
        const auto address = hit ? any_of(v6 ? set.v6 : set.v4, dice).address : miss(set, v6, dice);
        const auto wire = wire_query(address, type, dice.percent(mix.edns_percent));
        const auto size = static_cast<std::uint16_t>(wire.size());
        bytes.append(reinterpret_cast<const char*>(&size), sizeof size);
        bytes += static_cast<char>(hit ? noerror : nxdomain);
        bytes += static_cast<char>(hit && type != Type::aaaa ? 1 : 0);
        bytes += wire;
    }
    std::ofstream out(file, std::ios::binary);
    out << bytes;
    if (!out.flush()) throw std::runtime_error("can't write " + file.string());
}

QueryFile::QueryFile(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    bytes_.assign(std::istreambuf_iterator<char>(in), {});
    std::uint32_t count = 0;
    if (!bytes_.starts_with(magic) || bytes_.size() < magic.size() + sizeof count)
        throw std::runtime_error(file.string() + " is not a file of queries; make one with bench_data");
    std::memcpy(&count, bytes_.data() + magic.size(), sizeof count);
    std::size_t at = magic.size() + sizeof count;
    for (; count > 0; --count) {
        Query query;
        if (at + 4 > bytes_.size()) break;
        std::memcpy(&query.size, bytes_.data() + at, 2);
        query.expected = {static_cast<std::uint8_t>(bytes_[at + 2]), static_cast<std::uint8_t>(bytes_[at + 3])};
        query.wire = bytes_.data() + at + 4;
        at += 4U + query.size;
        if (query.size < 12 || at > bytes_.size()) break;
        queries_.push_back(query);
    }
    if (count != 0 || queries_.empty()) throw std::runtime_error(file.string() + " is cut short; make it anew");
}

} // namespace provenbl::bench
