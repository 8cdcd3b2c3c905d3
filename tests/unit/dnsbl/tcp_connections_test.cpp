// Who makes room: stepped without sockets, with times as arguments.
#include "dnsbl/tcp_connections.hpp"

#include <gtest/gtest.h>

namespace provenbl::dnsbl {
namespace {

using namespace std::chrono_literals;
using Slot = TcpConnections::Slot;

Slot slot(const char* client, TcpConnections::Time deadline = {}) {
    auto made = std::make_shared<TcpSlot>();
    made->client = TcpConnections::client_of(Address::parse(client).value());
    made->deadline = deadline;
    return made;
}

TEST(TcpConnections, TheLongestWithoutProgressMakesRoom) {
    TcpConnections connections({.total = 3, .per_client = 3});
    const auto a = slot("192.0.2.1");
    const auto b = slot("192.0.2.2");
    const auto c = slot("192.0.2.3");
    for (const auto& each : {a, b, c}) EXPECT_TRUE(connections.admit(each).empty());
    connections.progress(a);
    EXPECT_EQ(connections.admit(slot("192.0.2.4")), std::vector<Slot>{b});
    EXPECT_EQ(connections.admit(slot("192.0.2.5")), std::vector<Slot>{c});
    EXPECT_EQ(connections.admit(slot("192.0.2.6")), std::vector<Slot>{a});
    EXPECT_EQ(connections.size(), 3U);
    EXPECT_FALSE(a->present);
}

TEST(TcpConnections, AClientWithTooManyLosesItsOwnOldestAndHurtsNobody) {
    TcpConnections connections({.total = 10, .per_client = 2});
    const auto other = slot("192.0.2.9");
    const auto first = slot("192.0.2.1");
    const auto second = slot("192.0.2.1");
    for (const auto& each : {other, first, second}) EXPECT_TRUE(connections.admit(each).empty());
    connections.progress(first);
    EXPECT_EQ(connections.admit(slot("192.0.2.1")), std::vector<Slot>{second});
    EXPECT_TRUE(other->present);
}

// When no file is left to accept with.
TEST(TcpConnections, TheOldestGoesWhenAsked) {
    TcpConnections connections({.total = 3, .per_client = 3});
    EXPECT_EQ(connections.evict_oldest(), nullptr);
    const auto a = slot("192.0.2.1");
    const auto b = slot("192.0.2.2");
    for (const auto& each : {a, b}) EXPECT_TRUE(connections.admit(each).empty());
    connections.progress(a);
    EXPECT_EQ(connections.evict_oldest(), b);
    EXPECT_FALSE(b->present);
    EXPECT_EQ(connections.size(), 1U);
}

TEST(TcpConnections, AnIpv6ClientIsItsNetwork) {
    TcpConnections connections({.total = 10, .per_client = 1});
    const auto first = slot("2001:db8::1");
    EXPECT_TRUE(connections.admit(first).empty());
    EXPECT_TRUE(connections.admit(slot("2001:db8:0:1::1")).empty());
    EXPECT_EQ(connections.admit(slot("2001:db8::ffff:1")), std::vector<Slot>{first});
}

TEST(TcpConnections, DeadlinesPass) {
    const TcpConnections::Time start{};
    TcpConnections connections({});
    const auto early = slot("192.0.2.1", start + 1s);
    const auto late = slot("192.0.2.2", start + 2s);
    static_cast<void>(connections.admit(late));
    static_cast<void>(connections.admit(early));
    EXPECT_TRUE(connections.expire(start).empty());
    EXPECT_EQ(connections.expire(start + 1s), std::vector<Slot>{early});
    EXPECT_EQ(connections.expire(start + 3s), std::vector<Slot>{late});
    EXPECT_EQ(connections.size(), 0U);
}

TEST(TcpConnections, WhatIsGoneTwiceIsCountedOnce) {
    TcpConnections connections({.total = 10, .per_client = 1});
    const auto first = slot("192.0.2.1");
    static_cast<void>(connections.admit(first));
    connections.remove(first);
    connections.remove(first);
    connections.progress(first);
    EXPECT_EQ(connections.size(), 0U);
    EXPECT_TRUE(connections.admit(slot("192.0.2.1")).empty());
}

TEST(TcpConnections, TheFullerTheShorterTheWait) {
    TcpConnections connections({100, 100});
    std::vector<std::shared_ptr<TcpSlot>> slots;
    const auto with = [&](std::size_t count) {
        while (slots.size() < count) {
            slots.push_back(std::make_shared<TcpSlot>());
            EXPECT_TRUE(connections.admit(slots.back()).empty());
        }
        return connections.idle_timeout(std::chrono::milliseconds(10'000)).count();
    };
    EXPECT_EQ(with(0), 10'000);
    EXPECT_EQ(with(50), 10'000);
    EXPECT_EQ(with(70), 5'000);
    EXPECT_EQ(with(89), 250);
    EXPECT_EQ(with(90), 0);
    EXPECT_EQ(with(100), 0);
}

} // namespace
} // namespace provenbl::dnsbl
