// IXFR questions for tests, right or wrong.
#pragma once

#include "question.hpp"

namespace provenbl::dnsbl::testing {

inline void put32(Bytes& bytes, std::uint32_t value) {
    put16(bytes, value >> 16U);
    put16(bytes, value & 0xffffU);
}

inline Bytes record(const Bytes& owner, unsigned type, unsigned cls, const Bytes& data) {
    auto bytes = owner;
    put16(bytes, type);
    put16(bytes, cls);
    put32(bytes, 0);
    put16(bytes, static_cast<unsigned>(data.size()));
    append(bytes, data);
    return bytes;
}

inline Bytes soa_numbers(std::uint32_t serial) {
    Bytes bytes;
    for (const std::uint32_t number : {serial, 300U, 60U, 1'209'600U, 60U}) put32(bytes, number);
    return bytes;
}

inline Bytes soa_data(std::uint32_t serial) {
    auto bytes = wire_name("ns1.bl.example");
    append(bytes, wire_name("hostmaster.bl.example"));
    append(bytes, soa_numbers(serial));
    return bytes;
}

// Only where there is nothing behind the authority section yet.
inline Bytes with_authority(Bytes message, const Bytes& record) {
    append(message, record);
    ++message[9];
    return message;
}

inline Bytes ixfr(const std::string& zone, std::uint32_t serial, Bytes owner = {}) {
    if (owner.empty()) owner = wire_name(zone);
    return with_authority(question(zone, wire::type::ixfr),
                          record(owner, wire::type::soa, wire::cls::in, soa_data(serial)));
}

} // namespace provenbl::dnsbl::testing
