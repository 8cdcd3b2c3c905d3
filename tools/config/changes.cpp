#include "tools/config/changes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>

namespace provenbl::tools {
namespace {

// A setting, with what of a configuration it is (some are read into one member together).
struct Part {
    std::string_view setting;
    void (*copy)(Configuration& to, const Configuration& from);
};

#define PROVENBL_PART(setting, member)                                                                                 \
    Part {                                                                                                             \
        setting, [](Configuration& to, const Configuration& from) { to.member = from.member; }                         \
    }

// What a running process takes ...
constexpr std::array taken{
    PROVENBL_PART("identity", verifier),
    PROVENBL_PART("zone_defaults", zones),
    PROVENBL_PART("zones", zones),
    PROVENBL_PART("static_zones", zones),
    PROVENBL_PART("policy_zones", zones),
    PROVENBL_PART("catalog", zones),
    PROVENBL_PART("probe_domain", zones),
    PROVENBL_PART("dns.access", dns.access),
    PROVENBL_PART("dns.rate_limit", dns.rate_limit),
    PROVENBL_PART("dns.identity", dns.identity),
    PROVENBL_PART("dns.tcp_connections", dns.tcp_connections),
    PROVENBL_PART("dns.tcp_per_client", dns.tcp_per_client),
    PROVENBL_PART("dns.tcp_message_timeout", dns.tcp_message_timeout),
    PROVENBL_PART("dns.tcp_idle_timeout", dns.tcp_idle_timeout),
    PROVENBL_PART("dns.cookie_secret_file", dns.cookie_secret_file),
    Part{"dns.tls",
         [](Configuration& to, const Configuration& from) {
             // Else what there is goes on until the restart.
             if (to.dns.tls.enabled() == from.dns.tls.enabled()) to.dns.tls = from.dns.tls;
         }},
    PROVENBL_PART("mirrors", mirrors),
    PROVENBL_PART("probe", verifier),
    PROVENBL_PART("gate", verifier),
    PROVENBL_PART("scheduler", verifier),
    PROVENBL_PART("mail_sink", verifier),
    PROVENBL_PART("callback_sink", verifier),
    PROVENBL_PART("policy", verifier),
    PROVENBL_PART("retention", retention),
    PROVENBL_PART("letters", letters),
    PROVENBL_PART("exports", exports),
    PROVENBL_PART("intake.mail", intake_mail),
    PROVENBL_PART("traps", traps),
    PROVENBL_PART("pages", pages),
    PROVENBL_PART("api.connection_limit", api.connection_limit),
    PROVENBL_PART("api.connections_per_client", api.connections_per_client),
    PROVENBL_PART("api.follower_limit", api.follower_limit),
    PROVENBL_PART("api.request_limit", api.request_limit),
    PROVENBL_PART("api.request_timeout", api.request_timeout),
    PROVENBL_PART("api.follow_limit", api.follow_limit),
    PROVENBL_PART("api.trusted_proxies", api.trusted_proxies),
    PROVENBL_PART("api.forwarded_header", api.forwarded_header),
    PROVENBL_PART("api.limits", api.limits),
    PROVENBL_PART("log", log),
};
// ... and what of it not. A setting that is in neither list needs a restart.
constexpr std::array not_taken{
    PROVENBL_PART("dns.tls.listen", dns.tls.listen),
    PROVENBL_PART("mail_sink.listen", verifier.mail_sink.listen),
    PROVENBL_PART("callback_sink.listen", verifier.callback_sink.listen),
    PROVENBL_PART("policy.ipv6_granularity", verifier.policy.ipv6_granularity),
};

#undef PROVENBL_PART

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

// DNS over TLS begins and ends with a restart; until then nothing of it is taken.
bool switches_tls(const Said& before, const Said& after) {
    const auto on = [](const Said& said) {
        const auto listen = said.find("dns.tls.listen");
        return listen != said.end() && listen->second != "[]";
    };
    return on(before) != on(after);
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
    const bool other_tls = switches_tls(before, after);
    const auto note = [&](const std::string& setting, const std::string& was, const std::string& is) {
        const bool waits = needs_restart(setting) || (other_tls && is_below(setting, "dns.tls"));
        if (was != is) all.push_back({setting, was, is, waits});
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
    const auto covers = [&](const Part& part) { return is_below(setting, part.setting); };
    return std::none_of(taken.begin(), taken.end(), covers) || std::any_of(not_taken.begin(), not_taken.end(), covers);
}

Said taken_over(const Said& running, const Said& next) {
    Said said;
    const bool other_tls = switches_tls(running, next);
    const auto waits = [&](const std::string& setting) {
        return needs_restart(setting) || (other_tls && is_below(setting, "dns.tls"));
    };
    for (const auto& [setting, value] : running) {
        if (waits(setting)) said.emplace(setting, value);
    }
    for (const auto& [setting, value] : next) {
        if (!waits(setting)) said.emplace(setting, value);
    }
    return said;
}

Configuration taken_over(const Configuration& running, const Configuration& next) {
    auto made = running;
    for (const auto& part : taken) part.copy(made, next);
    for (const auto& part : not_taken) part.copy(made, running);
    // The sinks listen where they did, and are not to be probed there.
    auto& own = made.verifier.gate.own_networks;
    for (const auto* const endpoints : {&made.verifier.mail_sink.listen, &made.verifier.callback_sink.listen}) {
        for (const auto& endpoint : *endpoints) own.push_back(Prefix::of(endpoint.address, endpoint.address.bits()));
    }
    return made;
}

} // namespace provenbl::tools
