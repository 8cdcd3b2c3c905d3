// The forms from our own domain come first; those that play with the recipient claim to come from the suspect's,
// because a server that has the hole often looks at the sender too. Real servers fall for some and not for others:
// an Exim with a percent hole relays the percent and bang forms alone, an OpenSMTPD none of them.
#include "verifier/techniques/smtp_relay_forms.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace provenbl::verifier::techniques {
namespace {

using Names = const RelayNames&;

// ---- senders ----
std::string from_us(Names n) {
    return "probe@" + n.domain;
}
std::string from_suspect(Names n) {
    return "probe@" + n.suspect;
}
std::string from_nobody(Names) {
    return {};
}

// ---- recipients ----
std::string plain(Names n) {
    return n.token + '@' + n.domain;
}
std::string percent(Names n) {
    return n.token + '%' + n.domain;
}
std::string bang(Names n) {
    return n.domain + '!' + n.token;
}
std::string quoted(const std::string& local_part) {
    return '"' + local_part + '"';
}
std::string at(std::string local_part, const std::string& domain) {
    return std::move(local_part) + '@' + domain;
}

constexpr std::array forms{
    // ---- in each visit ----
    RelayForm{"smtp-relay/plain", "It takes mail from any stranger for any other stranger.", Stage::always, from_us,
              plain},
    RelayForm{"smtp-relay/null-sender",
              "It relays for anybody whose mail has an empty sender, as delivery reports have: such mail is let past "
              "the check that other mail meets.",
              Stage::always, from_nobody, plain},
    RelayForm{"smtp-relay/percent",
              "It takes user%elsewhere@itself for one of its own addresses, and then sends the mail on to "
              "user@elsewhere (the percent hack).",
              Stage::always, from_suspect, [](Names n) { return at(percent(n), n.suspect); }},
    RelayForm{"smtp-relay/quoted",
              "It takes \"user@elsewhere\"@itself for one of its own addresses, and then reads the quoted part as an "
              "address again and sends the mail there.",
              Stage::always, from_suspect, [](Names n) { return at(quoted(plain(n)), n.suspect); }},
    RelayForm{"smtp-relay/bang",
              "It takes elsewhere!user@itself for one of its own addresses, and then sends the mail on to "
              "user@elsewhere (the bang path of UUCP).",
              Stage::always, from_suspect, [](Names n) { return at(bang(n), n.suspect); }},
    RelayForm{"smtp-relay/source-route",
              "It follows an obsolete source route, @itself:user@elsewhere, without asking whether the sender may "
              "relay (RFC 5321 appendix C).",
              Stage::always, from_suspect, [](Names n) { return fmt::format("@{}:{}", n.suspect, plain(n)); }},
    RelayForm{"smtp-relay/local-sender",
              "It relays for anybody who claims to write from one of its own addresses; a sender is not proof of "
              "anything and is forged at will.",
              Stage::always, from_suspect, plain},
    RelayForm{"smtp-relay/unqualified-sender",
              "It takes a sender without a domain for one of its own users, and relays for it.", Stage::always,
              [](Names) { return std::string("probe"); }, plain},
    RelayForm{"smtp-relay/literal-sender",
              "It relays for anybody who claims to write from its own address in brackets, user@[its address].",
              Stage::always, [](Names n) { return at("probe", n.literal); }, plain},
    RelayForm{"smtp-relay/localhost-sender", "It relays for anybody who claims to write from user@localhost.",
              Stage::always, [](Names) { return std::string("probe@localhost"); }, plain},
    RelayForm{"smtp-relay/percent-literal",
              "It takes user%elsewhere@[its address] for one of its own addresses, and then sends the mail on to "
              "user@elsewhere (the percent hack).",
              Stage::always, from_suspect, [](Names n) { return at(percent(n), n.literal); }},
    // ---- on suspicion ----
    RelayForm{"smtp-relay/quoted-address",
              "It takes \"user@elsewhere\", in quotes and without a domain, for a local user, and then reads it as an "
              "address again and sends the mail there.",
              Stage::suspicion, from_suspect, [](Names n) { return quoted(plain(n)); }},
    RelayForm{"smtp-relay/bang-bare",
              "It takes elsewhere!user for a local user, and then sends the mail on to user@elsewhere (the bang path "
              "of UUCP).",
              Stage::suspicion, from_suspect, bang},
    RelayForm{"smtp-relay/bang-literal",
              "It takes elsewhere!user@[its address] for one of its own addresses, and then sends the mail on to "
              "user@elsewhere (the bang path of UUCP).",
              Stage::suspicion, from_suspect, [](Names n) { return at(bang(n), n.literal); }},
    RelayForm{"smtp-relay/postmaster-sender", "It relays for anybody who claims to be its postmaster.",
              Stage::suspicion, [](Names n) { return at("postmaster", n.suspect); }, plain},
    RelayForm{"smtp-relay/trailing-dot",
              "It relays to user@elsewhere. with a dot behind the domain: the check does not know the domain, and "
              "the delivery does.",
              Stage::suspicion, from_us, [](Names n) { return plain(n) + '.'; }},
    RelayForm{"smtp-relay/sink-literal",
              "It relays to user@[address] of any mail server: the check looks at names only.", Stage::suspicion,
              from_us, [](Names n) { return n.sink_literal.empty() ? std::string{} : at(n.token, n.sink_literal); }},
    RelayForm{self_send, "It relays mail whose sender and recipient are the same.", Stage::suspicion, plain, plain},
    // ---- when everything is asked for ----
    RelayForm{"smtp-relay/quoted-percent",
              "It takes \"user%elsewhere\", in quotes and without a domain, for a local user, and then sends the mail "
              "on to user@elsewhere.",
              Stage::thorough, from_suspect, [](Names n) { return quoted(percent(n)); }},
    RelayForm{"smtp-relay/double-at",
              "It takes user@elsewhere@itself for one of its own addresses, and then sends the mail on to "
              "user@elsewhere.",
              Stage::thorough, from_suspect, [](Names n) { return at(plain(n), n.suspect); }},
    RelayForm{"smtp-relay/double-at-literal",
              "It takes user@elsewhere@[its address] for one of its own addresses, and then sends the mail on to "
              "user@elsewhere.",
              Stage::thorough, from_suspect, [](Names n) { return at(plain(n), n.literal); }},
    RelayForm{"smtp-relay/source-route-literal",
              "It follows an obsolete source route, @[its address]:user@elsewhere, without asking whether the sender "
              "may relay (RFC 5321 appendix C).",
              Stage::thorough, from_suspect, [](Names n) { return fmt::format("@{}:{}", n.literal, plain(n)); }},
    RelayForm{"smtp-relay/source-route-two-hops",
              "It follows an obsolete source route over itself twice, without asking whether the sender may relay "
              "(RFC 5321 appendix C).",
              Stage::thorough, from_suspect,
              [](Names n) { return fmt::format("@{},@{}:{}", n.suspect, n.literal, plain(n)); }},
    RelayForm{"smtp-relay/loopback-sender", "It relays for anybody who claims to write from user@[127.0.0.1].",
              Stage::thorough, [](Names) { return std::string("probe@[127.0.0.1]"); }, plain},
    RelayForm{"smtp-relay/quoted-local",
              "It relays to \"user\"@elsewhere: the check does not understand the quotes, and the delivery does.",
              Stage::thorough, from_us, [](Names n) { return at(quoted(n.token), n.domain); }},
    RelayForm{"smtp-relay/empty-domain",
              "It takes user%elsewhere@ with an empty domain for a local user, and then sends the mail on to "
              "user@elsewhere.",
              Stage::thorough, from_us, [](Names n) { return percent(n) + '@'; }},
    RelayForm{"smtp-relay/percent-bare",
              "It takes user%elsewhere for a local user, and then sends the mail on to user@elsewhere (the percent "
              "hack).",
              Stage::thorough, from_us, percent},
    RelayForm{"smtp-relay/bang-two-hops",
              "It takes itself!elsewhere!user for a local user, and then sends the mail on to user@elsewhere (the "
              "bang path of UUCP).",
              Stage::thorough, from_us, [](Names n) { return n.suspect + '!' + bang(n); }},
    RelayForm{"smtp-relay/subdomain",
              "It relays to user@host.elsewhere, though not to user@elsewhere: the check knows the domain alone.",
              Stage::thorough, from_us,
              [](Names n) { return n.exchanger.empty() ? std::string{} : at(n.token, n.exchanger); }},
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
