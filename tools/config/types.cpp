#include "tools/config/types.hpp"

#include "tools/api/plain_text.hpp"
#include "zones/definition.hpp"

namespace provenbl::tools::types {
namespace {

std::vector<std::string_view> class_names() {
    std::vector<std::string_view> names;
    names.reserve(all_listing_classes.size());
    for (const auto cls : all_listing_classes) names.push_back(to_string(cls));
    return names;
}

std::string class_list() {
    return fmt::format("{}", fmt::join(class_names(), ", "));
}

std::optional<ListingClass> read_class(std::string_view name, Position at, Reading& reading) {
    if (const auto cls = parse_listing_class(name)) return cls;
    const auto near = nearest(name, class_names());
    reading.refuse(at, fmt::format("'{}' is no class; {}", name,
                                   near.empty() ? fmt::format("expected one of {}", class_list())
                                                : fmt::format("did you mean '{}'?", near)));
    return std::nullopt;
}

Result<std::string> check_placeholders(std::string_view text, const std::vector<std::string>& placeholders) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (static_cast<unsigned char>(text[i]) < 0x20 || static_cast<unsigned char>(text[i]) > 0x7e)
            return Error{Errc::invalid, "it holds a character that is not printable ASCII"};
        if (text[i] == '}') return Error{Errc::invalid, "it has a '}' without a '{'"};
        if (text[i] != '{') continue;
        const auto end = text.find('}', i);
        if (end == std::string_view::npos) return Error{Errc::invalid, "it has a '{' without a '}'"};
        const auto name = text.substr(i + 1, end - i - 1);
        if (std::find(placeholders.begin(), placeholders.end(), name) == placeholders.end())
            return Error{Errc::invalid, fmt::format("'{{{}}}' stands for nothing here", name)};
        i = end;
    }
    return std::string{text};
}

std::string same(const std::string& text) {
    return text;
}

} // namespace

Type<Duration> duration(Duration least, Duration most) {
    return scalar<Duration>(
        fmt::format("a duration such as 250ms, 10s, 5min or 24h, from {} to {}", show_duration(least),
                    show_duration(most)),
        [least, most](std::string_view text) -> Result<Duration> {
            const auto value = parse_duration(text);
            if (!value) return value.error();
            if (*value < least || *value > most) return Error{Errc::invalid, fmt::format("'{}' is out of range", text)};
            return *value;
        },
        show_duration);
}

Type<std::uint32_t> seconds(std::uint32_t least, std::uint32_t most) {
    return scalar<std::uint32_t>(
        fmt::format("whole seconds, as 120 or as 2min, from {} to {}", least, most),
        [least, most](std::string_view text) -> Result<std::uint32_t> {
            auto value = parse_number(text);
            if (!value) {
                const auto given = parse_duration(text);
                if (!given) return given.error();
                if (given->count() % 1000 != 0)
                    return Error{Errc::invalid, fmt::format("'{}' is not whole seconds", text)};
                value = static_cast<std::uint64_t>(given->count() / 1000);
            }
            if (*value < least || *value > most) return Error{Errc::invalid, fmt::format("'{}' is out of range", text)};
            return static_cast<std::uint32_t>(*value);
        },
        [](const std::uint32_t& value) { return fmt::format("{}", value); });
}

Type<bool> boolean() {
    return scalar<bool>("true or false", parse_bool,
                        [](const bool& value) { return std::string{value ? "true" : "false"}; });
}

Type<unsigned> mode() {
    return scalar<unsigned>("an octal file mode such as 0660", parse_mode,
                            [](const unsigned& value) { return fmt::format("0{:o}", value); });
}

Type<std::string> text(std::string expects) {
    return scalar<std::string>(
        std::move(expects),
        [](std::string_view text) -> Result<std::string> {
            if (text.empty()) return Error{Errc::invalid, "it is empty"};
            return std::string{text};
        },
        same);
}

Type<std::string> plain_text(std::string expects, std::size_t longest) {
    return scalar<std::string>(
        std::move(expects),
        [longest](std::string_view given) -> Result<std::string> {
            if (given.size() > longest)
                return Error{Errc::invalid,
                             fmt::format("is {} bytes long; {} are shown at most", given.size(), longest)};
            if (!api::is_plain(given)) return Error{Errc::invalid, "holds what is no plain text in UTF-8"};
            return std::string{given};
        },
        [](const std::string& value) { return value; });
}

Type<std::filesystem::path> absolute_path() {
    return scalar<std::filesystem::path>(
        "an absolute path",
        [](std::string_view text) -> Result<std::filesystem::path> {
            if (!text.starts_with('/')) return Error{Errc::invalid, fmt::format("'{}' is not absolute", text)};
            return std::filesystem::path{text};
        },
        [](const std::filesystem::path& value) { return value.string(); });
}

Type<std::string> host_name() {
    return scalar<std::string>("a host name such as bl.example", parse_host_name, same);
}

Type<std::string> mail_address() {
    return scalar<std::string>("a mail address such as hostmaster@bl.example", parse_mail_address, same);
}

Type<std::string> page() {
    return scalar<std::string>("a URL such as https://bl.example/probing", parse_page, same);
}

Type<std::string> pattern(std::string expects, std::vector<std::string> placeholders) {
    auto full = fmt::format("{}; {{{}}} may stand in it", expects, fmt::join(placeholders, "}, {"));
    return scalar<std::string>(
        std::move(full), [placeholders](std::string_view text) { return check_placeholders(text, placeholders); },
        same);
}

Type<std::string> one_of(std::vector<std::string> names) {
    return scalar<std::string>(
        fmt::format("one of {}", fmt::join(names, ", ")),
        [names](std::string_view text) -> Result<std::string> {
            if (std::find(names.begin(), names.end(), text) != names.end()) return std::string{text};
            return Error{Errc::invalid, fmt::format("'{}' is unknown", text)};
        },
        same);
}

Type<Address> address() {
    return scalar<Address>("an IPv4 or IPv6 address", Address::parse,
                           [](const Address& value) { return value.to_string(); });
}

Type<Endpoint> endpoint() {
    return scalar<Endpoint>("an address and port such as 192.0.2.1:53 or [2001:db8::1]:53", Endpoint::parse,
                            [](const Endpoint& value) { return value.to_string(); });
}

Type<Prefix> prefix() {
    // A Prefix has no empty state, so lists of it are given an element to read into.
    return scalar<Prefix>("a prefix such as 192.0.2.0/24 or 2001:db8::/32, host bits zero", Prefix::parse,
                          [](const Prefix& value) { return value.to_string(); });
}

Type<ClassSet> classes() {
    Type<ClassSet> type;
    type.expects = fmt::format("all, or a list of {}", class_list());
    type.read = [expects = type.expects](ClassSet& into, const Node& node, Reading& reading) {
        into = {};
        if (node.kind == Node::Kind::scalar && node.text == "all") {
            for (const auto cls : all_listing_classes) into.insert(cls);
        } else if (node.kind == Node::Kind::scalar) {
            if (const auto cls = read_class(node.text, node.at, reading)) into.insert(*cls);
        } else if (node.kind == Node::Kind::list && !node.items.empty()) {
            for (const auto& item : node.items) {
                if (const auto cls = read_class(item.text, item.at, reading)) into.insert(*cls);
            }
        } else {
            reading.refuse(node.at, fmt::format("names no class; expected {}", expects));
        }
    };
    type.show = [](const ClassSet& value) { return value.empty() ? std::string{} : to_string(value); };
    return type;
}

Type<std::map<ListingClass, Address>> codes() {
    Type<std::map<ListingClass, Address>> type;
    type.expects = "a code inside 127.0.0.0/8 for each class, as {relay: 127.0.0.2}";
    type.read = [expects = type.expects](std::map<ListingClass, Address>& into, const Node& node, Reading& reading) {
        if (node.kind != Node::Kind::map) {
            reading.refuse(node.at, fmt::format("names no classes; expected {}", expects));
            return;
        }
        for (const auto& member : node.members) {
            const Reading::Scope scope{reading, member.key, member.at};
            const auto cls = read_class(member.key, member.at, reading);
            if (!cls) continue;
            Address code;
            address().read(code, member.value, reading);
            into[*cls] = code;
        }
    };
    type.show = [](const std::map<ListingClass, Address>& value) {
        std::string shown;
        for (const auto& [cls, code] : value)
            shown += fmt::format("{}{}: {}", shown.empty() ? "" : ", ", to_string(cls), code.to_string());
        return shown;
    };
    return type;
}

} // namespace provenbl::tools::types
