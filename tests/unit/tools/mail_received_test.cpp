// Received lines as servers write them, and whom they name; what a stranger writes below, or says of himself, is no
// use.
#include "tools/intake/mail/received.hpp"

#include <gmock/gmock.h>

namespace provenbl::tools::intake::mail {
namespace {

using testing::HasSubstr;

std::string from_of(std::string_view value) {
    const auto hop = parse_received(value);
    if (!hop) return "no hop";
    return hop->from ? hop->from->to_string() : "nobody";
}

struct Line {
    const char* value;
    const char* from;
};

TEST(MailReceived, NamesWhoConnectedAsServersWriteIt) {
    const Line lines[]{
        // Postfix
        {"from helo.example (unknown [192.0.2.1]) by mx.example (Postfix) with ESMTP id 1; Sat, 28 Nov 2026",
         "192.0.2.1"},
        {"from a (rdns.example [IPv6:2001:db8::1]) (using TLSv1.3) (No client certificate requested) by mx.example",
         "2001:db8::1"},
        {"by mx.example (Postfix, from userid 1000) id 1; Sat, 28 Nov 2026", "nobody"},
        // Exim
        {"from rdns.example ([192.0.2.1] helo=a) by mx.example with esmtps (TLS1.3) (Exim 4.96)", "192.0.2.1"},
        {"from [192.0.2.1] (helo=a) by mx.example with esmtp (Exim 4.96)", "192.0.2.1"},
        {"from [192.0.2.1] by mx.example with esmtp (Exim 4.96)", "192.0.2.1"},
        {"from rdns.example ([192.0.2.1]:4711 helo=a) by mx.example", "192.0.2.1"},
        {"from [2001:db8::1] (port=4711 helo=[8.8.8.8]) by mx.example", "2001:db8::1"},
        // sendmail
        {"from helo.example (rdns.example [192.0.2.1] (may be forged)) by mx.example (8.17.1/8.17.1) with ESMTP",
         "192.0.2.1"},
        {"from helo.example (IDENT:someone@rdns.example [192.0.2.1]) by mx.example", "192.0.2.1"},
        // qmail
        {"from unknown (HELO helo.example) (192.0.2.1) by mx.example with SMTP; 28 Nov 2026", "192.0.2.1"},
        {"from rdns.example (HELO helo.example) (ident@192.0.2.1) by mx.example with SMTP", "192.0.2.1"},
        // Exchange, Dovecot, Cyrus
        {"from a.example (192.0.2.1) by mx.example (10.0.0.1) with Microsoft SMTP Server id 15", "192.0.2.1"},
        {"from mx.example ([192.0.2.1]) by imap.example with LMTP id x (envelope-from <a@b>)", "192.0.2.1"},
        {"from mx.example ([unix socket]) by imap.example (Cyrus 3.6) with LMTPA", "nobody"},
        // nothing that anybody should write
        {"from a (b [999.1.1.1]) by mx.example", "nobody"},
        {"from a (b [192.0.2.1%eth0]) by mx.example", "nobody"},
        {"from a", "no hop"},
        {"by", "no hop"},
        {"", "no hop"},
        {"from a (((((((((( by mx.example", "no hop"},
    };
    for (const auto& line : lines) EXPECT_EQ(from_of(line.value), line.from) << line.value;
}

TEST(MailReceived, WhatAClientSaysOfItselfIsNoAddress) {
    const Line lines[]{
        {"from [8.8.8.8] (unknown [192.0.2.1]) by mx.example (Postfix)", "192.0.2.1"},
        {"from [8.8.8.8] (rdns.example [192.0.2.1]) by mx.example (8.17.1)", "192.0.2.1"},
        {"from rdns.example ([192.0.2.1] helo=[8.8.8.8]) by mx.example (Exim)", "192.0.2.1"},
        {"from rdns.example ([192.0.2.1] helo=x ident=[8.8.8.8]) by mx.example (Exim)", "192.0.2.1"},
        {"from [192.0.2.1] (helo=[8.8.8.8]) by mx.example (Exim)", "192.0.2.1"},
        {"from a (IDENT:[8.8.8.8]@rdns.example [192.0.2.1]) by mx.example", "192.0.2.1"},
        {"from unknown (HELO [8.8.8.8]) (192.0.2.1) by mx.example", "192.0.2.1"},
        {"from 8.8.8.8 (unknown [192.0.2.1]) by mx.example", "192.0.2.1"},
        {"from [8.8.8.8] (a name without an address) by mx.example", "nobody"},
        {"from 8.8.8.8 by mx.example", "nobody"},
        {"from by (unknown [192.0.2.1]) by mx.example (Postfix)", "192.0.2.1"},
        {"from BY (HELO by) (192.0.2.1) by mx.example with SMTP", "192.0.2.1"},
        {"from by", "no hop"},
        {"from", "no hop"},
    };
    for (const auto& line : lines) EXPECT_EQ(from_of(line.value), line.from) << line.value;
    EXPECT_EQ(parse_received("from a (b [192.0.2.1]) by MX.Example. (x); date")->by, "mx.example");
    EXPECT_EQ(parse_received("from by (unknown [192.0.2.1]) by mx.example")->by, "mx.example");
    EXPECT_EQ(parse_received("from a (by fake.example) by [IPv6:2001:db8::25]")->by, "2001:db8::25");
}

class Injection : public testing::Test {
protected:
    Result<Address> found(std::string text) const {
        std::string_view rest = text;
        const auto header = take_header(rest, {});
        if (!header) return header.error();
        return injecting_address(*header, trusted);
    }
    std::string name(const std::string& text) const {
        const auto address = found(text);
        return address ? address->to_string() : address.error().message;
    }
    TrustedHops trusted{{*Prefix::parse("10.0.0.0/8"), *Prefix::parse("2001:db8:1::/48")},
                        {"mx.example", "imap.example"}};
};

TEST_F(Injection, IsTheFirstHostOutsideThatOurOwnServersSaw) {
    EXPECT_EQ(name("Received: from mx.example ([10.0.0.25]) by imap.example with LMTP\n"
                   "Received: from localhost (localhost [127.0.0.1]) by mx.example (Postfix)\n"
                   "Received: from evil (unknown [5.6.7.8]) by mx.example (Postfix)\n"
                   "Received: from victim (victim [9.9.9.9]) by mx.example (Postfix)\n\n"),
              "5.6.7.8")
        << "what the host itself put in front of its mail comes below, whatever it says";
    EXPECT_EQ(name("Received: from relay (relay [IPv6:2001:db8:1::25]) by mx.example\n"
                   "Received: from evil (unknown [IPv6:2001:db8:2::7]) by [10.0.0.25]\n\n"),
              "2001:db8:2::7");
}

TEST_F(Injection, LocalStepsArePassed) {
    EXPECT_EQ(name("Received: by imap.example (Dovecot) with LMTP id x\n"
                   "Received: from mx.example ([unix socket]) by imap.example\n"
                   "Received: from evil (unknown [5.6.7.8]) by mx.example\n\n"),
              "5.6.7.8");
}

TEST_F(Injection, WhatQmailNotesOfItsQueueIsPassed) {
    const std::string qmail = "Received: (qmail 4711 invoked by uid 89); 28 Nov 2026 10:00:01 -0000\n"
                              "Received: from mx.example (HELO mx.example) (10.0.0.25)\n"
                              "  by imap.example with ESMTP; 28 Nov 2026 10:00:01 -0000\n"
                              "Received: (qmail 17 invoked from network); 28 Nov 2026 10:00:00 -0000\n"
                              "Received: from unknown (HELO bulk.example) (buyer@5.6.7.8)\n"
                              "  by mx.example with SMTP; 28 Nov 2026 10:00:00 -0000\n"
                              "Received: from victim (HELO victim) (9.9.9.9) by mx.example with SMTP\n"
                              "Message-ID: <1@bulk.example>\nSubject: buy\n\n";
    EXPECT_EQ(name(qmail), "5.6.7.8");
    EXPECT_THAT(name("Received: (qmail 17 invoked from network); date\n"
                     "Received: from victim ([9.9.9.9]) by elsewhere.example\n\n"),
                HasSubstr("line 2 was written by 'elsewhere.example'"))
        << "it vouches for nothing";
    EXPECT_THAT(name("Received: (sendmail 17 invoked by uid 0); date\n\n"), HasSubstr("line 1 says of no server"));
}

TEST_F(Injection, NoLineOfAStrangerIsBelieved) {
    EXPECT_THAT(name("Received: from victim (victim [9.9.9.9]) by elsewhere.example\n\n"),
                HasSubstr("line 1 was written by 'elsewhere.example'"));
    EXPECT_THAT(name("Received: from x ([10.0.0.1]) by imap.example\n"
                     "Received: from victim ([9.9.9.9]) by elsewhere.example\n\n"),
                HasSubstr("line 2 was written by 'elsewhere.example'"));
    EXPECT_THAT(name("Received: nonsense\nReceived: from victim ([9.9.9.9]) by mx.example\n\n"), HasSubstr("line 1"));
    EXPECT_THAT(name("Received: from victim ([9.9.9.9]) by notmx.example\n\n"), HasSubstr("none of our mail servers"));
    EXPECT_THAT(name("Received: from x ([10.0.0.1]) by imap.example\n\n"), HasSubstr("came from inside"));
    EXPECT_THAT(name("Subject: x\n\n"), HasSubstr("no Received lines"));
    trusted = {};
    EXPECT_THAT(name("Received: from evil ([5.6.7.8]) by mx.example\n\n"), HasSubstr("trusted_names"));
}

TEST_F(Injection, HopsHaveABound) {
    std::string text;
    for (int i = 0; i < 60; ++i) text += "Received: by mx.example\n";
    EXPECT_THAT(name(text + "Received: from evil ([5.6.7.8]) by mx.example\n\n"), HasSubstr("came from inside"));
}

} // namespace
} // namespace provenbl::tools::intake::mail
