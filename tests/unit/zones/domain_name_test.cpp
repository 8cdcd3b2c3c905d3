#include "zones/domain_name.hpp"

#include <gtest/gtest.h>

namespace provenbl::zones {
namespace {

std::string wire_text(const DomainName& name) {
    const auto wire = name.wire();
    return {wire.begin(), wire.end()};
}

TEST(DomainName, IsLowerCaseWireFormWithRoot) {
    EXPECT_EQ(wire_text(DomainName::parse("BL.Example.").value()), std::string("\2bl\7example\0", 12));
    EXPECT_EQ(DomainName::parse("bl.example").value(), DomainName::parse("BL.EXAMPLE.").value());
    EXPECT_EQ(DomainName::parse("_x-1.example").value().to_string(), "_x-1.example");
}

TEST(DomainName, RefusesWhatIsNone) {
    const std::string label63(63, 'a');
    EXPECT_TRUE(DomainName::parse(label63 + ".example"));
    for (const auto& bad : {std::string(), std::string("."), std::string("a..b"), std::string(".a"), std::string("a b"),
                            std::string("bl.ex\\ample"), std::string("*.example"), label63 + "a.example",
                            // 4 * 64 + 1 octets: longer than 255
                            label63 + "." + label63 + "." + label63 + "." + label63}) {
        EXPECT_FALSE(DomainName::parse(bad)) << bad;
    }
}

// RFC 1035 8: the local part is one label, dots and all.
TEST(DomainName, MailboxKeepsTheDotsOfItsLocalPart) {
    const auto mailbox = DomainName::parse_mailbox("host.master@bl.example").value();
    EXPECT_EQ(wire_text(mailbox), std::string("\13host.master\2bl\7example\0", 24));
    EXPECT_EQ(mailbox.to_string(), "host\\.master.bl.example");
    EXPECT_EQ(DomainName::parse_mailbox("hostmaster.bl.example").value().to_string(), "hostmaster.bl.example");
    for (const auto* bad : {"@bl.example", "a b@bl.example", "a@", ""})
        EXPECT_FALSE(DomainName::parse_mailbox(bad)) << bad;
}

TEST(DomainName, WithinMeansAtALabelsEdge) {
    const auto apex = DomainName::parse("bl.example").value();
    EXPECT_TRUE(apex.is_within(apex));
    EXPECT_TRUE(DomainName::parse("a.b.bl.example").value().is_within(apex));
    EXPECT_FALSE(DomainName::parse("xbl.example").value().is_within(apex));
    EXPECT_FALSE(DomainName::parse("example").value().is_within(apex));
    EXPECT_TRUE(apex.is_within(DomainName{})); // everything is below the root
    const auto relative = DomainName::parse("ns1.bl.example").value();
    EXPECT_EQ(relative.relative_to(apex).size(), 4U);
}

} // namespace
} // namespace provenbl::zones
