#include "dnsbl/watch/query_line.hpp"
#include "seen.hpp"

#include <gmock/gmock.h>

namespace provenbl::dnsbl::watch {
namespace {

using dnsbl::testing::Bytes;
using dnsbl::testing::question;
using dnsbl::testing::Seen;
using ::testing::HasSubstr;

const std::vector<std::string> zones{"bl.example", "relay.bl.example", "probe.example"};

std::string line(const Seen& seen, QueryLogSettings settings = {}) {
    QueryRecord record;
    fill(record, seen.observation());
    std::string text;
    append_line(text, record, settings, zones);
    return text;
}

TEST(QueryLine, IsWordsForPeople) {
    EXPECT_EQ(line(Seen("99.2.0.192.bl.example")),
              "2027-01-15T08:00:00.123Z udp 192.0.2.0/24 99.2.0.192.bl.example A bl.example NOERROR "
              "127.0.0.2,127.0.0.9 71\n");
    EXPECT_EQ(line(Seen("1.2.0.192.bl.example")).substr(35),
              "2.0/24 1.2.0.192.bl.example A bl.example NXDOMAIN - 89\n");
    EXPECT_THAT(line(Seen("99.2.0.192.bl.example", wire::type::txt)), HasSubstr(" TXT bl.example NOERROR listed "));
    EXPECT_THAT(line(Seen("elsewhere.example")), HasSubstr(" elsewhere.example A - REFUSED - "));
}

TEST(QueryLine, IsOneJsonObject) {
    const QueryLogSettings settings{.anonymize = false, .json = true};
    EXPECT_EQ(line(Seen(question("99.2.0.192.bl.example", wire::type::a), "2001:db8::1", Transport::tcp), settings),
              R"({"time":"2027-01-15T08:00:00.123Z","transport":"tcp","client":"2001:db8::1",)"
              R"("name":"99.2.0.192.bl.example","type":"A","zone":"bl.example","rcode":"NOERROR","listed":true,)"
              R"("codes":["127.0.0.2","127.0.0.9"],"truncated":false,"size":71})"
              "\n");
}

TEST(QueryLine, AnAccessKeyIsItsNumberAndNeverItself) {
    const auto with_key = [](const char* name, std::uint64_t key, Barrier barrier = Barrier::none) {
        Seen seen(name);
        seen.outcome().key = key;
        seen.outcome().zone = 0;
        seen.outcome().barrier = barrier;
        return line(seen);
    };
    EXPECT_THAT(with_key("2.0.0.127.abcdefgh.bl.example", 7), HasSubstr(" 2.0.0.127.KEY.bl.example A "));
    EXPECT_THAT(with_key("2.0.0.127.abcdefgh.bl.example", 7), ::testing::EndsWith(" key:7\n"));
    EXPECT_THAT(with_key("abcdefgh.bl.example", 7), HasSubstr(" KEY.bl.example A "));
    EXPECT_THAT(with_key("2.0.0.127.abcdefgi.bl.example", 0, Barrier::key), HasSubstr(" 2.0.0.127.KEY.bl.example A "));
    // By its form, too: one that was refused before it was looked at, in any case.
    EXPECT_THAT(with_key("2.0.0.127.aBcdefghijklmnop2345.bl.example", 0), HasSubstr(" 2.0.0.127.KEY.bl.example A "));
    EXPECT_THAT(with_key("abcdefghijklmnop2345.elsewhere.example", 0), HasSubstr(" KEY.elsewhere.example A "));
    EXPECT_THAT(with_key("2.0.0.127.bl.example", 0, Barrier::key), HasSubstr(" 2.0.0.127.bl.example A "));
    EXPECT_THAT(with_key("bl.example", 0, Barrier::key), HasSubstr(" bl.example A "));
}

TEST(QueryLine, AClientIsItsNetworkUnlessTheOperatorSaysOtherwise) {
    const auto text = [](const char* client, bool anonymize) {
        const QueryLogSettings settings{.anonymize = anonymize};
        return line(Seen(question("bl.example", wire::type::soa), client), settings);
    };
    EXPECT_THAT(text("198.51.100.7", true), HasSubstr(" 198.51.100.0/24 "));
    EXPECT_THAT(text("198.51.100.7", false), HasSubstr(" 198.51.100.7 "));
    EXPECT_THAT(text("2001:db8:1:2:3::4", true), HasSubstr(" 2001:db8:1::/48 "));
    EXPECT_THAT(text("2001:db8:1:2:3::4", false), HasSubstr(" 2001:db8:1:2:3::4 "));
}

// Every octet in a name, in either format: one line of printable ASCII that no reader takes for two.
TEST(QueryLine, HostileNamesDoNothing) {
    for (unsigned octet = 0; octet < 256; ++octet) {
        Bytes message{0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 3, 'x', static_cast<std::uint8_t>(octet), 'y', 0};
        dnsbl::testing::put16(message, 0xfff0);
        dnsbl::testing::put16(message, wire::cls::in);
        const Seen seen(message);
        for (const bool json : {false, true}) {
            const QueryLogSettings settings{.json = json};
            const auto text = line(seen, settings);
            EXPECT_EQ(text.find('\n'), text.size() - 1);
            for (const char c : text.substr(0, text.size() - 1)) EXPECT_TRUE(c >= 0x20 && c < 0x7f) << octet;
            EXPECT_EQ(std::count(text.begin(), text.end(), '"') % 2, 0);
            EXPECT_THAT(text, HasSubstr("TYPE65520"));
        }
    }
    EXPECT_EQ(name_text(Bytes{3, '.', '\\', '"', 1, ' ', 0}), "\\046\\092\\034.\\032");
    EXPECT_EQ(name_text(Bytes{0}), ".");
}

TEST(QueryLine, NamesThatAreNoneAreLeftOut) {
    EXPECT_TRUE(question_name(Bytes(11, 0)).empty());
    Bytes pointer{0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xc0, 12, 0, 1, 0, 1};
    EXPECT_TRUE(question_name(pointer).empty());
    Bytes cut{0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 63, 'a'};
    EXPECT_TRUE(question_name(cut).empty());
    Bytes endless(2000, 1);
    EXPECT_TRUE(question_name(endless).empty());
    auto longest = Bytes{0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0};
    for (int i = 0; i < 127; ++i) dnsbl::testing::append(longest, {1, 'a'});
    longest.push_back(0);
    EXPECT_EQ(question_name(longest).size(), wire::longest_name);
    EXPECT_THAT(line(Seen(Bytes{1, 2, 3})), HasSubstr(" - - - dropped:unreadable - 0\n"));
    const QueryLogSettings settings{.json = true};
    EXPECT_THAT(line(Seen(Bytes{1, 2, 3}), settings), HasSubstr(R"("dropped":"unreadable")"));
}

TEST(QueryLine, AGapSaysHowManyAreMissing) {
    std::string text;
    append_gap(text, 12, WallTime{std::chrono::seconds{1'800'000'000}}, {});
    const QueryLogSettings settings{.json = true};
    append_gap(text, 12, WallTime{std::chrono::seconds{1'800'000'000}}, settings);
    EXPECT_EQ(text, "2027-01-15T08:00:00.000Z missing 12\n{\"time\":\"2027-01-15T08:00:00.000Z\",\"missing\":12}\n");
}

} // namespace
} // namespace provenbl::dnsbl::watch
