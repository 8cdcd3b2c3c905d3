// Which system calls a process can still make (seccomp(2), through libseccomp). For the calling thread and those that
// it starts afterwards, for ever.
//
// A list of what is refused, not of what is allowed. What is allowed depends on the versions of libc, resolver modules
// and libraries: a list of that, wrong by one call that is made once a month, ends the service; and its use lies in
// shutting out what is on the list below. Where systemd starts us, its @system-service list stands in front of this
// one.
#pragma once

#include "store/result.hpp"

namespace provenbl::tools::sandbox {

// From here on no program is executed, no process made (threads are), nothing mounted, traced, loaded into the kernel,
// no namespace made or entered, no user or capability changed, and no raw packet or kernel crypto socket opened. All of
// these say EPERM.
[[nodiscard]] Result<> confine_system_calls();

} // namespace provenbl::tools::sandbox
