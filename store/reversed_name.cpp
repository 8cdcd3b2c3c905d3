#include "store/reversed_name.hpp"

#include <array>
#include <optional>
#include <vector>

namespace provenbl {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

std::optional<unsigned> hex_value(char c) {
    if (c >= 'A' && c <= 'F') c = static_cast<char>(c - 'A' + 'a');
    const auto at = hex_digits.find(c);
    if (at == std::string_view::npos) return std::nullopt;
    return static_cast<unsigned>(at);
}

std::optional<unsigned> octet_value(std::string_view label) {
    if (label.empty() || label.size() > 3 || (label.size() > 1 && label.front() == '0')) return std::nullopt;
    unsigned value = 0;
    for (const char c : label) {
        if (c < '0' || c > '9') return std::nullopt;
        value = value * 10 + static_cast<unsigned>(c - '0');
    }
    if (value > 255) return std::nullopt;
    return value;
}

Error not_a_name(std::string_view name) {
    return {Errc::invalid, "'" + std::string(name.substr(0, 80)) +
                               "' is not a reversed address; expected four octets or 32 nibbles, reversed"};
}

} // namespace

std::string reversed_name(const Address& address) {
    std::string name;
    const auto bytes = address.bytes();
    for (auto at = bytes.size(); at-- > 0;) {
        if (!name.empty()) name += '.';
        if (address.is_v4()) {
            name += std::to_string(bytes[at]);
        } else {
            name += hex_digits[bytes[at] & 0xfU];
            name += '.';
            name += hex_digits[bytes[at] >> 4U];
        }
    }
    return name;
}

Result<Address> parse_reversed_name(std::string_view name) {
    std::vector<std::string_view> labels;
    for (std::string_view rest = name;;) {
        const auto dot = rest.find('.');
        labels.push_back(rest.substr(0, dot));
        if (dot == std::string_view::npos) break;
        if (labels.size() > 32) return not_a_name(name);
        rest.remove_prefix(dot + 1);
    }
    if (labels.size() == 4) {
        std::array<std::uint8_t, 4> bytes{};
        for (std::size_t i = 0; i < 4; ++i) {
            const auto value = octet_value(labels[3 - i]);
            if (!value) return not_a_name(name);
            bytes[i] = static_cast<std::uint8_t>(*value);
        }
        return Address::from_bytes(bytes);
    }
    if (labels.size() != 32) return not_a_name(name);
    std::array<std::uint8_t, 16> bytes{};
    for (std::size_t i = 0; i < 32; ++i) {
        const auto label = labels[31 - i];
        const auto value = label.size() == 1 ? hex_value(label.front()) : std::nullopt;
        if (!value) return not_a_name(name);
        bytes[i / 2] = static_cast<std::uint8_t>(bytes[i / 2] << 4U | *value);
    }
    return Address::from_bytes(bytes);
}

} // namespace provenbl
