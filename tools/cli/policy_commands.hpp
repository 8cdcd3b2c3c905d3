// `provenbl policy simulate` and `policy history`: the rules tried on what has happened, before they are in force.
#pragma once

#include "tools/cli/keeping.hpp"

#include <string>

namespace provenbl::tools::cli {

void define_policy(const AddCommand& add, const std::string& default_configuration, const bool& json);

} // namespace provenbl::tools::cli
