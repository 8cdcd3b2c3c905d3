#include "tools/config/reference_page.hpp"

#include <fmt/format.h>

namespace provenbl::tools {
namespace {

constexpr std::string_view group = "settings below it"; // as types::group says what it expects

// In a cell of a table.
std::string cell(std::string_view text) {
    std::string safe;
    for (const char c : text) {
        if (c == '|') safe += '\\';
        safe += c == '\n' ? ' ' : c;
    }
    return safe;
}

std::string code(std::string_view text) {
    return text.empty() ? std::string{} : fmt::format("`{}`", cell(text));
}

std::string_view top(std::string_view name) {
    return name.substr(0, name.find_first_of(".["));
}

} // namespace

std::string reference_page(const std::vector<SettingRow>& rows) {
    std::string page = "# Configuration\n\n"
                       "Every setting of `provenbl.yaml`, made from the table that reads it (`provenbl check-config "
                       "--reference`).\n`provenbl check-config -c FILE` says what is wrong with a file, with line and "
                       "column. `[]` stands for each item of a list.\n";
    std::string_view section;
    for (const auto& row : rows) {
        if (top(row.name) != section) {
            section = top(row.name);
            page += fmt::format("\n## {}\n\n", section);
            if (row.expects == group) page += row.documentation + "\n\n";
            page += "| setting | expects | default | |\n|---|---|---|---|\n";
        }
        if (row.name == section && row.expects == group) continue;
        page += fmt::format("| `{}` | {} | {} | {} |\n", row.name, cell(row.expects), code(row.by_default),
                            cell(row.documentation));
    }
    page.pop_back();
    return page;
}

} // namespace provenbl::tools
