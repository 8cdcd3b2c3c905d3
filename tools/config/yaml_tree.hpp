// YAML text -> Node. Bounded in depth and size, so that aliases can't blow a small file up.
#pragma once

#include "tools/config/node.hpp"
#include "tools/config/reading.hpp"

#include <optional>
#include <string>

namespace provenbl::tools {

// Nothing when the text is not YAML (the problem says where).
[[nodiscard]] std::optional<Node> parse_yaml(const std::string& text, Reading& reading);

} // namespace provenbl::tools
