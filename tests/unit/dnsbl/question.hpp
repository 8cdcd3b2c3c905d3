// Messages for tests, octet by octet: what a client sends, right or wrong.
#pragma once

#include "dnsbl/wire/protocol.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace provenbl::dnsbl::testing {

using Bytes = std::vector<std::uint8_t>;

inline void put16(Bytes& bytes, unsigned value) {
    bytes.push_back(static_cast<std::uint8_t>(value >> 8U));
    bytes.push_back(static_cast<std::uint8_t>(value));
}

inline void set16(Bytes& bytes, std::size_t at, unsigned value) {
    bytes[at] = static_cast<std::uint8_t>(value >> 8U);
    bytes[at + 1] = static_cast<std::uint8_t>(value);
}

inline void append(Bytes& bytes, const Bytes& more) {
    bytes.insert(bytes.end(), more.begin(), more.end());
}

// "bl.example" as labels and root; "" is the root.
inline Bytes wire_name(std::string_view text) {
    Bytes bytes;
    while (!text.empty()) {
        const auto dot = text.find('.');
        const auto label = text.substr(0, dot);
        bytes.push_back(static_cast<std::uint8_t>(label.size()));
        bytes.insert(bytes.end(), label.begin(), label.end());
        text = dot == std::string_view::npos ? std::string_view() : text.substr(dot + 1);
    }
    bytes.push_back(0);
    return bytes;
}

// One question with id 0x1234 and RD.
inline Bytes question(std::string_view name, unsigned type, unsigned cls = wire::cls::in) {
    Bytes bytes{0x12, 0x34, 0x01, 0x00, 0, 1, 0, 0, 0, 0, 0, 0};
    append(bytes, wire_name(name));
    put16(bytes, type);
    put16(bytes, cls);
    return bytes;
}

struct Opt {
    unsigned udp_size = 1232;
    unsigned version = 0;
    bool dnssec_ok = false;
    Bytes options = {};
};

inline Bytes opt_record(const Opt& opt) {
    Bytes bytes{0};
    put16(bytes, wire::type::opt);
    put16(bytes, opt.udp_size);
    bytes.push_back(0);
    bytes.push_back(static_cast<std::uint8_t>(opt.version));
    put16(bytes, opt.dnssec_ok ? 0x8000 : 0);
    put16(bytes, static_cast<unsigned>(opt.options.size()));
    append(bytes, opt.options);
    return bytes;
}

// Adds a record to the additional section and counts it.
inline Bytes with_additional(Bytes bytes, const Bytes& record) {
    append(bytes, record);
    ++bytes[11];
    return bytes;
}

inline Bytes with_opt(Bytes bytes, const Opt& opt = {}) {
    return with_additional(std::move(bytes), opt_record(opt));
}

} // namespace provenbl::dnsbl::testing
