// Giving up what a process that was started as root does not need: the user, and all capabilities but that for ports
// below 1024, where it listens on some. Before any thread is started: capabilities are a thread's own.
#pragma once

#include "store/result.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace provenbl::tools::sandbox {

struct User {
    unsigned id = 0;
    unsigned group = 0;
    std::string name;
};
// Errors: not_found.
[[nodiscard]] Result<User> find_user(const std::string& name);

// Becomes this user for good, with the groups that it is in. Capabilities stay what they may be, for keep_only.
[[nodiscard]] Result<> become(const User& user);

enum class Kept : std::uint8_t {
    nothing,
    low_ports,     // CAP_NET_BIND_SERVICE
    files_as_root, // ... and CAP_DAC_OVERRIDE: whoever stays root without a user of his own
};
// All other capabilities go, from every set; and nothing that is executed can bring any back (no_new_privs).
[[nodiscard]] Result<> keep_only(Kept what);

// Makes the directory where it is missing, as this user's (nobody: as ours). With a mode it and what else is made above
// it has this mode, whatever the umask says; what was there stays as it is.
[[nodiscard]] Result<> make_directory(const std::filesystem::path& path, const std::optional<User>& user,
                                      std::optional<std::filesystem::perms> mode = {});

} // namespace provenbl::tools::sandbox
