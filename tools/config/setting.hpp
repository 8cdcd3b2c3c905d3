// One setting: its name, how its value is read, what was expected, its default, one line of documentation.
//
// A Table lists the settings of a section (or of an item of a list). Reading a file, refusing what is not
// in the table, and the reference for people are all made from the same table.
#pragma once

#include "store/result.hpp"
#include "tools/config/node.hpp"
#include "tools/config/reading.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace provenbl::tools {

// A line of the reference.
struct SettingRow {
    std::string name; // "probe.connect_timeout", "zones[].apex"
    std::string expects;
    std::string by_default; // empty: none, or nothing
    std::string documentation;
};

// A kind of value.
template <class T> struct Type {
    std::string expects;                                                   // "a duration such as 10s"
    std::function<void(T& into, const Node& node, Reading& reading)> read; // reports what it refuses
    std::function<std::string(const T&)> show;
    // Rows of what is nested in it; empty for plain values.
    std::function<std::vector<SettingRow>(const std::string& prefix)> nested = {};
};

template <class T> struct Setting {
    std::string_view name;
    std::string documentation;
    std::function<void(T& into, const Node& node, Reading& reading)> read;
    std::function<std::vector<SettingRow>(const std::string& prefix, const T& defaults)> rows;
};

template <class T> using Table = std::vector<Setting<T>>;

// `access` is a function from T& to the member that holds the value.
template <class T, class V, class Access>
Setting<T> setting(std::string_view name, Type<V> type, Access access, std::string documentation) {
    Setting<T> made;
    made.name = name;
    made.documentation = documentation;
    made.read = [type, access](T& into, const Node& node, Reading& reading) { type.read(access(into), node, reading); };
    made.rows = [name, type, access, documentation](const std::string& prefix, const T& defaults) {
        const auto full = prefix.empty() ? std::string{name} : prefix + "." + std::string{name};
        T copy = defaults;
        std::vector<SettingRow> rows{{full, type.expects, type.show(access(copy)), documentation}};
        if (type.nested) {
            for (auto& row : type.nested(full)) rows.push_back(std::move(row));
        }
        return rows;
    };
    return made;
}

template <class T> std::vector<SettingRow> rows_of(const Table<T>& table, const std::string& prefix) {
    std::vector<SettingRow> rows;
    for (const auto& one : table) {
        for (auto& row : one.rows(prefix, T{})) rows.push_back(std::move(row));
    }
    return rows;
}

template <class T> void read_table(T& into, const Table<T>& table, const Node& node, Reading& reading) {
    if (node.kind == Node::Kind::null) return; // "section:" with nothing below it
    if (node.kind != Node::Kind::map) {
        reading.refuse(node.at, "expected settings below it, as 'name: value' lines that are indented");
        return;
    }
    std::vector<std::string_view> known;
    for (const auto& one : table) known.push_back(one.name);
    std::vector<std::string_view> given;
    for (const auto& member : node.members) {
        const Reading::Scope scope{reading, member.key.empty() ? "?" : member.key, member.at};
        const auto found = std::find(known.begin(), known.end(), member.key);
        if (found == known.end()) {
            const auto near = nearest(member.key, known);
            reading.refuse(member.at, near.empty()
                                          ? fmt::format("unknown setting; known here are {}", fmt::join(known, ", "))
                                          : fmt::format("unknown setting; did you mean '{}'?", near));
            continue;
        }
        if (std::find(given.begin(), given.end(), member.key) != given.end()) {
            reading.refuse(member.at, "given twice; keep one of them");
            continue;
        }
        given.push_back(member.key);
        table[static_cast<std::size_t>(found - known.begin())].read(into, member.value, reading);
    }
}

} // namespace provenbl::tools
