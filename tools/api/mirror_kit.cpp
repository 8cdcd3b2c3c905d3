#include "tools/api/mirror_kit.hpp"

#include "dnsbl/sockets.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>

namespace provenbl::tools::api {
namespace {

constexpr std::uint16_t dns_port = 53;
// Where Debian keeps the CAs that everybody trusts.
constexpr auto ca_bundle = "/etc/ssl/certs/ca-certificates.crt";

std::string greeting(const Mirror& mirror, std::string_view mark) {
    return fmt::format("{0} Mirror '{1}'. Contains a secret: readable for the server alone.\n", mark, mirror.name);
}

// RFC 9103; BIND checks nothing without ca-file and remote-hostname.
std::string bind_tls(const Mirror& mirror, const KitFacts& facts) {
    auto text = fmt::format("// Transfers go over TLS. If the certificate of {0} is of a CA of its operator's own, put "
                            "that CA's file here.\n"
                            "tls \"{1}-primary-tls\" {{\n"
                            "    protocols {{ TLSv1.3; }};\n"
                            "    ca-file \"{2}\";\n"
                            "    remote-hostname \"{0}\";\n",
                            facts.tls_name, mirror.name, ca_bundle);
    if (facts.tls_clients)
        text += "    cert-file \"/etc/bind/mirror.pem\"; // your own, of the CA that the operator of the list names\n"
                "    key-file \"/etc/bind/mirror.key\";\n";
    return text + "};\n\n";
}

// What else its zones would say is said for all of them, because they are written nowhere.
std::string bind_catalog(const Mirror& mirror, const KitFacts& facts) {
    return fmt::format("\nzone \"{0}\" {{\n"
                       "    type secondary;          // names all other zones: new ones are served by themselves\n"
                       "    file \"{0}.db\";\n"
                       "    primaries {{ \"{1}-primary\"; }};\n"
                       "    notify no;\n"
                       "    allow-query {{ any; }};\n"
                       "    allow-transfer {{ none; }};\n"
                       "    min-refresh-time 10;\n"
                       "    min-retry-time 5;\n"
                       "}};\n\n"
                       "// Into options {{ }}, for the zones that the catalog names:\n"
                       "//     catalog-zones {{\n"
                       "//         zone \"{0}\" default-primaries {{ \"{1}-primary\"; }} in-memory no\n"
                       "//             min-update-interval 5;\n"
                       "//     }};\n"
                       "//     notify no;               // nobody stands behind this mirror\n"
                       "//     allow-query {{ any; }};\n"
                       "//     allow-transfer {{ none; }};\n"
                       "//     min-refresh-time 10;     // the default of 300 s would be the least\n"
                       "//     min-retry-time 5;\n"
                       "//     max-transfer-time-in 60; // minutes\n"
                       "//     max-journal-size 512M;   // the default lets it grow to twice the zone\n"
                       "// And 'recursion no;', and listen-on with an address that an interface of this machine has.\n",
                       facts.catalog, mirror.name);
}

std::string bind_kit(const Mirror& mirror, const KitFacts& facts) {
    const auto secret = to_base64(mirror.secret);
    std::string text = greeting(mirror, "//");
    text += "// BIND 9.18 or later: include this file in named.conf, outside of any view.\n";
    text += fmt::format("key \"{}\" {{\n    algorithm {};\n    secret \"{}\";\n}};\n\n", mirror.key_name,
                        mirror.algorithm, secret);
    if (mirror.tls) text += bind_tls(mirror, facts);
    const auto tls = mirror.tls ? fmt::format(" tls \"{}-primary-tls\"", mirror.name) : std::string();
    text += fmt::format("primaries \"{}-primary\" {{\n", mirror.name);
    for (const auto& primary : mirror.tls ? facts.tls_primaries : facts.primaries)
        text += fmt::format("    {} port {} key \"{}\"{};\n", primary.address.to_string(), primary.port,
                            mirror.key_name, tls);
    text += "};\n";
    if (!facts.catalog.empty()) return text + bind_catalog(mirror, facts);
    for (const auto& zone : facts.zones) {
        text += fmt::format("\nzone \"{}\" {{\n"
                            "    type secondary;\n"
                            "    file \"{}.db\";\n"
                            "    primaries {{ \"{}-primary\"; }};\n"
                            "    request-ixfr yes;\n"
                            "    notify no;               // nobody stands behind this mirror\n"
                            "    allow-query {{ any; }};\n"
                            "    allow-transfer {{ none; }};\n"
                            "    min-refresh-time 10;     // the default of 300 s would be the least\n"
                            "    min-retry-time 5;\n"
                            "    max-transfer-time-in 60; // minutes\n"
                            "    max-journal-size 512M;   // the default lets it grow to twice the zone\n"
                            "}};\n",
                            zone, zone, mirror.name);
    }
    text +=
        "\n// In options { }: 'recursion no;', and listen-on with an address that an interface of this machine has.\n";
    return text;
}

// The bundle is a setting of the server, the rest a clause of its own.
std::string nsd_tls(const Mirror& mirror, const KitFacts& facts) {
    auto text =
        fmt::format("    # If the certificate of {0} is of a CA of its operator's own, put that CA's file here.\n"
                    "    tls-cert-bundle: \"{2}\"\n\n"
                    "tls-auth:\n    name: \"{1}-primary-tls\"\n    auth-domain-name: \"{0}\"\n",
                    facts.tls_name, mirror.name, ca_bundle);
    if (facts.tls_clients)
        text += "    client-cert: \"/etc/nsd/mirror.pem\"   # your own, of the CA that the operator of the list names\n"
                "    client-key: \"/etc/nsd/mirror.key\"\n";
    return text;
}

std::string nsd_kit(const Mirror& mirror, const KitFacts& facts) {
    std::string text = greeting(mirror, "#");
    text +=
        "# NSD 4.6 or later: a file in /etc/nsd/nsd.conf.d/. It reads no catalog of zones (NSD 4.9 would): when the\n"
        "# list has a new one, this text has it as well.\n"
        "server:\n"
        "    rrl-ratelimit: 0         # Debian limits to 200 answers a second and network: busy resolvers ask more\n"
        "    xfrd-reload-timeout: 1   # changes are served after a second\n"
        "    refuse-any: yes\n";
    if (mirror.tls) text += nsd_tls(mirror, facts);
    text += "\n";
    text += fmt::format("key:\n    name: \"{}\"\n    algorithm: {}\n    secret: \"{}\"\n", mirror.key_name,
                        mirror.algorithm, to_base64(mirror.secret));
    for (const auto& zone : facts.zones) {
        text += fmt::format("\nzone:\n    name: \"{0}\"\n    zonefile: \"{0}.zone\"\n", zone);
        for (const auto& primary : facts.primaries) {
            text += fmt::format("    allow-notify: {} {}\n", primary.address.to_string(), mirror.key_name);
            if (!mirror.tls)
                text += fmt::format("    request-xfr: {}@{} {}\n", primary.address.to_string(), primary.port,
                                    mirror.key_name);
        }
        for (const auto& primary : mirror.tls ? facts.tls_primaries : std::vector<Endpoint>())
            text += fmt::format("    request-xfr: {}@{} {} {}-primary-tls\n", primary.address.to_string(), primary.port,
                                mirror.key_name, mirror.name);
    }
    return text;
}

std::string knot_kit(const Mirror& mirror, const KitFacts& facts) {
    std::string text = greeting(mirror, "#");
    text +=
        "# Knot DNS 3.2 or later: add 'include: FILE' to knot.conf. A large zone costs it 3 seconds for each change,\n"
        "# however small: ask the primary for a longer transfers.notify_interval where lists have a million names.\n";
    text += fmt::format("key:\n  - id: {0}\n    algorithm: {1}\n    secret: {2}\n\nremote:\n", mirror.key_name,
                        mirror.algorithm, to_base64(mirror.secret));
    std::vector<std::string> remotes;
    for (std::size_t i = 0; i < facts.primaries.size(); ++i) {
        const auto& primary = facts.primaries[i];
        remotes.push_back(fmt::format("{}-primary{}", mirror.name, i + 1));
        text += fmt::format("  - id: {}\n    address: {}@{}\n    key: {}\n", remotes.back(),
                            primary.address.to_string(), primary.port, mirror.key_name);
    }
    std::vector<std::string> addresses;
    for (const auto& primary : facts.primaries) addresses.push_back(primary.address.to_string());
    text += fmt::format("\nacl:\n  - id: {0}-notify\n    address: [{1}]\n    key: {2}\n    action: notify\n",
                        mirror.name, fmt::join(addresses, ", "), mirror.key_name);
    text += fmt::format("\ntemplate:\n  - id: {0}\n    master: [{1}]\n    acl: {0}-notify\n"
                        "    zonefile-sync: 1h          # not after each change\n"
                        "    refresh-min-interval: 2\n"
                        "    journal-max-usage: 1G\n"
                        "    journal-max-depth: 100\n\nzone:\n",
                        mirror.name, fmt::join(remotes, ", "));
    if (!facts.catalog.empty()) {
        return text +
               fmt::format("  # Names all other zones: new ones are served by themselves, as the template has it.\n"
                           "  - domain: {0}\n    template: {1}\n    catalog-role: interpret\n"
                           "    catalog-template: {1}\n",
                           facts.catalog, mirror.name);
    }
    for (const auto& zone : facts.zones) text += fmt::format("  - domain: {}\n    template: {}\n", zone, mirror.name);
    return text;
}

std::string pdns_kit(const Mirror& mirror, const KitFacts& facts) {
    std::vector<std::string> primaries;
    for (const auto& primary : facts.primaries) primaries.push_back(primary.to_string());
    std::string text = greeting(mirror, "#");
    text += "# PowerDNS 4.7 or later. Into /etc/powerdns/pdns.conf (its defaults answer a large list wrongly):\n"
            "#     secondary=yes\n"
            "#     max-ent-entries=20000000        # with less, names above a listing become NXDOMAIN\n"
            "#     xfr-max-received-mbytes=8192    # the default of 100 ends the transfer\n"
            "#     xfr-cycle-interval=10\n"
            "# Then run this file with sh, and restart pdns.\n"
            "set -e\n";
    text += fmt::format("pdnsutil import-tsig-key {} {} '{}'\n", mirror.key_name, mirror.algorithm,
                        to_base64(mirror.secret));
    const auto one = [&](const std::string& zone) {
        text += fmt::format("pdnsutil create-secondary-zone {} {}\n", zone, fmt::join(primaries, " "));
        text += fmt::format("pdnsutil activate-tsig-key {} {} secondary\n", zone, mirror.key_name);
        // Names that came by IXFR are NODATA until the zone is rectified.
        text += fmt::format("pdnsutil set-meta {} IXFR 0\n", zone);
    };
    // Also where there is a catalog: 4.7 makes its members without the key, and they would be refused.
    for (const auto& zone : facts.zones) one(zone);
    return text;
}

std::string rbldnsd_kit(const Mirror& mirror, const KitFacts& facts) {
    std::string text = fmt::format(
        "# Mirror '{}': rbldnsd knows no transfers. Where provenbl runs, a file of each zone is made every minute:\n",
        mirror.name);
    text += "# /etc/cron.d/provenbl-export\n";
    for (const auto& zone : facts.zones)
        text += fmt::format("* * * * * root provenbl export --format rbldnsd --zone {0} "
                            "--output /var/lib/provenbl-export/{0}.rbldnsd\n",
                            zone);
    text += "\n# On the mirror, where rsync with the account that you were given fetches them:\n"
            "* * * * * rbldns rsync -a --delay-updates PRIMARY:provenbl-export/ /var/lib/rbldns/provenbl/\n"
            "# and rbldnsd, which sees a new file by itself (-c is how often it looks, in seconds):\n";
    text += "# rbldnsd -c 10";
    for (const auto& zone : facts.zones) text += fmt::format(" {0}:combined:provenbl/{0}.rbldnsd", zone);
    text += "\n";
    return text;
}

bool takes_by_default(const zones::ZoneDefinition& zone) {
    return !zone.classes.empty() && zone.access == zones::ZoneAccess::open;
}

void add_once(std::vector<Endpoint>& all, const Endpoint& endpoint) {
    if (std::find(all.begin(), all.end(), endpoint) == all.end()) all.push_back(endpoint);
}

} // namespace

std::string to_base64(std::string_view octets) {
    std::string text((octets.size() + 2) / 3 * 4 + 1, '\0');
    const auto size =
        EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                        reinterpret_cast<const unsigned char*>(octets.data()), static_cast<int>(octets.size()));
    text.resize(static_cast<std::size_t>(size));
    return text;
}

std::vector<std::string> zones_of(const Mirror& mirror, const Configuration& configuration) {
    if (!mirror.zones.empty()) return mirror.zones;
    std::vector<std::string> all;
    for (const auto& zone : configuration.zones.zones) {
        if (takes_by_default(zone)) all.push_back(zone.apex);
    }
    if (mirror.kind == MirrorKind::rbldnsd) return all; // it has another form of lists alone
    for (const auto& zone : configuration.zones.policy_zones) {
        if (zone.access == zones::ZoneAccess::open) all.push_back(zone.apex);
    }
    return all;
}

std::string watched_catalog(const Mirror& mirror, const Configuration& configuration) {
    const auto& catalogs = configuration.zones.catalogs;
    if (catalogs.empty() || !mirror.zones.empty() || mirror.kind != MirrorKind::bind) return {};
    return catalogs.front().apex;
}

Result<> can_use_tls(MirrorKind kind, const KitFacts& facts) {
    if (kind != MirrorKind::bind && kind != MirrorKind::nsd)
        return Error{Errc::invalid, fmt::format("{} can't transfer over TLS as Debian 12 has it; BIND and NSD can, and "
                                                "for others a tunnel of your own has to do (WireGuard, stunnel)",
                                                to_string(kind))};
    if (facts.tls_primaries.empty())
        return Error{Errc::invalid, "nothing is answered over TLS at an address that NOTIFY comes from; set "
                                    "dns.tls.listen to it (`provenbl check-config` says what else is needed)"};
    return {};
}

namespace {

// The addresses that a mirror knows us by, where they are answered over TLS as well.
std::vector<Endpoint> over_tls(const std::vector<Endpoint>& primaries, const std::vector<Endpoint>& listen) {
    std::vector<Endpoint> found;
    for (const auto& primary : primaries) {
        const auto serves = [&](const Endpoint& endpoint) {
            return endpoint.address == primary.address ||
                   (dnsbl::is_wildcard(endpoint.address) && endpoint.address.is_v4() == primary.address.is_v4());
        };
        const auto at = std::find_if(listen.begin(), listen.end(), serves);
        if (at != listen.end()) add_once(found, {primary.address, at->port});
    }
    return found;
}

KitFacts plain_facts(const Mirror& mirror, const Configuration& configuration) {
    KitFacts facts;
    facts.zones = zones_of(mirror, configuration);
    if (mirror.zones.empty() && !configuration.zones.catalogs.empty())
        facts.catalog = configuration.zones.catalogs.front().apex;
    facts.contact = configuration.verifier.identity.contact;
    const auto& source = configuration.dns.transfers.notify_source;
    const auto port = configuration.dns.listen.empty() ? dns_port : configuration.dns.listen.front().port;
    for (const auto& address : source) add_once(facts.primaries, {address, port});
    for (const auto& endpoint : configuration.dns.listen) {
        const auto same_family = [&](const Endpoint& other) {
            return other.address.is_v4() == endpoint.address.is_v4();
        };
        // NOTIFY comes from one address of each family, and mirrors want to know no other.
        if (!dnsbl::is_wildcard(endpoint.address) &&
            std::none_of(facts.primaries.begin(), facts.primaries.end(), same_family))
            facts.primaries.push_back(endpoint);
    }
    if (!facts.primaries.empty()) return facts;
    // We listen on all addresses, and only the zones say which we are known by.
    for (const auto& zone : configuration.zones.zones) {
        for (const auto& server : zone.name_servers) {
            for (const auto& address : server.addresses) add_once(facts.primaries, {address, port});
        }
    }
    return facts;
}

} // namespace

KitFacts kit_facts(const Mirror& mirror, const Configuration& configuration) {
    auto facts = plain_facts(mirror, configuration);
    const auto& tls = configuration.dns.tls;
    facts.tls_primaries = over_tls(facts.primaries, tls.listen);
    facts.tls_name = tls.name;
    facts.tls_clients = !tls.client_ca.empty();
    return facts;
}

std::string mirror_kit(const Mirror& mirror, const KitFacts& facts) {
    switch (mirror.kind) {
    case MirrorKind::bind:
        return bind_kit(mirror, facts);
    case MirrorKind::nsd:
        return nsd_kit(mirror, facts);
    case MirrorKind::knot:
        return knot_kit(mirror, facts);
    case MirrorKind::pdns:
        return pdns_kit(mirror, facts);
    case MirrorKind::rbldnsd:
        return rbldnsd_kit(mirror, facts);
    }
    return {};
}

} // namespace provenbl::tools::api
