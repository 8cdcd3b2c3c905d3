// The ways to write a recipient (and a sender) that fool a mail server into relaying, as a table. Pure.
//
// Every form leads to <token>@<our probe domain> if the server falls for it (two lead to the sink by another of its
// names), and nowhere if it does not.
#pragma once

#include "store/address.hpp"
#include "verifier/technique.hpp"

#include <span>
#include <string>
#include <string_view>

namespace provenbl::verifier::techniques {

// What a form is made of.
struct RelayNames {
    std::string token;   // u
    std::string domain;  // V, our probe domain
    std::string suspect; // H, the suspect's own name; its address literal when it gave none that can be used
    std::string literal; // [I], the suspect's address literal
    // The mail sink's own name and address literal; empty when they are not known.
    std::string exchanger{};
    std::string sink_literal{};
};

struct RelayForm {
    std::string_view technique; // "smtp-relay/percent"
    std::string_view hole;      // why servers fall for it, in plain words
    Stage stage = Stage::always;
    // Paths without the angle brackets (RFC 5321 4.1.2). An empty recipient: a name that it takes is not known.
    std::string (*sender)(const RelayNames&) = nullptr;
    std::string (*recipient)(const RelayNames&) = nullptr;
};

// By stage: `always` first.
[[nodiscard]] std::span<const RelayForm> relay_forms();

// The form whose sender is its recipient: a bounce of it comes to the token, and the sink has to know (receiver.cpp).
inline constexpr std::string_view self_send = "smtp-relay/self-send";
[[nodiscard]] const RelayForm* find_relay_form(std::string_view technique);

// "[192.0.2.1]", "[IPv6:2001:db8::1]" (RFC 5321 4.1.3)
[[nodiscard]] std::string address_literal(const Address& address);

// A swaks command that repeats the test, with TOKEN where the token goes.
[[nodiscard]] std::string repeat_relay(const RelayForm& form, const RelayNames& names, const Endpoint& target,
                                       std::string_view helo);

} // namespace provenbl::verifier::techniques
