// From a listed host to the message that a mail server is given, and every way in which that ends.
#include "store/letters.hpp"
#include "tests/unit/tools/api_fixture.hpp"
#include "tools/letters/postman.hpp"

#include <gmock/gmock.h>

namespace provenbl::tools::letters {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using namespace std::chrono_literals;

class PostmanTest : public ApiFixture {
protected:
    PostmanTest() {
        configuration.letters.enabled = true;
        configuration.letters.public_url = "https://bl.example";
        configuration.letters.smarthost = "mail.example.net:25";
        desk.emplace(Desk::open(configuration, mint).value());
        context.letters = &*desk;
    }
    // Everybody in 5.6.0.0/16 is written to at abuse@isp.de, then second@isp.de.
    void round() {
        auto table = ContactTable::parse("c", "5.6.0.0/16,abuse@isp.de\n5.6.0.0/16,second@isp.de\n").value();
        Postman postman{*store,
                        clock,
                        entropy,
                        configuration.letters,
                        *desk,
                        Contacts{{}, std::move(table)},
                        [this](const Envelope& envelope, const std::string& message) {
                            envelopes.push_back(envelope);
                            messages.push_back(message);
                            return outcome;
                        }};
        postman.round();
    }
    Letter letter(const Address& host) {
        return store->read([&](const ReadTxn& txn) {
            return provenbl::letters::find(txn, host, hosts::find(txn, host)->case_id).value();
        });
    }
    api::Response send(const char* host, const std::string& body = "{}") {
        return as_operator("POST", std::string{"/v1/hosts/"} + host + "/letter", body);
    }
    std::vector<std::string> recipients() const {
        std::vector<std::string> all;
        for (const auto& envelope : envelopes) all.push_back(envelope.recipient);
        return all;
    }

    std::optional<Desk> desk;
    Delivery outcome{Outcome::taken, "250 ok"};
    std::vector<Envelope> envelopes;
    std::vector<std::string> messages;
};

TEST_F(PostmanTest, WhatIsAskedForGoesOutOnce) {
    const auto token = prove_with_token(suspect, suspect);
    ASSERT_EQ(send("5.6.7.8").status, 202U);
    round();
    EXPECT_THAT(recipients(), ElementsAre("abuse@isp.de"));
    EXPECT_EQ(letter(suspect).state, LetterState::sent);
    round();
    EXPECT_EQ(messages.size(), 1U);
    EXPECT_EQ(send("5.6.7.8").status, 409U);
    // Bounces come to an address that our own sink takes; the proof's token is in nothing that leaves.
    EXPECT_TRUE(mint.check(envelopes[0].sender.substr(0, envelopes[0].sender.find('@'))));
    EXPECT_THAT(messages[0], Not(HasSubstr(token)));
    EXPECT_THAT(messages[0], AllOf(HasSubstr("To: <abuse@isp.de>\r\n"), HasSubstr("=?utf-8?b?"),
                                   HasSubstr("report-type=feedback-report"), HasSubstr("Source-IP: 5.6.7.8\r\n"),
                                   HasSubstr("Auto-Submitted: auto-generated\r\n"),
                                   HasSubstr("Message-ID: " + letter(suspect).message_id)));
}

TEST_F(PostmanTest, NoLineOfAMessageIsLongAndNoByteHasTheEighthBit) {
    prove_with_token(suspect, suspect);
    for (const auto* language : {"en", "de", "fr", "es", "pt", "zh", "ja", "ko", "ru"}) {
        ASSERT_EQ(send("5.6.7.8", std::string{R"({"again":true,"language":")"} + language + "\"}").status, 202U);
        configuration.letters.contact_spacing = 0s;
        round();
        const auto& message = messages.back();
        std::size_t begin = 0;
        for (std::size_t i = 0; i < message.size(); ++i) {
            ASSERT_LT(static_cast<unsigned char>(message[i]), 0x80U) << language;
            if (message[i] != '\n') continue;
            ASSERT_LE(i - begin, 998U) << language;
            ASSERT_TRUE(i > 0 && message[i - 1] == '\r') << language;
            begin = i + 1;
        }
    }
    EXPECT_EQ(messages.size(), 9U);
}

TEST_F(PostmanTest, OneContactGetsOneLetterAboutAllItsHosts) {
    prove(1, suspect);
    prove(2, test::ip("5.6.7.9"));
    prove(3, test::ip("5.6.99.1"));
    ASSERT_EQ(send("5.6.7.8").status, 202U);
    ASSERT_EQ(send("5.6.7.9").status, 202U);
    round();
    EXPECT_EQ(messages.size(), 1U);
    EXPECT_THAT(messages[0], AllOf(HasSubstr("xarf-2.json"), HasSubstr("Incidents: 2\r\n")));
    // What comes later the same day waits for the next one.
    ASSERT_EQ(send("5.6.99.1").status, 202U);
    round();
    EXPECT_EQ(messages.size(), 1U);
    EXPECT_EQ(letter(test::ip("5.6.99.1")).state, LetterState::queued);
    clock.advance(24h);
    round();
    EXPECT_EQ(messages.size(), 2U);
}

TEST_F(PostmanTest, ARefusalIsTheNextContactsTurn) {
    prove(1, suspect);
    ASSERT_EQ(send("5.6.7.8").status, 202U);
    outcome = {Outcome::refused, "550 no such user"};
    round();
    round();
    // For a mail server there is postmaster@[address] as well.
    round();
    EXPECT_THAT(recipients(), ElementsAre("abuse@isp.de", "second@isp.de", "postmaster@[5.6.7.8]"));
    round();
    EXPECT_EQ(letter(suspect).state, LetterState::stopped);
    EXPECT_EQ(messages.size(), 3U);
}

TEST_F(PostmanTest, WhatMayHaveBeenTakenIsNotSentAgain) {
    prove(1, suspect);
    ASSERT_EQ(send("5.6.7.8").status, 202U);
    outcome = {Outcome::unsure, "no answer to the message"};
    round();
    EXPECT_EQ(letter(suspect).state, LetterState::sending);
    clock.advance(100h);
    outcome = {Outcome::taken, "250 ok"};
    round();
    EXPECT_EQ(messages.size(), 1U);
    EXPECT_THAT(send("5.6.7.8").body, HasSubstr("--again"));
    ASSERT_EQ(send("5.6.7.8", R"({"again":true})").status, 202U);
    round();
    ASSERT_EQ(messages.size(), 2U);
    const auto id = [](const std::string& message) {
        const auto at = message.find("Message-ID: ");
        return message.substr(at, message.find('\r', at) - at);
    };
    EXPECT_EQ(id(messages[0]), id(messages[1]));
}

TEST_F(PostmanTest, WhatNoServerTakesIsGivenUpInTheEnd) {
    configuration.letters.attempts = 3;
    prove(1, suspect);
    ASSERT_EQ(send("5.6.7.8").status, 202U);
    outcome = {Outcome::later, "421 busy"};
    for (int i = 0; i < 10; ++i) {
        round();
        clock.advance(1h);
    }
    EXPECT_EQ(messages.size(), 3U);
    EXPECT_EQ(letter(suspect).state, LetterState::stopped);
    EXPECT_EQ(letter(suspect).note, "421 busy");
}

TEST_F(PostmanTest, ADayHasItsLimit) {
    configuration.letters.per_day = 1;
    configuration.letters.contact_spacing = 0s;
    prove(1, suspect);
    prove(2, test::ip("5.6.7.9"));
    ASSERT_EQ(send("5.6.7.8").status, 202U);
    round();
    ASSERT_EQ(send("5.6.7.9").status, 202U);
    round();
    EXPECT_EQ(messages.size(), 1U);
    clock.advance(24h);
    round();
    EXPECT_EQ(messages.size(), 2U);
}

TEST_F(PostmanTest, WhoRepairsInTimeGetsNone) {
    prove(1, suspect);
    ASSERT_EQ(send("5.6.7.8").status, 202U);
    const auto case_id = host(suspect)->case_id;
    ASSERT_TRUE(store->write([&](WriteTxn& txn) -> Result<> {
        Exclusion exclusion;
        exclusion.prefix = Prefix::of(suspect, 32);
        exclusion.reason = "asked";
        auto excluded = ledger::exclude(txn, exclusion);
        if (!excluded) return excluded.error();
        return {};
    }));
    round();
    EXPECT_TRUE(messages.empty());
    const auto after =
        store->read([&](const ReadTxn& txn) { return provenbl::letters::find(txn, suspect, case_id).value(); });
    EXPECT_EQ(after.state, LetterState::withdrawn);
}

TEST_F(PostmanTest, AutomaticLettersFollowTheJournal) {
    configuration.letters.automatic = true;
    prove(1, test::ip("5.6.7.9"));
    round(); // from here on
    prove(2, suspect);
    round();
    EXPECT_TRUE(messages.empty()) << "who repairs within the hour needs none";
    clock.advance(1h);
    round();
    EXPECT_THAT(recipients(), ElementsAre("abuse@isp.de"));
    EXPECT_THAT(messages[0], HasSubstr("5.6.7.8"));
}

TEST_F(PostmanTest, AnOptOutByTheLinkIsKept) {
    prove(1, suspect);
    ASSERT_EQ(send("5.6.7.8").status, 202U);
    round();
    const auto token = envelopes.at(0).sender.substr(0, 40);
    const auto link = "/v1/letters/opt-out/" + token;
    const auto asked = as_public("GET", link);
    EXPECT_EQ(asked.status, 200U);
    EXPECT_THAT(asked.body, AllOf(HasSubstr("abuse@isp.de"), HasSubstr("<form method=\"post\"")));
    const auto out = [&] {
        return store->read([](const ReadTxn& txn) { return provenbl::letters::opted_out(txn, "abuse@isp.de"); });
    };
    EXPECT_FALSE(out()) << "scanners follow links";
    EXPECT_EQ(as_public("POST", link).status, 200U);
    EXPECT_TRUE(out());
    EXPECT_EQ(as_public("POST", "/v1/letters/opt-out/" + std::string(40, 'a')).status, 404U);
    clock.advance(240h);
    prove(2, test::ip("5.6.7.9"));
    ASSERT_EQ(send("5.6.7.9").status, 202U);
    round();
    EXPECT_EQ(messages.size(), 1U);
    EXPECT_EQ(letter(test::ip("5.6.7.9")).state, LetterState::stopped);
    EXPECT_THAT(as_operator("GET", "/v1/letters").body, HasSubstr("by the link in a letter"));
    EXPECT_EQ(as_operator("POST", "/v1/letters/opt-outs", R"({"contact":"abuse@isp.de","remove":true})").status, 200U);
    EXPECT_FALSE(out());
}

TEST_F(PostmanTest, APreviewSendsNothingAndIsTheOperators) {
    prove_with_token(suspect, suspect);
    const auto preview = as_operator("GET", "/v1/hosts/5.6.7.8/letter?language=de");
    ASSERT_EQ(preview.status, 200U) << preview.body;
    EXPECT_EQ(json(preview).at("language").as_string(), "de");
    const std::string text = json(preview).at("text").as_string().c_str();
    EXPECT_THAT(text, AllOf(HasSubstr("Guten Tag"), HasSubstr("https://bl.example/5.6.7.8"), HasSubstr("Hello,"),
                            HasSubstr("+ mynetworks = 127.0.0.1/32")));
    EXPECT_EQ(as_operator("GET", "/v1/hosts/5.6.7.8/letter?language=xx").status, 400U);
    EXPECT_EQ(as_operator("GET", "/v1/hosts/5.6.7.9/letter").status, 404U);
    EXPECT_EQ(as_public("GET", "/v1/hosts/5.6.7.8/letter").status, 403U);
    EXPECT_EQ(as_public("GET", "/v1/letters").status, 403U);
    context.letters = nullptr;
    EXPECT_THAT(send("5.6.7.8").body, HasSubstr("letters.enabled"));
}

} // namespace
} // namespace provenbl::tools::letters
