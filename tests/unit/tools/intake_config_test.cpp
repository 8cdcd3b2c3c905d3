// What may be set about reports by mail and about traps.
#include "tools/config/load.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <iterator>

namespace provenbl::tools {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string shipped() {
    std::ifstream stream{PROVENBL_SOURCE_DIR "/packaging/provenbl.yaml"};
    return {std::istreambuf_iterator<char>{stream}, std::istreambuf_iterator<char>{}};
}

std::vector<std::string> problems_with(const std::string& section) {
    std::vector<std::string> lines;
    for (const auto& problem : read_configuration(shipped() + "\n" + section, Role::all).problems)
        lines.push_back(problem.to_string("x.yaml"));
    return lines;
}

std::string with_traps(const std::string& traps) {
    return shipped() + "\ntraps: {addresses: " + traps + "}\n";
}

TEST(IntakeConfig, ReportsByMailAreReadWhole) {
    const auto loaded = read_configuration(shipped() + R"(
intake:
  mail:
    socket: /run/provenbl/lmtp.sock
    listen: [127.0.0.1:24, "[::1]:24"]
    addresses:
      - {address: Spam@BL.Example, reporter: desk}
      - {address: junk@bl.example, spam: true}
    trusted_names: [MX.Example.org]
    trusted_networks: [192.0.2.0/24, 2001:db8::/48]
    bounce: false
)",
                                           Role::all);
    ASSERT_TRUE(loaded.configuration) << loaded.problems.front().to_string("x.yaml");
    const auto& mail = loaded.configuration->intake_mail;
    ASSERT_EQ(mail.addresses.size(), 2U);
    EXPECT_EQ(mail.addresses[0].address, "spam@bl.example");
    EXPECT_EQ(mail.addresses[0].reporter, "desk");
    EXPECT_EQ(mail.addresses[1].reporter, "mail");
    EXPECT_TRUE(mail.addresses[1].spam);
    EXPECT_THAT(mail.trusted_names, ElementsAre("mx.example.org"));
    EXPECT_EQ(mail.trusted_networks.size(), 2U);
    EXPECT_FALSE(mail.bounce);
    EXPECT_TRUE(mail.on());
}

TEST(IntakeConfig, LmtpNeedsAnAddressAndStaysOnThisMachine) {
    EXPECT_THAT(problems_with("intake: {mail: {socket: /run/x}}\n"),
                Contains(HasSubstr("intake.mail.addresses: names no address")));
    EXPECT_THAT(problems_with("intake: {mail: {listen: 192.0.2.1:24, addresses: [{address: a@b.example}]}}\n"),
                Contains(HasSubstr("intake.mail.listen[0]: can be reached from other machines")));
    EXPECT_THAT(problems_with("intake: {mail: {socket: /run/x, addresses: [{reporter: desk}]}}\n"),
                Contains(HasSubstr("intake.mail.addresses[0]: has no address")));
    for (const char* name : {"operator", "anonymous", "Big", "a b"})
        EXPECT_THAT(problems_with("intake: {mail: {socket: /run/x, addresses: [{address: a@b.example, reporter: " +
                                  std::string{name} + "}]}}\n"),
                    Contains(HasSubstr("intake.mail.addresses[0].reporter")))
            << name;
}

TEST(IntakeConfig, NobodyMailsInTheNameOfTheTraps) {
    const std::string mail = "intake: {mail: {socket: /run/x, addresses: [{address: a@b.example}, "
                             "{address: b@b.example, reporter: NAME}]}}\n";
    const auto named = [&](const std::string& name) {
        auto text = mail;
        return text.replace(text.find("NAME"), 4, name);
    };
    EXPECT_THAT(problems_with(named("traps")),
                ElementsAre(HasSubstr("intake.mail.addresses[1].reporter: is 'traps', whose word")));
    EXPECT_THAT(problems_with(named("own") + "traps: {reporter: own}\n"),
                ElementsAre(HasSubstr("intake.mail.addresses[1].reporter: is 'own', whose word")));
    EXPECT_THAT(problems_with(named("desk")), IsEmpty());
}

TEST(IntakeConfig, TrapsAreAddressesOrWholeDomainsButNotWhereTokensGo) {
    const auto loaded = read_configuration(with_traps("[Old@Example.net, \"@trap.example\"]"), Role::all);
    ASSERT_TRUE(loaded.configuration) << loaded.problems.front().to_string("x.yaml");
    EXPECT_THAT(loaded.configuration->traps.addresses, ElementsAre("old@example.net", "@trap.example"));
    const auto& domain = loaded.configuration->verifier.identity.probe_domain;
    std::vector<std::string> lines;
    for (const auto& problem :
         read_configuration(with_traps("[\"@" + domain + "\", info@" + domain + "]"), Role::all).problems)
        lines.push_back(problem.to_string("x.yaml"));
    EXPECT_THAT(lines, ElementsAre(HasSubstr("traps.addresses[0]: is where tokens are mailed to")));
    EXPECT_FALSE(read_configuration(with_traps("[\"@\", \"x\"]"), Role::all).configuration);
}

} // namespace
} // namespace provenbl::tools
