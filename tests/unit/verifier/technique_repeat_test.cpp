// The commands that an owner repeats a test with.
#include "verifier/techniques/repeat.hpp"

#include <gtest/gtest.h>

namespace provenbl::verifier::techniques {
namespace {

using namespace std::string_literals;

const Endpoint proxy{Address::v4(192, 0, 2, 1), 3128};
const Endpoint proxy6{Address::parse("2001:db8::1").value(), 1080};
const Endpoint sink{Address::v4(198, 51, 100, 9), 8443};
const std::string asked = sink.to_string();

TEST(Repeat, ATunnel) {
    EXPECT_EQ(curl_through("--socks4 192.0.2.1:1080", asked),
              "printf 'NOOP TOKEN\\r\\n' | curl -sm 20 --socks4 192.0.2.1:1080 telnet://198.51.100.9:8443");
}

TEST(Repeat, ARequest) {
    EXPECT_EQ(curl_request("GET", "http", proxy, asked),
              "curl -sm 20 -x http://192.0.2.1:3128 http://198.51.100.9:8443/TOKEN");
    EXPECT_EQ(curl_request("PUT", "https", proxy, asked),
              "curl -sm 20 --proxy-insecure -X PUT -d test -x https://192.0.2.1:3128 http://198.51.100.9:8443/TOKEN");
}

TEST(Repeat, APage) {
    EXPECT_EQ(curl_page(proxy, "/?url=http%3A%2F%2Fx%2FTOKEN"),
              "curl -sm 20 'http://192.0.2.1:3128/?url=http%3A%2F%2Fx%2FTOKEN'");
}

TEST(Repeat, BytesAreWrittenForAnyShell) {
    EXPECT_EQ(
        openssl_steps(proxy6, {"\x05\x01\x00"s, "'%\\\x7f", "NOOP TOKEN\r\n"}),
        "(printf '\\005\\001\\000'; sleep 1; printf '\\047%%\\\\\\177'; sleep 1; printf 'NOOP TOKEN\\r\\n'; sleep 5)"
        " | openssl s_client -quiet -connect [2001:db8::1]:1080");
    EXPECT_EQ(nc_steps("", proxy6, {"a\r\n"}), "(printf 'a\\r\\n'; sleep 5) | nc 2001:db8::1 1080");
    EXPECT_EQ(nc_steps("-u", proxy, {"a\r\n"}), "(printf 'a\\r\\n'; sleep 5) | nc -u 192.0.2.1 3128");
}

} // namespace
} // namespace provenbl::verifier::techniques
