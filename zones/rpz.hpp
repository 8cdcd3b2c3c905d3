// A zone's listings as a response policy zone (RPZ, draft-vixie-dnsop-dns-rpz-00): what a resolver of one's own does
// with clients, answers or name servers that are listed.
//
// A listing is one record: its owner says the trigger and the prefix, its CNAME the action. Names are relative, so that
// the zone can be served under any name.
#pragma once

#include "store/address.hpp"
#include "zones/domain_name.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace provenbl::zones::rpz {

// Which addresses are compared with the listing.
enum class Trigger : std::uint8_t {
    client_ip,   // of who asks: a listed host gets no DNS from this resolver
    response_ip, // in the answer: nobody finds the way to a listed host
    ns_ip,       // of the name servers that the answer comes from
};

enum class Action : std::uint8_t {
    nxdomain, // the name does not exist
    nodata,   // it exists, without records
    passthru, // nothing happens, but resolvers can log it
    drop,     // no answer
    tcp_only, // come over TCP
};

inline constexpr std::array all_triggers{Trigger::client_ip, Trigger::response_ip, Trigger::ns_ip};
inline constexpr std::array all_actions{Action::nxdomain, Action::nodata, Action::passthru, Action::drop,
                                        Action::tcp_only};

[[nodiscard]] std::string_view to_string(Trigger trigger); // "client-ip"
[[nodiscard]] std::string_view to_string(Action action);   // "nxdomain"
[[nodiscard]] std::optional<Trigger> parse_trigger(std::string_view text);
[[nodiscard]] std::optional<Action> parse_action(std::string_view text);

// "32.99.2.0.192.rpz-client-ip", "64.zz.2.1.db8.2001.rpz-client-ip": the length, then octets or 16-bit words, the last
// first. `zz` is the longest run of two or more zero words, the first of equally long ones: resolvers take no other
// spelling.
[[nodiscard]] std::string owner(const Prefix& prefix, Trigger trigger);
// What the CNAME names, absolute: ".", "*.", "rpz-drop." ...
[[nodiscard]] std::string_view target(Action action);
[[nodiscard]] DomainName target_name(Action action);
[[nodiscard]] std::string_view label(Trigger trigger); // "rpz-client-ip"

} // namespace provenbl::zones::rpz
