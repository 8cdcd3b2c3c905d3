// HTTP heads and bodies: what proxies, web servers and strangers send.
#include "verifier/wire/http_reply.hpp"
#include "verifier/wire/http_request.hpp"

#include <gtest/gtest.h>

namespace provenbl::verifier::wire {
namespace {

HttpHead parse(std::string bytes) {
    std::size_t searched = 0;
    return parse_http_head(bytes, searched).value().value();
}

Errc error_of(std::string bytes) {
    std::size_t searched = 0;
    return parse_http_head(bytes, searched).error().code;
}

TEST(HttpHead, status_and_fields) {
    const auto head = parse("HTTP/1.1 200 Connection established\r\nServer:  squid/5.7 \r\nX-A: b\r\n\r\n");
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.status_line, "HTTP/1.1 200 Connection established");
    EXPECT_EQ(head.find("server"), "squid/5.7");
    EXPECT_EQ(head.find("absent"), "");
}

TEST(HttpHead, leaves_the_body) {
    std::string buffer = "HTTP/1.1 200 OK\r\n\r\n220 banner\r\n\r\n";
    std::size_t searched = 0;
    ASSERT_TRUE(parse_http_head(buffer, searched).value());
    EXPECT_EQ(buffer, "220 banner\r\n\r\n");
}

TEST(HttpHead, a_byte_at_a_time_is_the_same) {
    const std::string whole = "HTTP/1.0 403 Forbidden\r\nVia: 1.1 gw (squid/5.7)\r\n\r\n";
    std::string buffer;
    std::size_t searched = 0;
    for (std::size_t i = 0; i < whole.size(); ++i) {
        buffer += whole[i];
        const auto head = parse_http_head(buffer, searched).value();
        ASSERT_EQ(head.has_value(), i + 1 == whole.size()) << i;
        EXPECT_EQ(head ? head->status : 403, 403);
    }
}

TEST(HttpHead, what_servers_really_send) {
    EXPECT_EQ(parse("HTTP/1.0 200\r\n\r\n").status, 200);         // no reason
    EXPECT_EQ(parse("HTTP/1.1 200 OK\nA: b\n\n").find("a"), "b"); // bare LF
    EXPECT_EQ(parse("HTTP/1.1  407  No\r\n\r\n").status, 407);    // blanks
    EXPECT_EQ(parse("HTTP/1.1 200 OK\r\nrubbish\r\nA:\r\n\r\n").fields.size(), 1U);
}

TEST(HttpHead, what_is_no_http_is_known_at_once) {
    for (const auto* bad :
         {"220 mx ESMTP\r\n", "h", "HTTQ", "<html>", "\x05", "HTTP/1.1\r\n\r\n", "HTTP/1.1 abc\r\n\r\n",
          "HTTP/1.1 99 x\r\n\r\n", "HTTP/1.1 2000 x\r\n\r\n", "HTTP/1.1 -20 x\r\n\r\n"})
        EXPECT_EQ(error_of(bad), Errc::protocol) << bad;
}

TEST(HttpHead, an_endless_head_ends_with_limit) {
    EXPECT_EQ(error_of("HTTP/1.1 200 OK\r\nA: " + std::string(http_head_limit, 'x')), Errc::limit);
    EXPECT_EQ(error_of("HTTP/1.1 200 OK\r\nA: " + std::string(http_head_limit, 'x') + "\r\n\r\n"), Errc::limit);
}

TEST(HttpBody, ends_where_the_head_says) {
    const auto sized = parse("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
    EXPECT_FALSE(body_complete(sized, "1234"));
    EXPECT_TRUE(body_complete(sized, "12345"));
    const auto chunked = parse("HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n");
    EXPECT_FALSE(body_complete(chunked, "3\r\nabc\r\n"));
    EXPECT_TRUE(body_complete(chunked, "3\r\nabc\r\n0\r\n\r\n"));
    EXPECT_TRUE(body_complete(chunked, "0\r\n\r\n"));
    const auto open_ended = parse("HTTP/1.1 200 OK\r\n\r\n");
    EXPECT_FALSE(body_complete(open_ended, std::string(1000, 'x')));
    for (const auto* odd : {"-1", "5x", "99999999999999999999", ""})
        EXPECT_FALSE(
            body_complete(parse(std::string("HTTP/1.1 200 OK\r\nContent-Length: ") + odd + "\r\n\r\n"), "12345"));
    EXPECT_TRUE(body_complete(parse("HTTP/1.1 204 No Content\r\n\r\n"), ""));
}

TEST(HttpRequest, carries_our_name_and_no_credentials) {
    const Endpoint sink{Address::parse("2001:db8::9").value(), 8443};
    EXPECT_EQ(http_connect(sink.to_string(), "provenbl (+x)"),
              "CONNECT [2001:db8::9]:8443 HTTP/1.1\r\nHost: [2001:db8::9]:8443\r\nUser-Agent: provenbl (+x)\r\n\r\n");
    EXPECT_EQ(http_get("198.51.100.9:80", "abc", "us"),
              "GET http://198.51.100.9:80/abc HTTP/1.1\r\nHost: 198.51.100.9:80\r\nUser-Agent: us\r\n"
              "Connection: close\r\n\r\n");
}

} // namespace
} // namespace provenbl::verifier::wire
