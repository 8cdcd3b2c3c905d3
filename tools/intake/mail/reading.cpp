#include "tools/intake/mail/reading.hpp"

#include "store/ascii.hpp"
#include "tools/api/plain_text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace provenbl::tools::intake::mail {

std::string_view to_string(Kind kind) {
    switch (kind) {
    case Kind::arf:
        return "arf";
    case Kind::xarf:
        return "xarf";
    case Kind::hopm:
        return "hopm";
    case Kind::forwarded:
        return "forwarded";
    case Kind::itself:
        break;
    }
    return "spam";
}

std::string remark_of(std::string_view text) {
    constexpr std::size_t longest = 300; // before what can't be shown is written as \x..
    auto plain = api::as_utf8(text.substr(0, longest));
    std::replace_if(
        plain.begin(), plain.end(), [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
    if (plain.size() <= longest_comment) return plain;
    auto end = longest_comment;
    while (end > 0 && (static_cast<unsigned char>(plain[end]) & 0xc0U) == 0x80U) --end; // whole characters
    plain.resize(end);
    return plain;
}

void add_entry(Reading& reading, Entry entry, const Rules& rules) {
    const auto known = std::find_if(reading.entries.begin(), reading.entries.end(),
                                    [&](const Entry& one) { return one.address == entry.address; });
    if (known == reading.entries.end()) {
        if (reading.entries.size() < rules.most_entries)
            reading.entries.push_back(std::move(entry));
        else
            reading.no_host.push_back(
                fmt::format("{} is beyond the {} hosts of one mail", entry.address.to_string(), rules.most_entries));
        return;
    }
    for (const auto port : entry.ports) {
        auto& ports = known->ports;
        if (ports.size() < most_ports && std::find(ports.begin(), ports.end(), port) == ports.end())
            ports.push_back(port);
    }
}

bool is_mail(const Part& part) {
    if (part.type.name == "message/rfc822" || part.type.name == "message/global" ||
        part.type.name == "text/rfc822-headers" || part.type.name == "message/rfc822-headers")
        return true;
    // As mail programs save a mail: report.eml.
    const auto name = lower(part.type.parameter("name"));
    return name.ends_with(".eml") && (part.type.name.starts_with("application/") || part.type.name == "text/plain");
}

Result<Entry> injected(const Header& header, const Rules& rules) {
    const auto address = injecting_address(header, rules.trusted);
    if (!address) return address.error();
    Entry entry;
    entry.address = *address;
    const auto id = header.first("message-id");
    entry.comment = remark_of(id.empty() ? "spam" : fmt::format("spam with the Message-ID {}", id));
    return entry;
}

Result<Reading> read_report(std::string_view text, const Rules& rules) {
    const auto message = take_apart(text, rules.limits);
    if (!message) return Error{message.error().code, "the mail " + message.error().message};
    // A report may hold both forms: XARF says more.
    for (const auto read : {&read_xarf, &read_arf}) {
        auto reading = (*read)(*message, rules);
        if (!reading) return reading.error();
        if (*reading) return std::move(**reading);
    }
    auto found = read_hopm(*message);
    if (!found) return found.error();
    if (*found) return std::move(**found);
    if (message->type.name == "multipart/report")
        return Error{Errc::invalid,
                     "this is a report of a mail server (a bounce, a receipt) and none of abuse; reports "
                     "of abuse are ARF, report-type=feedback-report (RFC 5965)"};
    auto forwarded = read_forwarded(*message, rules);
    if (!forwarded) return forwarded.error();
    if (*forwarded) return std::move(**forwarded);
    return Error{Errc::invalid, "no report was found in this mail; forward the spam as an attachment (message/rfc822) "
                                "or with all its header lines, or send ARF (RFC 5965) or XARF v4"};
}

Result<Reading> read_spam(std::string_view text, const Rules& rules) {
    const auto header = take_header(text, rules.limits);
    if (!header) return Error{header.error().code, "the mail " + header.error().message};
    auto entry = injected(*header, rules);
    if (!entry) return entry.error();
    Reading reading;
    reading.kind = Kind::itself;
    add_entry(reading, std::move(*entry), rules);
    return reading;
}

} // namespace provenbl::tools::intake::mail
