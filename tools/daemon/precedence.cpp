#include "tools/daemon/precedence.hpp"

#include "store/log.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <future>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace provenbl::tools::precedence {
namespace {

constexpr std::uint64_t short_turn = 100'000; // ns: the shortest that Linux takes

// As the kernel takes it (sched_setattr(2)); libc has neither this nor a function for it.
struct Attributes {
    std::uint32_t size = sizeof(Attributes);
    std::uint32_t policy = 0;
    std::uint64_t flags = 0;
    std::int32_t nice = 0;
    std::uint32_t priority = 0;
    std::uint64_t runtime = 0; // ns: a turn
    std::uint64_t deadline = 0;
    std::uint64_t period = 0;
};

// Of the calling thread.
void schedule(int policy, int nicer, std::uint64_t turn) {
    constexpr int nicest = 19;
    Attributes wanted;
    wanted.policy = static_cast<std::uint32_t>(policy);
    wanted.nice = std::min(::getpriority(PRIO_PROCESS, 0) + nicer, nicest);
    wanted.runtime = turn;
    if (::syscall(SYS_sched_setattr, 0, &wanted, 0) == 0) return;
    log::of("dns")->info("threads can't be given places after one another ({}); all are equal", std::strerror(errno));
}

Result<> started_by(const std::function<void()>& prepare, const std::function<Result<>()>& start) {
    auto done = std::async(std::launch::async, [&] {
        prepare();
        return start();
    });
    return done.get();
}

} // namespace

Result<> come_first(const std::function<Result<>()>& start) {
    return started_by([] { schedule(SCHED_OTHER, 0, short_turn); }, start);
}

Result<> give_way(int nice, const std::function<Result<>()>& start) {
    if (nice == 0) return start();
    return started_by([nice] { schedule(SCHED_BATCH, nice, 0); }, start);
}

} // namespace provenbl::tools::precedence
