// A text file that was compiled into the program (cmake/embed.cmake).
#pragma once

#include <span>
#include <string_view>

namespace provenbl::tools {

struct EmbeddedText {
    std::string_view name; // its path below the folder that was embedded: "en/postfix.guide"
    std::string_view text;
};

} // namespace provenbl::tools
