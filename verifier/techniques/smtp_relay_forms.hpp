// The ways to write a recipient (and a sender) that fool a mail server into relaying, as a table. Pure.
//
// Every form leads to <token>@<our probe domain> if the server falls for it, and nowhere if it does not.
#pragma once

#include "store/address.hpp"

#include <span>
#include <string>
#include <string_view>

namespace provenbl::verifier::techniques {

// What a form is made of.
struct RelayNames {
    std::string token;   // u
    std::string domain;  // V, our probe domain
    std::string suspect; // H, the suspect's own name; its address literal when it gave none that can be used
};

struct RelayForm {
    std::string_view technique; // "smtp-relay/percent"
    std::string_view hole;      // why servers fall for it, in plain words
    // Paths without the angle brackets (RFC 5321 4.1.2).
    std::string (*sender)(const RelayNames&);
    std::string (*recipient)(const RelayNames&);
};

[[nodiscard]] std::span<const RelayForm> relay_forms();
[[nodiscard]] const RelayForm* find_relay_form(std::string_view technique);

// "[192.0.2.1]", "[IPv6:2001:db8::1]" (RFC 5321 4.1.3)
[[nodiscard]] std::string address_literal(const Address& address);

// A swaks command that repeats the test, with TOKEN where the token goes.
[[nodiscard]] std::string repeat_relay(const RelayForm& form, const RelayNames& names, const Endpoint& target,
                                       std::string_view helo);

} // namespace provenbl::verifier::techniques
