// DNS over TLS: dns.tls.
#include "tools/config/sections.hpp"

namespace provenbl::tools {

using namespace types;

namespace {

using dnsbl::tls::TlsSettings;

// The port need not be said.
Type<Endpoint> tls_endpoint() {
    return scalar<Endpoint>(
        "an address such as 192.0.2.53, with a port if it is not 853",
        [](std::string_view text) -> Result<Endpoint> {
            if (const auto address = Address::parse(text)) return Endpoint{*address, dnsbl::tls::default_port};
            return Endpoint::parse(text);
        },
        [](const Endpoint& value) { return value.to_string(); });
}

} // namespace

const Table<TlsSettings>& tls_settings() {
    using T = TlsSettings;
    static const Table<T> table{
        setting<T>("listen", list(tls_endpoint(), 64), PROVENBL_FIELD(listen),
                   "Where DNS over TLS is answered: questions (RFC 7858) and transfers (RFC 9103). Empty: nowhere."),
        setting<T>("certificate", absolute_path(), PROVENBL_FIELD(certificate),
                   "PEM: ours first, then those of the CAs above it. A new file is taken within a second or so."),
        setting<T>("key", absolute_path(), PROVENBL_FIELD(key), "PEM, without a passphrase."),
        setting<T>(
            "client_ca", absolute_path(), PROVENBL_FIELD(client_ca),
            "PEM: the CA of the clients' certificates. With it, transfers over TLS want one (mutual TLS); questions "
            "never do."),
        setting<T>(
            "name", host_name(), PROVENBL_FIELD(name),
            "The name in the certificate, which mirrors are told to insist on. Default: the first name server of "
            "the first zone."),
        setting<T>("connections", number<std::size_t>(1, 100'000), PROVENBL_FIELD(connections),
                   "Connections at once, beside those of dns.tcp_connections."),
        setting<T>("per_client", number<std::size_t>(1, 100'000), PROVENBL_FIELD(per_client),
                   "Connections of one client."),
        setting<T>("handshake_timeout", duration(100ms, 1min), PROVENBL_FIELD(handshake_timeout),
                   "From the connection to the end of the handshake."),
    };
    return table;
}

// What other settings say of it, and what it needs.
void complete_tls(Configuration& configuration, Reading& reading) {
    auto& tls = configuration.dns.tls;
    if (configuration.dns.transfers.require_tls && !tls.enabled())
        reading.refuse_setting(
            "transfers.require_tls",
            "nothing is answered over TLS, so nobody could transfer; expected dns.tls.listen as well");
    if (!tls.enabled()) return;
    const auto need = [&](bool there, const char* name, const char* example) {
        if (!there && !reading.refused(fmt::format("dns.tls.{}", name)))
            reading.refuse_setting(fmt::format("dns.tls.{}", name), fmt::format("is missing; expected {}", example));
    };
    need(!tls.certificate.empty(), "certificate", "the certificate's PEM file, such as /etc/provenbl/tls.pem");
    need(!tls.key.empty(), "key", "the key's PEM file, such as /etc/provenbl/tls.key");
    for (const auto& zone : configuration.zones.zones) {
        if (tls.name.empty() && !zone.name_servers.empty()) tls.name = zone.name_servers.front().name;
    }
    if (tls.name.empty())
        reading.refuse_setting("dns.tls.name", "no zone has a name server; expected the name in the certificate");
}

} // namespace provenbl::tools
