#include "tools/fixes/library.hpp"

#include <gmock/gmock.h>

namespace provenbl::tools::fixes {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsSupersetOf;

constexpr std::string_view small = "software: Squid\nmatch: squid\nclasses: http\ntitle: T\n\n"
                                   "[recognise]\nr {address}\n\n[fault]\nf\n[change /etc/x]\n- a\n+ b {port}\n  c\n"
                                   "[reload]\nl\n[check]\nc\n";

std::vector<std::string> names(const std::vector<Advice>& advice) {
    std::vector<std::string> all;
    for (const auto& one : advice) all.push_back(one.guide.name);
    return all;
}

std::vector<std::string> advised(const std::vector<Finding>& findings, std::string_view asked = {}) {
    return names(Library::embedded().advise(Address::v4(5, 6, 7, 8), findings, asked, "en").value());
}

TEST(FixGuides, EverySoftwareThatPeopleRunHasOne) {
    std::vector<std::string> all;
    for (const auto& guide : Library::embedded().guides()) all.push_back(guide.name);
    EXPECT_THAT(all,
                IsSupersetOf({"postfix",  "exim",       "sendmail",       "exchange",   "opensmtpd", "haraka", "squid",
                              "dante",    "tinyproxy",  "privoxy",        "3proxy",     "haproxy",   "nginx",  "apache",
                              "mikrotik", "cisco-mail", "wingate-family", "microsocks", "openssh",   "coturn"}));
}

TEST(FixGuides, EveryClassHasAGeneralOne) {
    for (const auto cls : all_listing_classes)
        EXPECT_THAT(advised({{cls, 1, ""}}), ElementsAre("class-" + std::string{to_string(cls)}));
}

TEST(FixGuides, FingerprintsOfRealServersFindTheirGuide) {
    struct Row {
        ListingClass cls;
        const char* fingerprint;
        const char* guide;
    };
    using enum ListingClass;
    const Row rows[]{{relay, "Postfix", "postfix"},
                     {relay, "Exim 4.96", "exim"},
                     {relay, "Sendmail 8.17.1.9", "sendmail"},
                     {relay, "Microsoft Exchange or IIS SMTP", "exchange"},
                     {relay, "OpenSMTPD", "opensmtpd"},
                     {relay, "Haraka 2.8.28", "haraka"},
                     {relay, "a mail server behind a Cisco firewall", "cisco-mail"},
                     {relay, "CCProxy", "wingate-family"},
                     {http, "squid/5.7", "squid"},
                     {http, "tinyproxy/1.11.1", "tinyproxy"},
                     {http, "Privoxy", "privoxy"},
                     {http, "Mikrotik HttpProxy", "mikrotik"},
                     {web, "nginx/1.22.1", "nginx"},
                     {http, "Apache/2.4.57 (Debian)", "apache"}};
    for (const auto& row : rows) {
        const auto found = advised({{row.cls, 3128, row.fingerprint}});
        EXPECT_EQ(found, (std::vector<std::string>{row.guide, "class-" + std::string{to_string(row.cls)}}))
            << row.fingerprint;
    }
}

TEST(FixGuides, AWordInsideAnotherIsNotMeant) {
    EXPECT_THAT(advised({{ListingClass::relay, 25, "eximious mailer"}}), ElementsAre("class-relay"));
    EXPECT_THAT(advised({{ListingClass::http, 80, "calamari_squids"}}), ElementsAre("class-http"));
}

TEST(FixGuides, SoftwareOfAnotherClassIsNotTaken) {
    // The banner of the mail server says nothing about the SOCKS proxy beside it.
    EXPECT_THAT(advised({{ListingClass::socks, 1080, "Postfix"}}), ElementsAre("class-socks"));
}

TEST(FixGuides, SeveralWaysGiveEachGuideOnce) {
    EXPECT_THAT(advised({{ListingClass::relay, 25, "Postfix"},
                         {ListingClass::http, 3128, "squid/5.7"},
                         {ListingClass::http, 8080, "squid/5.7"}}),
                ElementsAre("postfix", "squid", "class-relay", "class-http"));
}

TEST(FixGuides, WhatIsAskedForComesFirst) {
    EXPECT_THAT(advised({{ListingClass::socks, 1080, ""}}, "Dante"), ElementsAre("dante", "class-socks"));
    const auto unknown = Library::embedded().advise(Address::v4(5, 6, 7, 8), {}, "sendmale", "en");
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().code, Errc::not_found);
    EXPECT_THAT(unknown.error().message, HasSubstr("sendmail"));
}

TEST(FixGuides, PlaceholdersAreTheHosts) {
    const auto library = Library::parse({{"en/squid.guide", std::string{small}}}).value();
    const auto advice =
        library.advise(Address::parse("2001:db8::7").value(), {{ListingClass::http, 8080, "squid"}}, "", "en").value();
    ASSERT_EQ(advice.size(), 1U);
    EXPECT_THAT(advice[0].guide.sections[0].lines, ElementsAre("r [2001:db8::7]"));
    EXPECT_THAT(advice[0].guide.sections[2].lines, ElementsAre("- a", "+ b 8080", "  c"));
    EXPECT_EQ(advice[0].guide.sections[2].where, "/etc/x");
    for (const auto& guide : Library::embedded().guides()) {
        const auto advice = Library::embedded().advise({}, {}, guide.name, "en").value();
        for (const auto& one : advice) {
            for (const auto& section : one.guide.sections) {
                for (const auto& line : section.lines) {
                    EXPECT_EQ(line.find("{address}"), std::string::npos) << guide.name;
                    EXPECT_EQ(line.find("{port}"), std::string::npos) << guide.name;
                }
            }
        }
    }
}

TEST(FixGuides, ATranslationIsAFileBesideIt) {
    std::string german{small};
    german.replace(german.find("title: T"), 8, "title: D");
    const auto library = Library::parse({{"en/squid.guide", std::string{small}}, {"de/squid.guide", german}}).value();
    const std::vector<Finding> findings{{ListingClass::http, 8080, "squid"}};
    EXPECT_EQ(library.advise({}, findings, "", "de").value().at(0).guide.title, "D");
    EXPECT_EQ(library.advise({}, findings, "", "fr").value().at(0).guide.title, "T");
    EXPECT_EQ(library.advise({}, findings, "", "de").value().size(), 1U);
}

TEST(FixGuides, AWrongFileSaysWhere) {
    const auto problem = [](std::string from, std::string_view to) {
        std::string text{small};
        text.replace(text.find(from), from.size(), to);
        return parse_guide("en/squid.guide", text).error().message;
    };
    EXPECT_EQ(problem("classes: http", "classes: htp"), "en/squid.guide:3: there is no class 'htp'");
    EXPECT_THAT(problem("- a", "a"), HasSubstr("en/squid.guide:12: a line of a change begins with"));
    EXPECT_THAT(problem("[fault]", "[foul]"), HasSubstr("en/squid.guide:9: there is no section 'foul'"));
    EXPECT_THAT(problem("[change /etc/x]", "[change]"), HasSubstr("a change says where"));
    EXPECT_THAT(problem("[check]\nc\n", ""), HasSubstr("there is no section 'check'"));
    EXPECT_THAT(problem("[fault]\nf\n", "[fault]\n"), HasSubstr("the section 'fault' is empty"));
    EXPECT_THAT(problem("match", "mach"), HasSubstr("en/squid.guide:2: 'mach' is unknown"));
}

} // namespace
} // namespace provenbl::tools::fixes
