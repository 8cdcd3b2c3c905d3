// Every form of line that rbldnsd(8) describes, and what is wrong with those that it does not.
#include "tests/unit/zones/static_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace provenbl::zones::statics::testing {
namespace {

using ::testing::HasSubstr;

struct Line {
    SetType type;
    const char* text;
    const char* name;
    const char* answer;
};

class Lines : public ::testing::TestWithParam<Line> {};

TEST_P(Lines, AreReadAsTheManualSays) {
    const auto& row = GetParam();
    EXPECT_EQ(ask(*zone_of(row.type, row.text), row.name), row.answer) << row.text;
}

constexpr auto set4 = SetType::ip4set;
constexpr auto trie4 = SetType::ip4trie;
constexpr auto tset4 = SetType::ip4tset;
constexpr auto trie6 = SetType::ip6trie;
constexpr auto tset6 = SetType::ip6tset;

INSTANTIATE_TEST_SUITE_P(
    Ip4Set, Lines,
    ::testing::Values(
        // Forms of 127.0.0.0/24.
        Line{set4, "127.0.0.0/24\n", "255.0.0.127", "127.0.0.2"}, Line{set4, "127.0.0\n", "255.0.0.127", "127.0.0.2"},
        Line{set4, "127.0.0\n", "0.1.0.127", "NXDOMAIN"}, Line{set4, "127/24\n", "255.0.0.127", "127.0.0.2"},
        Line{set4, "127/24\n", "0.1.0.127", "NXDOMAIN"},
        Line{set4, "127.0.0.0-127.0.0.255\n", "255.0.0.127", "127.0.0.2"},
        Line{set4, "127.0.0.1-255\n", "0.0.0.127", "NXDOMAIN"}, Line{set4, "127.0.0.1-255\n", "1.0.0.127", "127.0.0.2"},
        // Forms of 127.16.0.0/12.
        Line{set4, "127.16.0.0-127.31.255.255\n", "255.255.31.127", "127.0.0.2"},
        Line{set4, "127.16.0-127.31.255\n", "255.255.31.127", "127.0.0.2"},
        Line{set4, "127.16-127.31\n", "255.255.31.127", "127.0.0.2"},
        Line{set4, "127.16-31\n", "255.255.31.127", "127.0.0.2"}, Line{set4, "127.16-31\n", "0.0.32.127", "NXDOMAIN"},
        Line{set4, "127.16.0/12\n", "255.255.31.127", "127.0.0.2"}, Line{set4, "127.16/12\n", "0.0.32.127", "NXDOMAIN"},
        Line{set4, "127.16.0-31\n", "255.31.16.127", "127.0.0.2"},
        Line{set4, "127.16.0-31\n", "0.32.16.127", "NXDOMAIN"}, Line{set4, "10-11\n", "1.2.3.11", "127.0.0.2"},
        Line{set4, "0/0\n", "1.2.3.200", "127.0.0.2"}, Line{set4, "255.255.255.255\n", "255.255.255.255", "127.0.0.2"},
        Line{set4, "  127.0.0.9  ; why\n", "9.0.0.127", "127.0.0.2"},
        Line{set4, "127.0.0.9\r\n", "9.0.0.127", "127.0.0.2"}, Line{set4, "127.0.0.9", "9.0.0.127", "127.0.0.2"},
        // The more specific level counts, an exclusion most of all.
        Line{set4, "10.0.0.0/8\n!10.1.2.3\n", "3.2.1.10", "NXDOMAIN"},
        Line{set4, "10.0.0.0/8\n! 10.1.2.3 :5:ignored\n", "4.2.1.10", "127.0.0.2"},
        Line{set4, "10.0.0.0/8 :3:\n10.1/16 :4:\n10.1.2.3 :5:\n", "3.2.1.10", "127.0.0.5"},
        Line{set4, "10.0.0.0/8 :3:\n10.1/16 :4:\n10.1.2.3 :5:\n", "4.2.1.10", "127.0.0.4"},
        Line{set4, "10.1.2.3 :5:\n!10.1.2.3\n", "3.2.1.10", "NXDOMAIN"},
        Line{set4, "10.1.2.3 :5:\n10.1.2.3 :6:\n10.1.2.3 :5:\n", "3.2.1.10", "127.0.0.5 127.0.0.6"},
        // Half of a /24 is 128 single addresses, so it weighs as much as one of them.
        Line{set4, "10.1.2.0/25 :5:\n10.1.2.3 :6:\n", "3.2.1.10", "127.0.0.5 127.0.0.6"},
        // Second names of an IPv4 host, and the way there.
        Line{set4, "10.1.2.3\n", "3.0.2.0.1.0.a.0.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0", "127.0.0.2"},
        Line{set4, "10.1.2.3\n", "a.0.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0", "NODATA"},
        Line{set4, "10.1.2.3\n", "b.0.2.0.0.2", "NXDOMAIN"}, Line{set4, "10.1.2.3\n", "a.0.2.0.0.2", "NODATA"},
        // One name for each address.
        Line{set4, "10.1.2.3\n", "03.2.1.10", "NXDOMAIN"}, Line{set4, "10.1.2.3\n", "x.3.2.1.10", "NXDOMAIN"},
        Line{set4, "10.1.2.3\n", "256.2.1.10", "NXDOMAIN"},
        // Empty non-terminals exist (RFC 8020).
        Line{set4, "10.1.2.3\n", "2.1.10", "NODATA"}, Line{set4, "10.1.2.3\n", "10", "NODATA"},
        Line{set4, "10.1.2.3\n", "3.1.10", "NXDOMAIN"}, Line{set4, "10.1.2.3\n!10.1.2.3\n", "10", "NXDOMAIN"}));

INSTANTIATE_TEST_SUITE_P(
    Values, Lines,
    ::testing::Values(Line{set4, ":127.0.0.3:Listed $\n10.1.2.3\n", "3.2.1.10", "'Listed 10.1.2.3' 127.0.0.3"},
                      Line{set4, ":3:default\n10.1.2.3 :5\n", "3.2.1.10", "'default' 127.0.0.5"},
                      Line{set4, ":3:default\n10.1.2.3 :6:\n", "3.2.1.10", "127.0.0.6"},
                      Line{set4, ":3:default\n10.1.2.3 own # text\n", "3.2.1.10", "'own # text' 127.0.0.3"},
                      Line{set4, ":3:default\n10.1.2.3 # own\n", "3.2.1.10", "'default' 127.0.0.3"},
                      Line{set4, "10.1.2.3:7: glued\n", "3.2.1.10", "'glued' 127.0.0.7"},
                      Line{set4, "10.1.2.3 :127.2: two numbers\n", "3.2.1.10", "'two numbers' 127.0.0.2"},
                      Line{set4, ":3\n10.1.2.3\n", "3.2.1.10", "127.0.0.3"},
                      Line{set4, ":3:one\n:4:two\n10.1.2.3\n", "3.2.1.10", "'two' 127.0.0.4"},
                      Line{set4, "10.1.2.3 costs 5$$ $\n", "3.2.1.10", "'costs 5$ 10.1.2.3' 127.0.0.2"},
                      Line{set4, "$1 See\n10.1.2.3 $1 $/x $2\n", "3.2.1.10", "'See 10.1.2.3/x $2' 127.0.0.2"},
                      Line{set4, "10.1.2.3 $1 later\n$1 Defined\n$1 twice\n", "3.2.1.10", "'Defined later' 127.0.0.2"},
                      Line{set4, "$= See bl?$= ($)\n10.1.2.3 r123\n", "3.2.1.10", "'See bl?r123 (10.1.2.3)' 127.0.0.2"},
                      Line{set4, "$= See bl?$= ($)\n10.1.2.3\n", "3.2.1.10", "'See bl?10.1.2.3 (10.1.2.3)' 127.0.0.2"},
                      Line{set4, "$= See bl?$= ($)\n10.1.2.3 =See others\n", "3.2.1.10", "'See others' 127.0.0.2"},
                      Line{set4, "#$1 hidden\n10.1.2.3 $1\n", "3.2.1.10", "'hidden' 127.0.0.2"},
                      Line{set4, "$MAXRANGE4 /24\n10.1/16\n10.1.2.3\n", "3.2.1.10", "127.0.0.2"},
                      Line{set4, "$MAXRANGE4 256\n10.1/16\n10.2.2/24\n", "3.3.1.10", "NXDOMAIN"}));

INSTANTIATE_TEST_SUITE_P(
    Tries, Lines,
    ::testing::Values(
        Line{trie4, "10.0.0.0/8 :3:\n10.1.0.0/17 :4:\n!10.1.2.0/30\n", "4.2.1.10", "127.0.0.4"},
        Line{trie4, "10.0.0.0/8 :3:\n10.1.0.0/17 :4:\n!10.1.2.0/30\n", "3.2.1.10", "NXDOMAIN"},
        Line{trie4, "10.0.0.0/8 :3:\n10.1.0.0/17 :4:\n", "1.128.1.10", "127.0.0.3"},
        Line{trie4, "10.0.0.0/8 :3:\n10.0.0.0/8 :4:\n", "1.128.1.10", "127.0.0.3"},
        Line{trie4, "!0/0\n10.1.2.3\n", "3.2.1.10", "127.0.0.2"},
        Line{tset4, ":5:first\n10.1.2.3 ignored\n:6:second\n10.1.2.4\n", "4.2.1.10", "'first' 127.0.0.5"},
        Line{tset4, "10.1.2.3\n:6:late\n", "3.2.1.10", "'late' 127.0.0.6"},
        Line{trie6, ":127.0.1.2: see $\n2001:db8:c000/36\n",
             "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.f.f.f.d.8.b.d.0.1.0.0.2", "NXDOMAIN"},
        Line{trie6, ":127.0.1.2: see $\n2001:db8:c000/36\n",
             "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.c.8.b.d.0.1.0.0.2", "'see 2001:db8:c000::1' 127.0.1.2"},
        Line{trie6, "2001:db8:def7:4242 :3: odd\n", "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.2.4.2.4.7.f.e.d.8.b.d.0.1.0.0.2",
             "'odd' 127.0.0.3"},
        Line{trie6, "2605:6001:42::/52\n!2605:6001:42::bead   # exclusion\n",
             "d.a.e.b.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.2.4.0.0.1.0.0.6.5.0.6.2", "NXDOMAIN"},
        Line{trie6, "::1 # localhost\n", "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0",
             "127.0.0.2"},
        Line{trie6, "2001:db8::1\n", "8.b.d.0.1.0.0.2", "NODATA"},
        Line{trie6, "2001:db8::1\n", "9.b.d.0.1.0.0.2", "NXDOMAIN"},
        Line{trie6, "::ffff:7f00:2\n", "2.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0", "127.0.0.2"},
        Line{tset6, "abac:adab:ad00:42f\n!abac:adab:ad00:42f::2\n",
             "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.f.2.4.0.0.0.d.a.b.a.d.a.c.a.b.a", "127.0.0.2"},
        Line{tset6, "abac:adab:ad00:42f\n!abac:adab:ad00:42f::2\n",
             "2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.f.2.4.0.0.0.d.a.b.a.d.a.c.a.b.a", "NXDOMAIN"}));

INSTANTIATE_TEST_SUITE_P(
    Names, Lines,
    ::testing::Values(
        Line{SetType::dnset, "Example.com :3:$ is bad\n", "example.com", "'example.com is bad' 127.0.0.3"},
        Line{SetType::dnset, "example.com\n", "www.example.com", "NXDOMAIN"},
        Line{SetType::dnset, "example.com\n", "com", "NODATA"},
        Line{SetType::dnset, "*.example.com :3:$\n", "a.b.example.com", "'example.com' 127.0.0.3"},
        Line{SetType::dnset, "*.example.com\n", "example.com", "NODATA"},
        Line{SetType::dnset, ".example.com\n", "example.com", "127.0.0.2"},
        Line{SetType::dnset, ".example.com\n", "a.b.example.com", "127.0.0.2"},
        // What is below it is listed still.
        Line{SetType::dnset, ".example.com\n!www.example.com\n", "www.example.com", "NODATA"},
        Line{SetType::dnset, ".example.com\n!.www.example.com\n", "www.example.com", "NXDOMAIN"},
        Line{SetType::dnset, ".example.com\n!www.example.com\n", "a.www.example.com", "127.0.0.2"},
        Line{SetType::dnset, ".example.com\n!.www.example.com\n", "a.www.example.com", "NXDOMAIN"},
        Line{SetType::dnset, ".com :3:\n.example.com :4:\n", "a.example.com", "127.0.0.4"},
        Line{SetType::dnset, "a\\.b.com. :3:$\n", "a\\046b.com", "'a\\.b.com' 127.0.0.3"},
        Line{SetType::generic, "www 3000 A 127.0.0.1\n", "www", "127.0.0.1"},
        Line{SetType::generic, "www IN A 192.0.2.1\nwww A 192.0.2.2\n", "www", "192.0.2.1 192.0.2.2"},
        Line{SetType::generic, "about TXT \"ex.com combined blocklist\"\n", "about", "'ex.com combined blocklist'"},
        Line{SetType::generic, "@ MX 10 mx.ex.com.\n", "", "mx 10 mx.ex.com"},
        Line{SetType::generic, "a.b MX 0 mx.ex.com\n", "b", "NODATA"},
        Line{SetType::generic, "www A 127.0.0.1\n", "x.www", "NXDOMAIN"}));

constexpr auto combined = "$NS 1w ns1.ex.com ns2.ex.com\n"
                          "$SOA 1w ns1.ex.com admin.ex.com 0 2h 2h 1w 1h\n"
                          "$1 Open\n"
                          "$DATASET ip4set:proxy proxies @ # both\n"
                          ":2:$1 proxy $\n"
                          "127.0.0.10\n"
                          "$DATASET ip4set:relay relays @\n"
                          ":3:$1 relay $\n"
                          "127.0.0.10\n"
                          "$DATASET dnset names.sub\n"
                          ".bad.example\n"
                          "$DATASET generic:common relays @\n"
                          "@ MX 10 mx.ex.com\n"
                          "www A 127.0.0.8\n";

INSTANTIATE_TEST_SUITE_P(Combined, Lines,
                         ::testing::Values(Line{SetType::combined, combined, "10.0.0.127.proxies",
                                                "'Open proxy 127.0.0.10' 127.0.0.2"},
                                           Line{SetType::combined, combined, "10.0.0.127",
                                                "'Open proxy 127.0.0.10' 'Open relay 127.0.0.10' 127.0.0.2 127.0.0.3"},
                                           Line{SetType::combined, combined, "x.bad.example.names.sub", "127.0.0.2"},
                                           Line{SetType::combined, combined, "bad.example", "NXDOMAIN"},
                                           Line{SetType::combined, combined, "sub", "NODATA"},
                                           Line{SetType::combined, combined, "names.sub", "NODATA"},
                                           Line{SetType::combined, combined, "proxies", "NODATA"},
                                           Line{SetType::combined, combined, "www.relays", "127.0.0.8"},
                                           Line{SetType::combined, combined, "relays", "mx 10 mx.ex.com"},
                                           Line{SetType::combined, combined, "www.proxies", "NXDOMAIN"}));

struct Fault {
    SetType type;
    const char* line;
    const char* what;
};

class Faults : public ::testing::TestWithParam<Fault> {};

TEST_P(Faults, NameTheLineAndSayWhatIsExpected) {
    const auto text = std::string("# a comment\n\n") + GetParam().line + "\n";
    const auto refused = parse_text(GetParam().type, text);
    EXPECT_FALSE(refused.set);
    ASSERT_EQ(refused.complaints.errors(), 1U);
    EXPECT_THAT(refused.complaints.first_error()->to_string(), HasSubstr("list:3: "));
    EXPECT_THAT(refused.complaints.first_error()->to_string(), HasSubstr(GetParam().what));
}

INSTANTIATE_TEST_SUITE_P(
    All, Faults,
    ::testing::Values(
        Fault{set4, "127.2.3.4/24", "did you mean 127.2.3.0/24?"}, Fault{set4, "127", "no IPv4 address"},
        Fault{set4, "127.0.0.256", "no IPv4 address"}, Fault{set4, "127.0.0.1/33", "no IPv4 address"},
        // The manual has this one for 127.0.0.0/24; rbldnsd itself refuses it.
        Fault{set4, "127-127.0.0", "no IPv4 address"}, Fault{set4, "1.2-1.2.3.4", "no IPv4 address"},
        Fault{set4, "1.2.3.9-5", "no IPv4 address"}, Fault{set4, "1.2.3.4x", "no IPv4 address"},
        Fault{set4, "www.example.com", "no IPv4 address"}, Fault{set4, "1.2.3.4 :x:text", "is no A value"},
        Fault{set4, "1.2.3.4 :0:text", "is no A value"}, Fault{set4, ":2 text", "second colon"},
        Fault{set4, "1.2.3.4 :", "is no A value"}, Fault{trie4, "1.2.3.4-5", "no IPv4 address or prefix"},
        Fault{tset4, "1.2.3/24", "no single address"}, Fault{tset4, "!1.2.3.4", "no IPv4 address"},
        Fault{trie6, "2001", "no IPv6 address"}, Fault{trie6, "2001:db8::1::2", "no IPv6 address"},
        Fault{trie6, "2001:db8::1/32", "did you mean 2001:db8::/32?"},
        Fault{trie6, "1:2:3:4:5:6:7:8/129", "no IPv6 address"}, Fault{trie6, "2001:db8:", "no IPv6 address"},
        Fault{tset6, "2001:db8::/64", "no IPv6 address"}, Fault{tset6, "2001:db8:1", "has 48 bits"},
        Fault{tset6, "!2001:db8:1:2", "has 64 bits"}, Fault{SetType::dnset, ".", "no domain name"},
        Fault{SetType::dnset, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.com",
              "no domain name"},
        Fault{SetType::generic, "www AAAA ::1", "no type that a generic data set has"},
        Fault{SetType::generic, "www A", "no IPv4 address"}, Fault{SetType::generic, "www", "no type"},
        Fault{SetType::generic, "@ MX mx.ex.com", "preference name"},
        Fault{SetType::generic, "www 3x A 1.2.3.4", "the ttl"}, Fault{set4, "$TTL soon", "$TTL is followed by"},
        Fault{set4, "$SOA 0 a.b", "$SOA is"}, Fault{set4, "$NS 0", "names no name server"},
        Fault{set4, "$NS 0 a..,b", "is no name"}, Fault{set4, "$MAXRANGE4 /0", "$MAXRANGE4 is"},
        Fault{set4, "$MAXRANGE4 x", "$MAXRANGE4 is"}, Fault{set4, "$TIMESTAMP 2026:13:01", "$TIMESTAMP is"},
        Fault{set4, "$TIMESTAMP 2026:11:31", "$TIMESTAMP is"}, Fault{set4, "$TIMESTAMP 2099:01:01", "from the future"},
        Fault{set4, "$TIMESTAMP 0 +1h", "$TIMESTAMP is"}, Fault{set4, "$WHAT 1", "no special entry"},
        Fault{set4, "$3 ", "no special entry"}, Fault{set4, "$DATASET ip4set @", "belongs into a combined data set"},
        Fault{SetType::combined, "1.2.3.4", "before the first $DATASET"},
        Fault{SetType::combined, "$DATASET ip5set @", "'ip5set' is no data set type"},
        Fault{SetType::combined, "$DATASET combined @", "no other combined one"},
        Fault{SetType::combined, "$DATASET acl @", "dns.access"}));

TEST(StaticParse, BadLinesAreLeftOutWhereThatIsAllowed) {
    const auto parsed = parse_text(set4, "10.1.2.3\nrubbish\n10.1.2.4\nrubbish\n", lenient());
    ASSERT_TRUE(parsed.set);
    EXPECT_EQ(parsed.complaints.errors(), 2U);
    EXPECT_EQ(parsed.set->entries, 2U);
    EXPECT_EQ(ask(*zone_of({parsed.set}), "4.2.1.10"), "127.0.0.2");
}

TEST(StaticParse, NotesDoNotSpoilAFile) {
    const auto parsed = parse_text(set4, "#$Id: list $\n:10.0.0.1:far\n$MAXRANGE4 16\n10/8\n10.1.2.3 " +
                                             std::string(300, 'x') + "\n10.1.2.4");
    ASSERT_TRUE(parsed.set);
    EXPECT_EQ(parsed.complaints.notes(), 5U);
    std::string all;
    for (const auto& one : parsed.complaints.kept()) all += one.to_string() + "\n";
    EXPECT_THAT(all, HasSubstr("list:1: '$id:' is no special entry"));
    EXPECT_THAT(all, HasSubstr("list:2: the A value 10.0.0.1 is outside 127.0.0.0/8"));
    EXPECT_THAT(all, HasSubstr("list:4: covers 16777216 addresses"));
    EXPECT_THAT(all, HasSubstr("list:5: the text is longer than 255 octets"));
    EXPECT_THAT(all, HasSubstr("list:6: the last line does not end"));
}

TEST(StaticParse, LongAndBinaryLinesAreRefused) {
    EXPECT_FALSE(parse_text(set4, std::string(20000, '1') + "\n").set);
    EXPECT_FALSE(parse_text(set4, std::string("10.1.2.3 a\0b\n", 13)).set);
}

TEST(StaticParse, EntriesAreBounded) {
    auto options = strict();
    options.most_entries = 2;
    EXPECT_TRUE(parse_text(set4, "10.1.2.3\n10.1.2.4\n", options).set);
    const auto refused = parse_text(set4, "10.1.2.3\n10.1.2.4\n10.1.2.5\n", options);
    EXPECT_FALSE(refused.set);
    EXPECT_THAT(refused.complaints.first_error()->to_string(), HasSubstr("list:3: there are more than 2 entries"));
}

TEST(StaticParse, ComplaintsAreBounded) {
    std::string text;
    for (int i = 0; i < 1000; ++i) text += "rubbish\n";
    const auto parsed = parse_text(set4, text);
    EXPECT_EQ(parsed.complaints.errors(), 1000U);
    EXPECT_EQ(parsed.complaints.kept().size(), Complaints::most_kept);
}

// One value for each of many entries at one place: what is kept is bounded.
TEST(StaticParse, ValuesAtOnePlaceAreBounded) {
    std::string text;
    for (int i = 0; i < 500; ++i) text += "10.1.2.3 :2:text " + std::to_string(i) + "\n";
    const auto zone = zone_of(set4, text);
    const auto wire = wire_name("3.2.1.10").value();
    const std::vector<std::uint8_t> octets(wire.begin(), wire.end());
    EXPECT_EQ(zone->find(octets, {.txt = true}).txt.data.size(), ValueMaker::most_at_one_place);
}

TEST(StaticParse, AnExclusionInOneFileHoldsInAllAndDefaultsEndWithTheirFile) {
    const std::vector<SourceText> files{{"a", ":3:of a\n10.1.0.0/16\n"}, {"b", "!10.1.2.3\n10.2.0.1\n"}};
    const auto parsed = parse(set4, files, strict());
    ASSERT_TRUE(parsed.set);
    const auto zone = zone_of({parsed.set});
    EXPECT_EQ(ask(*zone, "3.2.1.10"), "NXDOMAIN");
    EXPECT_EQ(ask(*zone, "4.2.1.10"), "'of a' 127.0.0.3");
    EXPECT_EQ(ask(*zone, "1.0.2.10"), "127.0.0.2");
}

TEST(StaticParse, TheTextIsCutAt255OctetsWhateverIsPutIn) {
    const auto zone = zone_of(set4, "$1 " + std::string(200, 'v') + "\n10.1.2.3 $1$1$\n");
    const auto wire = wire_name("3.2.1.10").value();
    const std::vector<std::uint8_t> octets(wire.begin(), wire.end());
    EXPECT_EQ(zone->find(octets, {.txt = true}).txt.data.at(0), std::string(255, 'v'));
}

} // namespace
} // namespace provenbl::zones::statics::testing
