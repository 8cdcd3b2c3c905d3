// Templates, MIME and contacts: what a letter is made of.
#include "tests/support/temporary_directory.hpp"
#include "tools/letters/contacts.hpp"
#include "tools/letters/letter_template.hpp"
#include "tools/letters/mime.hpp"
#include "tools/letters/rdap.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

namespace provenbl::tools::letters {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// A whole template with one section replaced.
std::string with(std::string_view section, std::string_view body) {
    std::string text = "# a comment\n";
    for (const auto& name : section_names)
        text += fmt::format("[{}]\n{}\n\n", name, name == section ? body : std::string_view{"words"});
    return text;
}

TEST(LetterTemplates, NineLanguagesAreBuiltIn) {
    const auto templates = LetterTemplates::load("").value();
    EXPECT_THAT(templates.languages(), ElementsAre("de", "en", "es", "fr", "ja", "ko", "pt", "ru", "zh"));
    for (const auto& language : templates.languages()) {
        const auto& words = templates.in(language);
        EXPECT_EQ(words.language(), language);
        // Each tells which address, whom to answer, how to be left alone, and where the proof is.
        EXPECT_THAT(words.fill("subject", {{"address", "5.6.7.8"}}), HasSubstr("5.6.7.8")) << language;
        EXPECT_THAT(words.fill("opening", {{"contact", "a@x.example"}}), HasSubstr("a@x.example")) << language;
        const auto closing = words.fill("closing", {{"operator", "op@x.example"}, {"optout", "https://x/out"}});
        EXPECT_THAT(closing, testing::AllOf(HasSubstr("op@x.example"), HasSubstr("https://x/out"))) << language;
        const auto finding = words.fill("finding", {{"address", "5.6.7.8"},
                                                    {"port", "25"},
                                                    {"what", "WHAT"},
                                                    {"since", "SINCE"},
                                                    {"page", "https://x/5.6.7.8"}});
        for (const char* part : {"5.6.7.8", "25", "WHAT", "SINCE", "https://x/5.6.7.8"})
            EXPECT_THAT(finding, HasSubstr(part)) << language;
        EXPECT_THAT(words.fill("removal", {{"list", "bl.example"}}), HasSubstr("bl.example")) << language;
        const auto questions = words.fill("questions", {});
        for (const char* number : {"1.", "2.", "3.", "4.", "5.", "6."})
            EXPECT_THAT(questions, HasSubstr(number)) << language;
    }
}

TEST(LetterTemplates, AWrongFileSaysWhere) {
    const auto problem = [](std::string_view section, std::string_view body) {
        return LetterTemplate::parse("de.letter", with(section, body)).error().message;
    };
    EXPECT_THAT(problem("subject", "{adress}"),
                HasSubstr("de.letter:3: there is no {adress} in 'subject'; there are {address}"));
    EXPECT_THAT(problem("effects", "x {address}"), HasSubstr("no placeholder at all, in 'effects'"));
    EXPECT_THAT(problem("subject", "one\ntwo"), HasSubstr("more than one line"));
    EXPECT_THAT(problem("relay", "\xff"), HasSubstr("this is not UTF-8"));
    EXPECT_THAT(problem("relay", "\n[nosuch]\nx"), HasSubstr("there is no such section"));
    EXPECT_THAT(problem("relay", "\n[subject]\nx"), HasSubstr("comes twice"));
    EXPECT_THAT(problem("relay", ""), HasSubstr("the section 'relay' is empty"));
    EXPECT_THAT(LetterTemplate::parse("de.letter", "[subject]\nx\n").error().message, HasSubstr("is missing"));
    EXPECT_TRUE(LetterTemplate::parse("de.letter", with("subject", "{address} {unfinished")));
}

TEST(LetterTemplates, ADirectoryStandsForTheBuiltInOnes) {
    const test::TemporaryDirectory directory;
    const auto put = [&](const char* name, const std::string& text) { std::ofstream{directory.path() / name} << text; };
    put("de.letter", with("subject", "Eigener Betreff"));
    put("nl.letter", with("subject", "Nederlands"));
    put("ignored.txt", "nothing");
    const auto templates = LetterTemplates::load(directory.path().string()).value();
    EXPECT_EQ(templates.in("de").fill("subject", {}), "Eigener Betreff");
    EXPECT_EQ(templates.in("nl-be").fill("subject", {}), "Nederlands");
    EXPECT_EQ(templates.in("xx").language(), "en");
    put("fr.letter", with("subject", "{nosuch}"));
    const auto wrong = LetterTemplates::load(directory.path().string());
    ASSERT_FALSE(wrong);
    EXPECT_THAT(wrong.error().message, HasSubstr("fr.letter:3:"));
    EXPECT_FALSE(LetterTemplates::load("/nonexistent/letters"));
}

TEST(LetterTemplates, TheContactsCountrySuggestsALanguage) {
    EXPECT_EQ(language_of_domain("isp.co.jp"), "ja");
    EXPECT_EQ(language_of_domain("isp.com.br"), "pt");
    EXPECT_EQ(language_of_domain("isp.example.net"), "");
    EXPECT_EQ(language_of_domain(""), "");
}

TEST(Mime, HeadersAreFoldedAndEncoded) {
    EXPECT_EQ(mime::header("Subject", "plain"), "Subject: plain\r\n");
    EXPECT_EQ(mime::header("Subject", "a\r\nBcc: x"), "Subject: a  Bcc: x\r\n");
    std::string words;
    for (int i = 0; i < 60; ++i) words += "word ";
    const auto folded = mime::header("Subject", words + "end");
    const auto encoded =
        mime::header("Subject", "Ein Dienst, den jeder missbrauchen kann, und wie man ihn schließt: ありがとう");
    for (const auto& text : {folded, encoded}) {
        std::size_t begin = 0;
        for (auto end = text.find("\r\n"); end != std::string::npos; begin = end + 2, end = text.find("\r\n", begin)) {
            EXPECT_LE(end - begin, 78U) << text;
            if (begin > 0) {
                EXPECT_EQ(text[begin], ' ');
            }
        }
        EXPECT_EQ(begin, text.size());
    }
    EXPECT_THAT(encoded, HasSubstr("=?utf-8?b?"));
}

TEST(Mime, QuotedPrintableKeepsItsLinesShort) {
    EXPECT_EQ(mime::quoted_printable("a = ü\n"), "a =3D =C3=BC\r\n");
    EXPECT_EQ(mime::quoted_printable("end \n.\n..x"), "end=20\r\n=2E\r\n=2E.x\r\n");
    const auto text = mime::quoted_printable(std::string(5000, 'x') + std::string(5000, '\xc3'));
    std::size_t begin = 0;
    for (auto end = text.find("\r\n"); end != std::string::npos; begin = end + 2, end = text.find("\r\n", begin))
        EXPECT_LE(end - begin, 76U);
}

TEST(Rdap, TheAbuseContactIsFoundWhereverItStands) {
    constexpr auto answer = R"({"objectClassName":"ip network","entities":[
        {"roles":["registrant"],"vcardArray":["vcard",[["email",{},"text","owner@x.example"]]],
         "entities":[{"roles":["technical","abuse"],
           "vcardArray":["vcard",[["version",{},"text","4.0"],["email",{},"text","Abuse@X.example"],["email",{},"text","not one"]]]}]},
        {"roles":["abuse"],"vcardArray":["vcard",[["email",{},"text","second@x.example"],["email",{},"text","Abuse@x.example"]]]}]})";
    EXPECT_THAT(abuse_contacts(answer).value(), ElementsAre("Abuse@x.example", "second@x.example"));
}

TEST(Rdap, AnythingElseIsNoFault) {
    EXPECT_TRUE(abuse_contacts("{}").value().empty());
    for (const char* text : {R"({"entities":{}})", R"({"entities":[1,null,{"roles":"abuse"},{"roles":["abuse"]},
             {"roles":["abuse"],"vcardArray":["vcard"]},{"roles":["abuse"],"vcardArray":["vcard",[1,["email"],["email",1,2,3]]]},
             {"roles":["abuse"],"vcardArray":["vcard",[["email",{},"text","a@b\r\nBcc: c@d"]]]}]})"})
        EXPECT_TRUE(abuse_contacts(text).value().empty()) << text;
    for (const char* text : {"", "[]", "{", "null"}) EXPECT_FALSE(abuse_contacts(text)) << text;
    EXPECT_FALSE(abuse_contacts(std::string(100, '[')));
    EXPECT_FALSE(abuse_contacts(std::string(2U << 20U, ' ')));
    std::string deep = "{}";
    for (int i = 0; i < 12; ++i) deep = R"({"roles":["abuse"],"entities":[)" + deep + "]}";
    EXPECT_TRUE(abuse_contacts(deep).value().empty());
    std::string many = R"({"entities":[)";
    for (int i = 0; i < 2000; ++i)
        many += fmt::format(R"({}{{"roles":["abuse"],"vcardArray":["v",[["email",{{}},"text","a{}@x.example"]]]}})",
                            i == 0 ? "" : ",", i);
    EXPECT_EQ(abuse_contacts(many + "]}").value().size(), 8U);
}

TEST(Rdap, AnAnswersNetworkIsNotWiderThanADeskAnswersFor) {
    const auto network = [](const char* first, const char* last) {
        return answered_network(fmt::format(R"({{"startAddress":"{}","endAddress":"{}"}})", first, last),
                                Address::v4(5, 6, 7, 8));
    };
    EXPECT_EQ(network("5.6.0.0", "5.6.255.255"), std::pair(Address::v4(5, 6, 0, 0), Address::v4(5, 6, 255, 255)));
    EXPECT_FALSE(network("0.0.0.0", "255.255.255.255"));
    EXPECT_FALSE(network("5.6.8.0", "5.6.8.255")) << "of somebody else";
    EXPECT_FALSE(network("5.6.7.0", "nonsense"));
    EXPECT_FALSE(network("5.6.7.0", "2001:db8::1"));
    EXPECT_FALSE(answered_network("{}", Address::v4(5, 6, 7, 8)));
}

TEST(ContactTable, TheLongestPrefixWins) {
    const auto table = ContactTable::parse("c.csv", "# who\n5.6.0.0/16, big@x.example\n5.6.7.0/24,small@x.example\n"
                                                    "5.6.7.0/24,other@x.example\n2001:db8::/32,six@x.example\n")
                           .value();
    EXPECT_THAT(table.of(Address::v4(5, 6, 7, 8)), ElementsAre("small@x.example", "other@x.example"));
    EXPECT_THAT(table.of(Address::v4(5, 6, 8, 8)), ElementsAre("big@x.example"));
    EXPECT_TRUE(table.of(Address::v4(9, 9, 9, 9)).empty());
    EXPECT_THAT(ContactTable::parse("c.csv", "5.6.7.0/24,a@x.example\n5.6.7.1/24,b@x\n").error().message,
                HasSubstr("c.csv:2:"));
    EXPECT_THAT(ContactTable::parse("c.csv", "5.6.7.0/24").error().message, HasSubstr("prefix,address"));
    EXPECT_THAT(ContactTable::parse("c.csv", "5.6.7.0/24,nobody").error().message, HasSubstr("c.csv:1:"));
}

TEST(RegisteredDomain, IsWhatSomebodyHasRegistered) {
    EXPECT_EQ(registered_domain("mail.a.example.co.uk"), "example.co.uk");
    EXPECT_EQ(registered_domain("Mail.Example.Net."), "example.net");
    EXPECT_EQ(registered_domain("co.uk"), "");
    EXPECT_EQ(registered_domain("8.7.6.5.in-addr.arpa"), "");
    EXPECT_EQ(registered_domain("not a name"), "");
}

class ContactsTest : public testing::Test {
protected:
    Contacts contacts() {
        Sources sources;
        sources.rdap = [this](const Address&) -> Result<std::string> {
            ++asked;
            if (!answer.empty()) return answer;
            return Error{Errc::unreachable, "no answer"};
        };
        sources.names_of = [this](const Address&) { return names; };
        sources.addresses_of = [this](const std::string&) { return addresses; };
        return {std::move(sources), ContactTable::parse("c", "5.6.7.0/24,table@x.example").value()};
    }
    std::string answer =
        R"({"startAddress":"5.6.7.0","endAddress":"5.6.7.127","entities":[{"roles":["abuse"],"vcardArray":["v",[["email",{},"text","rdap@x.example"]]]}]})";
    std::vector<std::string> names{"mail.isp.net"};
    std::vector<Address> addresses{Address::v4(5, 6, 7, 8)};
    int asked = 0;
    const Address host = Address::v4(5, 6, 7, 8);
    const Time now{std::chrono::hours(24 * 365 * 50)};
};

TEST_F(ContactsTest, ComeInTheirOrder) {
    auto all = contacts();
    EXPECT_THAT(all.of(host, true, now), ElementsAre("rdap@x.example", "table@x.example", "abuse@isp.net",
                                                     "postmaster@isp.net", "postmaster@[5.6.7.8]"));
    EXPECT_EQ(all.of(host, false, now).size(), 4U);
}

TEST_F(ContactsTest, ANameThatDoesNotLeadBackIsAnybodys) {
    addresses = {Address::v4(9, 9, 9, 9)};
    EXPECT_THAT(contacts().of(host, false, now), ElementsAre("rdap@x.example", "table@x.example"));
}

TEST_F(ContactsTest, RdapIsAskedOnceForANetworkAndADay) {
    auto all = contacts();
    (void)all.of(host, false, now);
    (void)all.of(Address::v4(5, 6, 7, 99), false, now + std::chrono::hours(23));
    EXPECT_EQ(asked, 1);
    // An answer speaks of its own network alone.
    (void)all.of(Address::v4(5, 6, 7, 200), false, now);
    (void)all.of(host, false, now + std::chrono::hours(25));
    EXPECT_EQ(asked, 3);
    // Trouble is tried again sooner.
    answer.clear();
    names.clear();
    EXPECT_THAT(all.of(Address::v4(7, 7, 7, 7), false, now), ElementsAre());
    (void)all.of(Address::v4(7, 7, 7, 7), false, now + std::chrono::hours(1));
    EXPECT_EQ(asked, 5);
}

} // namespace
} // namespace provenbl::tools::letters
