#include "tools/api/request_reader.hpp"
#include "tools/api/response_text.hpp"

#include <gmock/gmock.h>

namespace provenbl::tools::api {
namespace {

using State = RequestReader::State;
using testing::HasSubstr;
using testing::Not;

constexpr std::size_t body_limit = 2048;

unsigned refused(const std::string& bytes) {
    RequestReader reader{body_limit};
    return reader.feed(bytes) == State::fault ? reader.fault().status : 0;
}

TEST(RequestReader, ARequestInAnyPieces) {
    const std::string whole = "POST /v1/reports?x=1 HTTP/1.1\r\nHost: a\r\nAccept: */*\r\nAuthorization: Bearer k\r\n"
                              "X-Forwarded-For: 1.1.1.1\r\nX-Secret: no\r\nX-Forwarded-For: 2.2.2.2\r\n"
                              "Content-Length: 5\r\n\r\nhello";
    for (std::size_t size = 1; size <= whole.size(); ++size) {
        RequestReader reader{body_limit};
        EXPECT_FALSE(reader.begun());
        auto state = State::more;
        for (std::size_t at = 0; at < whole.size(); at += size) {
            ASSERT_EQ(state, State::more) << size;
            state = reader.feed(std::string_view{whole}.substr(at, size));
            EXPECT_TRUE(reader.begun());
        }
        ASSERT_EQ(state, State::complete) << size;
        const auto request = reader.take();
        EXPECT_EQ(request.method, "POST");
        EXPECT_EQ(request.target, "/v1/reports?x=1");
        EXPECT_EQ(request.accept, "*/*");
        EXPECT_EQ(request.authorization, "Bearer k");
        EXPECT_EQ(request.body, "hello");
        EXPECT_EQ(request.header("x-forwarded-for"), "1.1.1.1, 2.2.2.2") << "in order, as if it were one";
        EXPECT_EQ(request.header("x-secret"), "") << "nobody asks for it";
        EXPECT_TRUE(reader.keep_alive());
        EXPECT_FALSE(reader.begun());
    }
}

TEST(RequestReader, OneAfterTheOther) {
    RequestReader reader{body_limit};
    ASSERT_EQ(reader.feed("GET /a HTTP/1.1\r\nHost: a\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"),
              State::complete);
    EXPECT_EQ(reader.take().target, "/a");
    EXPECT_TRUE(reader.keep_alive());
    EXPECT_TRUE(reader.begun());
    ASSERT_EQ(reader.feed({}), State::complete);
    EXPECT_EQ(reader.take().target, "/b");
    EXPECT_FALSE(reader.keep_alive());
    EXPECT_EQ(reader.feed({}), State::more);
    EXPECT_EQ(reader.feed("\r\n\r\nGET /c HTTP/1.0\r\n\r\n"), State::complete) << "blank lines in front";
    EXPECT_EQ(reader.take().target, "/c");
    EXPECT_FALSE(reader.keep_alive());
}

TEST(RequestReader, ChunksAndOtherForms) {
    RequestReader reader{body_limit};
    ASSERT_EQ(reader.feed("POST http://other.example/v1/x?y HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                          "3\r\nabc\r\n2;ext=1\r\nde\r\n0\r\n\r\n"),
              State::complete);
    const auto request = reader.take();
    EXPECT_EQ(request.target, "/v1/x?y");
    EXPECT_EQ(request.body, "abcde");
}

TEST(RequestReader, TrailersAreNoHeaders) {
    RequestReader reader{body_limit};
    ASSERT_EQ(reader.feed("POST / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 1.1.1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
                          "1\r\nx\r\n0\r\nX-Forwarded-For: 2.2.2.2\r\nAuthorization: Bearer k\r\nOrigin: b\r\n\r\n"),
              State::complete);
    const auto request = reader.take();
    EXPECT_EQ(request.body, "x");
    EXPECT_EQ(request.header("x-forwarded-for"), "1.1.1.1");
    EXPECT_EQ(request.authorization, "");
    EXPECT_EQ(request.header("origin"), "");
}

TEST(RequestReader, WhatFramesAChunkIsBounded) {
    for (const std::string& endless : {std::string{"1;"}, std::string{"0\r\nX: "}}) {
        RequestReader reader{body_limit};
        ASSERT_EQ(reader.feed("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + endless),
                  State::more);
        auto state = State::more;
        std::size_t fed = 0;
        for (; state == State::more && fed < 100'000; fed += 1000) state = reader.feed(std::string(1000, 'x'));
        ASSERT_EQ(state, State::fault) << endless;
        EXPECT_LE(fed, header_limit + 2000);
        EXPECT_EQ(reader.fault().status, 431U);
    }
}

TEST(RequestReader, LeaveIsAskedForOnce) {
    RequestReader reader{body_limit};
    EXPECT_EQ(reader.feed("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"),
              State::more);
    EXPECT_TRUE(reader.wants_leave());
    EXPECT_FALSE(reader.wants_leave());
    EXPECT_EQ(reader.feed("ab"), State::complete);
    EXPECT_FALSE(reader.wants_leave());
}

TEST(RequestReader, WhatIsRefused) {
    const std::string host = "Host: a\r\n";
    EXPECT_EQ(refused("GARBAGE\r\n\r\n"), 400U);
    EXPECT_EQ(refused(std::string("\0\1\2\r\n\r\n", 7)), 400U);
    EXPECT_EQ(refused("GET / HTTP/1.1\r\n\r\n"), 400U) << "no Host";
    EXPECT_EQ(refused("GET / HTTP/1.1\r\n" + host + host + "\r\n"), 400U) << "two";
    EXPECT_EQ(refused("GET / HTTP/2.0\r\n" + host + "\r\n"), 505U);
    EXPECT_EQ(refused("GET /\x01 HTTP/1.1\r\n" + host + "\r\n"), 400U);
    EXPECT_EQ(refused("GET / HTTP/1.1\r\n" + host + std::string("A\0B: c\r\n\r\n", 10)), 400U);
    EXPECT_EQ(refused("GET / HTTP/1.1\r\n" + host + " folded: x\r\n\r\n"), 0U) << "obs-fold joins the line above";
    EXPECT_EQ(refused("GET /" + std::string(10'000, 'a') + " HTTP/1.1\r\n" + host + "\r\n"), 414U);
    EXPECT_EQ(refused("GET /" + std::string(20'000, 'a')), 414U);
    EXPECT_EQ(refused("GET / HTTP/1.1\r\n" + host + "X: " + std::string(10'000, 'x') + "\r\n\r\n"), 431U);
    std::string fields;
    for (int i = 0; i < 2000; ++i) fields += "X: y\r\n";
    EXPECT_EQ(refused("GET / HTTP/1.1\r\n" + host + fields + "\r\n"), 431U);
    EXPECT_EQ(refused("POST / HTTP/1.1\r\n" + host + "Content-Length: 2049\r\n\r\n"), 413U);
    EXPECT_EQ(refused("POST / HTTP/1.1\r\n" + host + "Content-Length: 99999999999999999999999\r\n\r\n"), 400U);
    EXPECT_EQ(refused("POST / HTTP/1.1\r\n" + host + "Content-Length: -1\r\n\r\n"), 400U);
    EXPECT_EQ(refused("POST / HTTP/1.1\r\n" + host + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n"), 400U);
    EXPECT_EQ(
        refused("POST / HTTP/1.1\r\n" + host + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        400U)
        << "two ways to read it";
    EXPECT_EQ(refused("POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: gzip\r\n\r\n"), 501U);
    EXPECT_EQ(refused("POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\nfffffffff\r\n"), 413U);
    EXPECT_EQ(refused("POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\nxyz\r\n"), 400U);
    EXPECT_EQ(refused("POST / HTTP/1.1\r\n" + host + "Expect: a-miracle\r\nContent-Length: 1\r\n\r\n"), 417U);
}

TEST(RequestReader, AFaultStays) {
    RequestReader reader{body_limit};
    ASSERT_EQ(reader.feed("GARBAGE\r\n\r\n"), State::fault);
    EXPECT_EQ(reader.feed("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), State::fault);
    EXPECT_EQ(reader.fault().content_type, "application/problem+json");
}

TEST(ResponseText, HeadersAreOursAlone) {
    Response response;
    response.body = "{}";
    response.headers = {{"Location", "/x\r\nSet-Cookie: a=b"}};
    Sending sending;
    sending.now = Time{std::chrono::seconds{784111777}};
    const auto text = response_text(response, sending);
    EXPECT_THAT(text, HasSubstr("HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"));
    EXPECT_THAT(text, HasSubstr("Location: /xSet-Cookie: a=b\r\n"));
    EXPECT_THAT(text, HasSubstr("Cache-Control: no-store\r\n"));
    EXPECT_THAT(text, HasSubstr("Content-Length: 2\r\n"));
    EXPECT_THAT(text, Not(HasSubstr("Strict-Transport-Security")));
    EXPECT_TRUE(text.ends_with("\r\n\r\n{}"));
    sending.without_body = true;
    sending.hsts = std::chrono::hours{1};
    sending.keep_alive = false;
    const auto head = response_text(response, sending);
    EXPECT_THAT(head, HasSubstr("Content-Length: 2\r\n"));
    EXPECT_THAT(head, HasSubstr("Strict-Transport-Security: max-age=3600\r\n"));
    EXPECT_THAT(head, HasSubstr("Connection: close\r\n"));
    EXPECT_TRUE(head.ends_with("\r\n\r\n"));
    response.status = 304;
    EXPECT_THAT(response_text(response, sending), Not(HasSubstr("Content-Length")));
}

} // namespace
} // namespace provenbl::tools::api
