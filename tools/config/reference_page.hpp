// The reference of the configuration as a page of Markdown: docs/configuration.md is what this says.
#pragma once

#include "tools/config/table.hpp"

#include <string>

namespace provenbl::tools {

// A section for each group of the file, a line for each setting: its name, what is expected, its default, what it does.
// Without a newline at the end.
[[nodiscard]] std::string reference_page(const std::vector<SettingRow>& rows);

} // namespace provenbl::tools
