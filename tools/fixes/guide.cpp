#include "tools/fixes/guide.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace provenbl::tools::fixes {
namespace {

struct Kind {
    std::string_view name;
    SectionKind kind;
    std::string_view heading;
};
constexpr std::array kinds{
    Kind{"recognise", SectionKind::recognise, "How to recognise it"},
    Kind{"fault", SectionKind::fault, "What is set wrong"},
    Kind{"change", SectionKind::change, "Change"},
    Kind{"note", SectionKind::note, "Good to know"},
    Kind{"reload", SectionKind::reload, "Put it in force"},
    Kind{"check", SectionKind::check, "Check it yourself"},
};

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return text;
}

std::vector<std::string> words(std::string_view list) {
    std::vector<std::string> all;
    while (!list.empty()) {
        const auto comma = list.find(',');
        if (const auto word = trimmed(list.substr(0, comma)); !word.empty()) all.emplace_back(word);
        list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
    }
    return all;
}

// Reads line by line; knows where it is for whoever has to mend the file.
class Parser {
public:
    Parser(std::string_view file, Guide& guide) : file_(file), guide_(guide) {}

    Result<> line(std::string_view text) {
        ++number_;
        if (text.starts_with('[')) return section(text);
        if (!guide_.sections.empty()) {
            auto& section = guide_.sections.back();
            if (section.kind == SectionKind::change && !text.empty() && !text.starts_with("- ") &&
                !text.starts_with("+ ") && !text.starts_with("  "))
                return wrong("a line of a change begins with '- ', '+ ' or two blanks");
            section.lines.emplace_back(text);
            return {};
        }
        return text.empty() ? Result<>{} : head(text);
    }

    Result<> end() {
        for (auto& section : guide_.sections) {
            while (!section.lines.empty() && section.lines.back().empty()) section.lines.pop_back();
            if (section.lines.empty()) return wrong(fmt::format("the section '{}' is empty", to_string(section.kind)));
        }
        if (guide_.software.empty() || guide_.title.empty() || guide_.classes.empty())
            return wrong("software, classes and title must be given");
        for (const auto& kind : kinds) {
            if (kind.kind == SectionKind::note) continue;
            bool there = false;
            for (const auto& section : guide_.sections) there = there || section.kind == kind.kind;
            if (!there) return wrong(fmt::format("there is no section '{}'", kind.name));
        }
        return {};
    }

private:
    [[nodiscard]] Error wrong(std::string_view what) const {
        return {Errc::invalid, fmt::format("{}:{}: {}", file_, number_, what)};
    }

    Result<> section(std::string_view text) {
        if (!text.ends_with(']')) return wrong("a section's line ends with ']'");
        text = text.substr(1, text.size() - 2);
        const auto blank = text.find(' ');
        const auto name = text.substr(0, blank);
        for (const auto& kind : kinds) {
            if (kind.name != name) continue;
            const bool has_place = blank != std::string_view::npos;
            if ((kind.kind == SectionKind::change) != has_place)
                return wrong("a change says where, and no other section does: [change /etc/squid/squid.conf]");
            guide_.sections.push_back({kind.kind, std::string{has_place ? text.substr(blank + 1) : ""}, {}});
            return {};
        }
        return wrong(fmt::format("there is no section '{}'", name));
    }

    Result<> head(std::string_view text) {
        const auto colon = text.find(':');
        if (colon == std::string_view::npos) return wrong("expected 'name: value' before the first section");
        const auto name = text.substr(0, colon);
        const auto value = trimmed(text.substr(colon + 1));
        if (name == "software") {
            guide_.software = value;
        } else if (name == "title") {
            guide_.title = value;
        } else if (name == "match") {
            guide_.match = words(value);
        } else if (name == "classes") {
            for (const auto& word : words(value)) {
                const auto cls = parse_listing_class(word);
                if (!cls) return wrong(fmt::format("there is no class '{}'", word));
                guide_.classes.insert(*cls);
            }
        } else {
            return wrong(fmt::format("'{}' is unknown; known are software, match, classes, title", name));
        }
        return {};
    }

    std::string_view file_;
    Guide& guide_;
    std::size_t number_ = 0;
};

} // namespace

std::string_view to_string(SectionKind kind) {
    for (const auto& one : kinds) {
        if (one.kind == kind) return one.name;
    }
    return {};
}

std::string_view heading(SectionKind kind) {
    for (const auto& one : kinds) {
        if (one.kind == kind) return one.heading;
    }
    return {};
}

ChangeLine change_line(std::string_view line) {
    if (line.size() < 2) return {' ', std::string{line}};
    return {line.front(), std::string{line.substr(2)}};
}

Result<Guide> parse_guide(std::string_view file, std::string_view text) {
    constexpr std::string_view suffix = ".guide";
    const auto slash = file.find('/');
    if (slash == std::string_view::npos || !file.ends_with(suffix))
        return Error{Errc::invalid, fmt::format("{}: a guide's file is LANGUAGE/NAME{}", file, suffix)};
    Guide guide;
    guide.language = file.substr(0, slash);
    guide.name = file.substr(slash + 1, file.size() - slash - 1 - suffix.size());
    Parser parser{file, guide};
    while (!text.empty()) {
        const auto end = text.find('\n');
        if (auto read = parser.line(text.substr(0, end)); !read) return read.error();
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    if (auto complete = parser.end(); !complete) return complete.error();
    return guide;
}

} // namespace provenbl::tools::fixes
