#include "store/address.hpp"
#include "store/reversed_name.hpp"
#include "store/special_purpose.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace provenbl {
namespace {

TEST(Address, TextGoesBothWays) {
    for (const auto* text : {"0.0.0.0", "192.0.2.1", "255.255.255.255", "::", "::1", "2001:db8::1", "2001:db8:0:1::"})
        EXPECT_EQ(Address::parse(text).value().to_string(), text);
}

TEST(Address, BadTextIsRefused) {
    for (const auto* text :
         {"", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.4 ", " 1.2.3.4", "0x1.2.3.4", "16909060", "1:2:3",
          "::g", "fe80::1%lo", "[::1]", "1.2.3.4/32", "localhost", "1111:2222:3333:4444:5555:6666:7777:8888:9999"}) {
        const auto address = Address::parse(text);
        ASSERT_FALSE(address) << text;
        EXPECT_EQ(address.error().code, Errc::invalid);
        EXPECT_NE(address.error().message.find("expected"), std::string::npos);
    }
    EXPECT_FALSE(Address::parse(std::string(5000, '1')));
    EXPECT_FALSE(Address::parse(std::string_view("1.2.3.4\0x", 9)));
}

TEST(Address, MappedIsTheIpv4Host) {
    const auto mapped = Address::parse("::ffff:192.0.2.7").value();
    EXPECT_TRUE(mapped.is_v4());
    EXPECT_EQ(mapped, Address::v4(192, 0, 2, 7));
    EXPECT_EQ(mapped.to_v4(), 0xc0000207U);
}

TEST(Address, OrderIsThatOfKeys) {
    EXPECT_LT(Address::parse("9.0.0.0").value(), Address::parse("10.0.0.0").value());
    EXPECT_LT(Address::parse("255.255.255.255").value(), Address::parse("::1").value());
}

TEST(Prefix, ContainsAtEveryLength) {
    const auto host = Address::parse("203.0.113.77").value();
    for (unsigned length = 0; length <= 32; ++length) {
        const auto prefix = Prefix::of(host, length);
        EXPECT_TRUE(prefix.contains(host)) << length;
        EXPECT_EQ(prefix.contains(Address::v4(host.to_v4() ^ 1U)), length < 32) << length;
        EXPECT_FALSE(prefix.contains(Address::parse("2001:db8::1").value()));
    }
    const auto v6 = Prefix::parse("2001:db8::/33").value();
    EXPECT_TRUE(v6.contains(Address::parse("2001:db8:7fff::1").value()));
    EXPECT_FALSE(v6.contains(Address::parse("2001:db8:8000::1").value()));
}

TEST(Prefix, BadTextIsRefused) {
    for (const auto* text :
         {"192.0.2.1/24", "192.0.2.0/33", "192.0.2.0/", "192.0.2.0/-1", "192.0.2.0/024", "2001:db8::/129", "/8", "x/8"})
        EXPECT_FALSE(Prefix::parse(text)) << text;
    EXPECT_NE(Prefix::parse("192.0.2.1/24").error().message.find("192.0.2.0/24"), std::string::npos);
    EXPECT_EQ(Prefix::parse("192.0.2.1").value().length(), 32U);
}

TEST(Endpoint, TextGoesBothWays) {
    for (const auto* text : {"127.0.0.1:25", "[2001:db8::1]:443"})
        EXPECT_EQ(Endpoint::parse(text).value().to_string(), text);
    for (const auto* text : {"127.0.0.1", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", "2001:db8::1:25",
                             "[127.0.0.1]:25", ":25", "[::1]25"})
        EXPECT_FALSE(Endpoint::parse(text)) << text;
}

TEST(ReversedName, BothWays) {
    EXPECT_EQ(reversed_name(Address::v4(192, 0, 2, 99)), "99.2.0.192");
    const auto v6 = Address::parse("2001:db8::1").value();
    const std::string name = "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2";
    EXPECT_EQ(reversed_name(v6), name);
    EXPECT_EQ(parse_reversed_name(name).value(), v6);
    EXPECT_EQ(parse_reversed_name("99.2.0.192").value(), Address::v4(192, 0, 2, 99));
}

TEST(ReversedName, OnlyCanonicalNamesAreAddresses) {
    for (const auto* name :
         {"", ".", "1.2.3", "1.2.3.4.5", "002.0.0.127", "02.0.0.127", "256.0.0.1", "1..2.3", "a.b.c.d", "1.2.3.4."})
        EXPECT_FALSE(parse_reversed_name(name)) << name;
    std::string nibbles;
    for (int i = 0; i < 32; ++i) nibbles += "f.";
    EXPECT_FALSE(parse_reversed_name(nibbles)); // trailing dot
    nibbles.pop_back();
    EXPECT_TRUE(parse_reversed_name(nibbles));
    EXPECT_FALSE(parse_reversed_name(nibbles + ".f"));           // 33
    EXPECT_FALSE(parse_reversed_name("ff" + nibbles.substr(1))); // two digits in a label
}

TEST(SpecialPurpose, TableRowsCoverThemselves) {
    for (const auto& row : special_purpose_table()) {
        const auto prefix = Prefix::parse(row.prefix);
        ASSERT_TRUE(prefix) << row.prefix;
        EXPECT_TRUE(special_purpose(prefix->base())) << row.prefix;
    }
}

TEST(SpecialPurpose, EdgesOfTheRanges) {
    for (const auto* inside : {"0.0.0.0",
                               "10.255.255.255",
                               "100.64.0.0",
                               "100.127.255.255",
                               "127.0.0.1",
                               "169.254.1.1",
                               "172.31.255.255",
                               "192.168.0.1",
                               "198.19.255.255",
                               "224.0.0.1",
                               "239.255.255.255",
                               "255.255.255.255",
                               "::",
                               "::1",
                               "::7f00:1",
                               "64:ff9b::1",
                               "2001::1",
                               "2002:7f00:1::",
                               "2001:db8::1",
                               "fc00::1",
                               "fe80::1",
                               "ff02::1",
                               "4000::1"})
        EXPECT_TRUE(special_purpose(Address::parse(inside).value())) << inside;
    for (const auto* outside :
         {"1.0.0.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.1",
          "172.15.255.255", "172.32.0.0", "198.20.0.0", "223.255.255.255", "2001:200::1", "2a00::1", "2606:4700::1"})
        EXPECT_FALSE(special_purpose(Address::parse(outside).value())) << outside;
}

TEST(SpecialPurpose, MostSpecificRowNames) {
    EXPECT_EQ(special_purpose(Address::parse("2001:db8::1").value())->name, "Documentation");
    EXPECT_EQ(special_purpose(Address::parse("255.255.255.255").value())->name, "Limited Broadcast");
    EXPECT_EQ(special_purpose(Address::parse("::ffff:10.0.0.1").value())->source, "RFC 1918");
}

} // namespace
} // namespace provenbl
