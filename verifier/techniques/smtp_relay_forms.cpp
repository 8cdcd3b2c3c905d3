// The two plain forms come from our own domain; the others claim to come from the suspect's, because a server
// that has the hole often looks at the sender too.
#include "verifier/techniques/smtp_relay_forms.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace provenbl::verifier::techniques {
namespace {

std::string from_us(const RelayNames& names) {
    return "probe@" + names.domain;
}
std::string from_suspect(const RelayNames& names) {
    return "probe@" + names.suspect;
}
std::string from_nobody(const RelayNames&) {
    return {};
}

std::string plain(const RelayNames& names) {
    return names.token + '@' + names.domain;
}
std::string percent(const RelayNames& names) {
    return fmt::format("{}%{}@{}", names.token, names.domain, names.suspect);
}
std::string quoted(const RelayNames& names) {
    return fmt::format("\"{}@{}\"@{}", names.token, names.domain, names.suspect);
}
std::string bang(const RelayNames& names) {
    return fmt::format("{}!{}@{}", names.domain, names.token, names.suspect);
}
std::string source_route(const RelayNames& names) {
    return fmt::format("@{}:{}@{}", names.suspect, names.token, names.domain);
}

constexpr std::array forms{
    RelayForm{"smtp-relay/plain", "It takes mail from any stranger for any other stranger.", from_us, plain},
    RelayForm{"smtp-relay/null-sender",
              "It relays for anybody whose mail has an empty sender, as delivery reports have: such mail is let past "
              "the check that other mail meets.",
              from_nobody, plain},
    RelayForm{"smtp-relay/percent",
              "It takes user%elsewhere@itself for one of its own addresses, and then sends the mail on to "
              "user@elsewhere (the percent hack).",
              from_suspect, percent},
    RelayForm{"smtp-relay/quoted",
              "It takes \"user@elsewhere\"@itself for one of its own addresses, and then reads the quoted part as an "
              "address again and sends the mail there.",
              from_suspect, quoted},
    RelayForm{"smtp-relay/bang",
              "It takes elsewhere!user@itself for one of its own addresses, and then sends the mail on to "
              "user@elsewhere (the bang path of UUCP).",
              from_suspect, bang},
    RelayForm{"smtp-relay/source-route",
              "It follows an obsolete source route, @itself:user@elsewhere, without asking whether the sender may "
              "relay (RFC 5321 appendix C).",
              from_suspect, source_route},
};

} // namespace

std::span<const RelayForm> relay_forms() {
    return forms;
}

const RelayForm* find_relay_form(std::string_view technique) {
    const auto* const found =
        std::find_if(forms.begin(), forms.end(), [&](const RelayForm& form) { return form.technique == technique; });
    return found == forms.end() ? nullptr : found;
}

std::string address_literal(const Address& address) {
    return fmt::format("[{}{}]", address.is_v4() ? "" : "IPv6:", address.to_string());
}

std::string repeat_relay(const RelayForm& form, const RelayNames& names, const Endpoint& target,
                         std::string_view helo) {
    RelayNames open = names;
    open.token = "TOKEN";
    return fmt::format("swaks --server '{}' --port {} --ehlo '{}' --from '<{}>' --to '<{}>'",
                       target.address.to_string(), target.port, helo, form.sender(open), form.recipient(open));
}

} // namespace provenbl::verifier::techniques
