#include "tools/daemon/precedence.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <sched.h>
#include <stdexcept>
#include <sys/syscall.h>
#include <thread>
#include <unistd.h>

namespace provenbl::tools {
namespace {

// As the kernel tells it (sched_getattr(2)); libc has no such struct.
struct Attributes {
    std::uint32_t size = 0;
    std::uint32_t policy = 0;
    std::uint64_t flags = 0;
    std::int32_t nice = 0;
    std::uint32_t priority = 0;
    std::uint64_t runtime = 0;
    std::uint64_t deadline = 0;
    std::uint64_t period = 0;
};

// How the calling thread is scheduled.
Attributes here() {
    Attributes attributes;
    if (::syscall(SYS_sched_getattr, 0, &attributes, sizeof attributes, 0) != 0)
        throw std::runtime_error("sched_getattr");
    return attributes;
}

TEST(Precedence, WhatGivesWayIsNicerAndSoIsWhatItStarts) {
    const auto before = here();
    Attributes inside;
    Attributes started;
    ASSERT_TRUE(precedence::give_way(5, [&]() -> Result<> {
        inside = here();
        std::thread{[&] { started = here(); }}.join();
        return {};
    }));
    EXPECT_EQ(inside.nice, std::min(before.nice + 5, 19));
    EXPECT_EQ(inside.policy, static_cast<unsigned>(SCHED_BATCH));
    EXPECT_EQ(started.nice, inside.nice);
    EXPECT_EQ(started.policy, inside.policy);
    EXPECT_EQ(here().nice, before.nice) << "the starter stays what it was";
    EXPECT_EQ(here().policy, before.policy);
}

TEST(Precedence, WhatComesFirstIsNoNicerThanItWas) {
    const auto before = here();
    Attributes inside;
    Attributes started;
    ASSERT_TRUE(precedence::come_first([&]() -> Result<> {
        inside = here();
        std::thread{[&] { started = here(); }}.join();
        return {};
    }));
    EXPECT_EQ(inside.nice, before.nice);
    EXPECT_EQ(started.policy, static_cast<unsigned>(SCHED_OTHER));
    EXPECT_EQ(started.runtime, inside.runtime);
    // Before Linux 6.12 there are no turns of one's own, and 0 is told.
    if (before.runtime != 0) {
        EXPECT_EQ(inside.runtime, 100'000U);
    }
    EXPECT_EQ(here().runtime, before.runtime);
}

TEST(Precedence, WithoutNicenessNothingIsChanged) {
    std::thread::id where;
    const auto note = [&]() -> Result<> {
        where = std::this_thread::get_id();
        return {};
    };
    ASSERT_TRUE(precedence::give_way(0, note));
    EXPECT_EQ(where, std::this_thread::get_id());
}

TEST(Precedence, ErrorsAndExceptionsComeThrough) {
    const auto failed = precedence::give_way(1, []() -> Result<> { return Error{Errc::io, "no"}; });
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().message, "no");
    EXPECT_THROW((void)precedence::come_first([]() -> Result<> { throw std::runtime_error("fault"); }),
                 std::runtime_error);
}

} // namespace
} // namespace provenbl::tools
