#include "tools/config/changes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>

namespace provenbl::tools {
namespace {

// What a running process takes, and what of it not. A setting that is in neither list needs a restart.
constexpr std::array taken{"identity",
                           "zone_defaults",
                           "zones",
                           "static_zones",
                           "policy_zones",
                           "catalog",
                           "probe_domain",
                           "dns.access",
                           "dns.rate_limit",
                           "dns.identity",
                           "dns.tcp_connections",
                           "dns.tcp_per_client",
                           "dns.tcp_message_timeout",
                           "dns.tcp_idle_timeout",
                           "dns.cookie_secret_file",
                           "probe",
                           "gate",
                           "scheduler",
                           "mail_sink",
                           "callback_sink",
                           "policy",
                           "retention",
                           "letters",
                           "exports",
                           "intake.mail",
                           "traps",
                           "pages",
                           "api.connection_limit",
                           "api.connections_per_client",
                           "api.follower_limit",
                           "api.request_limit",
                           "api.request_timeout",
                           "api.follow_limit",
                           "api.trusted_proxies",
                           "api.forwarded_header",
                           "api.limits",
                           "log"};
constexpr std::array not_taken{"mail_sink.listen", "callback_sink.listen", "policy.ipv6_granularity"};

bool is_below(std::string_view setting, std::string_view above) {
    return setting.starts_with(above) &&
           (setting.size() == above.size() || setting[above.size()] == '.' || setting[above.size()] == '[');
}

// By which an item of a list is known.
std::optional<std::string> name_of(const Node& item) {
    for (const auto* const key : {"apex", "name", "clients", "file", "zone"}) {
        for (const auto& member : item.members) {
            if (member.key == key && member.value.kind == Node::Kind::scalar) return member.value.text;
        }
    }
    return std::nullopt;
}

void flatten(const Node& node, const std::string& path, Said& into) {
    switch (node.kind) {
    case Node::Kind::null:
        return;
    case Node::Kind::scalar:
        into[path] = node.text;
        return;
    case Node::Kind::map:
        for (const auto& member : node.members)
            flatten(member.value, path.empty() ? member.key : path + "." + member.key, into);
        return;
    case Node::Kind::list:
        break;
    }
    const bool plain = std::all_of(node.items.begin(), node.items.end(),
                                   [](const Node& item) { return item.kind == Node::Kind::scalar; });
    if (plain) {
        std::vector<std::string_view> texts;
        for (const auto& item : node.items) texts.push_back(item.text);
        into[path] = fmt::format("[{}]", fmt::join(texts, ", "));
        return;
    }
    std::set<std::string> used;
    for (std::size_t i = 0; i < node.items.size(); ++i) {
        auto name = name_of(node.items[i]).value_or(std::to_string(i));
        if (!used.insert(name).second) name += fmt::format("#{}", i);
        flatten(node.items[i], fmt::format("{}[{}]", path, name), into);
    }
}

bool is_secret(std::string_view setting) {
    const auto last = setting.substr(setting.find_last_of('.') + 1);
    if (last.ends_with("_file")) return false;
    constexpr std::array words{"password", "secret", "token", "key"};
    return std::any_of(words.begin(), words.end(),
                       [&](const std::string& word) { return last == word || last.ends_with("_" + word); });
}

// "https://user:password@host/" -> "https://***@host/"
std::string without_password(std::string text) {
    const auto scheme = text.find("://");
    if (scheme == std::string::npos) return text;
    const auto begin = scheme + 3;
    const auto at = text.substr(0, text.find('/', begin)).rfind('@');
    if (at != std::string::npos && at >= begin) text.replace(begin, at - begin, "***");
    return text;
}

} // namespace

Said said_by(const Node& file) {
    Said said;
    flatten(file, "", said);
    return said;
}

std::string SettingChange::to_string() const {
    const auto shown = [&](const std::string& value) -> std::string {
        if (value.empty()) return "default";
        return is_secret(setting) ? "***" : without_password(value);
    };
    return fmt::format("{}: {} -> {}", setting, shown(before), shown(after));
}

std::vector<SettingChange> changes(const Said& before, const Said& after) {
    std::vector<SettingChange> all;
    const auto note = [&](const std::string& setting, const std::string& was, const std::string& is) {
        if (was != is) all.push_back({setting, was, is, needs_restart(setting)});
    };
    for (const auto& [setting, was] : before) {
        const auto is = after.find(setting);
        note(setting, was, is == after.end() ? std::string{} : is->second);
    }
    for (const auto& [setting, is] : after) {
        if (before.count(setting) == 0) note(setting, "", is);
    }
    std::sort(all.begin(), all.end(),
              [](const SettingChange& a, const SettingChange& b) { return a.setting < b.setting; });
    return all;
}

bool concern(const std::vector<SettingChange>& all, std::string_view setting) {
    return std::any_of(all.begin(), all.end(),
                       [&](const SettingChange& change) { return is_below(change.setting, setting); });
}

bool needs_restart(std::string_view setting) {
    const auto names = [&](std::string_view above) { return is_below(setting, above); };
    return std::none_of(taken.begin(), taken.end(), names) || std::any_of(not_taken.begin(), not_taken.end(), names);
}

Said taken_over(const Said& running, const Said& next) {
    Said said;
    for (const auto& [setting, value] : running) {
        if (needs_restart(setting)) said.emplace(setting, value);
    }
    for (const auto& [setting, value] : next) {
        if (!needs_restart(setting)) said.emplace(setting, value);
    }
    return said;
}

Configuration taken_over(const Configuration& running, const Configuration& next) {
    auto made = running;
    made.zones = next.zones;
    made.dns.access = next.dns.access;
    made.dns.rate_limit = next.dns.rate_limit;
    made.dns.identity = next.dns.identity;
    made.dns.tcp_connections = next.dns.tcp_connections;
    made.dns.tcp_per_client = next.dns.tcp_per_client;
    made.dns.tcp_message_timeout = next.dns.tcp_message_timeout;
    made.dns.tcp_idle_timeout = next.dns.tcp_idle_timeout;
    made.dns.cookie_secret_file = next.dns.cookie_secret_file;
    made.verifier = next.verifier;
    made.verifier.mail_sink.listen = running.verifier.mail_sink.listen;
    made.verifier.callback_sink.listen = running.verifier.callback_sink.listen;
    // They listen where they did, and are not to be probed there.
    auto& own = made.verifier.gate.own_networks;
    for (const auto* const endpoints : {&made.verifier.mail_sink.listen, &made.verifier.callback_sink.listen}) {
        for (const auto& endpoint : *endpoints) own.push_back(Prefix::of(endpoint.address, endpoint.address.bits()));
    }
    made.verifier.policy.ipv6_granularity = running.verifier.policy.ipv6_granularity;
    made.retention = next.retention;
    made.letters = next.letters;
    made.exports = next.exports;
    made.intake_mail = next.intake_mail;
    made.traps = next.traps;
    made.pages = next.pages;
    made.api.connection_limit = next.api.connection_limit;
    made.api.connections_per_client = next.api.connections_per_client;
    made.api.follower_limit = next.api.follower_limit;
    made.api.request_limit = next.api.request_limit;
    made.api.request_timeout = next.api.request_timeout;
    made.api.follow_limit = next.api.follow_limit;
    made.api.trusted_proxies = next.api.trusted_proxies;
    made.api.forwarded_header = next.api.forwarded_header;
    made.api.limits = next.api.limits;
    made.log = next.log;
    return made;
}

} // namespace provenbl::tools
