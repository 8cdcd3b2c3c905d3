// Software by its own words: real banners, real replies to HELP, real heads.
#include "verifier/fingerprint/mail_software.hpp"
#include "verifier/fingerprint/proxy_software.hpp"

#include <gtest/gtest.h>

namespace provenbl::verifier::fingerprint {
namespace {

wire::SmtpReply smtp(std::string bytes) {
    wire::SmtpReplyParser parser;
    return parser.feed(bytes).value().value();
}

wire::HttpHead http(std::string bytes) {
    std::size_t searched = 0;
    return wire::parse_http_head(bytes, searched).value().value();
}

struct Row {
    std::string said, software;
};

TEST(Fingerprint, Banners) {
    const Row rows[]{
        {"mx.example ESMTP Postfix (Debian/GNU)", "Postfix"},
        {"mx.example ESMTP Exim 4.96 Tue, 24 Nov 2026 10:00:00 +0000", "Exim 4.96"},
        {"mx.example ESMTP Sendmail 8.17.1.9/8.17.1.9; Tue", "Sendmail 8.17.1.9"},
        {"mx.example ESMTP OpenSMTPD", "OpenSMTPD"},
        {"ex.example Microsoft ESMTP MAIL Service ready at", "Microsoft Exchange or IIS SMTP"},
        {"mx.example ESMTP Haraka/2.8.28 ready", "Haraka 2.8.28"},
        {"mx.example ESMTP MDaemon 21.5.1; Tue", "MDaemon 21.5.1"},
        {"mx.example ESMTP CommuniGate Pro 6.3.3", "CommuniGate Pro 6.3.3"},
        {"****************************200**2002*", "a mail server behind a Cisco firewall"},
        {"mx.example ESMTP", ""},
        {"Exim 4", "Exim"},
        {"Exim/.", "Exim"},
    };
    for (const auto& row : rows) EXPECT_EQ(by_banner(smtp("220 " + row.said + "\r\n")), row.software) << row.said;
}

TEST(Fingerprint, Help) {
    const Row rows[]{
        {"214-2.0.0 This is sendmail version 8.17.1.9\r\n214 2.0.0 End of HELP info\r\n", "Sendmail 8.17.1.9"},
        {"214-2.0.0 This is sendmail\r\n214 2.0.0 End\r\n", "Sendmail"},
        {"214-This is OpenSMTPD\r\n214 End\r\n", "OpenSMTPD"},
        {"214 netqmail home page: http://qmail.org/netqmail\r\n", "qmail"},
        {"214 qmail home page: http://pobox.com/~djb/qmail.html\r\n", "qmail"},
        {"214-Commands supported:\r\n214 AUTH HELO EHLO MAIL RCPT DATA NOOP QUIT RSET HELP\r\n", "Exim"},
        {"502 5.5.2 Error: command not recognized\r\n", "Postfix"},
        {"214-This server supports the following commands:\r\n214 HELO EHLO\r\n", "Microsoft Exchange or IIS SMTP"},
        {"211 DATA HELO EHLO MAIL NOOP QUIT RCPT RSET SAML TURN VRFY\r\n", "hMailServer"},
        {"500 what?\r\n", ""},
    };
    for (const auto& row : rows) EXPECT_EQ(by_help(smtp(row.said)), row.software) << row.said;
}

TEST(Fingerprint, Ehlo) {
    EXPECT_EQ(by_ehlo(smtp("250-mx.example Hello\r\n250-X-ANONYMOUSTLS\r\n250 SIZE\r\n")), "Microsoft Exchange");
    EXPECT_EQ(by_ehlo(smtp("250-mx.example Hello\r\n250 SIZE\r\n")), "");
}

TEST(Fingerprint, HttpHeads) {
    EXPECT_EQ(by_head(http("HTTP/1.1 200 OK\r\nProxy-Agent: tinyproxy/1.11.1\r\nServer: x\r\n\r\n"), false),
              "tinyproxy/1.11.1");
    EXPECT_EQ(by_head(http("HTTP/1.1 403 No\r\nServer: squid/5.7\r\n\r\n"), false), "squid/5.7");
    EXPECT_EQ(by_head(http("HTTP/1.1 403 No\r\nX-Squid-Error: ERR_ACCESS_DENIED 0\r\n\r\n"), false), "Squid");
    // Behind a proxy that passed the page on, Server is somebody else's.
    EXPECT_EQ(by_head(http("HTTP/1.1 200 OK\r\nServer: other\r\nVia: 1.1 gw (squid/5.7)\r\n\r\n"), true), "squid/5.7");
    EXPECT_EQ(by_head(http("HTTP/1.1 200 OK\r\nServer: other\r\nVia: 1.1 gw\r\n\r\n"), true), "");
    EXPECT_EQ(by_head(http("HTTP/1.1 200 OK\r\nServer: other\r\nX-Cache-Lookup: MISS from gw:3128\r\n\r\n"), true),
              "Squid");
    EXPECT_EQ(by_head(http("HTTP/1.1 200 OK\r\nServer: \x1b[31m" + std::string(500, 'x') + "\r\n\r\n"), false).size(),
              67U);
}

} // namespace
} // namespace provenbl::verifier::fingerprint
