// What a process gives up before it starts anything: the user, capabilities, files, system calls. docs/operations.md
// says what is left and why.
//
// Called once, before any thread: all of it is inherited by threads, and can't be taken back. So it comes before
// sockets are bound and data opened; the capability for ports below 1024 stays where one is configured.
#pragma once

#include "store/result.hpp"
#include "tools/config/configuration.hpp"
#include "tools/daemon/sandbox/landlock.hpp"

#include <filesystem>
#include <vector>

namespace provenbl::tools::sandbox {

// Logs what is in force, and why something is not. Errors: what was asked for and can't be had.
[[nodiscard]] Result<> enter(const Configuration& configuration, Role role, const std::filesystem::path& file);

// The files that a role needs: what the configuration names, and what libraries read.
[[nodiscard]] std::vector<Access> needed_files(const Configuration& configuration, Role role,
                                               const std::filesystem::path& file);

// Whether a process that was started with this configuration can still make files in a directory.
[[nodiscard]] bool may_write(const Configuration& at_start, Role role, const std::filesystem::path& directory);

} // namespace provenbl::tools::sandbox
