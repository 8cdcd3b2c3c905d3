#include "tools/daemon/sandbox/landlock.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace provenbl::tools::sandbox {
namespace {

// Of newer kernels than the headers: from ABI 2, 3 and 5 on.
constexpr std::uint64_t refer = 1ULL << 13U;
constexpr std::uint64_t truncate_file = 1ULL << 14U;
constexpr std::uint64_t ioctl_device = 1ULL << 15U;

constexpr std::uint64_t reading = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
constexpr std::uint64_t writing = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |
                                  LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR |
                                  LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK | refer | truncate_file;
// Executing, devices, fifos and links are nobody's.
constexpr std::uint64_t all = reading | writing | LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_MAKE_CHAR |
                              LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK |
                              LANDLOCK_ACCESS_FS_MAKE_SYM | ioctl_device;
// What a rule for a file may name.
constexpr std::uint64_t of_files = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | truncate_file;

std::uint64_t known(int abi) {
    auto rights = all;
    if (abi < 2) rights &= ~refer;
    if (abi < 3) rights &= ~truncate_file;
    if (abi < 5) rights &= ~ioctl_device;
    return rights;
}

class Descriptor {
public:
    explicit Descriptor(int fd) : fd_(fd) {}
    ~Descriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    [[nodiscard]] int get() const { return fd_; }

private:
    int fd_;
};

Error failed(std::string_view what) {
    return {Errc::io, fmt::format("{}: {}", what, std::strerror(errno))};
}

Result<> allow(int rules, const Access& access, std::uint64_t handled) {
    const Descriptor place(::open(access.path.c_str(), O_PATH | O_CLOEXEC));
    if (place.get() < 0) {
        if (errno == ENOENT || errno == ENOTDIR || errno == EACCES) return {};
        return failed("can't open " + access.path.string());
    }
    struct stat about {};
    if (::fstat(place.get(), &about) != 0) return failed("can't look at " + access.path.string());
    auto rights = (access.write ? reading | writing : reading) & handled;
    if (!S_ISDIR(about.st_mode)) rights &= of_files;
    landlock_path_beneath_attr rule{};
    rule.allowed_access = rights;
    rule.parent_fd = place.get();
    if (::syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0)
        return failed("can't allow " + access.path.string());
    return {};
}

} // namespace

int landlock_abi() {
    const auto abi = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
    return abi > 0 ? static_cast<int>(abi) : 0;
}

Result<> confine_files(const std::vector<Access>& allowed) {
    landlock_ruleset_attr about{};
    about.handled_access_fs = known(landlock_abi());
    const Descriptor rules(
        static_cast<int>(::syscall(SYS_landlock_create_ruleset, &about, sizeof about.handled_access_fs, 0)));
    if (rules.get() < 0) return failed("can't make a set of Landlock rules");
    for (const auto& access : allowed) {
        if (auto done = allow(rules.get(), access, about.handled_access_fs); !done) return done;
    }
    if (::syscall(SYS_landlock_restrict_self, rules.get(), 0) != 0) return failed("can't put Landlock in force");
    return {};
}

} // namespace provenbl::tools::sandbox
