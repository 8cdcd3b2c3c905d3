#include "tools/api/request_target.hpp"
#include "tools/cli/server_address.hpp"

#include <gtest/gtest.h>

namespace provenbl::tools {
namespace {

TEST(ServerAddress, UnixAndHttp) {
    EXPECT_EQ(cli::parse_server("unix:/run/x.sock")->socket, "/run/x.sock");
    EXPECT_EQ(cli::parse_server("unix:///run/x.sock")->socket, "/run/x.sock");
    EXPECT_EQ(cli::parse_server("/run/x.sock")->socket, "/run/x.sock");
    EXPECT_EQ(cli::parse_server("http://bl.example:8080")->host, "bl.example");
    EXPECT_EQ(cli::parse_server("http://bl.example:8080/")->port, "8080");
    EXPECT_EQ(cli::parse_server("http://bl.example")->port, "80");
    EXPECT_EQ(cli::parse_server("http://[2001:db8::1]:81")->host, "2001:db8::1");
    EXPECT_FALSE(cli::parse_server("http://bl.example")->tls);
    EXPECT_TRUE(cli::parse_server("https://bl.example")->tls);
    EXPECT_EQ(cli::parse_server("https://bl.example")->port, "443");
    EXPECT_EQ(cli::parse_server("https://bl.example:8443")->port, "8443");
}

TEST(ServerAddress, RefusesTheRest) {
    for (const std::string& bad :
         {std::string{}, std::string{"bl.example"}, std::string{"gopher://bl.example"}, std::string{"unix:"},
          std::string{"unix:x"}, std::string{"http://"}, std::string{"http://x/path"}, std::string{"http://x?q"},
          "unix:/" + std::string(200, 'x')})
        EXPECT_FALSE(cli::parse_server(bad)) << bad;
}

TEST(RequestTarget, IsTakenApartAndDecoded) {
    const auto target = api::parse_target("/v1/hosts/2001:db8::1/scans/7?follow=1&x=a%20b");
    ASSERT_TRUE(target);
    EXPECT_EQ(target->segments, (std::vector<std::string>{"v1", "hosts", "2001:db8::1", "scans", "7"}));
    EXPECT_EQ(target->query.at("follow"), "1");
    EXPECT_EQ(target->query.at("x"), "a b");
    EXPECT_EQ(api::parse_target("/a%2Fb/")->segments, (std::vector<std::string>{"a/b"}));
    EXPECT_EQ(api::encode_segment("5.6.0.0/16"), "5.6.0.0%2F16");
    EXPECT_EQ(api::encode_segment("2001:db8::"), "2001:db8::");
}

} // namespace
} // namespace provenbl::tools
