// A database in MaxMind's format, made here: prefixes and what they map to, as few bytes as it takes.
//
// The format (MaxMind DB File Format Specification 2.0): a search tree of nodes with two records of 24 bits, the bits
// of an IPv6 address leading down (IPv4 below ::/96), 16 zero bytes, data, a marker and metadata.
#pragma once

#include "store/address.hpp"

#include <array>
#include <cstdint>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace provenbl::test {

// A value of the data section: its bytes.
class Mmdb {
public:
    using Map = std::vector<std::pair<std::string, std::string>>;

    static std::string text(std::string_view value) { return head(2, value.size()) + std::string{value}; }
    static std::string number(std::uint32_t value) {
        std::string bytes;
        for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> static_cast<unsigned>(shift));
        return head(6, bytes.size()) + bytes;
    }
    static std::string map(const Map& members) {
        auto made = head(7, members.size());
        for (const auto& [name, value] : members) made += text(name) + value;
        return made;
    }

    void add(const char* prefix, const std::string& value) {
        const auto what = Prefix::parse(prefix).value();
        std::array<std::uint8_t, 16> bits{};
        const auto bytes = what.base().bytes();
        const unsigned shift = what.base().is_v4() ? 96 : 0;
        for (std::size_t i = 0; i < bytes.size(); ++i) bits.at(shift / 8 + i) = bytes[i];
        const auto place = static_cast<std::uint32_t>(data_.size());
        data_ += value;
        std::size_t node = 0;
        const auto length = shift + what.length();
        for (unsigned i = 0; i < length; ++i) {
            const auto side = static_cast<std::size_t>(bits.at(i / 8) >> (7 - i % 8) & 1U);
            if (i + 1 == length) {
                nodes_[node][side] = {Record::data, place};
                return;
            }
            if (nodes_[node][side].kind == Record::none) {
                nodes_[node][side] = {Record::node, static_cast<std::uint32_t>(nodes_.size())};
                nodes_.emplace_back();
            }
            node = nodes_[node][side].value;
        }
    }

    [[nodiscard]] std::string bytes(std::string_view type) const {
        const auto count = static_cast<std::uint32_t>(nodes_.size());
        std::string made;
        for (const auto& node : nodes_) {
            for (const auto& record : node) {
                const auto value = record.kind == Record::none   ? count
                                   : record.kind == Record::node ? record.value
                                                                 : count + 16 + record.value;
                for (int shift = 16; shift >= 0; shift -= 8)
                    made += static_cast<char>(value >> static_cast<unsigned>(shift));
            }
        }
        made += std::string(16, '\0') + data_;
        made += "\xab\xcd\xefMaxMind.com";
        // uint16 and uint64 may have fewer bytes than they could.
        const auto small = [](unsigned kind, unsigned value) { return head(kind, 1) + static_cast<char>(value); };
        return made + map({{"node_count", number(count)},
                           {"record_size", small(5, 24)},
                           {"ip_version", small(5, 6)},
                           {"database_type", text(type)},
                           {"languages", head(11, 1) + text("en")},
                           {"binary_format_major_version", small(5, 2)},
                           {"binary_format_minor_version", small(5, 0)},
                           {"build_epoch", small(9, 1)},
                           {"description", map({})}});
    }

private:
    struct Record {
        enum Kind : std::uint8_t { none, node, data } kind = none;
        std::uint32_t value = 0;
    };
    // Type and size; longer ones are not needed here.
    static std::string head(unsigned kind, std::size_t size) {
        std::string made;
        const auto low = static_cast<unsigned>(size < 29 ? size : 29);
        made += static_cast<char>(kind < 8 ? kind << 5U | low : low);
        if (kind >= 8) made += static_cast<char>(kind - 7);
        if (size >= 29) made += static_cast<char>(size - 29);
        return made;
    }
    std::vector<std::array<Record, 2>> nodes_{1};
    std::string data_;
};

inline std::string country_entry(const char* code, const char* name) {
    return Mmdb::map(
        {{"country", Mmdb::map({{"iso_code", Mmdb::text(code)}, {"names", Mmdb::map({{"en", Mmdb::text(name)}})}})}});
}
inline std::string network_entry(std::uint32_t number, const std::string& name) {
    return Mmdb::map(
        {{"autonomous_system_number", Mmdb::number(number)}, {"autonomous_system_organization", Mmdb::text(name)}});
}

} // namespace provenbl::test
