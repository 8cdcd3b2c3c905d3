#include "tools/daemon/sandbox/privileges.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <vector>

namespace provenbl::tools::sandbox {
namespace {

Error failed(std::string_view what) {
    return {Errc::io, fmt::format("{}: {}", what, std::strerror(errno))};
}

constexpr std::uint32_t bit(unsigned capability) {
    return 1U << capability;
}

} // namespace

Result<User> find_user(const std::string& name) {
    errno = 0;
    const auto* const entry = ::getpwnam(name.c_str());
    if (entry == nullptr)
        return Error{Errc::not_found,
                     fmt::format("there is no user '{}' (service.user): add it, or name another", name)};
    return User{entry->pw_uid, entry->pw_gid, name};
}

Result<> become(const User& user) {
    if (::prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0) return failed("can't keep capabilities");
    if (::initgroups(user.name.c_str(), user.group) != 0) return failed("can't take the groups of " + user.name);
    if (::setresgid(user.group, user.group, user.group) != 0) return failed("can't take the group of " + user.name);
    if (::setresuid(user.id, user.id, user.id) != 0) return failed("can't become " + user.name);
    return {};
}

Result<> keep_only(Kept what) {
    std::uint32_t kept = 0;
    if (what != Kept::nothing) kept |= bit(CAP_NET_BIND_SERVICE);
    if (what == Kept::files_as_root) kept |= bit(CAP_DAC_OVERRIDE);
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    std::array<__user_cap_data_struct, 2> sets{};
    if (::syscall(SYS_capget, &header, sets.data()) != 0) return failed("can't read the capabilities");
    // The bounding set can be lowered only with CAP_SETPCAP, which is out of effect after a change of users; who has
    // none has nothing to lower.
    for (auto& set : sets) set.effective = set.permitted;
    if (::syscall(SYS_capset, &header, sets.data()) != 0) return failed("can't use the capabilities");
    for (unsigned capability = 0; ::prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; ++capability) {
        if (capability < 32 && (kept & bit(capability)) != 0) continue;
        ::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
    }
    ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    // Never more than there is.
    sets[0] = {sets[0].permitted & kept, sets[0].permitted & kept, 0};
    sets[1] = {};
    if (::syscall(SYS_capset, &header, sets.data()) != 0) return failed("can't give up capabilities");
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return failed("can't set no_new_privs");
    return {};
}

Result<> make_directory(const std::filesystem::path& path, const std::optional<User>& user,
                        std::optional<std::filesystem::perms> mode) {
    std::error_code code;
    if (std::filesystem::exists(path, code)) return {};
    std::vector<std::filesystem::path> missing; // the deepest first
    for (auto one = path; !one.empty() && !std::filesystem::exists(one, code); one = one.parent_path())
        missing.push_back(one);
    std::filesystem::create_directories(path, code);
    if (mode) {
        for (const auto& made : missing) {
            if (!code) std::filesystem::permissions(made, *mode, code);
        }
    }
    if (code) return Error{Errc::io, fmt::format("can't make the directory {}: {}", path.string(), code.message())};
    if (user && ::chown(path.c_str(), user->id, user->group) != 0)
        return failed("can't give " + path.string() + " to " + user->name);
    return {};
}

} // namespace provenbl::tools::sandbox
