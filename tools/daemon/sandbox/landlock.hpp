// Which files a process may still reach (Landlock, landlock(7)): the kernel refuses the rest, whoever asks. For the
// calling thread and those that it starts afterwards, for ever.
//
// A small wrapper over the three system calls, since Debian 12 has no library for them. Rights that the kernel does not
// know yet are left out: what is handled depends on the ABI that it tells.
#pragma once

#include "store/result.hpp"

#include <filesystem>
#include <vector>

namespace provenbl::tools::sandbox {

struct Access {
    std::filesystem::path path; // a directory with all below it, or a file; one that is not there is passed over
    bool write = false;         // make, change and remove; reading goes without saying
};

// 0 where the kernel has none, or has it switched off.
[[nodiscard]] int landlock_abi();

// Nothing but this, and nothing is executed. Wants no_new_privs.
[[nodiscard]] Result<> confine_files(const std::vector<Access>& allowed);

} // namespace provenbl::tools::sandbox
