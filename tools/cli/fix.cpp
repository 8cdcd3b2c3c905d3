// `fix`: how to close what was proven of a host.
#include "tools/api/request_target.hpp"
#include "tools/cli/commands.hpp"

#include <fmt/format.h>

namespace provenbl::tools::cli {
namespace json = boost::json;
namespace {

void show_lines(Terminal& terminal, std::string_view text) {
    while (!text.empty()) {
        const auto end = text.find('\n');
        terminal.line(fmt::format("  {}", text.substr(0, end)));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
}

void show_section(Terminal& terminal, const json::object& section) {
    const auto where = text_of(section, "where");
    auto title = text_of(section, "heading");
    if (!where.empty()) title += ": " + where;
    terminal.line(Colour::bold, title);
    for (const auto& value : array_of(section, "lines")) {
        if (!value.is_object()) continue;
        const auto& line = value.get_object();
        const auto change = text_of(line, "change");
        const auto text = text_of(line, "text");
        if (change == "old")
            terminal.line(Colour::red, "  - " + text);
        else if (change == "new")
            terminal.line(Colour::green, "  + " + text);
        else
            terminal.line("    " + text);
    }
    show_lines(terminal, text_of(section, "text"));
    terminal.line("");
}

} // namespace

Exit fix(Session& session, const FixRequest& request) {
    std::string query;
    const auto add = [&](std::string_view name, const std::string& value) {
        if (!value.empty())
            query += fmt::format("{}{}={}", query.empty() ? "?" : "&", name, api::encode_segment(value));
    };
    add("software", request.software);
    add("language", request.language);
    const auto asked = ask(session, "GET", host_path(request.address, "/fix" + query));
    if (!asked.value) return asked.exit;
    auto& terminal = session.terminal;
    const auto& value = *asked.value;
    if (session.json) {
        terminal.line(json::serialize(value));
        return Exit::done;
    }
    for (const auto& item : array_of(value, "seen")) {
        if (!item.is_object()) continue;
        const auto software = text_of(item.get_object(), "software");
        terminal.line(fmt::format("Seen: {} on port {}{}", text_of(item.get_object(), "class"),
                                  number_of(item.get_object(), "port"),
                                  software.empty() ? ", software unknown" : ", " + software));
    }
    for (const auto& item : array_of(value, "guides")) {
        if (!item.is_object()) continue;
        terminal.line("");
        terminal.line(Colour::bold, "== " + text_of(item.get_object(), "title"));
        terminal.line("");
        for (const auto& section : array_of(item.get_object(), "sections")) {
            if (section.is_object()) show_section(terminal, section.get_object());
        }
    }
    std::string others;
    for (const auto& item : array_of(value, "others")) {
        if (item.is_object()) others += (others.empty() ? "" : ", ") + text_of(item.get_object(), "guide");
    }
    const auto address = text_of(value, "address");
    if (!others.empty())
        terminal.line(
            fmt::format("Is it something else? provenbl fix {} --software NAME, with one of: {}", address, others));
    if (flag_of(value, "listed")) terminal.line(fmt::format("When it is closed: provenbl delist {}", address));
    return Exit::done;
}

} // namespace provenbl::tools::cli
