#include "tools/api/client_address.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace provenbl::tools::api {
namespace {

const std::vector<Prefix> trusted{Prefix::parse("10.0.0.0/8").value(), Prefix::parse("2001:db8:1::/48").value()};

// "ADDRESS", or "ADDRESS (proxy)" for an address that is nobody's own.
std::string who(std::string_view peer, std::string_view header,
                ForwardedHeader kind = ForwardedHeader::x_forwarded_for) {
    const auto client = client_address(Address::parse(peer).value(), header, kind, trusted);
    return client.address.to_string() + (client.is_proxy ? " (proxy)" : "");
}

TEST(ClientAddress, AStrangersWordIsIgnored) {
    EXPECT_EQ(who("192.0.2.1", ""), "192.0.2.1");
    EXPECT_EQ(who("192.0.2.1", "198.51.100.7"), "192.0.2.1");
    EXPECT_EQ(who("192.0.2.1", "for=198.51.100.7", ForwardedHeader::forwarded), "192.0.2.1");
}

TEST(ClientAddress, TheRightmostHopThatIsNotOursIsTheClient) {
    EXPECT_EQ(who("10.0.0.1", "198.51.100.7"), "198.51.100.7");
    EXPECT_EQ(who("10.0.0.1", "5.5.5.5, 198.51.100.7"), "198.51.100.7") << "what he wrote himself";
    EXPECT_EQ(who("10.0.0.1", "5.5.5.5, 198.51.100.7, 10.0.0.2"), "198.51.100.7");
    EXPECT_EQ(who("10.0.0.1", "10.0.0.9, 198.51.100.7,10.0.0.2 "), "198.51.100.7") << "a stranger that names ours";
    EXPECT_EQ(who("2001:db8:1::5", "2001:db8:2::7"), "2001:db8:2::7");
    EXPECT_EQ(who("10.0.0.1", "::ffff:198.51.100.7"), "198.51.100.7");
}

TEST(ClientAddress, FormsOfANode) {
    EXPECT_EQ(who("10.0.0.1", "198.51.100.7:4711"), "198.51.100.7");
    EXPECT_EQ(who("10.0.0.1", "[2001:db8:2::7]:4711"), "2001:db8:2::7");
    EXPECT_EQ(who("10.0.0.1", "2001:db8:2::7"), "2001:db8:2::7");
    EXPECT_EQ(who("10.0.0.1", "\"198.51.100.7\""), "198.51.100.7");
}

TEST(ClientAddress, AProxyThatDoesNotSayIsNobody) {
    EXPECT_EQ(who("10.0.0.1", ""), "10.0.0.1 (proxy)");
    EXPECT_EQ(who("10.0.0.1", "unknown"), "10.0.0.1 (proxy)");
    EXPECT_EQ(who("10.0.0.1", "198.51.100.7, _hidden, 10.0.0.2"), "10.0.0.2 (proxy)");
    EXPECT_EQ(who("10.0.0.1", ",,,"), "10.0.0.1 (proxy)");
    EXPECT_EQ(who("10.0.0.1", "[2001:db8::"), "10.0.0.1 (proxy)");
    EXPECT_EQ(who("10.0.0.1", "10.0.0.3, 10.0.0.2"), "10.0.0.3 (proxy)");
    std::string many;
    for (int i = 0; i < 1000; ++i) many += "10.0.0.2,";
    EXPECT_EQ(who("10.0.0.1", "198.51.100.7," + many + "10.0.0.2"), "10.0.0.2 (proxy)") << "bounded";
}

TEST(ClientAddress, ForwardedIsTakenApart) {
    const auto forwarded = [](std::string_view header) { return who("10.0.0.1", header, ForwardedHeader::forwarded); };
    EXPECT_EQ(forwarded("for=198.51.100.7"), "198.51.100.7");
    EXPECT_EQ(forwarded("proto=https; For=\"198.51.100.7:80\";by=10.0.0.1"), "198.51.100.7");
    EXPECT_EQ(forwarded("for=\"[2001:db8:2::7]:4711\", for=10.0.0.2"), "2001:db8:2::7");
    EXPECT_EQ(forwarded("for=5.5.5.5, for=198.51.100.7"), "198.51.100.7");
    EXPECT_EQ(forwarded("for=\"5.5.5.5, for=198.51.100.7"), "198.51.100.7") << "quotes left open by a stranger";
    EXPECT_EQ(forwarded("by=10.0.0.1"), "10.0.0.1 (proxy)");
    EXPECT_EQ(forwarded("for=unknown"), "10.0.0.1 (proxy)");
    EXPECT_EQ(forwarded("198.51.100.7"), "10.0.0.1 (proxy)");
}

} // namespace
} // namespace provenbl::tools::api
