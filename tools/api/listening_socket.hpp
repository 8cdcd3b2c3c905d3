// The Unix socket's file: a dead process's is replaced, a living one's is an error, anything else is left alone.
#pragma once

#include "store/result.hpp"

#include <filesystem>
#include <string_view>

namespace provenbl::tools::api {

// Afterwards nothing is at `path`, and its directory exists. `setting` is where the operator says the path.
[[nodiscard]] Result<> clear_socket_path(const std::filesystem::path& path, std::string_view setting);

// What `errno` means for binding or opening `where`, and what to do.
[[nodiscard]] Error explain_bind(int why, const std::string& where);

} // namespace provenbl::tools::api
