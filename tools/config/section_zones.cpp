// Zones: zone_defaults, zones, probe_domain.
#include "tools/config/sections.hpp"

namespace provenbl::tools {

using namespace types;

using zones::ZoneDefinition;

namespace {

constexpr std::uint32_t week_seconds = 7 * 86400;
constexpr std::uint32_t year_seconds = 365 * 86400;

} // namespace

const Table<zones::NameServer>& name_server_settings() {
    using T = zones::NameServer;
    static const Table<T> table{
        setting<T>("name", host_name(), PROVENBL_FIELD(name), "The server's name, as NS records give it."),
        setting<T>("addresses", list(address(), 16), PROVENBL_FIELD(addresses),
                   "Its addresses, for a name inside the zone itself."),
    };
    return table;
}

const Table<zones::Soa>& soa_settings() {
    using T = zones::Soa;
    static const Table<T> table{
        setting<T>("mname", host_name(), PROVENBL_FIELD(mname), "The primary server. Default: the first name server."),
        setting<T>("rname", mail_address(), PROVENBL_FIELD(rname),
                   "Who answers for the zone. Default: identity.contact."),
        setting<T>("refresh", seconds(10, week_seconds), PROVENBL_FIELD(refresh), "How often a secondary asks."),
        setting<T>("retry", seconds(5, week_seconds), PROVENBL_FIELD(retry), "How soon it asks again after a failure."),
        setting<T>("expire", seconds(3600, year_seconds), PROVENBL_FIELD(expire),
                   "When it stops answering without us."),
        setting<T>("negative_ttl", seconds(1, 86400), PROVENBL_FIELD(negative_ttl),
                   "How long 'not listed' is remembered (RFC 2308)."),
        setting<T>("ttl", seconds(1, week_seconds), PROVENBL_FIELD(ttl), "Of SOA and NS records."),
    };
    return table;
}

Type<zones::ZoneAccess> zone_access() {
    using zones::ZoneAccess;
    return scalar<ZoneAccess>(
        "open or key",
        [](std::string_view text) -> Result<ZoneAccess> {
            if (text == "open") return ZoneAccess::open;
            if (text == "key") return ZoneAccess::key;
            return Error{Errc::invalid, fmt::format("'{}' is unknown", text)};
        },
        [](const ZoneAccess& value) { return std::string{value == ZoneAccess::key ? "key" : "open"}; });
}

namespace {

// What `zones` and `zone_defaults` have in common.
Table<ZoneDefinition> zone_view_settings() {
    using T = ZoneDefinition;
    return {
        setting<T>("codes", codes(), PROVENBL_FIELD(codes),
                   "The A record of each class. Default: relay 127.0.0.2, socks .8, http .9, chain .10, web .11, "
                   "wingate .14, router .15."),
        setting<T>("txt", pattern("a text that fits 255 bytes", {"address", "classes", "page"}), PROVENBL_FIELD(txt),
                   "The TXT record of a listing."),
        setting<T>("page", pattern("a URL", {"address"}), PROVENBL_FIELD(page), "The page about one listed address."),
        setting<T>("ttl", seconds(1, 86400), PROVENBL_FIELD(ttl),
                   "How long 'listed' is remembered: A and TXT records."),
        setting<T>("soa", group(soa_settings()), PROVENBL_FIELD(soa), "The zone's start of authority."),
        setting<T>("name_servers", list(group(name_server_settings()), 16), PROVENBL_FIELD(name_servers),
                   "The servers that answer for the zone."),
        setting<T>("access", zone_access(), PROVENBL_FIELD(access),
                   "open: everybody may ask. key: only below an access key (`provenbl key add`), others are REFUSED."),
    };
}

const Table<zones::ProbeDomain>& probe_domain_settings() {
    using T = zones::ProbeDomain;
    static const Table<T> table{
        setting<T>("apex", host_name(), PROVENBL_FIELD(apex), "The domain. Default: identity.probe_domain."),
        setting<T>("mail_exchanger", host_name(), PROVENBL_FIELD(mail_exchanger),
                   "The mail sink's name, inside the domain. Default: mx.<apex>."),
        setting<T>("addresses", list(address(), 16), PROVENBL_FIELD(addresses),
                   "Where suspects reach the mail sink, on port 25."),
        setting<T>("callback", host_name(), PROVENBL_FIELD(callback),
                   "The callback sink's name, inside the domain, for proxies that go to names alone. Default: "
                   "callback.<apex>."),
        setting<T>("callback_addresses", list(address(), 16), PROVENBL_FIELD(callback_addresses),
                   "The addresses of that name. Default: the first IPv4 and the first IPv6 address of "
                   "probe.callback_targets."),
        setting<T>("ttl", seconds(1, 86400), PROVENBL_FIELD(ttl), "Of MX and address records."),
        setting<T>("soa", group(soa_settings()), PROVENBL_FIELD(soa), "The domain's start of authority."),
        setting<T>("name_servers", list(group(name_server_settings()), 16), PROVENBL_FIELD(name_servers),
                   "The servers that answer for the domain. Default: those of zone_defaults."),
    };
    return table;
}

} // namespace

const Table<ZoneDefinition>& zone_default_settings() {
    static const Table<ZoneDefinition> table = zone_view_settings();
    return table;
}

const Table<ZoneDefinition>& zone_settings() {
    using T = ZoneDefinition;
    static const Table<T> table = [] {
        Table<T> all{
            setting<T>("apex", host_name(), PROVENBL_FIELD(apex), "The zone's name, which mail servers ask below."),
            setting<T>("classes", classes(), PROVENBL_FIELD(classes), "What the zone lists."),
        };
        for (auto& one : zone_view_settings()) all.push_back(std::move(one));
        return all;
    }();
    return table;
}

// Kept as it is until zone_defaults is known, wherever the two stand in the file.
Type<std::optional<Node>> zone_list() {
    Type<std::optional<Node>> type;
    type.expects = "a list of zones, each with an apex and its classes";
    type.read = [](std::optional<Node>& into, const Node& node, Reading&) { into = node; };
    type.show = [](const std::optional<Node>&) { return std::string{}; };
    type.nested = [](const std::string& prefix) { return rows_of(zone_settings(), prefix + "[]"); };
    return type;
}

Type<std::optional<zones::ProbeDomain>> probe_domain_group() {
    Type<std::optional<zones::ProbeDomain>> type;
    type.expects = "settings below it";
    type.read = [](std::optional<zones::ProbeDomain>& into, const Node& node, Reading& reading) {
        into.emplace();
        read_table(*into, probe_domain_settings(), node, reading);
    };
    type.show = [](const std::optional<zones::ProbeDomain>&) { return std::string{}; };
    type.nested = [](const std::string& prefix) { return rows_of(probe_domain_settings(), prefix); };
    return type;
}

} // namespace provenbl::tools
