#include "tools/config/assemble.hpp"

#include "tools/config/sections.hpp"

namespace provenbl::tools {
namespace {

bool is_inside(std::string_view name, std::string_view apex) {
    return name == apex ||
           (name.size() > apex.size() && name.ends_with(apex) && name[name.size() - apex.size() - 1] == '.');
}

// Addresses belong to names inside the zone; an inherited list is shared by zones of other names.
void keep_own_addresses(std::vector<zones::NameServer>& servers, std::string_view apex) {
    for (auto& server : servers) {
        if (!is_inside(server.name, apex)) server.addresses.clear();
    }
}

void complete(zones::Soa& soa, const std::vector<zones::NameServer>& servers, const std::string& contact) {
    if (soa.mname.empty() && !servers.empty()) soa.mname = servers.front().name;
    if (soa.rname.empty()) soa.rname = contact;
}

void read_zone(const Node& node, std::size_t index, Draft& draft, Reading& reading) {
    const Reading::Scope scope{reading, fmt::format("[{}]", index), node.at};
    const auto place = reading.path();
    auto zone = draft.zone_defaults;
    zone.codes.clear();
    read_table(zone, zone_settings(), node, reading);
    if (zone.apex.empty() && !reading.seen(place + ".apex"))
        reading.refuse(node.at, "has no apex; expected 'apex: bl.example'");
    if (zone.classes.empty() && !reading.seen(place + ".classes"))
        reading.refuse(node.at, "says no classes; expected 'classes: all' or 'classes: [relay]'");

    for (const auto& [cls, code] : zone.codes) {
        if (!zone.classes.contains(cls))
            reading.refuse_setting(
                fmt::format("{}.codes.{}", place, to_string(cls)),
                "the zone does not list this class; expected it among its classes, or no code for it");
    }
    for (const auto cls : all_listing_classes) {
        if (!zone.classes.contains(cls) || zone.codes.count(cls) != 0) continue;
        for (const std::map<ListingClass, Address>* from :
             {&std::as_const(draft.zone_defaults.codes), &zones::default_codes()}) {
            if (const auto found = from->find(cls); found != from->end()) {
                zone.codes.insert(*found);
                break;
            }
        }
    }
    if (!reading.seen(place + ".name_servers")) keep_own_addresses(zone.name_servers, zone.apex);
    complete(zone.soa, zone.name_servers, draft.configuration.verifier.identity.contact);
    draft.configuration.zones.zones.push_back(std::move(zone));
}

void read_static_zone(const Node& node, std::size_t index, Draft& draft, Reading& reading) {
    const Reading::Scope scope{reading, fmt::format("[{}]", index), node.at};
    const auto place = reading.path();
    const auto& defaults = draft.zone_defaults;
    zones::StaticZoneDefinition zone;
    zone.fallback = {defaults.ttl, defaults.soa, defaults.name_servers};
    zone.access = defaults.access;
    read_table(zone, static_zone_settings(), node, reading);
    if (zone.apex.empty() && !reading.seen(place + ".apex"))
        reading.refuse(node.at, "has no apex; expected 'apex: bl.example'");
    if (zone.sets.empty() && !reading.seen(place + ".files"))
        reading.refuse(node.at, "names no files; expected 'files: [{type: ip4set, path: /var/lib/lists/bl.txt}]'");
    for (std::size_t i = 0; i < zone.sets.size(); ++i) {
        // One set alone need not be an item of a list.
        const auto item = fmt::format("{}.files[{}]", place, i);
        const auto set = reading.seen(item) ? item : place + ".files";
        for (const auto* const needed : {"type", "path"}) {
            if (!reading.seen(fmt::format("{}.{}", set, needed)))
                reading.refuse_setting(set, fmt::format("has no {}; expected such as {{type: ip4set, path: "
                                                        "/var/lib/lists/bl.txt}}",
                                                        needed));
        }
    }
    const auto& contact = draft.configuration.verifier.identity.contact;
    keep_own_addresses(zone.fallback.name_servers, zone.apex);
    complete(zone.fallback.soa, zone.fallback.name_servers, contact);
    if (zone.soa)
        complete(*zone.soa, zone.name_servers.empty() ? zone.fallback.name_servers : zone.name_servers, contact);
    draft.configuration.zones.static_zones.push_back(std::move(zone));
}

void read_policy_zone(const Node& node, std::size_t index, Draft& draft, Reading& reading) {
    const Reading::Scope scope{reading, fmt::format("[{}]", index), node.at};
    const auto place = reading.path();
    const auto& defaults = draft.zone_defaults;
    zones::PolicyZoneDefinition zone;
    zone.ttl = defaults.ttl;
    zone.soa = defaults.soa;
    zone.name_servers = defaults.name_servers;
    read_table(zone, policy_zone_settings(), node, reading);
    for (const auto& [setting, value] : {std::pair{"apex", &zone.apex}, std::pair{"zone", &zone.zone}}) {
        if (value->empty() && !reading.seen(fmt::format("{}.{}", place, setting)))
            reading.refuse(
                node.at,
                fmt::format("has no {}; expected such as '- {{apex: rpz.example, zone: bl.example}}'", setting));
    }
    if (!zone.redirect.empty() && reading.seen(place + ".action"))
        reading.refuse_setting(place + ".redirect", "takes the place of an action; leave either out");
    for (const auto& list : draft.configuration.zones.zones) {
        if (list.apex != zone.zone) continue;
        zone.access = list.access;
        if (zone.classes.empty() && !reading.seen(place + ".classes")) zone.classes = list.classes;
    }
    if (!reading.seen(place + ".name_servers")) keep_own_addresses(zone.name_servers, zone.apex);
    complete(zone.soa, zone.name_servers, draft.configuration.verifier.identity.contact);
    draft.configuration.zones.policy_zones.push_back(std::move(zone));
}

void complete_catalog(Draft& draft, Reading& reading) {
    if (!draft.catalog) return;
    auto& catalog = *draft.catalog;
    if (catalog.apex.empty()) {
        if (!reading.seen("catalog.apex"))
            reading.refuse_setting("catalog", "has no name; expected such as 'apex: catalog.bl.example'");
        return;
    }
    catalog.soa = draft.zone_defaults.soa;
    complete(catalog.soa, draft.zone_defaults.name_servers, draft.configuration.verifier.identity.contact);
    draft.configuration.zones.catalogs.push_back(catalog);
}

bool is_unspecified(const Address& address) {
    const auto bytes = address.bytes();
    return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte == 0; });
}

// The responder answers for the name, the verifier asks proxies for it: neither knows the other. One address of each
// family, because a proxy takes any of them for any port.
void name_callback(Draft& draft, const Reading& reading) {
    auto& domain = *draft.probe_domain;
    auto& probe = draft.configuration.verifier.probe;
    if (domain.callback.empty()) domain.callback = "callback." + domain.apex;
    if (!reading.seen("probe_domain.callback_addresses")) {
        for (const bool v4 : {true, false}) {
            const auto& targets = probe.callback_targets;
            const auto first = std::find_if(targets.begin(), targets.end(), [v4](const Endpoint& target) {
                return target.address.is_v4() == v4 && !is_unspecified(target.address);
            });
            if (first != targets.end()) domain.callback_addresses.push_back(first->address);
        }
    }
    if (domain.callback_addresses.empty()) return;
    probe.callback_name = domain.callback;
    probe.callback_named = domain.callback_addresses;
}

void complete_probe_domain(Draft& draft, Reading& reading) {
    auto& identity = draft.configuration.verifier.identity;
    if (!draft.probe_domain) return;
    auto& domain = *draft.probe_domain;
    if (domain.apex.empty()) domain.apex = identity.probe_domain;
    if (identity.probe_domain.empty()) identity.probe_domain = domain.apex;
    if (domain.apex != identity.probe_domain) {
        reading.refuse_setting(
            "probe_domain.apex",
            fmt::format("is '{}', but identity.probe_domain is '{}'; expected one name (leave one out)", domain.apex,
                        identity.probe_domain));
    }
    if (domain.apex.empty()) {
        reading.refuse_setting("probe_domain", "has no name; expected 'apex' here, or identity.probe_domain");
        return;
    }
    if (domain.mail_exchanger.empty()) domain.mail_exchanger = "mx." + domain.apex;
    if (!reading.seen("probe_domain.name_servers")) {
        domain.name_servers = draft.zone_defaults.name_servers;
        keep_own_addresses(domain.name_servers, domain.apex);
    }
    complete(domain.soa, domain.name_servers, identity.contact);
    auto& hostname = draft.configuration.verifier.mail_sink.hostname;
    if (hostname.empty()) hostname = domain.mail_exchanger;
    identity.mail_exchanger = domain.mail_exchanger;
    identity.mail_addresses = domain.addresses;
    name_callback(draft, reading);
    draft.configuration.zones.probe_domains.push_back(domain);
}

void require(bool there, const std::string& setting, std::string_view expected, Reading& reading) {
    if (there || reading.refused(setting)) return; // a value that was refused is not missing as well
    reading.refuse_setting(setting,
                           fmt::format("is {}; expected {}", reading.seen(setting) ? "empty" : "missing", expected));
}

void require_stranger(const std::optional<Address>& source, const std::string& setting, Reading& reading) {
    if (source && !verifier::may_probe_from(*source)) {
        reading.refuse_setting(setting,
                               fmt::format("servers trust {}, their own machine, and would look open; expected "
                                           "an address that they don't know",
                                           source->to_string()));
    }
}

void require_family(const std::optional<Address>& source, bool v4, const std::string& setting, Reading& reading) {
    if (source && source->is_v4() != v4) {
        reading.refuse_setting(setting, fmt::format("{} is of the wrong family; expected an {} address",
                                                    source->to_string(), v4 ? "IPv4" : "IPv6"));
    }
}

// A host that is forgotten has never been delisted: neither flips nor mail from before would be known for what they
// are.
void check_retention(const Configuration& configuration, Reading& reading) {
    const auto kept = configuration.retention.hosts;
    const auto needed =
        std::max(configuration.verifier.policy.flip_window, configuration.verifier.probe.mail_token_life);
    if (kept != Duration::zero() && kept < needed)
        reading.refuse_setting("retention.hosts", "hosts would be forgotten while that they were listed still matters; "
                                                  "expected 0s, or no less than policy.flip_window and "
                                                  "probe.mail_token_life");
}

void check_verifier(const Draft& draft, Reading& reading) {
    const auto& settings = draft.configuration.verifier;
    require(!settings.identity.probe_domain.empty(), "identity.probe_domain", "the domain that tokens are mailed to",
            reading);
    require(!settings.identity.helo.empty(), "identity.helo", "our own name, such as probe.bl.example", reading);
    require(!settings.identity.contact.empty(), "identity.contact", "a mail address that the operator reads", reading);
    require(!settings.identity.page.empty(), "identity.page", "the URL of a page that explains the probing", reading);
    require(draft.probe_domain.has_value(), "probe_domain", "the records of the domain that tokens are mailed to",
            reading);
    require(settings.probe.source4 || settings.probe.source6, "probe.source4",
            "an address that probes leave from (or probe.source6)", reading);
    require(!settings.probe.callback_targets.empty(), "probe.callback_targets",
            "our callback sink as suspects reach it, such as 192.0.2.26:25", reading);
    require(!settings.mail_sink.listen.empty(), "mail_sink.listen", "an endpoint such as 0.0.0.0:25", reading);
    require(!settings.callback_sink.listen.empty(), "callback_sink.listen", "an endpoint such as 0.0.0.0:443", reading);
    if (draft.probe_domain)
        require(!draft.probe_domain->addresses.empty(), "probe_domain.addresses", "the mail sink's addresses", reading);
}

void protect_own_addresses(Draft& draft) {
    auto& settings = draft.configuration.verifier;
    auto& own = settings.gate.own_networks;
    const auto protect = [&own](const Address& address) {
        if (is_unspecified(address)) return;
        const auto host = Prefix::of(address, address.bits());
        if (std::find(own.begin(), own.end(), host) == own.end()) own.push_back(host);
    };
    if (settings.probe.source4) protect(*settings.probe.source4);
    if (settings.probe.source6) protect(*settings.probe.source6);
    for (const auto* endpoints :
         {&settings.probe.callback_targets, &settings.mail_sink.listen, &settings.callback_sink.listen}) {
        for (const auto& endpoint : *endpoints) protect(endpoint.address);
    }
    for (const auto& domain : draft.configuration.zones.probe_domains) {
        for (const auto& address : domain.addresses) protect(address);
        for (const auto& address : domain.callback_addresses) protect(address);
    }
}

void check_access(const Draft& draft, Reading& reading) {
    const auto& rules = draft.configuration.dns.access;
    for (std::size_t i = 0; i < rules.size(); ++i) {
        const auto place = fmt::format("dns.access[{}]", i);
        require(reading.seen(place + ".clients"), place + ".clients", "a network such as 192.0.2.0/24", reading);
        require(reading.seen(place + ".action"), place + ".action", "allow, refuse, drop or answer", reading);
        const bool answers = rules[i].action == dnsbl::guard::AccessAction::answer;
        const auto code = rules[i].code;
        if (answers && (!code.is_v4() || code.to_v4() >> 24U != 127 || code == Address::v4(127, 0, 0, 1)))
            reading.refuse_setting(place + ".code",
                                   "is no code; expected an address inside 127.0.0.0/8, such as 127.255.255.254");
        if (!answers && reading.seen(place + ".code"))
            reading.refuse_setting(place + ".code", "means nothing without 'action: answer'");
    }
}

// zones::validate speaks of one thing at a time; asked zone by zone, each complaint gets its place.
void validate_zones(const zones::ZoneSet& set, Reading& reading) {
    bool each_is_valid = true;
    for (std::size_t i = 0; i < set.zones.size(); ++i) {
        if (const auto valid = zones::validate(zones::ZoneSet{{set.zones[i]}, {}}); !valid) {
            reading.refuse_setting(fmt::format("zones[{}]", i), valid.error().message);
            each_is_valid = false;
        }
    }
    for (std::size_t i = 0; i < set.static_zones.size(); ++i) {
        if (const auto valid = zones::validate(zones::ZoneSet{{}, {}, {set.static_zones[i]}}); !valid) {
            reading.refuse_setting(fmt::format("static_zones[{}]", i), valid.error().message);
            each_is_valid = false;
        }
    }
    for (const auto& domain : set.probe_domains) {
        if (const auto valid = zones::validate(zones::ZoneSet{{}, {domain}}); !valid) {
            reading.refuse_setting("probe_domain", valid.error().message);
            each_is_valid = false;
        }
    }
    if (!each_is_valid) return;
    if (const auto valid = zones::validate(set); !valid) reading.refuse_setting("zones", valid.error().message);
}

// Letters that go out need a way, and a page that they speak of.
void check_letters(Draft& draft, Reading& reading) {
    auto& letters = draft.configuration.letters;
    while (letters.public_url.ends_with('/')) letters.public_url.pop_back();
    if (letters.automatic && !letters.enabled)
        reading.refuse_setting("letters.automatic", "letters don't leave at all; expected letters.enabled as well");
    if (!letters.user.empty() || !letters.password_file.empty()) {
        require(!letters.user.empty(), "letters.user", "whose password that of letters.password_file is", reading);
        require(!letters.password_file.empty(), "letters.password_file", "a file with the password of letters.user",
                reading);
        if (letters.smarthost_tls == letters::SmarthostTls::none)
            reading.refuse_setting("letters.smarthost_tls",
                                   "a password is never sent in clear text; expected required, or no letters.user");
    }
    if (!letters.enabled) return;
    require(!letters.smarthost.empty(), "letters.smarthost", "a mail server such as mail.example.net:25", reading);
    require(!letters.public_url.empty(), "letters.public_url", "a URL such as https://bl.example", reading);
    require(!letters.from.empty() || !draft.configuration.verifier.identity.contact.empty(), "letters.from",
            "a mail address that somebody reads (or identity.contact)", reading);
}

// HTTPS needs a certificate and its key.
void check_api(const ApiSettings& api, Reading& reading) {
    const auto& tls = api.tls;
    const bool wanted = !tls.listen.empty() || !tls.certificate.empty() || !tls.key.empty();
    if (!wanted) return;
    require(!tls.listen.empty(), "api.tls.listen", "an endpoint such as 192.0.2.80:443", reading);
    require(!tls.certificate.empty(), "api.tls.certificate", "a PEM file", reading);
    require(!tls.key.empty(), "api.tls.key", "a PEM file", reading);
}

// What the watchers take over from other sections.
void complete_watch(Configuration& configuration, Reading& reading) {
    auto& watch = configuration.dns.watch;
    watch.query_log.json = configuration.log.format == LogFormat::json;
    if (!watch.dnstap.socket.empty() && !watch.dnstap.file.empty())
        reading.refuse_setting("dns.dnstap.file", "dnstap has a socket already; expected one of the two");
    if (watch.dnstap.identity.empty()) watch.dnstap.identity = configuration.dns.identity;
    if (watch.dnstap.version.empty()) watch.dnstap.version = "provenbl " PROVENBL_VERSION;
}

// A list of zones that was kept as it stands in the file.
template <class ReadItem>
void read_list(const std::optional<Node>& list, std::string_view name, std::string_view example, Reading& reading,
               ReadItem read_item) {
    constexpr std::size_t most = 256;
    if (!list || list->kind == Node::Kind::null) return;
    const Reading::Scope scope{reading, name, list->at};
    if (list->kind != Node::Kind::list) {
        reading.refuse(list->at, fmt::format("is not a list; expected items such as {}", example));
        return;
    }
    if (list->items.size() > most) reading.refuse(list->at, fmt::format("has more than {} zones", most));
    for (std::size_t i = 0; i < list->items.size() && i < most; ++i) read_item(list->items[i], i);
}

} // namespace

void assemble_zones(Draft& draft, Reading& reading) {
    read_list(draft.zone_nodes, "zones", "'- {apex: bl.example, classes: all}'", reading,
              [&](const Node& node, std::size_t index) { read_zone(node, index, draft, reading); });
    read_list(draft.static_zone_nodes, "static_zones",
              "'- {apex: bl.example, files: [{type: ip4set, path: /var/lib/lists/bl.txt}]}'", reading,
              [&](const Node& node, std::size_t index) { read_static_zone(node, index, draft, reading); });
    read_list(draft.policy_zone_nodes, "policy_zones", "'- {apex: rpz.example, zone: bl.example}'", reading,
              [&](const Node& node, std::size_t index) { read_policy_zone(node, index, draft, reading); });
    complete_probe_domain(draft, reading);
    complete_catalog(draft, reading);
}

void cross_check(Draft& draft, Role role, Reading& reading) {
    const auto& configuration = draft.configuration;
    require(!configuration.store.directory.empty(), "data_directory", "an absolute path such as /var/lib/provenbl",
            reading);
    if (serves_dns(role)) {
        require(!configuration.zones.zones.empty() || !configuration.zones.static_zones.empty(), "zones",
                "at least one zone (or one of static_zones)", reading);
        require(!configuration.dns.listen.empty(), "dns.listen", "an endpoint such as 192.0.2.53:53", reading);
    }
    check_access(draft, reading);
    if (verifies(role)) check_verifier(draft, reading);
    require_family(configuration.verifier.probe.source4, true, "probe.source4", reading);
    require_family(configuration.verifier.probe.source6, false, "probe.source6", reading);
    require_stranger(configuration.verifier.probe.source4, "probe.source4", reading);
    require_stranger(configuration.verifier.probe.source6, "probe.source6", reading);
    for (std::size_t i = 0; i < configuration.verifier.probe.callback_targets.size(); ++i) {
        if (is_unspecified(configuration.verifier.probe.callback_targets[i].address)) {
            reading.refuse_setting(fmt::format("probe.callback_targets[{}]", i),
                                   "nobody can connect to this address; expected the one that suspects reach us at");
        }
    }
    check_retention(configuration, reading);
    check_letters(draft, reading);
    check_api(configuration.api, reading);
    complete_watch(draft.configuration, reading);
    complete_tls(draft.configuration, reading);
    if (reading.good()) validate_zones(configuration.zones, reading);
    check_exports(configuration, reading);
    check_metrics(configuration, reading);
    check_intake(configuration, reading);
    protect_own_addresses(draft);
}

} // namespace provenbl::tools
