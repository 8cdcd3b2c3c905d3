#include "tools/intake/entry.hpp"

#include "store/ascii.hpp"
#include "tools/api/plain_text.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace provenbl::tools::intake {
namespace json = boost::json;
namespace {

constexpr std::array columns{"address", "class", "port", "comment"};
constexpr std::size_t most_columns = 16;

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view space = " \t\r";
    const auto begin = text.find_first_not_of(space);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(space) - begin + 1);
}

Result<> add_port(Entry& entry, std::string_view text) {
    std::uint16_t port = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (failed != std::errc{} || end != text.data() + text.size() || port == 0)
        return Error{Errc::invalid, fmt::format("'{}' is no port; expected 1 to 65535", api::as_utf8(text))};
    if (entry.ports.size() >= most_ports)
        return Error{Errc::limit, fmt::format("names more than {} ports", most_ports)};
    entry.ports.push_back(port);
    return {};
}

Result<> set_class(Entry& entry, std::string_view text) {
    if (text.empty()) return {};
    entry.cls = parse_listing_class(lower(text));
    if (entry.cls) return {};
    return Error{Errc::invalid,
                 fmt::format("'{}' is no class; expected relay, socks, http, chain, wingate, router or web",
                             api::as_utf8(text))};
}

Result<> set_comment(Entry& entry, std::string_view text) {
    entry.comment = api::as_utf8(text);
    std::replace(entry.comment.begin(), entry.comment.end(), '\n', ' ');
    if (entry.comment.size() <= longest_comment) return {};
    return Error{Errc::limit, fmt::format("has a comment longer than {} bytes", longest_comment)};
}

Result<std::optional<Entry>> read_text(std::string_view line) {
    const auto hash = line.find('#');
    const auto address = Address::parse(std::string{trimmed(line.substr(0, hash))});
    if (!address) return address.error();
    Entry entry;
    entry.address = *address;
    if (hash != std::string_view::npos) {
        if (auto set = set_comment(entry, trimmed(line.substr(hash + 1))); !set) return set.error();
    }
    return std::optional{entry};
}

// RFC 4180, but a field ends with its line.
Result<std::vector<std::string>> fields_of(std::string_view line) {
    std::vector<std::string> fields{{}};
    bool quoted = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        if (quoted && c == '"' && i + 1 < line.size() && line[i + 1] == '"') {
            fields.back() += '"';
            ++i;
        } else if (c == '"' && (quoted || trimmed(fields.back()).empty())) {
            if (!quoted) fields.back().clear();
            quoted = !quoted;
        } else if (c == ',' && !quoted) {
            if (fields.size() >= most_columns)
                return Error{Errc::limit, fmt::format("has more than {} columns", most_columns)};
            fields.emplace_back();
        } else {
            fields.back() += c;
        }
    }
    if (quoted) return Error{Errc::invalid, "has a quotation that does not end"};
    for (auto& field : fields) field = std::string{trimmed(field)};
    return fields;
}

bool is_header(const std::vector<std::string>& fields) {
    return std::any_of(fields.begin(), fields.end(), [](const auto& field) { return lower(field) == "address"; });
}

Result<std::optional<Entry>> read_json(std::string_view line) {
    json::error_code failed;
    json::parse_options options;
    options.max_depth = 4;
    const auto value = json::parse({line.data(), line.size()}, failed, {}, options);
    if (failed || !value.is_object()) return Error{Errc::invalid, "is no JSON object"};
    Entry entry;
    bool has_address = false;
    for (const auto& member : value.get_object()) {
        const std::string_view name{member.key().data(), member.key().size()};
        const auto& given = member.value();
        const auto text = given.is_string() ? std::string_view{given.get_string().data(), given.get_string().size()}
                                            : std::string_view{};
        Result<> set;
        if (name == "address" && given.is_string()) {
            const auto address = Address::parse(std::string{text});
            if (!address) return address.error();
            entry.address = *address;
            has_address = true;
        } else if (name == "class" && given.is_string()) {
            set = set_class(entry, text);
        } else if (name == "comment" && given.is_string()) {
            set = set_comment(entry, text);
        } else if (name == "port" && given.is_int64()) {
            set = add_port(entry, std::to_string(given.get_int64()));
        } else if (name == "ports" && given.is_array()) {
            for (const auto& port : given.get_array()) {
                set = port.is_int64() ? add_port(entry, std::to_string(port.get_int64()))
                                      : Result<>{Error{Errc::invalid, "has a port that is no number"}};
                if (!set) break;
            }
        } else if (!given.is_null()) {
            return Error{Errc::invalid, fmt::format("has a member '{}' that is unknown or of the wrong type; expected "
                                                    "address, class, port, ports, comment",
                                                    api::as_utf8(name))};
        }
        if (!set) return set.error();
    }
    if (!has_address) return Error{Errc::invalid, "has no address"};
    return std::optional{entry};
}

} // namespace

std::string Entry::remark() const {
    if (!cls) return comment;
    return fmt::format("reported as {}{}{}", to_string(*cls), comment.empty() ? "" : ": ", comment);
}

Result<std::optional<Entry>> EntryReader::read(std::string_view line) {
    if (line.size() > longest_line) return Error{Errc::limit, fmt::format("is longer than {} bytes", longest_line)};
    if (line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3); // a byte order mark, as spreadsheets write it
    line = trimmed(line);
    if (line.empty() || line.front() == '#') return std::optional<Entry>{};
    if (state_.kind == Kind::unknown) {
        if (line.front() == '{') {
            state_.kind = Kind::json;
        } else if (auto fields = fields_of(line); fields && is_header(*fields)) {
            state_.kind = Kind::csv;
            for (const auto& field : *fields) state_.columns.push_back(lower(field));
            return std::optional<Entry>{};
        } else {
            state_.kind = Kind::text;
        }
    }
    switch (state_.kind) {
    case Kind::json:
        return read_json(line);
    case Kind::csv:
        return read_csv(line);
    default:
        return read_text(line);
    }
}

Result<std::optional<Entry>> EntryReader::read_csv(std::string_view line) const {
    const auto fields = fields_of(line);
    if (!fields) return fields.error();
    Entry entry;
    bool has_address = false;
    for (std::size_t i = 0; i < fields->size() && i < state_.columns.size(); ++i) {
        const auto& column = state_.columns[i];
        const auto& field = (*fields)[i];
        Result<> set;
        if (field.empty() || std::find(columns.begin(), columns.end(), column) == columns.end()) continue;
        if (column == "address") {
            const auto address = Address::parse(field);
            if (!address) return address.error();
            entry.address = *address;
            has_address = true;
        } else if (column == "class") {
            set = set_class(entry, field);
        } else if (column == "port") {
            set = add_port(entry, field);
        } else {
            set = set_comment(entry, field);
        }
        if (!set) return set.error();
    }
    if (!has_address) return Error{Errc::invalid, "has no address"};
    return std::optional{entry};
}

} // namespace provenbl::tools::intake
