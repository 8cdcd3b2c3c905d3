// What answers are counted by: the type that was asked for, and what came of it. Small numbers without gaps, so
// that a thread counts an answer by one addition, and readers sum along whichever side they want.
#pragma once

#include "dnsbl/exchange.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace provenbl::dnsbl::watch {

// `none`: no question could be read. `transfer`: AXFR and IXFR. `other`: whatever has no place of its own.
enum class TypeKind : std::uint8_t {
    none,
    a,
    ns,
    cname,
    soa,
    ptr,
    mx,
    txt,
    aaaa,
    srv,
    ds,
    https,
    any,
    transfer,
    other
};
inline constexpr std::array<std::string_view, 15> type_names{
    "none", "a", "ns", "cname", "soa", "ptr", "mx", "txt", "aaaa", "srv", "ds", "https", "any", "transfer", "other"};

// `listed`: NOERROR for a name that is an entry of the zone; `noerror`: NOERROR for any other.
enum class AnswerKind : std::uint8_t {
    noerror,
    listed,
    formerr,
    servfail,
    nxdomain,
    notimp,
    refused,
    notauth,
    badvers,
    badcookie,
    other
};
inline constexpr std::array<std::string_view, 11> result_names{"noerror",  "listed",    "formerr", "servfail",
                                                               "nxdomain", "notimp",    "refused", "notauth",
                                                               "badvers",  "badcookie", "other"};

namespace kinds {

consteval std::array<std::uint8_t, 256> type_places() {
    std::array<std::uint8_t, 256> places{};
    places.fill(static_cast<std::uint8_t>(TypeKind::other));
    const auto put = [&](std::size_t type, TypeKind kind) { places[type] = static_cast<std::uint8_t>(kind); };
    put(0, TypeKind::none);
    put(wire::type::a, TypeKind::a);
    put(wire::type::ns, TypeKind::ns);
    put(5, TypeKind::cname);
    put(wire::type::soa, TypeKind::soa);
    put(12, TypeKind::ptr);
    put(wire::type::mx, TypeKind::mx);
    put(wire::type::txt, TypeKind::txt);
    put(wire::type::aaaa, TypeKind::aaaa);
    put(33, TypeKind::srv);
    put(wire::type::ds, TypeKind::ds);
    put(65, TypeKind::https);
    put(wire::type::ixfr, TypeKind::transfer);
    put(wire::type::axfr, TypeKind::transfer);
    put(wire::type::any, TypeKind::any);
    return places;
}

consteval std::array<std::uint8_t, 32> result_places() {
    std::array<std::uint8_t, 32> places{};
    places.fill(static_cast<std::uint8_t>(AnswerKind::other));
    const auto put = [&](std::size_t rcode, AnswerKind result) { places[rcode] = static_cast<std::uint8_t>(result); };
    put(0, AnswerKind::noerror);
    put(1, AnswerKind::formerr);
    put(2, AnswerKind::servfail);
    put(3, AnswerKind::nxdomain);
    put(4, AnswerKind::notimp);
    put(5, AnswerKind::refused);
    put(9, AnswerKind::notauth);
    put(16, AnswerKind::badvers);
    put(23, AnswerKind::badcookie);
    return places;
}

inline constexpr auto type_place = type_places();
inline constexpr auto result_place = result_places();

} // namespace kinds

[[nodiscard]] inline TypeKind kind_of(std::uint16_t type) {
    return type < kinds::type_place.size() ? static_cast<TypeKind>(kinds::type_place[type]) : TypeKind::other;
}

[[nodiscard]] inline AnswerKind result_of(const Outcome& outcome) {
    const auto rcode = static_cast<std::size_t>(outcome.rcode);
    if (rcode == 0) return outcome.listed ? AnswerKind::listed : AnswerKind::noerror;
    return rcode < kinds::result_place.size() ? static_cast<AnswerKind>(kinds::result_place[rcode]) : AnswerKind::other;
}

} // namespace provenbl::dnsbl::watch
