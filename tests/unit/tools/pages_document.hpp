// Reads a page as a strict reader of HTML would: what is wrong with it, in words; nothing when it is well formed.
//
// Tags balance, attributes are quoted and given once, ids are unique and what refers to one finds it (for, href="#...",
// aria-describedby), each input has a label, headings begin with one h1 and leave no level out, nothing is inline
// (style, script, event handlers), bytes are valid UTF-8 without controls, and no '<' or '&' stands for itself.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace provenbl::tools {

[[nodiscard]] std::vector<std::string> faults_of(std::string_view document);

} // namespace provenbl::tools
