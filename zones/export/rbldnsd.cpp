// rbldnsd's `combined` dataset: SOA and NS, our hosts, an ip4set, and ip6tries.
//
// An ip6trie keeps one value for a prefix, so the second code of IPv6 entries is in a second trie, and so on; rbldnsd
// answers from all of them. An ip4set keeps several. The TXT stands with the first code only, or it would be sent
// twice. The reason is written as a template, `$` being the address that is asked for; it changes only with the
// classes, so it is a line of its own before the entries that have it. The names of test entries under ::ffff:0:0/96
// need no line: rbldnsd takes them for IPv4.
#include "zones/export/presentation.hpp"
#include "zones/export/writers.hpp"

#include <array>

namespace provenbl::zones::exports {
namespace {

constexpr char placeholder = '\1'; // in no text: TextTemplate refuses control characters

std::string reason_template(const Zone& zone, ClassSet classes) {
    std::array<std::uint8_t, TextTemplate::longest_text> text{};
    const auto length = zone.text(std::string_view(&placeholder, 1), classes, text);
    std::string made;
    for (std::size_t i = 0; i < length; ++i) {
        const auto c = static_cast<char>(text[i]);
        if (c == '$') made += '$';
        made += c == placeholder ? '$' : c;
    }
    return made;
}

std::string code(std::uint32_t value) {
    return Address::v4(value).to_string();
}

void write_top(const View& view, Output& out) {
    const auto& zone = view.zone;
    const auto& soa = zone.soa();
    const auto name = [](const DomainName& of) {
        auto text = master_name(of.wire());
        text.pop_back(); // names are absolute here, without a last dot
        return text;
    };
    out.print("# {}\n", headline(view));
    out.print("$SOA {} {} {} {} {} {} {} {}\n", soa.ttl, name(zone.soa_mname()), name(zone.soa_rname()),
              view.snapshot.serial(), soa.refresh, soa.retry, soa.expire, soa.negative_ttl);
    out.print("$NS {}", soa.ttl);
    for (const auto& server : zone.name_servers()) out.print(" {}", name(server));
    out.print("\n$TTL {}\n", zone.ttl());
    // It knows neither AAAA nor delegations.
    bool any = false;
    for (const auto& host : hosts_of(view.table, zone)) {
        for (const auto& address : host.addresses) {
            if (!address.is_v4()) continue;
            if (!any) out.put("$DATASET generic:hosts @\n");
            any = true;
            out.print("{} {} A {}\n", master_name(host.name, zone.apex()), soa.ttl, address.to_string());
        }
    }
}

// Writes the value that holds for the entries which follow, when it is another one.
class DefaultValue {
public:
    explicit DefaultValue(Output& out) : out_(out) {}
    void set(std::uint32_t first_code, std::string_view text) {
        if (any_ && first_code == code_ && text == text_) return;
        any_ = true;
        code_ = first_code;
        text_ = text;
        out_.print(":{}:{}\n", code(first_code), text);
    }

private:
    Output& out_;
    bool any_ = false;
    std::uint32_t code_ = 0;
    std::string text_;
};

} // namespace

std::uint64_t write_rbldnsd(const View& view, Output& out) {
    write_top(view, out);
    std::array<std::string, 256> templates; // by class set; each made when it is needed
    const auto reason_of = [&](const Node& node) -> const std::string& {
        auto& text = templates.at(node.classes.bits());
        if (text.empty()) text = reason_template(view.zone, node.classes);
        return text;
    };
    out.put("$DATASET ip4set:ipv4 @\n");
    DefaultValue value4(out);
    DefaultValue value6(out);
    bool any_v6 = false;
    std::size_t tries = 1; // how many codes an IPv6 entry has at most
    const auto listings = walk_entries(view, TestEntries::with, [&](const Entry& entry) {
        const auto codes = entry.node.a_values();
        const auto text = entry.text();
        if (entry.node.address.is_v4()) {
            value4.set(codes[0], reason_of(entry.node));
            out.print("{}\n", text);
            for (const auto other : codes.subspan(1)) out.print("{} :{}:\n", text, code(other));
            return out.good();
        }
        if (!any_v6) out.put("$DATASET ip6trie:ipv6-1 @\n");
        any_v6 = true;
        tries = std::max(tries, codes.size());
        value6.set(codes[0], reason_of(entry.node));
        out.print("{}\n", text);
        return out.good();
    });
    for (std::size_t trie = 1; trie < tries && out.good(); ++trie) {
        out.print("$DATASET ip6trie:ipv6-{} @\n", trie + 1);
        walk_entries(view, TestEntries::without, [&](const Entry& entry) {
            const auto codes = entry.node.a_values();
            if (entry.node.address.is_v6() && codes.size() > trie)
                out.print("{} :{}:\n", entry.text(), code(codes[trie]));
            return out.good();
        });
    }
    return listings;
}

} // namespace provenbl::zones::exports
