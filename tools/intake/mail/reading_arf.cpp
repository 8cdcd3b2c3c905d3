// Feedback reports (RFC 5965; types: RFC 5965 7.3, RFC 6430, RFC 6591).
#include "store/ascii.hpp"
#include "tools/intake/mail/reading.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace provenbl::tools::intake::mail {
namespace {

// What may come from a host that anybody can send through. Others report no abuse: opt-out, not-spam, auth-failure.
constexpr std::array<std::string_view, 4> of_abuse{"abuse", "fraud", "virus", "other"};

// Some write the address as a literal.
Result<Address> source_of(std::string_view value) {
    value = trimmed(value);
    if (value.starts_with('[') && value.ends_with(']')) value = value.substr(1, value.size() - 2);
    if (lower(value.substr(0, 5)) == "ipv6:") value.remove_prefix(5);
    return Address::parse(value);
}

} // namespace

Result<std::optional<Reading>> read_arf(const Message& message, const Rules& rules) {
    const auto report = std::find_if(message.parts.begin(), message.parts.end(),
                                     [](const Part& part) { return part.type.name == "message/feedback-report"; });
    if (report == message.parts.end()) return std::optional<Reading>{};
    std::string_view text = report->content;
    const auto fields = take_header(text, rules.limits);
    if (!fields) return fields.error();
    const auto type = lower(fields->first("feedback-type"));
    if (type.empty())
        return Error{Errc::invalid, "the ARF part has no Feedback-Type (RFC 5965 3.1), so it can't be read"};
    std::optional<Reading> reading{std::in_place};
    reading->kind = Kind::arf;
    if (std::find(of_abuse.begin(), of_abuse.end(), type) == of_abuse.end()) {
        reading->no_host.push_back(fmt::format("feedback of the type '{}' reports no abuse", remark_of(type)));
        return reading;
    }
    const auto remark = remark_of(fmt::format("ARF, {}, from {}", type, fields->first("user-agent")));
    if (const auto source = fields->first("source-ip"); !source.empty()) {
        const auto address = source_of(source);
        if (!address) return Error{Errc::invalid, fmt::format("its Source-IP: {}", address.error().message)};
        Entry entry;
        entry.address = *address;
        entry.comment = remark;
        add_entry(*reading, std::move(entry), rules);
        return reading;
    }
    const auto original = std::find_if(message.parts.begin(), message.parts.end(), is_mail);
    if (original == message.parts.end())
        return Error{Errc::invalid, "the ARF has neither a Source-IP nor the mail that it is about"};
    std::string_view mail = original->content;
    const auto header = take_header(mail, rules.limits);
    if (!header) return header.error();
    auto entry = injected(*header, rules);
    if (!entry) return Error{entry.error().code, "the ARF has no Source-IP, and of its mail " + entry.error().message};
    entry->comment = remark;
    add_entry(*reading, std::move(*entry), rules);
    return reading;
}

} // namespace provenbl::tools::intake::mail
