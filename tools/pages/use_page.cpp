#include "tools/pages/use_page.hpp"

#include "tools/pages/criteria_page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace provenbl::tools::pages {
namespace {

std::set<Address> codes_of(const zones::ZoneDefinition& zone) {
    std::set<Address> codes;
    for (const auto& [cls, code] : zone.codes) {
        if (zone.classes.contains(cls)) codes.insert(code);
    }
    return codes;
}

unsigned last_octet(const Address& code) {
    return code.to_v4() & 0xffU;
}

bool all_in_127_0_0(const std::set<Address>& codes) {
    return std::all_of(codes.begin(), codes.end(), [](const Address& code) { return code.to_v4() >> 8U == 0x7f0000U; });
}

// A name that programs take for a rule: letters, digits and underscores.
std::string symbol(std::string_view apex) {
    std::string name;
    for (const char c : apex) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        name += plain ? c : '_';
    }
    return name;
}

std::string upper(std::string text) {
    for (char& c : text) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    return text;
}

std::string spamassassin(const zones::ZoneDefinition& zone) {
    const auto name = upper(symbol(zone.apex));
    std::string rules = fmt::format("header   __{0} eval:check_rbl('{1}', '{2}.')\ntflags   __{0} net\n", name,
                                    symbol(zone.apex), zone.apex);
    for (const auto& [cls, code] : zone.codes) {
        if (!zone.classes.contains(cls)) continue;
        const auto rule = fmt::format("RCVD_IN_{}_{}", name, upper(std::string{to_string(cls)}));
        auto exact = code.to_string();
        std::string pattern;
        for (const char c : exact) pattern += c == '.' ? std::string{"\\."} : std::string{c};
        rules += fmt::format("header   {0} eval:check_rbl_sub('{1}', '^{2}$')\ndescribe {0} {3}\ntflags   {0} net\n"
                             "score    {0} 3.0\n",
                             rule, symbol(zone.apex), pattern, meaning(cls));
    }
    return rules;
}

std::string rspamd(const zones::ZoneDefinition& zone) {
    const auto name = upper(symbol(zone.apex));
    std::string text =
        fmt::format("rbls {{\n  {} {{\n    symbol = \"{}\";\n    rbl = \"{}\";\n    checks = [\"from\"];\n"
                    "    ipv4 = true;\n    ipv6 = true;\n    returncodes {{\n",
                    symbol(zone.apex), name, zone.apex);
    for (const auto& [cls, code] : zone.codes) {
        if (zone.classes.contains(cls))
            text += fmt::format("      {}_{} = \"{}\";\n", name, upper(std::string{to_string(cls)}), code.to_string());
    }
    return text + "    }\n  }\n}\n";
}

std::string hopm(const zones::ZoneDefinition& zone, const std::set<Address>& codes) {
    std::string text = fmt::format("blacklist {{\n    name = \"{}\";\n    address_family = ipv4, ipv6;\n"
                                   "    type = \"A record reply\";\n    ban_unknown = no;\n    reply {{\n",
                                   zone.apex);
    for (const auto& code : codes) {
        std::string names;
        for (const auto& [cls, of] : zone.codes) {
            if (of == code && zone.classes.contains(cls))
                names += (names.empty() ? "" : ", ") + std::string{to_string(cls)};
        }
        text += fmt::format("        {} = \"{}\";\n", last_octet(code), names);
    }
    return text + "    };\n    kline = \"KLINE 180 *@%h :Open proxy, see " + zone.apex + "\";\n};\n";
}

// The codes with a bar between them, as Exim and Sendmail read a list.
std::string joined(const std::set<Address>& codes, std::string_view between) {
    std::string text;
    for (const auto& code : codes) text += (text.empty() ? "" : std::string{between}) + code.to_string();
    return text;
}

std::string sendmail(const zones::ZoneDefinition& zone, const std::set<Address>& codes) {
    std::string text =
        fmt::format("FEATURE(`enhdnsbl', `{}', `\"550 Rejected: \"$&{{client_addr}}\" is listed at {}\"', `'",
                    zone.apex, zone.apex);
    for (const auto& code : codes) text += fmt::format(", `{}.'", code.to_string());
    return text + ")dnl\n";
}

} // namespace

std::string postfix_pattern(const zones::ZoneDefinition& zone) {
    const auto codes = codes_of(zone);
    if (codes.size() == 1) return codes.begin()->to_string();
    if (!all_in_127_0_0(codes)) return "127.0.0.[0..255]";
    std::string list;
    for (auto at = codes.begin(); at != codes.end();) {
        const auto first = last_octet(*at);
        auto last = first;
        while (++at != codes.end() && last_octet(*at) == last + 1) ++last;
        list += list.empty() ? "" : ";";
        list += first == last ? fmt::format("{}", first) : fmt::format("{}..{}", first, last);
    }
    return "127.0.0.[" + list + "]";
}

std::vector<Recipe> recipes(const zones::ZoneDefinition& zone) {
    const auto codes = codes_of(zone);
    if (codes.empty()) return {};
    const auto pattern = postfix_pattern(zone);
    std::vector<Recipe> all;
    all.push_back(
        {"postfix", "Postfix", "/etc/postfix/main.cf",
         fmt::format("smtpd_recipient_restrictions =\n    permit_mynetworks,\n    permit_sasl_authenticated,\n"
                     "    reject_unauth_destination,\n    reject_rbl_client {}={}\n",
                     zone.apex, pattern),
         "The text of the TXT record is put into the reply, so whoever is refused finds the page."});
    all.push_back({"postscreen", "Postfix postscreen", "/etc/postfix/main.cf",
                   fmt::format("postscreen_dnsbl_sites = {}={}*2\npostscreen_dnsbl_threshold = 2\n"
                               "postscreen_dnsbl_action = enforce\n",
                               zone.apex, pattern),
                   "It remembers an answer for its TTL, and no less than a minute."});
    all.push_back({"exim", "Exim", "the RCPT ACL",
                   fmt::format("deny  message  = $sender_host_address is listed: $dnslist_text\n"
                               "      dnslists = {}={}\n",
                               zone.apex, joined(codes, ",")),
                   "Exim takes an answer that does not come for 'not listed', which is right."});
    all.push_back({"sendmail", "Sendmail", "sendmail.mc", sendmail(zone, codes), "Sendmail asks for IPv4 only."});
    all.push_back({"spamassassin", "SpamAssassin", "/etc/spamassassin/local.cf", spamassassin(zone),
                   "Choose scores that suit you."});
    all.push_back({"rspamd", "Rspamd", "/etc/rspamd/local.d/rbl.conf", rspamd(zone),
                   "Give the symbols scores in local.d/groups.conf."});
    all.push_back({"haraka", "Haraka", "config/dnsbl.ini",
                   fmt::format("[main]\nreject=true\nsearch=all\nzones={}\n", zone.apex),
                   "Haraka tests the list every half hour by 127.0.0.2 and 127.0.0.1, and leaves out one that fails."});
    if (all_in_127_0_0(codes))
        all.push_back(
            {"hopm", "HOPM (IRC)", "hopm.conf, inside opm { }", hopm(zone, codes), "It reads the last octet."});
    return all;
}

Page use_page(const Site& site, const Configuration& configuration) {
    Page page;
    page.title = "Use the list";
    page.here = "/use";
    page.content = tag("h1", "How to use ", site.name);
    const zones::ZoneDefinition* main = nullptr;
    for (const auto& zone : configuration.zones.zones) {
        if (!codes_of(zone).empty() && main == nullptr) main = &zone;
    }
    if (main == nullptr) {
        page.content += tag("p", "This server has no zone of what is proven.");
        return page;
    }
    page.content += tag("p", "The settings below are for ", tag("code", main->apex),
                        ". They name the codes that mean something, so that no other answer ever refuses mail.");
    if (main->access == zones::ZoneAccess::key)
        page.content += tag("p", "This zone needs an access key: write ", tag("code", "KEY." + main->apex),
                            " instead of ", tag("code", main->apex), ", with the key that you were given.");
    page.content += element("h2", {{"id", "test"}}, "First, see that it answers");
    page.content += tag("pre", fmt::format("dig +short 2.0.0.127.{0}   # an answer in 127.0.0.0/8: it works\n"
                                           "dig +short 1.0.0.127.{0}   # no answer: as it must be\n",
                                           main->apex));
    page.content +=
        tag("p", "Ask through a resolver of your own, on the machine or in your network: public resolvers ask for "
                 "thousands at once and meet the limits that protect the service.");
    for (const auto& recipe : recipes(*main)) {
        page.content += element("h2", {{"id", recipe.id}}, recipe.program);
        page.content += tag("p", "In ", tag("code", recipe.where), ":");
        page.content += tag("pre", recipe.lines);
        if (!recipe.remark.empty()) page.content += tag("p", recipe.remark);
    }
    if (configuration.zones.zones.size() > 1) {
        page.content += element("h2", {{"id", "zones"}}, "Other zones");
        page.content += tag("p", "The same settings with another name; each is a part of what is known.");
        std::vector<std::vector<Html>> rows;
        for (const auto& zone : configuration.zones.zones)
            rows.push_back({tag("code", zone.apex), to_string(zone.classes), tag("code", postfix_pattern(zone))});
        page.content += table("Zones and what they list", {"Zone", "Classes", "Codes, as Postfix reads them"}, rows);
    }
    page.content += element("h2", {{"id", "mirror"}}, "Many questions?");
    page.content += tag("p", "Take the zone and answer yourself: ", link("/mirrors", "how to mirror"), ".");
    return page;
}

} // namespace provenbl::tools::pages
