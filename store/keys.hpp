// Keys of the tables: big-endian, so that they sort the way we walk them. An address key is a family byte
// (4 or 6) and the address in network order; listed4 and listed6 have the address alone.
#pragma once

#include "store/address.hpp"

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace provenbl::keys {

inline std::string number(std::uint64_t value) {
    std::string key;
    for (int shift = 56; shift >= 0; shift -= 8) key += static_cast<char>(value >> static_cast<unsigned>(shift));
    return key;
}

inline std::uint64_t to_number(std::string_view key) {
    if (key.size() < 8) throw std::runtime_error("a stored key is cut short");
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < 8; ++i) value = value << 8U | static_cast<std::uint8_t>(key[i]);
    return value;
}

inline std::string bare(const Address& address) {
    const auto bytes = address.bytes();
    return {bytes.begin(), bytes.end()};
}

inline std::string address(const Address& address) {
    return (address.is_v4() ? '\4' : '\6') + bare(address);
}

inline Address to_bare(std::string_view key) {
    if (key.size() != 4 && key.size() != 16) throw std::runtime_error("a stored key has no address");
    return Address::from_bytes({reinterpret_cast<const std::uint8_t*>(key.data()), key.size()});
}

// Bytes that an address key takes at the front of `key`.
inline std::size_t address_size(std::string_view key) {
    const std::size_t size = key.empty() ? 0 : key.front() == '\4' ? 5 : 17;
    if (size == 0 || key.size() < size) throw std::runtime_error("a stored key is cut short");
    return size;
}

inline Address to_address(std::string_view key) {
    return to_bare(key.substr(1, address_size(key) - 1));
}

} // namespace provenbl::keys
