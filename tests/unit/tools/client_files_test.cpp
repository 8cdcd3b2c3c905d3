// The settings of docs/clients as the page and its files give them. That real programs read them as meant:
// tests/interop/clients_test.py.
#include "tests/unit/tools/api_fixture.hpp"
#include "tools/pages/client_files.hpp"
#include "tools/pages/html.hpp"
#include "tools/pages/use_page.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

namespace provenbl::tools {
namespace {

using pages::client_file;
using pages::client_files;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using enum ListingClass;

const std::filesystem::path documents = PROVENBL_SOURCE_DIR "/docs/clients";

std::string read(const std::filesystem::path& path) {
    std::ifstream file{path};
    return {std::istreambuf_iterator<char>{file}, {}};
}

zones::ZoneDefinition zone_with(std::initializer_list<std::pair<ListingClass, const char*>> codes) {
    zones::ZoneDefinition zone;
    zone.apex = "bl.example";
    zone.page = "https://bl.example/{address}";
    for (const auto& [cls, code] : codes) {
        zone.classes.insert(cls);
        zone.codes.emplace(cls, Address::parse(code).value());
    }
    return zone;
}

std::string text(std::string_view file, const zones::ZoneDefinition& zone) {
    return client_file(file, zone).value_or("(none)");
}

zones::ZoneDefinition keyed(zones::ZoneDefinition zone) {
    zone.access = zones::ZoneAccess::key;
    return zone;
}

const auto four = zone_with({{relay, "127.0.0.2"}, {socks, "127.0.0.8"}, {http, "127.0.0.9"}, {chain, "127.0.0.10"}});

class ClientFiles : public ApiFixture {
protected:
    api::Response get(const std::string& target) {
        return perform({"GET", target, "*/*", "", false, test::ip("9.9.9.9")});
    }
};

TEST_F(ClientFiles, AreThoseOfTheDocumentation) {
    std::vector<std::string> there;
    for (const auto& entry : std::filesystem::directory_iterator{documents}) {
        const auto name = entry.path().filename().string();
        if (entry.path().extension() == ".md") continue;
        there.push_back(name);
        // Of what has no placeholder, every line is handed out as it stands.
        std::istringstream lines{read(entry.path())};
        const auto given = text(name, keyed(four));
        for (std::string line; std::getline(lines, line);) {
            if (line.find('@') != std::string::npos) continue;
            EXPECT_THAT(given, HasSubstr(line + "\n")) << name;
        }
    }
    EXPECT_THAT(client_files(), testing::UnorderedElementsAreArray(there));
    // The page about them names each.
    const auto page = read(documents / "README.md");
    for (const auto& name : there) EXPECT_THAT(page, HasSubstr("(" + name + ")"));
}

TEST_F(ClientFiles, HaveNoPlaceholderLeft) {
    for (const auto& zone : configuration.zones.zones) {
        for (const auto& name : client_files()) {
            const auto filled = text(name, keyed(zone));
            EXPECT_THAT(filled, HasSubstr(zone.apex)) << name;
            EXPECT_THAT(filled, Not(testing::ContainsRegex("@[A-Z_]+[@:]"))) << name;
        }
    }
}

TEST_F(ClientFiles, ThePageShowsThemAsTheyAreHandedOut) {
    const auto use = get("/use").body;
    const auto& zone = configuration.zones.zones.front();
    const auto recipes = pages::recipes(zone);
    EXPECT_EQ(recipes.size(), client_files().size() - 1); // but postfix-key.cf
    for (const auto& recipe : recipes) {
        const auto file = get("/use/" + std::string{recipe.file});
        EXPECT_EQ(file.status, 200U) << recipe.file;
        EXPECT_EQ(file.content_type, "text/plain; charset=utf-8");
        EXPECT_EQ(file.body, text(recipe.file, zone));
        EXPECT_THAT(use, HasSubstr(pages::tag("pre", file.body).markup())) << recipe.file;
        EXPECT_THAT(use, HasSubstr("<a href=\"/use/" + std::string{recipe.file} + "\">"));
    }
}

TEST_F(ClientFiles, AreThereForEveryZone) {
    EXPECT_THAT(get("/use/postfix.cf?zone=relay.bl.example").body,
                HasSubstr("    reject_rbl_client relay.bl.example=127.0.0.2\n"));
    EXPECT_EQ(get("/use/postfix.cf?zone=other.example").status, 404U);
    EXPECT_EQ(get("/use/nosuch.cf").status, 404U);
    EXPECT_EQ(get("/use/README.md").status, 404U);
    configuration.zones.zones.clear();
    EXPECT_EQ(get("/use/postfix.cf").status, 404U);
    EXPECT_EQ(client_file("postfix.cf", zone_with({})), std::nullopt);
}

TEST_F(ClientFiles, NameEveryCodeAsTheirProgramReadsIt) {
    EXPECT_THAT(text("postfix.cf", four), HasSubstr("    reject_rbl_client bl.example=127.0.0.[2;8..10]\n"));
    EXPECT_THAT(text("postscreen.cf", four), HasSubstr("postscreen_dnsbl_sites = bl.example=127.0.0.[2;8..10]*2\n"));
    EXPECT_THAT(text("exim.acl", four),
                HasSubstr("  dnslists = bl.example=127.0.0.2,127.0.0.8,127.0.0.9,127.0.0.10\n"));
    EXPECT_THAT(
        text("sendmail.mc", four),
        HasSubstr("FEATURE(`enhdnsbl', `bl.example', `\"550 Rejected: \" $&{client_addr} \" is listed in bl.example - "
                  "see https://bl.example/\" $&{client_addr} \"\"', `', `127.0.0.2.', `127.0.0.8.', "
                  "`127.0.0.9.', `127.0.0.10.')dnl\n"));
    EXPECT_THAT(text("spamassassin.cf", four),
                AllOf(HasSubstr("eval:check_rbl_sub('bl_example-lastexternal', '^127\\.0\\.0\\.10$')\n"),
                      HasSubstr("header   RCVD_IN_BL_EXAMPLE_SOCKS "),
                      HasSubstr("tflags   __BL_EXAMPLE net\n\nheader")));
    EXPECT_THAT(text("rspamd-rbl.conf", four),
                HasSubstr("      BL_EXAMPLE_RELAY = \"127.0.0.2\";\n      BL_EXAMPLE_SOCKS = \"127.0.0.8\";\n"));
    EXPECT_THAT(text("haraka-dns-list.ini", four), HasSubstr("\n127.0.0.2=relay\n127.0.0.8=socks\n"));
    EXPECT_THAT(text("hopm.conf", four), HasSubstr("    reply {\n        2 = \"relay\";\n        8 = \"socks\";\n"));
    EXPECT_THAT(text("hopm.conf", four),
                HasSubstr("\"KLINE 180 *@%i :Your host is listed in bl.example, see https://bl.example/%i\""));
}

// Replies name what was asked for, and everybody would learn the key.
TEST_F(ClientFiles, AKeyIsAskedWithAndNotTold) {
    EXPECT_EQ(client_file("postfix-key.cf", four), std::nullopt);
    const auto members = keyed(four);
    EXPECT_EQ(pages::recipes(members).size(), client_files().size());
    EXPECT_THAT(text("postfix.cf", members), HasSubstr("reject_rbl_client KEY.bl.example=127"));
    EXPECT_THAT(text("postfix-key.cf", members), HasSubstr("{ KEY.bl.example = bl.example }"));
    EXPECT_THAT(text("exim.acl", members),
                HasSubstr("is listed in bl.example: $dnslist_text\n  dnslists = KEY.bl.example="));
    EXPECT_THAT(text("hopm.conf", members),
                AllOf(HasSubstr("name = \"KEY.bl.example\""), HasSubstr("listed in bl.example, see")));
    configuration.zones.zones.front().access = zones::ZoneAccess::key;
    EXPECT_THAT(get("/use").body, HasSubstr("dig +short 2.0.0.127.KEY.bl.example "));
}

TEST_F(ClientFiles, ClassesMayShareACode) {
    const auto shared = zone_with({{relay, "127.0.0.2"}, {socks, "127.0.0.3"}, {http, "127.0.0.3"}});
    EXPECT_THAT(text("spamassassin.cf", shared), HasSubstr("header   RCVD_IN_BL_EXAMPLE_SOCKS_HTTP "));
    EXPECT_THAT(text("hopm.conf", shared), HasSubstr("        3 = \"socks, http\";\n    };\n"));
}

// FEATURE(`enhdnsbl') takes six patterns, and says nothing about a seventh.
TEST_F(ClientFiles, SendmailTakesNoMoreThanSixCodes) {
    auto seven = four;
    const std::vector<std::pair<ListingClass, const char*>> more{
        {web, "127.0.0.11"}, {wingate, "127.0.0.14"}, {ListingClass::router, "127.0.1.15"}};
    for (const auto& [cls, code] : more) {
        seven.classes.insert(cls);
        seven.codes[cls] = Address::parse(code).value();
    }
    EXPECT_THAT(text("sendmail.mc", seven), HasSubstr("`', `127.0.0.$-.', `127.0.1.$-.')dnl\n"));
    // A comma in the text would end it.
    EXPECT_THAT(text("sendmail.mc", seven), HasSubstr("bl.example - see"));
}

TEST_F(ClientFiles, AZoneWithoutAPageNamesNone) {
    auto without = four;
    without.page.clear();
    EXPECT_THAT(text("hopm.conf", without), HasSubstr(":Your host is listed in bl.example\""));
    EXPECT_THAT(text("sendmail.mc", without), HasSubstr("\" is listed in bl.example\"', `'"));
}

TEST_F(ClientFiles, WhoSeesTheLastOctetAloneIsNotGivenOtherCodes) {
    const auto elsewhere = zone_with({{relay, "127.0.1.2"}, {socks, "127.0.0.8"}});
    EXPECT_EQ(client_file("hopm.conf", elsewhere), std::nullopt);
    EXPECT_THAT(text("postfix.cf", elsewhere), HasSubstr("bl.example=127.0.[0..1].[2;8]\n"));
}

TEST_F(ClientFiles, CodesAreWrittenAsPostfixReadsThem) {
    EXPECT_EQ(pages::postfix_pattern(zone_with({{relay, "127.0.0.2"}})), "127.0.0.2");
    EXPECT_EQ(pages::postfix_pattern(four), "127.0.0.[2;8..10]");
    auto one = zone_with({{relay, "127.0.0.2"}, {socks, "127.0.0.2"}});
    EXPECT_EQ(pages::postfix_pattern(one), "127.0.0.2");
    one.classes.insert(web); // without a code
    EXPECT_EQ(pages::postfix_pattern(one), "127.0.0.2");
}

} // namespace
} // namespace provenbl::tools
