// Mirrors: made, shown and removed by the operator; and how old a serial is, which is what a mirror's lag is told by.
#include "dnsbl/wire/tsig.hpp"
#include "store/journal.hpp"
#include "store/mirrors.hpp"
#include "tools/api/describe.hpp"
#include "tools/api/mirror_kit.hpp"
#include "tools/api/mirror_lag.hpp"
#include "tools/api/plain_text.hpp"
#include "tools/api/problem.hpp"
#include "tools/api/request_body.hpp"
#include "tools/api/router.hpp"
#include "tools/api/serial_age.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <memory>

namespace provenbl::tools::api::routes {
namespace json = boost::json;
namespace {

constexpr std::size_t note_limit = 1000;
constexpr std::size_t text_limit = 300;
constexpr std::size_t shown_mirrors = 5000;
constexpr std::uint16_t dns_port = 53;
constexpr std::string_view lag_route = "lag"; // GET /v1/mirrors/lag

// A list of texts, or one alone; empty when absent.
Result<std::vector<std::string>> texts_member(const json::object& body, std::string_view name, std::size_t at_most) {
    std::vector<std::string> texts;
    const auto* const value = body.if_contains({name.data(), name.size()});
    if (value == nullptr) return texts;
    const auto add = [&](const json::value& item) {
        if (!item.is_string() || item.get_string().size() > text_limit) return false;
        texts.emplace_back(item.get_string());
        return true;
    };
    bool good = false;
    if (value->is_array()) {
        const auto& items = value->get_array();
        good = items.size() <= at_most && std::all_of(items.begin(), items.end(), add);
    } else {
        good = add(*value);
    }
    if (!good) return Error{Errc::invalid, fmt::format("'{}' is no list of at most {} texts", name, at_most)};
    return texts;
}

// "192.0.2.1", "192.0.2.1:5353", "2001:db8::1", "[2001:db8::1]:5353".
Result<Endpoint> read_server(const std::string& text) {
    if (const auto address = Address::parse(text)) return Endpoint{*address, dns_port};
    return Endpoint::parse(text);
}

Result<> read_places(const json::object& body, Mirror& mirror) {
    const auto addresses = texts_member(body, "addresses", mirrors::most_addresses);
    if (!addresses) return addresses.error();
    for (const auto& text : *addresses) {
        const auto endpoint = read_server(text);
        if (!endpoint) return endpoint.error();
        mirror.addresses.push_back(*endpoint);
    }
    if (mirror.addresses.empty() && mirror.kind != MirrorKind::rbldnsd)
        return Error{Errc::invalid, "'addresses' is missing: where the mirror listens, such as 192.0.2.1"};
    const auto from = texts_member(body, "from", mirrors::most_addresses);
    if (!from) return from.error();
    for (const auto& text : *from) {
        const auto prefix = Prefix::parse(text);
        if (!prefix) return prefix.error();
        mirror.from.push_back(*prefix);
    }
    return {};
}

// The zones must be ours: a slip of the pen would make a mirror of nothing.
Result<> read_zones(const json::object& body, const Configuration& configuration, Mirror& mirror) {
    const auto zones = texts_member(body, "zones", mirrors::most_zones);
    if (!zones) return zones.error();
    std::vector<std::string> ours;
    for (const auto& zone : configuration.zones.zones) ours.push_back(zone.apex);
    for (const auto& zone : configuration.zones.policy_zones) ours.push_back(zone.apex);
    for (const auto& domain : configuration.zones.probe_domains) ours.push_back(domain.apex);
    for (const auto& text : *zones) {
        const auto name = zones::DomainName::parse(text);
        if (!name) return name.error();
        if (std::find(ours.begin(), ours.end(), name->to_string()) == ours.end())
            return Error{Errc::invalid,
                         fmt::format("'{}' is no zone of ours; there are {}", text, fmt::join(ours, ", "))};
        mirror.zones.push_back(name->to_string());
    }
    return {};
}

Result<Mirror> read_mirror(const Context& context, const Request& request) {
    const auto body =
        parse_body(request.body, {"name", "kind", "addresses", "from", "algorithm", "zones", "note", "tls"});
    if (!body) return body.error();
    Mirror mirror;
    const auto name = text_member(*body, "name", text_limit, true);
    if (!name) return name.error();
    mirror.name = *name;
    const auto kind = text_member(*body, "kind", text_limit, true);
    if (!kind) return kind.error();
    const auto known = parse_mirror_kind(*kind);
    if (!known)
        return Error{Errc::invalid,
                     fmt::format("'{}' is no kind of mirror; expected bind, nsd, knot, pdns or rbldnsd", *kind)};
    mirror.kind = *known;
    const auto algorithm = text_member(*body, "algorithm", text_limit, false);
    if (!algorithm) return algorithm.error();
    mirror.algorithm =
        algorithm->empty() ? std::string(to_string(dnsbl::wire::TsigAlgorithm::hmac_sha256)) : *algorithm;
    if (!dnsbl::wire::parse_tsig_algorithm(mirror.algorithm))
        return Error{
            Errc::invalid,
            fmt::format("'{}' is no algorithm; expected hmac-sha256, hmac-sha384 or hmac-sha512", mirror.algorithm)};
    if (auto read = read_places(*body, mirror); !read) return read.error();
    if (auto read = read_zones(*body, context.configuration, mirror); !read) return read.error();
    const auto note = text_member(*body, "note", note_limit, false);
    if (!note) return note.error();
    mirror.note = *note;
    if (const auto* tls = body->if_contains("tls"); tls != nullptr) {
        if (!tls->is_bool()) return Error{Errc::invalid, "'tls' is neither true nor false"};
        mirror.tls = tls->get_bool();
    }
    if (mirror.name == lag_route)
        return Error{Errc::invalid, "a mirror can't be called 'lag', which is a page of the API; choose another name"};
    if (!mirrors::is_name(mirror.name))
        return Error{Errc::invalid, fmt::format("'{}' is no name for a mirror; expected a to z, 0 to 9 and '-' inside, "
                                                "at most 63 characters",
                                                mirror.name)};
    // Named after the list, so that the keys of two lists are two keys at their mirror.
    const auto& zones = context.configuration.zones.zones;
    mirror.key_name = fmt::format("{}.mirror.{}", mirror.name, zones.empty() ? "provenbl" : zones.front().apex);
    if (const auto valid = zones::DomainName::parse(mirror.key_name); !valid) return valid.error();
    mirror.secret = mirrors::make_secret(context.entropy);
    return mirror;
}

template <class T> json::array texts(const std::vector<T>& values) {
    json::array all;
    for (const auto& value : values) all.emplace_back(value.to_string());
    return all;
}

json::object describe_mirror(const Mirror& mirror, const Configuration& configuration) {
    json::array zones;
    for (const auto& zone : zones_of(mirror, configuration)) zones.emplace_back(zone);
    const auto catalog = watched_catalog(mirror, configuration);
    return {{"id", mirror.id},
            {"name", mirror.name},
            {"kind", to_string(mirror.kind)},
            {"addresses", texts(mirror.addresses)},
            {"from", texts(mirror.from)},
            {"zones", std::move(zones)},
            {"catalog", catalog.empty() ? json::value() : json::value(catalog)},
            {"all_zones", mirror.zones.empty()},
            {"key", mirror.key_name},
            {"algorithm", mirror.algorithm},
            {"added", describe(mirror.added)},
            {"removed", describe(mirror.removed)},
            {"note", as_utf8(mirror.note)},
            {"tls", mirror.tls}};
}

// With the secret, which the store has to keep: whoever reads this could read that.
json::object describe_with_kit(const Mirror& mirror, const Configuration& configuration) {
    auto object = describe_mirror(mirror, configuration);
    object["secret"] = to_base64(mirror.secret);
    object["configuration"] = mirror_kit(mirror, kit_facts(mirror, configuration));
    return object;
}

// `lags` is in the order of the mirrors' names.
json::array watched_of(const std::vector<MirrorLag>& lags, const std::string& name) {
    json::array watched;
    const auto before = [](const MirrorLag& lag, const std::string& wanted) { return lag.mirror < wanted; };
    for (auto lag = std::lower_bound(lags.begin(), lags.end(), name, before); lag != lags.end() && lag->mirror == name;
         ++lag)
        watched.emplace_back(describe(*lag));
    return watched;
}

} // namespace

Response list_mirrors(const Context& context) {
    const auto lags = context.mirror_lags ? context.mirror_lags() : std::vector<MirrorLag>();
    auto worst = describe_standings(lags);
    json::array rows;
    std::uint64_t serial = 0;
    context.store.read([&](const ReadTxn& txn) {
        serial = journal::last(txn);
        mirrors::walk(txn, [&](const Mirror& mirror) {
            auto row = describe_mirror(mirror, context.configuration);
            if (mirror.in_force() && context.mirror_lags) {
                row["lag"] = worst.contains(mirror.name) ? worst.at(mirror.name) : json::value();
                row["watched"] = watched_of(lags, mirror.name);
            }
            rows.emplace_back(std::move(row));
            return rows.size() < shown_mirrors;
        });
    });
    return json_response({{"serial", static_cast<std::uint32_t>(serial)}, {"mirrors", std::move(rows)}});
}

Response mirror_lag(const Context& context, const Request& request) {
    if (!request.is_operator && !context.configuration.mirrors.is_public)
        return problem(403, "operator-only", "how far mirrors are is told to the operator alone (mirrors.public)");
    if (!context.mirror_lags) return problem(Error{Errc::not_found, "this process does not watch mirrors"});
    return json_response(
        {{"now", describe(context.clock.now())}, {"mirrors", describe_standings(context.mirror_lags())}});
}

Answer add_mirror(const Context& context, const Request& request) {
    const auto read = read_mirror(context, request);
    if (!read) return problem(read.error());
    if (read->kind != MirrorKind::rbldnsd && kit_facts(*read, context.configuration).primaries.empty())
        return problem(Error{Errc::invalid, "the configuration names no address that a mirror could ask: dns.listen is "
                                            "all addresses, and no name server has one; set transfers.notify_source"});
    if (read->tls) {
        if (auto can = can_use_tls(read->kind, kit_facts(*read, context.configuration)); !can)
            return problem(can.error());
    }
    auto added = std::make_shared<Mirror>();
    Write write;
    write.work = [mirror = *read, added](WriteTxn& txn) -> Result<> {
        auto result = mirrors::add(txn, mirror);
        if (!result) return result.error();
        *added = std::move(*result);
        return {};
    };
    write.respond = [added, &context](const Result<>& committed) {
        if (!committed) return problem(committed.error());
        return json_response(describe_with_kit(*added, context.configuration), 201);
    };
    return write;
}

Response show_mirror(const Context& context, const std::string& name) {
    const auto found = context.store.read([&](const ReadTxn& txn) { return mirrors::find(txn, name); });
    if (!found)
        return problem(
            Error{Errc::not_found,
                  fmt::format("no mirror has the name '{}'; `provenbl mirror list` shows which there are", name)});
    return json_response(describe_with_kit(*found, context.configuration));
}

Answer remove_mirror(const Context& context, const std::string& name) {
    auto removed = std::make_shared<Mirror>();
    Write write;
    write.work = [name, removed](WriteTxn& txn) -> Result<> {
        auto result = mirrors::remove(txn, name);
        if (!result) return result.error();
        *removed = std::move(*result);
        return {};
    };
    write.respond = [removed, &context](const Result<>& committed) {
        if (!committed) return problem(committed.error());
        return json_response(describe_mirror(*removed, context.configuration));
    };
    return write;
}

Response serial_age(const Context& context, const RequestTarget& target) {
    const auto& text = target.segments[2];
    std::uint32_t serial = 0;
    const auto* const end = text.data() + text.size();
    if (const auto [at, error] = std::from_chars(text.data(), end, serial); error != std::errc{} || at != end)
        return problem(Error{Errc::invalid, fmt::format("'{}' is no serial; expected a number below 2^32", text)});
    const auto zone = target.query.find("zone");
    const auto& catalogs = context.configuration.zones.catalogs;
    const bool of_catalog = zone != target.query.end() && !catalogs.empty() && zone->second == catalogs.front().apex;
    const auto age = context.store.read([&](const ReadTxn& txn) {
        const auto now = context.clock.now();
        return of_catalog ? catalog_age_of(txn, serial, now) : age_of(txn, serial, now);
    });
    json::object object{{"serial", serial},
                        {"last", static_cast<std::uint32_t>(age.last)},
                        {"ahead", age.ahead},
                        {"behind", age.behind},
                        {"at_least", age.at_least},
                        {"since", describe(age.since)},
                        {"seconds", std::chrono::duration_cast<std::chrono::seconds>(age.age).count()}};
    return json_response(object);
}

} // namespace provenbl::tools::api::routes
