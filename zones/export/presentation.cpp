#include "zones/export/presentation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace provenbl::zones::exports {
namespace {

bool is_plain(std::uint8_t octet) {
    return (octet >= 'a' && octet <= 'z') || (octet >= 'A' && octet <= 'Z') || (octet >= '0' && octet <= '9') ||
           octet == '-' || octet == '_';
}

} // namespace

std::string master_name(std::span<const std::uint8_t> wire) {
    std::string text;
    for (auto rest = wire; !rest.empty() && rest[0] != 0; rest = after_first_label(rest)) {
        if (!text.empty()) text += '.';
        for (const auto octet : rest.subspan(1, rest[0])) {
            if (is_plain(octet))
                text += static_cast<char>(octet);
            else
                fmt::format_to(std::back_inserter(text), "\\{:03}", octet);
        }
    }
    if (wire.empty()) return "@";
    if (wire.back() == 0) text += '.';
    return text;
}

std::string master_name(const DomainName& name, const DomainName& apex) {
    return master_name(name.is_within(apex) ? name.relative_to(apex) : name.wire());
}

std::string master_text(std::string_view text) {
    std::string quoted = "\"";
    for (const char c : text) {
        const auto octet = static_cast<std::uint8_t>(c);
        if (octet < ' ' || octet > '~') {
            fmt::format_to(std::back_inserter(quoted), "\\{:03}", octet);
            continue;
        }
        if (c == '"' || c == '\\') quoted += '\\';
        quoted += c;
    }
    return quoted + '"';
}

std::string json_text(std::string_view text) {
    std::string quoted = "\"";
    for (const char c : text) {
        const auto octet = static_cast<std::uint8_t>(c);
        if (octet < ' ' || octet > '~') {
            fmt::format_to(std::back_inserter(quoted), "\\u{:04x}", octet);
            continue;
        }
        if (c == '"' || c == '\\') quoted += '\\';
        quoted += c;
    }
    return quoted + '"';
}

std::string csv_field(std::string_view text) {
    if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
    std::string quoted = "\"";
    for (const char c : text) {
        if (c == '"') quoted += '"';
        quoted += c;
    }
    return quoted + '"';
}

std::vector<HostRecord> hosts_of(const ZoneTable& table, const Zone& zone) {
    std::vector<HostRecord> hosts;
    const auto add = [&](const DomainName& name) {
        if (table.find(name.wire()) != &zone) return;
        const auto known = [&](const HostRecord& host) { return host.name == name; };
        if (std::any_of(hosts.begin(), hosts.end(), known)) return;
        const auto node = zone.find(name.relative_to(zone.apex()), Index{});
        if (node.kind == NodeKind::host) hosts.push_back({name, {node.addresses.begin(), node.addresses.end()}});
    };
    for (const auto& one : table.zones()) {
        for (const auto& server : one.name_servers()) add(server);
        if (one.mail_exchanger()) add(*one.mail_exchanger());
    }
    return hosts;
}

std::vector<const Zone*> cuts_of(const ZoneTable& table, const Zone& zone) {
    std::vector<const Zone*> cuts;
    for (const auto& one : table.zones()) {
        if (table.parent_of(one) == &zone) cuts.push_back(&one);
    }
    return cuts;
}

} // namespace provenbl::zones::exports
