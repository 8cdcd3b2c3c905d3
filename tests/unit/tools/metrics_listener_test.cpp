// The TCP listener of figures, as a collector meets it.
#include "tools/api/metrics_listener.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <gmock/gmock.h>

#include <stdexcept>

namespace provenbl::tools {
namespace {

namespace asio = boost::asio;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class MetricsListenerTest : public testing::Test {
protected:
    MetricsListenerTest() {
        const auto started = listener.start();
        if (!started) throw std::runtime_error(started.error().message);
    }

    // What comes back until the listener hangs up.
    std::string ask(const std::string& request) {
        asio::io_context io;
        asio::ip::tcp::socket socket{io};
        socket.connect({asio::ip::address_v4::loopback(), listener.endpoint().port});
        boost::system::error_code ended;
        asio::write(socket, asio::buffer(request), ended);
        std::string answer;
        asio::read(socket, asio::dynamic_buffer(answer), ended);
        return answer;
    }

    bool broken = false;
    api::MetricsListener listener{{Address::v4(127, 0, 0, 1), 0}, [this]() -> std::string {
                                      if (broken) throw std::runtime_error("the disk is gone");
                                      return "provenbl_hosts 7\n";
                                  }};
};

TEST_F(MetricsListenerTest, TellsFiguresAndNothingElse) {
    const auto told = ask("GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    EXPECT_THAT(told, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(told, HasSubstr("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
    EXPECT_THAT(told, HasSubstr("\r\n\r\nprovenbl_hosts 7\n"));
    EXPECT_THAT(ask("GET /v1/status HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
                StartsWith("HTTP/1.1 404 Not Found\r\n"));
    EXPECT_THAT(ask("POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
                StartsWith("HTTP/1.1 405 Method Not Allowed\r\n"));
}

TEST_F(MetricsListenerTest, HeadHasTheLengthAlone) {
    const auto told = ask("HEAD /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    EXPECT_THAT(told, HasSubstr("Content-Length: 17\r\n"));
    EXPECT_THAT(told, Not(HasSubstr("provenbl_hosts")));
}

TEST_F(MetricsListenerTest, AFaultIsAnAnswer) {
    broken = true;
    const auto told = ask("GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    EXPECT_THAT(told, StartsWith("HTTP/1.1 500"));
    EXPECT_THAT(told, HasSubstr("the disk is gone"));
}

TEST_F(MetricsListenerTest, WhatIsNoRequestIsHungUpOn) {
    EXPECT_EQ(ask("\x16\x03\x01 this is no HTTP\r\n\r\n"), "");
    EXPECT_EQ(ask("GET /metrics HTTP/1.1\r\nX: " + std::string(10'000, 'x') + "\r\n\r\n"), "");
    EXPECT_THAT(ask("GET /metrics HTTP/1.0\r\n\r\n"), HasSubstr("provenbl_hosts 7")) << "others are served on";
}

TEST_F(MetricsListenerTest, APortThatIsTakenIsNamed) {
    api::MetricsListener second{{Address::v4(127, 0, 0, 1), listener.endpoint().port}, [] { return std::string{}; }};
    const auto started = second.start();
    ASSERT_FALSE(started);
    EXPECT_THAT(started.error().message, HasSubstr("metrics.listen"));
}

} // namespace
} // namespace provenbl::tools
