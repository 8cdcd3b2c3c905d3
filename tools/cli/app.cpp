#include "tools/cli/app.hpp"

#include "tools/cli/syntax/syntax.hpp"

#include <utility>

namespace provenbl::tools::cli {

int run(const std::vector<std::string>& arguments, Surroundings surroundings) {
    Syntax syntax{std::move(surroundings)};
    return syntax.run(arguments);
}

} // namespace provenbl::tools::cli
