// The kinds of values that settings have, put together from values.hpp.
#pragma once

#include "store/address.hpp"
#include "store/clock.hpp"
#include "store/listing_class.hpp"
#include "tools/config/setting.hpp"
#include "tools/config/values.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace provenbl::tools::types {

// A scalar that `parse` turns into a value.
template <class T, class Parse, class Show> Type<T> scalar(std::string expects, Parse parse, Show show) {
    Type<T> type;
    type.expects = expects;
    type.read = [expects, parse](T& into, const Node& node, Reading& reading) {
        if (node.kind != Node::Kind::scalar) {
            reading.refuse(node.at, fmt::format("{}; expected {}",
                                                node.kind == Node::Kind::null   ? "has no value"
                                                : node.kind == Node::Kind::list ? "is a list"
                                                                                : "has settings below it",
                                                expects));
            return;
        }
        auto value = parse(std::string_view{node.text});
        if (!value) {
            reading.refuse(node.at, fmt::format("{}; expected {}", value.error().message, expects));
            return;
        }
        into = T(std::move(*value));
    };
    type.show = show;
    return type;
}

// A whole number from `least` to `most`.
template <class T> Type<T> number(std::uint64_t least, std::uint64_t most) {
    return scalar<T>(
        fmt::format("a whole number from {} to {}", least, most),
        [least, most](std::string_view text) -> Result<T> {
            const auto value = parse_number(text);
            if (!value) return value.error();
            if (*value < least || *value > most) return Error{Errc::invalid, fmt::format("{} is out of range", *value)};
            return static_cast<T>(*value);
        },
        [](const T& value) { return fmt::format("{}", value); });
}

// Bytes.
template <class T = std::size_t> Type<T> size(std::uint64_t least, std::uint64_t most) {
    return scalar<T>(
        fmt::format("a size such as 256KiB, from {} to {}", show_size(least), show_size(most)),
        [least, most](std::string_view text) -> Result<T> {
            const auto value = parse_size(text);
            if (!value) return value.error();
            if (*value < least || *value > most) return Error{Errc::invalid, fmt::format("'{}' is out of range", text)};
            return static_cast<T>(*value);
        },
        [](const T& value) { return show_size(value); });
}

[[nodiscard]] Type<Duration> duration(Duration least, Duration most);
// For DNS: whole seconds, as a duration or as a bare number.
[[nodiscard]] Type<std::uint32_t> seconds(std::uint32_t least, std::uint32_t most);
[[nodiscard]] Type<bool> boolean();
[[nodiscard]] Type<unsigned> mode();
[[nodiscard]] Type<std::string> text(std::string expects);
// UTF-8 without controls (tools/api/plain_text.hpp), of at most so many bytes: shown to others as it stands.
[[nodiscard]] Type<std::string> plain_text(std::string expects, std::size_t longest);
[[nodiscard]] Type<std::filesystem::path> absolute_path();
[[nodiscard]] Type<std::string> host_name();
[[nodiscard]] Type<std::string> mail_address();
[[nodiscard]] Type<std::string> page(); // a URL
// A text with {placeholders} of these names only.
[[nodiscard]] Type<std::string> pattern(std::string expects, std::vector<std::string> placeholders);
[[nodiscard]] Type<std::string> one_of(std::vector<std::string> names);
[[nodiscard]] Type<Address> address();
[[nodiscard]] Type<Endpoint> endpoint();
[[nodiscard]] Type<Prefix> prefix();
// "all", or a list of class names.
[[nodiscard]] Type<ClassSet> classes();
// {relay: 127.0.0.2, ...}
[[nodiscard]] Type<std::map<ListingClass, Address>> codes();

template <class T> Type<std::optional<T>> optional(const Type<T>& of) {
    Type<std::optional<T>> type;
    type.expects = of.expects;
    type.read = [of](std::optional<T>& into, const Node& node, Reading& reading) {
        T value{};
        of.read(value, node, reading);
        into = std::move(value);
    };
    type.show = [of](const std::optional<T>& value) { return value ? of.show(*value) : std::string{}; };
    return type;
}

// A list; one value alone is a list of one. `item` makes a fresh element to read into.
template <class T> Type<std::vector<T>> list(const Type<T>& of, std::size_t at_most, T item) {
    Type<std::vector<T>> type;
    type.expects = fmt::format("a list of at most {}, each {}", at_most, of.expects);
    type.read = [of, at_most, item](std::vector<T>& into, const Node& node, Reading& reading) {
        into.clear();
        if (node.kind == Node::Kind::null) return;
        if (node.kind != Node::Kind::list) {
            into.push_back(item);
            of.read(into.back(), node, reading);
            return;
        }
        if (node.items.size() > at_most) reading.refuse(node.at, fmt::format("has more than {} items", at_most));
        for (std::size_t i = 0; i < node.items.size() && i < at_most; ++i) {
            const Reading::Scope scope{reading, fmt::format("[{}]", i), node.items[i].at};
            into.push_back(item);
            of.read(into.back(), node.items[i], reading);
        }
    };
    type.show = [of](const std::vector<T>& values) {
        std::string shown;
        for (const auto& value : values) shown += (shown.empty() ? "" : ", ") + of.show(value);
        return shown;
    };
    if (of.nested) type.nested = [of](const std::string& prefix) { return of.nested(prefix + "[]"); };
    return type;
}
template <class T> Type<std::vector<T>> list(const Type<T>& of, std::size_t at_most) {
    return list(of, at_most, T{});
}

// Settings of its own below it. The table outlives the type.
template <class T> Type<T> group(const Table<T>& table) {
    Type<T> type;
    type.expects = "settings below it";
    type.read = [&table](T& into, const Node& node, Reading& reading) { read_table(into, table, node, reading); };
    type.show = [](const T&) { return std::string{}; };
    type.nested = [&table](const std::string& prefix) { return rows_of(table, prefix); };
    return type;
}

} // namespace provenbl::tools::types
