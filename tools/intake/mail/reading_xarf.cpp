// XARF version 4: an object of JSON, as an attachment, that names the host in `source_identifier`.
#include "store/ascii.hpp"
#include "tools/intake/mail/reading.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace provenbl::tools::intake::mail {
namespace json = boost::json;
namespace {

constexpr std::size_t deepest = 16;
// What may come from, or through, a host that anybody can send through. `content` and `copyright` are about pages.
constexpr std::array<std::string_view, 5> of_hosts{"messaging", "connection", "vulnerability", "infrastructure",
                                                   "reputation"};

bool may_be_json(const Part& part) {
    const auto& type = part.type.name;
    if (type == "application/json" || type == "application/xarf+json" || type == "application/xarf") return true;
    const auto name = lower(part.type.parameter("name"));
    return name.ends_with(".json") ||
           lower(part.header.first("content-disposition")).find(".json") != std::string::npos;
}

std::string_view text_of(const json::object& object, const char* name) {
    const auto* const value = object.if_contains(name);
    if (value == nullptr || !value->is_string()) return {};
    return {value->get_string().data(), value->get_string().size()};
}

// What listens there; `source_port` of a connection is the client's, and nobody can connect to it.
void add_port(Entry& entry, const json::object& object, const char* name) {
    const auto* const value = object.if_contains(name);
    json::error_code failed;
    const auto port = value != nullptr && value->is_number() ? value->to_number<std::int64_t>(failed) : 0;
    if (!failed && port > 0 && port <= 65535 &&
        std::find(entry.ports.begin(), entry.ports.end(), port) == entry.ports.end())
        entry.ports.push_back(static_cast<std::uint16_t>(port));
}

Result<> add_report(Reading& reading, const json::object& object, const Rules& rules) {
    const auto version = text_of(object, "xarf_version");
    if (!version.starts_with("4."))
        return Error{Errc::invalid,
                     fmt::format("'{}' is no version of XARF that is read here; send 4.x or ARF", remark_of(version))};
    const auto category = text_of(object, "category");
    if (std::find(of_hosts.begin(), of_hosts.end(), category) == of_hosts.end()) {
        reading.no_host.push_back(fmt::format("XARF of the category '{}' reports no host that anybody can send through",
                                              remark_of(category)));
        return {};
    }
    const auto address = Address::parse(text_of(object, "source_identifier"));
    if (!address) return Error{Errc::invalid, fmt::format("its source_identifier: {}", address.error().message)};
    Entry entry;
    entry.address = *address;
    if (category == "vulnerability") {
        add_port(entry, object, "service_port");
        add_port(entry, object, "source_port");
    }
    entry.comment =
        remark_of(fmt::format("XARF, {}/{}, {}", category, text_of(object, "type"), text_of(object, "report_id")));
    add_entry(reading, std::move(entry), rules);
    return {};
}

} // namespace

Result<std::optional<Reading>> read_xarf(const Message& message, const Rules& rules) {
    std::optional<Reading> reading;
    for (const auto& part : message.parts) {
        if (!may_be_json(part)) continue;
        json::error_code failed;
        json::parse_options options;
        options.max_depth = deepest;
        const auto value = json::parse(part.content, failed, {}, options);
        if (failed || !value.is_object() || !value.get_object().contains("xarf_version")) continue;
        if (!reading) {
            reading.emplace();
            reading->kind = Kind::xarf;
        }
        if (auto added = add_report(*reading, value.get_object(), rules); !added) return added.error();
    }
    return reading;
}

} // namespace provenbl::tools::intake::mail
