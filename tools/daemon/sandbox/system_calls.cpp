#include "tools/daemon/sandbox/system_calls.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <sched.h>
#include <seccomp.h>
#include <sys/socket.h>

namespace provenbl::tools::sandbox {
namespace {

// Names, since not every kernel and processor has all of them.
constexpr std::array refused{
    // programs and processes
    "execve", "execveat", "fork", "vfork", "ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd", "kcmp",
    "process_madvise", "userfaultfd", "personality", "uselib",
    // who we are
    "setuid", "setgid", "setreuid", "setregid", "setresuid", "setresgid", "setgroups", "setfsuid", "setfsgid", "capset",
    // namespaces and mounts
    "unshare", "setns", "mount", "umount", "umount2", "pivot_root", "chroot", "move_mount", "open_tree", "fsopen",
    "fsconfig", "fsmount", "fspick", "mount_setattr", "name_to_handle_at", "open_by_handle_at", "mknod", "mknodat",
    // the kernel and the machine
    "init_module", "finit_module", "delete_module", "create_module", "kexec_load", "kexec_file_load", "bpf",
    "perf_event_open", "io_uring_setup", "io_uring_enter", "io_uring_register", "add_key", "request_key", "keyctl",
    "reboot", "swapon", "swapoff", "acct", "quotactl", "quotactl_fd", "syslog", "iopl", "ioperm", "settimeofday",
    "clock_settime", "clock_adjtime", "adjtimex", "stime", "sethostname", "setdomainname", "vhangup", "nfsservctl",
    "fanotify_init", "lookup_dcookie", "vmsplice", "modify_ldt", "_sysctl", "memfd_secret"};

// Of sockets those that reach the network or a Unix path stay, and netlink, which the resolver asks for our addresses.
constexpr std::array refused_families{AF_PACKET, AF_ALG, AF_VSOCK, AF_BLUETOOTH, AF_KEY, AF_RDS, AF_TIPC, AF_CAN};

struct Release {
    void operator()(void* filter) const { seccomp_release(filter); }
};

// Only where an argument is so. 0, or a negative error number.
int refuse_where(const scmp_arg_cmp& argument, int call, scmp_filter_ctx filter) {
    return seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(EPERM), call, 1, &argument);
}

} // namespace

Result<> confine_system_calls() {
    const std::unique_ptr<void, Release> filter(seccomp_init(SCMP_ACT_ALLOW));
    if (!filter) return Error{Errc::io, "can't make a seccomp filter"};
    int why = 0;
    for (const auto* const name : refused) {
        const int call = seccomp_syscall_resolve_name(name);
        // Negative ones are no calls of this processor.
        if (call >= 0 && why == 0) why = seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(EPERM), call, 0);
    }
    // Threads, yes. clone3's flags can't be seen from here; libc does without it.
    if (why == 0) why = seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
    if (why == 0) why = refuse_where({0, SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0}, SCMP_SYS(clone), filter.get());
    for (const int family : refused_families) {
        if (why == 0)
            why = refuse_where({0, SCMP_CMP_EQ, static_cast<scmp_datum_t>(family), 0}, SCMP_SYS(socket), filter.get());
    }
    if (why == 0) why = seccomp_load(filter.get());
    if (why != 0) return Error{Errc::io, fmt::format("can't put the seccomp filter in force: {}", std::strerror(-why))};
    return {};
}

} // namespace provenbl::tools::sandbox
