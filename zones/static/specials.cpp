#include "zones/static/specials.hpp"

#include "store/ascii.hpp"
#include "zones/domain_name.hpp"
#include "zones/static/names.hpp"
#include "zones/static/scan.hpp"

#include <fmt/format.h>

namespace provenbl::zones::statics {
namespace {

constexpr std::size_t most_name_servers = 32; // as rbldnsd
constexpr std::size_t most_subzones = 256;
constexpr std::uint32_t longest_time = 0x7fffffff; // RFC 2181 section 8

Error wrong(std::string_view what) {
    return {Errc::invalid, std::string{what}};
}

// A name of the zone's own records: a host name, in lower case.
std::optional<std::string> take_host(std::string_view& text) {
    const auto word = take_word(text);
    const auto wire = wire_name(word);
    if (!wire || wire->empty()) return std::nullopt;
    const auto name = DomainName::parse(name_text(lower_wire(*wire)));
    if (!name) return std::nullopt;
    return name->to_string();
}

// The person of $SOA: dots of the part before the '@' are escaped there.
std::optional<std::string> take_mailbox(std::string_view& text) {
    const auto word = take_word(text);
    const auto wire = wire_name(word);
    if (!wire || label_count(*wire) < 2) return std::nullopt;
    const auto size = static_cast<std::uint8_t>(wire->front());
    const auto mailbox = wire->substr(1, size) + "@" + name_text(lower_wire(wire->substr(size + 1U)));
    if (!DomainName::parse_mailbox(mailbox)) return std::nullopt;
    return lower(mailbox);
}

Result<Special> soa_line(std::string_view text) {
    const auto refused = [] {
        return wrong("$SOA is 'ttl origin person serial refresh retry expire minttl', times as seconds or such as 2h");
    };
    SoaLine line;
    const auto ttl = take_time(text);
    if (!ttl) return refused();
    const auto origin = take_host(text);
    if (!origin) return refused();
    const auto person = take_mailbox(text);
    if (!person) return refused();
    const auto serial = take_number(text);
    if (!serial || text.empty() || !is_space(text.front())) return refused();
    skip_space(text);
    for (auto* const part : {&line.soa.refresh, &line.soa.retry, &line.soa.expire, &line.soa.negative_ttl}) {
        const auto time = take_time(text);
        if (!time || *time > longest_time) return refused();
        *part = *time;
    }
    if (!text.empty() || *ttl > longest_time) return refused();
    line.soa.ttl = *ttl;
    line.soa.mname = *origin;
    line.soa.rname = *person;
    line.serial = *serial;
    return Special{line};
}

Result<Special> ns_line(std::string_view text) {
    NsLine line;
    const auto ttl = take_time(text);
    if (!ttl || *ttl > longest_time) return wrong("$NS is 'ttl name name ...', the ttl as seconds or such as 1w");
    line.ttl = *ttl;
    while (!text.empty()) {
        if (text.front() == '-') { // commented out
            (void)take_word(text);
            continue;
        }
        const auto shown = std::string{text.substr(0, text.find(' '))};
        const auto name = take_host(text);
        if (!name) return wrong(fmt::format("'{:.80}' is no name of a name server", shown));
        if (line.names.size() < most_name_servers) line.names.push_back(*name);
    }
    if (line.names.empty()) return wrong("$NS names no name server");
    return Special{line};
}

Result<Special> ttl_line(std::string_view text) {
    const auto ttl = take_time(text);
    if (!ttl || !text.empty() || *ttl > longest_time)
        return wrong("$TTL is followed by a time, as seconds or such as 35m, and by nothing else");
    return Special{TtlLine{*ttl}};
}

Result<Special> timestamp_line(std::string_view text) {
    const auto refused = [] {
        return wrong("$TIMESTAMP is 'made [expires]', each as yyyy:mm:dd:hh:mi:ss; expires may be +time");
    };
    TimestampLine line;
    const auto made = take_timestamp(text);
    if (!made) return refused();
    line.made = *made;
    if (text.starts_with('+')) {
        text.remove_prefix(1);
        const auto after = take_time(text);
        if (!after || *after == 0 || line.made == 0) return refused();
        line.expires = line.made + *after;
    } else if (!text.empty()) {
        const auto expires = take_timestamp(text);
        if (!expires) return refused();
        line.expires = *expires;
    }
    if (!text.empty()) return refused();
    return Special{line};
}

Result<Special> max_range_line(std::string_view text) {
    const bool prefix = text.starts_with('/');
    if (prefix) text.remove_prefix(1);
    const auto number = take_number(text, prefix ? 32 : 0xffffffff);
    skip_space(text);
    if (!number || *number == 0 || !text.empty())
        return wrong("$MAXRANGE4 is followed by a number of addresses or a prefix length such as /24");
    return Special{MaxRange4Line{prefix ? std::uint64_t{1} << (32U - *number) : *number}};
}

Result<Special> data_set_line(std::string_view text) {
    // A comment begins behind a space only.
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (is_comment(text[i]) && (i == 0 || is_space(text[i - 1]))) text = text.substr(0, i);
    }
    DataSetLine line;
    const auto type = take_word(text);
    line.type = std::string{type.substr(0, type.find(':'))};
    if (line.type.size() < type.size()) line.name = std::string{type.substr(line.type.size() + 1).substr(0, 20)};
    if (line.type.empty()) return wrong("$DATASET is 'type:name subzone subzone ...'");
    while (!text.empty() && line.subzones.size() < most_subzones) line.subzones.emplace_back(take_word(text));
    if (!text.empty()) return wrong(fmt::format("$DATASET has more than {} subzones", most_subzones));
    return Special{line};
}

} // namespace

bool is_special(std::string_view line, std::string_view& text) {
    const bool hidden = line.size() > 1 && (is_comment(line[0]) || line[0] == ':') && line[1] == '$';
    if (!hidden && !line.starts_with('$')) return false;
    text = line.substr(hidden ? 2 : 1);
    return true;
}

Result<Special> parse_special(std::string_view text) {
    const bool variable = text.size() > 1 && (is_digit(text[0]) || text[0] == '=') && is_space(text[1]);
    if (variable) {
        const auto place = text[0] == '=' ? Variables::base : static_cast<std::size_t>(text[0] - '0');
        text.remove_prefix(2);
        skip_space(text);
        if (text.empty()) return wrong("the variable has no text");
        return Special{VariableLine{place, std::string{text}}};
    }
    const auto keyword = lower(take_word(text));
    if (keyword == "soa") return soa_line(text);
    if (keyword == "ns" || keyword == "nameserver") return ns_line(text);
    if (keyword == "ttl") return ttl_line(text);
    if (keyword == "timestamp") return timestamp_line(text);
    if (keyword == "maxrange4") return max_range_line(text);
    if (keyword == "dataset") return data_set_line(text);
    return Error{Errc::not_found, fmt::format("'${:.20}' is no special entry; known are $SOA, $NS, $TTL, $TIMESTAMP, "
                                              "$MAXRANGE4, $DATASET, $0 to $9 and $=",
                                              keyword)};
}

} // namespace provenbl::zones::statics
