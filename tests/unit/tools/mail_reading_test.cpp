// What a mail reports: each kind, and what makes no report.
#include "tools/intake/mail/reading.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace provenbl::tools::intake::mail {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const Rules rules{{{}, {"mx.example"}}, {}, 3};
const std::string spam = "Received: from evil (unknown [5.6.7.8]) by mx.example (Postfix)\r\n"
                         "Received: from victim (victim [9.9.9.9]) by evil\r\n"
                         "Message-ID: <1@evil>\r\nSubject: buy\r\n\r\nbuy\r\n";

Reading read(const std::string& text) {
    auto reading = read_report(text, rules);
    if (!reading) throw std::runtime_error(reading.error().message);
    return *reading;
}

std::string refused(const std::string& text) {
    const auto reading = read_report(text, rules);
    return reading ? "" : reading.error().message;
}

std::vector<std::string> hosts(const Reading& reading) {
    std::vector<std::string> all;
    for (const auto& entry : reading.entries) all.push_back(entry.address.to_string());
    return all;
}

std::string with_parts(const std::string& type, const std::vector<std::string>& parts) {
    auto text = fmt::format("Received: from reporter ([7.7.7.7]) by mx.example\r\nFrom: r@isp.example\r\n"
                            "Content-Type: {}; boundary=\"b=\"\r\n\r\n",
                            type);
    for (const auto& part : parts) text += "--b=\r\n" + part + "\r\n";
    return text + "--b=--\r\n";
}

std::string mixed(const std::vector<std::string>& parts) {
    return with_parts("multipart/mixed", parts);
}

std::string arf(const std::string& fields, bool with_mail = true) {
    std::vector<std::string> parts{"Content-Type: text/plain\r\n\r\nA complaint.",
                                   "Content-Type: message/feedback-report\r\n\r\n" + fields};
    if (with_mail) parts.push_back("Content-Type: message/rfc822\r\n\r\n" + spam);
    return with_parts("multipart/report; report-type=feedback-report", parts);
}

std::string xarf(const std::string& json) {
    return mixed({"Content-Type: application/json; name=xarf.json\r\n\r\n" + json});
}

TEST(MailReading, SpamAsAnAttachment) {
    const auto reading =
        read(mixed({"Content-Type: text/plain\r\n\r\nsee below", "Content-Type: message/rfc822\r\n\r\n" + spam}));
    EXPECT_EQ(reading.kind, Kind::forwarded);
    EXPECT_THAT(hosts(reading), ElementsAre("5.6.7.8")) << "neither the reporter, nor whom the spammer names";
    EXPECT_EQ(reading.entries[0].comment, "spam with the Message-ID <1@evil>");
    EXPECT_THAT(hosts(read(mixed({"Content-Type: text/rfc822-headers\r\n\r\n" + spam}))), ElementsAre("5.6.7.8"));
    EXPECT_THAT(hosts(read(mixed({"Content-Type: application/octet-stream; name=\"Spam.EML\"\r\n"
                                  "Content-Transfer-Encoding: base64\r\n\r\n"
                                  "UmVjZWl2ZWQ6IGZyb20gZXZpbCAodW5rbm93biBbNS42LjcuOF0pIGJ5IG14LmV4YW1wbGUK"}))),
                ElementsAre("5.6.7.8"));
}

TEST(MailReading, SpamInlineWithItsHeaderLines) {
    for (const std::string quote : {"", "> ", ">", ">> "}) {
        std::string body = "Look at that:\r\n\r\n" + quote + "Return-Path: <x@y>\r\n";
        std::string_view rest = spam;
        while (!rest.empty()) body += quote + std::string{take_line(rest)} + "\r\n";
        EXPECT_THAT(hosts(read("From: a@b\r\n\r\n" + body)), ElementsAre("5.6.7.8")) << quote;
    }
    EXPECT_THAT(hosts(read("\r\nReceived: from evil\r\n (unknown\r\n\t[5.6.7.8])\r\n by mx.example\r\n\r\nx")),
                ElementsAre("5.6.7.8"))
        << "folded";
}

TEST(MailReading, SeveralMailsAreSeveralReportsUpToABound) {
    std::vector<std::string> parts;
    for (const int last : {1, 2, 1, 3, 4})
        parts.push_back(fmt::format(
            "Content-Type: message/rfc822\r\n\r\nReceived: from x ([5.6.7.{}]) by mx.example\r\n\r\n", last));
    parts.emplace_back("Content-Type: message/rfc822\r\n\r\nReceived: from x ([5.6.7.9]) by elsewhere\r\n\r\n");
    const auto reading = read(mixed(parts));
    EXPECT_THAT(hosts(reading), ElementsAre("5.6.7.1", "5.6.7.2", "5.6.7.3"));
    EXPECT_THAT(reading.no_host, ElementsAre(HasSubstr("beyond the 3 hosts"), HasSubstr("'elsewhere'")));
}

TEST(MailReading, WhatNamesNoHostSaysWhy) {
    EXPECT_THAT(refused("Subject: hello\r\n\r\nDear operator, please help.\r\n"), HasSubstr("forward the spam as an"));
    EXPECT_THAT(refused(""), HasSubstr("no report was found"));
    EXPECT_THAT(refused(mixed({"Content-Type: message/rfc822\r\n\r\nReceived: from x ([5.6.7.8]) by gmail\r\n\r\n"})),
                HasSubstr("'gmail', which is none of our mail servers"));
    EXPECT_THAT(refused(with_parts("multipart/report; report-type=delivery-status",
                                   {"Content-Type: message/rfc822\r\n\r\n" + spam})),
                HasSubstr("a bounce"));
}

TEST(MailReading, AMailThatIsTheSpamIsReadFromItsOwnHeader) {
    const auto reading = read_spam(spam, rules);
    ASSERT_TRUE(reading);
    EXPECT_EQ(reading->kind, Kind::itself);
    EXPECT_THAT(hosts(*reading), ElementsAre("5.6.7.8"));
    EXPECT_THAT(refused(spam), HasSubstr("no report was found")) << "only where that is meant";
}

TEST(MailReading, ArfNamesItsSource) {
    const auto reading = read(arf("Feedback-Type: Abuse\r\nUser-Agent: SomeFBL/1.0\r\nVersion: 1\r\n"
                                  "Source-IP: 4.4.4.4\r\n"));
    EXPECT_EQ(reading.kind, Kind::arf);
    EXPECT_THAT(hosts(reading), ElementsAre("4.4.4.4"));
    EXPECT_EQ(reading.entries[0].comment, "ARF, abuse, from SomeFBL/1.0");
    EXPECT_THAT(hosts(read(arf("Feedback-Type: virus\r\nSource-IP: [IPv6:2a00:1::5]\r\n"))), ElementsAre("2a00:1::5"));
    EXPECT_THAT(hosts(read(arf("Feedback-Type: fraud\r\nVersion: 1\r\n"))), ElementsAre("5.6.7.8"))
        << "who injected the mail that it is about";
}

TEST(MailReading, ArfThatReportsNoAbuseIsNoReport) {
    for (const char* type : {"not-spam", "opt-out", "auth-failure", "made-up"}) {
        const auto reading = read(arf(fmt::format("Feedback-Type: {}\r\nSource-IP: 4.4.4.4\r\n", type)));
        EXPECT_THAT(reading.entries, IsEmpty()) << type;
        EXPECT_THAT(reading.no_host, ElementsAre(HasSubstr(type)));
    }
    EXPECT_THAT(refused(arf("Source-IP: 4.4.4.4\r\n")), HasSubstr("no Feedback-Type"));
    EXPECT_THAT(refused(arf("Feedback-Type: abuse\r\nSource-IP: localhost\r\n")), HasSubstr("its Source-IP"));
    EXPECT_THAT(refused(arf("Feedback-Type: abuse\r\n", false)), HasSubstr("neither a Source-IP nor the mail"));
}

TEST(MailReading, XarfNamesItsSource) {
    const auto reading = read(xarf(R"({"xarf_version": "4.0.0", "report_id": "id-1", "category": "vulnerability",
        "type": "open_service", "source_identifier": "4.4.4.4", "source_port": 1080, "service_port": 1080})"));
    EXPECT_EQ(reading.kind, Kind::xarf);
    EXPECT_THAT(hosts(reading), ElementsAre("4.4.4.4"));
    EXPECT_THAT(reading.entries[0].ports, ElementsAre(1080));
    EXPECT_EQ(reading.entries[0].comment, "XARF, vulnerability/open_service, id-1");
    const auto spam_report = read(xarf(R"({"xarf_version": "4.0.0", "category": "messaging", "type": "spam",
        "source_identifier": "2a00:1::5", "source_port": 40123})"));
    EXPECT_THAT(hosts(spam_report), ElementsAre("2a00:1::5"));
    EXPECT_THAT(spam_report.entries[0].ports, IsEmpty()) << "the port of a client";
}

TEST(MailReading, XarfThatCanNotBeUsedSaysWhy) {
    EXPECT_THAT(refused(xarf(R"({"xarf_version": "3", "source_identifier": "4.4.4.4"})")), HasSubstr("send 4.x"));
    EXPECT_THAT(refused(xarf(R"({"xarf_version": "4.0", "category": "messaging", "source_identifier": "a.example"})")),
                HasSubstr("its source_identifier"));
    EXPECT_THAT(refused(xarf(R"({"xarf_version": 4, "category": [], "source_identifier": {}})")), HasSubstr("XARF"));
    EXPECT_THAT(
        read(xarf(R"({"xarf_version": "4.0", "category": "copyright", "source_identifier": "4.4.4.4"})")).no_host,
        ElementsAre(HasSubstr("'copyright'")));
    EXPECT_THAT(refused(xarf("{not json")), HasSubstr("no report was found"));
    EXPECT_THAT(refused(xarf(std::string(1000, '['))), HasSubstr("no report was found"));
}

TEST(MailReading, BothFormsInOneMailAreOneReport) {
    const auto reading =
        read(with_parts("multipart/report; report-type=feedback-report",
                        {"Content-Type: text/plain\r\n\r\nHello",
                         "Content-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\nSource-IP: 4.4.4.4\r\n",
                         "Content-Type: application/json\r\n\r\n"
                         R"({"xarf_version": "4.0", "category": "connection", "source_identifier": "4.4.4.4"})"}));
    EXPECT_EQ(reading.kind, Kind::xarf);
    EXPECT_THAT(hosts(reading), ElementsAre("4.4.4.4"));
}

// As hopm 1.1.10 and bopm 3.1.3 write it.
TEST(MailReading, HopmNamesProxyAndPort) {
    const auto reading = read("From: hopm <hopm@irc.example>\nTo: dnsbl@bl.example\nSubject: HOPM Report\n"
                              "X-HOPM-Version: 1.1.10\n\nSOCKS5: 4.4.4.4:1080\n\nproof\nHTTP: 9.9.9.9:80\n");
    EXPECT_EQ(reading.kind, Kind::hopm);
    EXPECT_THAT(hosts(reading), ElementsAre("4.4.4.4")) << "what follows is what the proxy said";
    EXPECT_THAT(reading.entries[0].ports, ElementsAre(1080));
    EXPECT_EQ(reading.entries[0].remark(), "reported as socks: HOPM found socks5");
    const auto six = read("Subject: BOPM Report\n\nHTTPPOST: 2a00:1::5:3128\n");
    EXPECT_THAT(hosts(six), ElementsAre("2a00:1::5"));
    EXPECT_THAT(six.entries[0].ports, ElementsAre(3128));
    for (const char* line : {"", "SOCKS5: 4.4.4.4", "SOCKS5: 4.4.4.4:0", "SOCKS5: 4.4.4.4:99999", "MADEUP: 4.4.4.4:80",
                             "SOCKS5 4.4.4.4 1080", "Hello\nSOCKS5: 4.4.4.4:1080"})
        EXPECT_THAT(refused(fmt::format("Subject: HOPM Report\n\n{}\n", line)), HasSubstr("PROTOCOL: ADDRESS:PORT"))
            << line;
}

TEST(MailReading, RemarksAreOnePlainLine) {
    EXPECT_EQ(remark_of("a\nb\tc"), "a b c");
    EXPECT_EQ(remark_of("\x1b[31m"), "\\x1b[31m");
    EXPECT_LE(remark_of(std::string(5000, '\xff')).size(), longest_comment);
}

} // namespace
} // namespace provenbl::tools::intake::mail
