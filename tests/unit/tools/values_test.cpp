#include "tools/config/reading.hpp"
#include "tools/config/values.hpp"

#include <gtest/gtest.h>

namespace provenbl::tools {
namespace {

using namespace std::chrono_literals;

TEST(Values, Durations) {
    EXPECT_EQ(parse_duration("250ms").value(), 250ms);
    EXPECT_EQ(parse_duration("10s").value(), 10s);
    EXPECT_EQ(parse_duration("5m").value(), 5min);
    EXPECT_EQ(parse_duration("5min").value(), 5min);
    EXPECT_EQ(parse_duration("24h").value(), 24h);
    EXPECT_EQ(parse_duration("14d").value(), 14 * 24h);
    for (const char* bad :
         {"", "s", "10", "10 s", "-1s", "1.5s", "1h30m", "99999999999999999d", "18446744073709551616ms"})
        EXPECT_FALSE(parse_duration(bad)) << bad;
    for (const auto duration :
         {Duration{0}, Duration{250}, Duration{10s}, Duration{5min}, Duration{24h}, Duration{36h}})
        EXPECT_EQ(parse_duration(show_duration(duration)).value(), duration);
}

TEST(Values, Sizes) {
    EXPECT_EQ(parse_size("512").value(), 512U);
    EXPECT_EQ(parse_size("256KiB").value(), 262144U);
    EXPECT_EQ(parse_size("1GiB").value(), 1U << 30U);
    for (const char* bad : {"", "KiB", "1KB", "1 KiB", "1.5MiB", "99999999TiB"}) EXPECT_FALSE(parse_size(bad)) << bad;
    for (const std::uint64_t bytes : {1ULL, 1023ULL, 1024ULL, 3ULL << 20U})
        EXPECT_EQ(parse_size(show_size(bytes)).value(), bytes);
}

TEST(Values, HostNames) {
    EXPECT_EQ(parse_host_name("BL.Example.").value(), "bl.example");
    EXPECT_EQ(parse_host_name(std::string(63, 'a')).value(), std::string(63, 'a'));
    for (const std::string& bad :
         {std::string{}, std::string{"."}, std::string{"a..b"}, std::string{".a"}, std::string{"-a.b"},
          std::string{"a-.b"}, std::string{"a b"}, std::string(64, 'a'), std::string{"a/b"}})
        EXPECT_FALSE(parse_host_name(bad)) << bad;
    std::string long_name;
    while (long_name.size() < 254) long_name += "abcdefg.";
    EXPECT_FALSE(parse_host_name(long_name + "x"));
}

TEST(Values, MailAddressesAndPages) {
    EXPECT_EQ(parse_mail_address("Ops.Team@BL.Example").value(), "Ops.Team@bl.example");
    for (const char* bad : {"", "@x", "x@", "x", "a b@c", "a<b@c", "a@b@c d"})
        EXPECT_FALSE(parse_mail_address(bad)) << bad;
    EXPECT_TRUE(parse_page("https://bl.example/x?y=1"));
    for (const char* bad : {"", "https://", "https:///x", "ftp://x", "https://a b", "javascript:alert(1)"})
        EXPECT_FALSE(parse_page(bad)) << bad;
}

TEST(Values, Modes) {
    EXPECT_EQ(parse_mode("0660").value(), 0660U);
    for (const char* bad : {"", "8", "0888", "rw", "01777"}) EXPECT_FALSE(parse_mode(bad)) << bad;
}

TEST(Reading, NearestFindsTyposAndNothingElse) {
    const std::vector<std::string_view> known{"listen", "workers", "edns_size"};
    EXPECT_EQ(nearest("lisen", known), "listen");
    EXPECT_EQ(nearest("worker", known), "workers");
    EXPECT_EQ(nearest("edns-size", known), "edns_size");
    EXPECT_EQ(nearest("completely_else", known), "");
    EXPECT_EQ(nearest(std::string(10'000, 'x'), known), "");
}

} // namespace
} // namespace provenbl::tools
