// In child processes, because nothing of it can be taken back: does it bite, and leave what is needed?
#include "tests/support/temporary_directory.hpp"
#include "tools/config/load.hpp"
#include "tools/daemon/sandbox/landlock.hpp"
#include "tools/daemon/sandbox/privileges.hpp"
#include "tools/daemon/sandbox/sandbox.hpp"
#include "tools/daemon/sandbox/system_calls.hpp"

#include <gmock/gmock.h>

#include <cerrno>
#include <fcntl.h>
#include <fstream>
#include <functional>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace provenbl::tools::sandbox {
namespace {

// The number of the first check that does not hold, or 0. A child that is killed is 1000 and the signal.
int in_a_child(const std::function<int()>& checks) {
    const auto child = fork();
    if (child == 0) ::_exit(checks());
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

int error_of(long result) {
    const int why = errno;
    return result < 0 ? why : 0;
}

class SandboxTest : public testing::Test {
protected:
    SandboxTest() {
        std::filesystem::create_directory(inside);
        std::filesystem::create_directory(readable);
        for (const auto& file : {inside / "f", readable / "f", outside}) std::ofstream{file} << "text";
    }
    static int open_error(const std::filesystem::path& path, int flags) {
        const int fd = ::open(path.c_str(), flags | O_CLOEXEC, 0600);
        const int why = error_of(fd);
        if (fd >= 0) ::close(fd);
        return why;
    }

    const test::TemporaryDirectory directory;
    const std::filesystem::path inside = directory.path() / "inside";
    const std::filesystem::path readable = directory.path() / "readable";
    const std::filesystem::path outside = directory.path() / "outside";
};

TEST_F(SandboxTest, LandlockLeavesWhatIsAllowedAndNothingElse) {
    if (landlock_abi() == 0) GTEST_SKIP() << "this kernel has no Landlock; the program says so and goes on without";
    EXPECT_EQ(in_a_child([&] {
                  if (!keep_only(Kept::files_as_root)) return 1;
                  if (!confine_files({{inside, true}, {readable}, {readable / "absent"}, {"/usr"}})) return 2;
                  if (open_error(inside / "f", O_RDWR) != 0) return 3;
                  if (open_error(inside / "new", O_WRONLY | O_CREAT) != 0) return 4;
                  if (::rename((inside / "new").c_str(), (inside / "f").c_str()) != 0) return 5;
                  if (open_error(readable / "f", O_RDONLY) != 0) return 6;
                  if (open_error(readable / "f", O_WRONLY) != EACCES) return 7;
                  if (open_error(readable / "new", O_WRONLY | O_CREAT) != EACCES) return 8;
                  if (open_error(outside, O_RDONLY) != EACCES) return 9;
                  if (error_of(::unlink(outside.c_str())) != EACCES) return 10;
                  int in_thread = 0;
                  std::thread([&] { in_thread = open_error(outside, O_RDONLY); }).join();
                  if (in_thread != EACCES) return 11;
                  const char* const arguments[]{"/usr/bin/true", nullptr};
                  ::execv(arguments[0], const_cast<char* const*>(arguments));
                  return errno == EACCES ? 0 : 12; // what can be read can still not be executed
              }),
              0);
}

TEST_F(SandboxTest, SystemCallsThatNoServerMakesAreRefused) {
    EXPECT_EQ(in_a_child([] {
                  if (!confine_system_calls()) return 1;
                  const char* const arguments[]{"/usr/bin/true", nullptr};
                  ::execv(arguments[0], const_cast<char* const*>(arguments));
                  if (errno != EPERM) return 2;
                  if (error_of(::fork()) != EPERM) return 3;
                  if (error_of(::ptrace(PTRACE_TRACEME, 0, 0, 0)) != EPERM) return 4;
                  if (error_of(::mount("none", "/tmp", "tmpfs", 0, nullptr)) != EPERM) return 5;
                  if (error_of(::unshare(CLONE_NEWUSER)) != EPERM) return 6;
                  if (error_of(::socket(AF_PACKET, SOCK_RAW, 0)) != EPERM) return 7;
                  // Not by libc, which ends the process when a sanitizer's thread was told otherwise.
                  if (error_of(::syscall(SYS_setuid, 65534)) != EPERM) return 8;
                  // What a server does.
                  int ran = 0;
                  std::thread([&] { ran = 1; }).join();
                  if (ran != 1) return 9;
                  for (const int family : {AF_INET, AF_INET6, AF_UNIX, AF_NETLINK}) {
                      if (error_of(::socket(family, SOCK_DGRAM, 0)) == EPERM) return 10;
                  }
                  return ::prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == 2 ? 0 : 11;
              }),
              0);
}

TEST_F(SandboxTest, CapabilitiesGoAndNeverComeBack) {
    EXPECT_EQ(in_a_child([] {
                  if (!keep_only(Kept::low_ports)) return 1;
                  std::ifstream status{"/proc/self/status"};
                  for (std::string line; std::getline(status, line);) {
                      if (!line.starts_with("CapEff:") && !line.starts_with("CapPrm:") && !line.starts_with("CapBnd:"))
                          continue;
                      const auto set = std::stoull(line.substr(7), nullptr, 16);
                      if ((set & ~(1ULL << 10U)) != 0) return 2; // CAP_NET_BIND_SERVICE
                  }
                  return ::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? 0 : 3;
              }),
              0);
}

TEST_F(SandboxTest, AUserThatIsMissingIsAnError) {
    const auto found = find_user("nobody-of-this-name");
    ASSERT_FALSE(found);
    EXPECT_THAT(found.error().message, testing::HasSubstr("service.user"));
    EXPECT_EQ(find_user("root").value().id, 0U);
}

// What the configuration names a role may reach, and what others need it may not.
TEST_F(SandboxTest, ARoleReachesWhatItsConfigurationNames) {
    auto loaded = load_configuration(PROVENBL_SOURCE_DIR "/packaging/provenbl.yaml", Role::all);
    ASSERT_TRUE(loaded.configuration);
    auto configuration = *loaded.configuration;
    configuration.store.directory = inside;
    auto& zone = configuration.zones.static_zones.emplace_back();
    zone.sets.push_back({zones::statics::SetType::ip4set, {"/srv/lists/x"}, false});
    std::ofstream{inside / "lock.mdb"};
    configuration.dns.tls.certificate = "/srv/tls/dns.pem";
    configuration.dns.tls.key = "/srv/keys/dns.key";
    const auto may = [&](Role role, const std::filesystem::path& path, bool write) {
        const auto needed = needed_files(configuration, role, "/srv/provenbl/provenbl.yaml");
        return std::any_of(needed.begin(), needed.end(),
                           [&](const Access& one) { return one.path == path && one.write == write; });
    };
    for (const auto role : {Role::all, Role::dns, Role::verifier, Role::api}) {
        EXPECT_TRUE(may(role, "/srv/provenbl", false));
        EXPECT_EQ(may(role, inside, true), role != Role::dns) << "the responder can't alter a listing";
        EXPECT_EQ(may(role, inside / "lock.mdb", true), role == Role::dns);
        EXPECT_EQ(may(role, "/srv/lists", false), serves_dns(role));
        EXPECT_FALSE(may(role, "/srv/lists", true));
        EXPECT_EQ(may(role, "/srv/tls", false) && may(role, "/srv/keys", false), serves_dns(role));
        EXPECT_EQ(may(role, configuration.api.socket.parent_path(), true), serves_api(role));
    }
}

// Mail servers are users of their own, and units set a umask of 0077.
TEST_F(SandboxTest, ADirectoryForMailServersIsOpenToThem) {
    auto loaded = load_configuration(PROVENBL_SOURCE_DIR "/packaging/provenbl.yaml", Role::all);
    ASSERT_TRUE(loaded.configuration);
    auto configuration = *loaded.configuration;
    configuration.store.directory = inside;
    configuration.api.socket = inside / "api.sock";
    configuration.service.sandbox = false;
    const auto check = [&](const std::string& user, const std::filesystem::path& above) {
        configuration.service.user = user;
        configuration.intake_mail.socket = above / "below" / "lmtp.sock";
        ASSERT_EQ(in_a_child([&] {
                      ::umask(0077);
                      return enter(configuration, Role::api, outside) ? 0 : 1;
                  }),
                  0);
        for (const auto& made : {above, above / "below"}) {
            struct stat status {};
            ASSERT_EQ(::stat(made.c_str(), &status), 0) << made;
            EXPECT_EQ(status.st_mode & 07777U, 0755U) << made;
        }
        struct stat status {};
        ASSERT_EQ(::stat((above / "below").c_str(), &status), 0);
        EXPECT_EQ(status.st_uid, user.empty() ? ::geteuid() : find_user(user)->id);
    };
    check("", directory.path() / "first");
    if (::geteuid() == 0) check("nobody", directory.path() / "second"); // where nobody but root can make it
}

TEST_F(SandboxTest, WhatWasNotNamedAtTheStartCannotBeWritten) {
    auto loaded = load_configuration(PROVENBL_SOURCE_DIR "/packaging/provenbl.yaml", Role::all);
    ASSERT_TRUE(loaded.configuration);
    auto configuration = *loaded.configuration;
    configuration.store.directory = "/srv/data/";
    configuration.api.socket = "/srv/sockets/api.sock";
    configuration.intake_mail.socket = "/srv/mail/lmtp.sock";
    for (const char* path : {"/srv/data", "/srv/data/x", "/srv/sockets", "/srv/mail", "/srv/x/../mail/y/"})
        EXPECT_TRUE(may_write(configuration, Role::api, path)) << path;
    for (const char* path : {"/srv", "/srv/mails", "/srv/mail/../x", "/etc"})
        EXPECT_FALSE(may_write(configuration, Role::api, path)) << path;
    EXPECT_FALSE(may_write(configuration, Role::verifier, "/srv/mail")) << "which takes no mail";
}

} // namespace
} // namespace provenbl::tools::sandbox
