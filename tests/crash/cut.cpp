#include "tests/crash/cut.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <mutex>
#include <random>
#include <string_view>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>
#include <vector>

namespace provenbl::crash {
namespace {

constexpr std::size_t sector = 512; // what a disk writes whole or not at all

// What a write replaced, until it is synced.
struct Unsynced {
    int descriptor = -1;
    off_t offset = 0;
    std::vector<char> before; // zeros where the file ended
};

struct State {
    std::mutex mutex;
    std::vector<Unsynced> unsynced;
    std::mt19937_64 dice;
};

std::atomic<std::uint64_t> left = 0; // calls to the cut; 0: none is planned
std::atomic<bool> power = false;
std::atomic<bool> lying = false;
std::atomic<int> note_to = -1;
std::atomic<std::uint64_t> until_failure = 0; // writes and syncs before the first that fails
std::atomic<std::uint64_t> failures = 0;      // that are still to come
std::atomic<Failure> failure = Failure::io;
char only_call[32] = {};

State& state() {
    static auto* const all = new State; // outlives every thread
    return *all;
}

void undo(const Unsynced& write, std::mt19937_64& dice) {
    for (std::size_t at = 0; at < write.before.size(); at += sector) {
        if (dice() % 2 == 0) continue;
        const auto size = std::min(sector, write.before.size() - at);
        syscall(SYS_pwrite64, write.descriptor, write.before.data() + at, size, write.offset + static_cast<off_t>(at));
    }
}

[[noreturn]] void cut(const char* where) {
    if (power) {
        auto& all = state();
        const std::scoped_lock lock(all.mutex);
        for (auto write = all.unsynced.rbegin(); write != all.unsynced.rend(); ++write) undo(*write, all.dice);
    }
    char line[64];
    const auto size = std::snprintf(line, sizeof line, "cut %s\n", where);
    syscall(SYS_write, note_to.load(), line, size);
    syscall(SYS_kill, getpid(), SIGKILL);
    std::abort(); // never
}

// Before and after each call: either may be where it ends.
void maybe_cut(const char* where) {
    if (left == 0 || (only_call[0] != '\0' && std::string_view(only_call) != where)) return;
    if (left.fetch_sub(1) == 1) cut(where);
}

// Whether this write or sync is one that the disk refuses.
bool fails_now() {
    if (failures == 0) return false;
    if (until_failure > 0) {
        --until_failure;
        return false;
    }
    --failures;
    return true;
}

ssize_t fail() {
    errno = failure == Failure::full ? ENOSPC : EIO;
    return -1;
}

bool is_synced_by_itself(int descriptor) {
    return (fcntl(descriptor, F_GETFL) & O_DSYNC) != 0;
}

void remember(int descriptor, std::size_t size, off_t offset) {
    if (!power || is_synced_by_itself(descriptor)) return;
    Unsynced write{descriptor, offset, std::vector<char>(size, '\0')};
    syscall(SYS_pread64, descriptor, write.before.data(), size, offset);
    auto& all = state();
    const std::scoped_lock lock(all.mutex);
    all.unsynced.push_back(std::move(write));
}

void synced() {
    if (lying) return;
    auto& all = state();
    const std::scoped_lock lock(all.mutex);
    all.unsynced.clear();
}

} // namespace

void cut_after(Cut how, std::uint64_t after, const std::string& only, std::uint64_t seed, int note) {
    state().dice.seed(seed);
    std::snprintf(only_call, sizeof only_call, "%s", only.c_str());
    note_to = note;
    power = how == Cut::power;
    left = after;
}

void fail_after(Failure how, std::uint64_t after, std::uint64_t times) {
    failure = how;
    until_failure = after;
    failures = times;
}

void lie_about_syncs() {
    lying = true;
}

} // namespace provenbl::crash

// ---- in front of the C library --------------------------------------------------------------------------

namespace crash = provenbl::crash;

extern "C" {

ssize_t pwrite(int descriptor, const void* bytes, size_t size, off_t offset) {
    crash::maybe_cut("pwrite");
    const bool fails = crash::fails_now();
    if (fails && crash::failure != crash::Failure::half) return crash::fail();
    if (fails) size /= 2;
    crash::remember(descriptor, size, offset);
    const auto done = syscall(SYS_pwrite64, descriptor, bytes, size, offset);
    crash::maybe_cut("pwrite");
    return done;
}

// What a backup is made of: LMDB's copy through a pipe, and the file.
ssize_t write(int descriptor, const void* bytes, size_t size) {
    if (descriptor == crash::note_to) return syscall(SYS_write, descriptor, bytes, size);
    crash::maybe_cut("write");
    const auto offset = lseek(descriptor, 0, SEEK_CUR);
    if (offset >= 0) crash::remember(descriptor, size, offset);
    const auto done = syscall(SYS_write, descriptor, bytes, size);
    crash::maybe_cut("write");
    return done;
}

ssize_t writev(int descriptor, const iovec* parts, int count) {
    crash::maybe_cut("writev");
    std::size_t size = 0;
    for (int i = 0; i < count; ++i) size += parts[i].iov_len;
    const auto offset = lseek(descriptor, 0, SEEK_CUR);
    const bool fails = crash::fails_now();
    if (fails && crash::failure != crash::Failure::half) return crash::fail();
    if (fails) return syscall(SYS_write, descriptor, parts[0].iov_base, parts[0].iov_len / 2);
    if (offset >= 0) crash::remember(descriptor, size, offset);
    const auto done = syscall(SYS_writev, descriptor, parts, count);
    crash::maybe_cut("writev");
    return done;
}

int fdatasync(int descriptor) {
    crash::maybe_cut("fdatasync");
    if (crash::fails_now()) return static_cast<int>(crash::fail());
    const auto done = static_cast<int>(syscall(SYS_fdatasync, descriptor));
    if (done == 0) crash::synced();
    crash::maybe_cut("fdatasync");
    return done;
}

int fsync(int descriptor) {
    crash::maybe_cut("fsync");
    const auto done = static_cast<int>(syscall(SYS_fsync, descriptor));
    if (done == 0) crash::synced();
    crash::maybe_cut("fsync");
    return done;
}

int msync(void* address, size_t size, int flags) {
    crash::maybe_cut("msync");
    return static_cast<int>(syscall(SYS_msync, address, size, flags));
}

int ftruncate(int descriptor, off_t size) noexcept {
    crash::maybe_cut("ftruncate");
    return static_cast<int>(syscall(SYS_ftruncate, descriptor, size));
}

void* mmap(void* address, size_t size, int protection, int flags, int descriptor, off_t offset) noexcept {
    if (descriptor >= 0) crash::maybe_cut("mmap");
    auto* const done = reinterpret_cast<void*>(syscall(SYS_mmap, address, size, protection, flags, descriptor, offset));
    if (descriptor >= 0) crash::maybe_cut("mmap");
    return done;
}

} // extern "C"
