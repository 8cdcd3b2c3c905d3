// How the responder guards itself: cookies, keepalive, access lists, rate limiting.
#include "dnsbl/guard/rate_limit.hpp"
#include "dnsbl/responder.hpp"
#include "ldns_oracle.hpp"
#include "question.hpp"
#include "served_zones.hpp"

#include <gtest/gtest.h>

#include <map>

namespace provenbl::dnsbl::testing {
namespace {

using namespace std::chrono_literals;
using guard::AccessAction;
using Lines = std::vector<std::string>;

const Bytes client_cookie{1, 2, 3, 4, 5, 6, 7, 8};

Bytes option(unsigned code, const Bytes& data) {
    Bytes bytes;
    put16(bytes, code);
    put16(bytes, static_cast<unsigned>(data.size()));
    append(bytes, data);
    return bytes;
}

Bytes cookie_option(const Bytes& data) {
    return option(wire::option::cookie, data);
}

class ResponderGuardTest : public ::testing::Test {
protected:
    ResponderSettings settings_{.edns_size = 1232, .identity = "dns-1", .cookie_secrets = {wire::SipKey{42}}};
    Responder responder_{served_zones(), settings_};
    zones::Snapshot snapshot_ = served_snapshot();
    Asker asker_{.transport = Transport::udp, .client = {at("192.0.2.1"), 5353}, .now = Time{1'800'000'000s}};
    Outcome outcome_;
    Bytes answer_;

    OracleAnswer ask(const Bytes& message) { return ask(responder_, message); }
    OracleAnswer ask(const Responder& responder, const Bytes& message) {
        answer_.assign(wire::longest_message, 0);
        outcome_ = responder.respond(message, asker_, snapshot_, answer_);
        answer_.resize(outcome_.size);
        return answer_.empty() ? OracleAnswer{} : read_with_ldns(answer_);
    }
    // The options of the last answer's OPT, which ends it.
    [[nodiscard]] std::map<unsigned, Bytes> options() const {
        std::map<unsigned, Bytes> found;
        for (std::size_t start = 12; start + 11 <= answer_.size(); ++start) {
            const auto u16 = [&](std::size_t at) {
                return static_cast<std::size_t>(answer_[at] << 8U | answer_[at + 1]);
            };
            if (answer_[start] != 0 || u16(start + 1) != wire::type::opt || u16(start + 3) != 1232) continue;
            if (start + 11 + u16(start + 9) != answer_.size()) continue;
            for (auto at = start + 11; at < answer_.size(); at += 4 + u16(at + 2)) {
                const auto data = answer_.begin() + static_cast<std::ptrdiff_t>(at + 4);
                found[static_cast<unsigned>(u16(at))] = {data, data + static_cast<std::ptrdiff_t>(u16(at + 2))};
            }
            return found;
        }
        return found;
    }
    [[nodiscard]] Bytes cookie() const {
        const auto found = options();
        return found.count(wire::option::cookie) != 0 ? found.at(wire::option::cookie) : Bytes{};
    }
    static Bytes listed() { return question("2.0.0.127.bl.example", wire::type::a); }
    static Bytes listed_with(const Bytes& options) { return with_opt(listed(), {.options = options}); }
    static Bytes nothing_asked(const Bytes& options) {
        Bytes bytes{0x12, 0x34, 0x01, 0x00, 0, 0, 0, 0, 0, 0, 0, 0};
        return with_opt(bytes, {.options = options});
    }
};

TEST_F(ResponderGuardTest, ACookieIsAnsweredWithACookie) {
    auto answer = ask(listed_with(cookie_option(client_cookie)));
    EXPECT_EQ(answer.answers.size(), 1U);
    const auto whole = cookie();
    ASSERT_EQ(whole.size(), 24U);
    EXPECT_TRUE(std::equal(client_cookie.begin(), client_cookie.end(), whole.begin()));
    EXPECT_FALSE(outcome_.cookie);
    answer = ask(listed_with(cookie_option(whole)));
    EXPECT_EQ(answer.answers.size(), 1U);
    EXPECT_EQ(cookie(), whole);
    EXPECT_TRUE(outcome_.cookie);
    // One that is not ours is answered all the same (RFC 7873 5.2.4), with one that is.
    auto wrong = whole;
    wrong.back() ^= 1U;
    answer = ask(listed_with(cookie_option(wrong)));
    EXPECT_EQ(answer.answers.size(), 1U);
    EXPECT_EQ(cookie(), whole);
    EXPECT_FALSE(outcome_.cookie);
    // Not asked for, not sent.
    ask(with_opt(listed()));
    EXPECT_TRUE(options().empty());
    // With every other option, in an error too.
    answer = ask(with_opt(question("other.example", wire::type::a), {.options = [&] {
                              auto all = option(wire::option::nsid, {});
                              append(all, cookie_option(client_cookie));
                              return all;
                          }()}));
    EXPECT_EQ(answer.rcode, 5U);
    EXPECT_EQ(answer.extended_error, 20U);
    EXPECT_EQ(answer.nsid, "dns-1");
    EXPECT_EQ(cookie().size(), 24U);
}

TEST_F(ResponderGuardTest, AMalformedCookieIsFormerr) {
    for (std::size_t size = 0; size <= 60; ++size) {
        const auto answer = ask(listed_with(cookie_option(Bytes(size, 7))));
        EXPECT_EQ(answer.rcode, wire::is_cookie_size(size) ? 0U : 1U) << size;
        EXPECT_EQ(cookie().size(), wire::is_cookie_size(size) ? 24U : 0U) << size;
    }
    // Of two, the first counts.
    auto two = cookie_option(client_cookie);
    append(two, cookie_option(Bytes(3, 9)));
    EXPECT_EQ(ask(listed_with(two)).rcode, 0U);
}

// RFC 7873 5.4.
TEST_F(ResponderGuardTest, ACookieMayBeAskedForWithoutAQuestion) {
    auto answer = ask(nothing_asked(cookie_option(client_cookie)));
    EXPECT_EQ(answer.rcode, 0U);
    EXPECT_EQ(answer.flags(), "qr rd");
    EXPECT_TRUE(answer.questions.empty() && answer.answers.empty() && answer.authorities.empty());
    auto whole = cookie();
    ASSERT_EQ(whole.size(), 24U);
    EXPECT_EQ(ask(nothing_asked(cookie_option(whole))).rcode, 0U);
    whole.back() ^= 1U;
    EXPECT_EQ(ask(nothing_asked(cookie_option(whole))).rcode, 23U); // BADCOOKIE
    EXPECT_EQ(cookie().size(), 24U);
    EXPECT_EQ(ask(nothing_asked({})).rcode, 1U);
    EXPECT_EQ(ask(nothing_asked(cookie_option(Bytes(9, 0)))).rcode, 1U);
    settings_.cookie_secrets.clear();
    const Responder silent(served_zones(), settings_);
    EXPECT_EQ(ask(silent, nothing_asked(cookie_option(client_cookie))).rcode, 1U);
    EXPECT_EQ(ask(silent, listed_with(cookie_option(client_cookie))).answers.size(), 1U);
    EXPECT_TRUE(cookie().empty());
}

// RFC 7828.
TEST_F(ResponderGuardTest, KeepaliveIsOfTcpAlone) {
    const auto asks = listed_with(option(wire::option::tcp_keepalive, {}));
    const auto tells = listed_with(option(wire::option::tcp_keepalive, {0, 100}));
    EXPECT_EQ(ask(asks).answers.size(), 1U);
    EXPECT_TRUE(options().empty());
    EXPECT_EQ(ask(tells).answers.size(), 1U);
    asker_.transport = Transport::tcp;
    asker_.idle_timeout = 10'050ms;
    EXPECT_EQ(ask(asks).answers.size(), 1U);
    EXPECT_EQ(options(), (std::map<unsigned, Bytes>{{wire::option::tcp_keepalive, {0, 100}}}));
    EXPECT_EQ(ask(tells).rcode, 1U);
    ask(with_opt(listed()));
    EXPECT_TRUE(options().empty());
    for (const auto& [timeout, expected] :
         std::map<std::chrono::milliseconds, Bytes>{{0ms, {0, 0}}, {99ms, {0, 0}}, {10h, {0xff, 0xff}}}) {
        asker_.idle_timeout = timeout;
        ask(asks);
        EXPECT_EQ(options()[wire::option::tcp_keepalive], expected);
    }
}

struct AccessRow {
    const char* client;
    const char* name;
    unsigned type;
    unsigned rcode;
    Lines answers = {};
    Barrier barrier = Barrier::access_list;
};

TEST_F(ResponderGuardTest, AccessLists) {
    namespace t = wire::type;
    settings_.access = guard::AccessList({
        {Prefix::parse("192.0.2.0/24").value(), AccessAction::refuse, {}},
        {Prefix::parse("192.0.2.128/25").value(), AccessAction::allow, {}},
        {Prefix::parse("198.51.100.0/24").value(), AccessAction::answer, at("127.255.255.254")},
        {Prefix::parse("2001:db8::/32").value(), AccessAction::refuse, {}},
    });
    const Responder responder(served_zones(), settings_);
    const Lines a{"2.0.0.127.bl.example. 120 IN A 127.0.0.2"};
    const Lines code{"9.9.9.9.bl.example. 120 IN A 127.255.255.254"};
    const std::vector<AccessRow> table{
        {"192.0.2.1", "2.0.0.127.bl.example", t::a, 5},
        {"192.0.2.1", "bl.example", t::soa, 5},
        {"192.0.2.1", "other.example", t::soa, 5},
        {"2001:db8::1", "2.0.0.127.bl.example", t::a, 5},
        {"192.0.2.129", "2.0.0.127.bl.example", t::a, 0, a, Barrier::none},
        {"203.0.113.1", "2.0.0.127.bl.example", t::a, 0, a, Barrier::none},
        {"198.51.100.1", "9.9.9.9.bl.example", t::a, 0, code},
        {"198.51.100.1", "9.9.9.9.bl.example", t::any, 0, code},
        {"198.51.100.1", "9.9.9.9.bl.example", t::txt, 0},
        {"198.51.100.1", "ns1.bl.example", t::a, 0, {"ns1.bl.example. 3600 IN A 192.0.2.53"}, Barrier::none},
        {"198.51.100.1", "bl.example", t::a, 0, {}, Barrier::none},
        {"198.51.100.1", "other.example", t::a, 5, {}, Barrier::none},
        {"198.51.100.1", "x.probe.example", t::a, 3, {}, Barrier::none},
    };
    for (const auto transport : {Transport::udp, Transport::tcp}) {
        asker_.transport = transport;
        for (const auto& row : table) {
            asker_.client.address = at(row.client);
            const auto answer = ask(responder, with_opt(question(row.name, row.type)));
            EXPECT_EQ(answer.rcode, row.rcode) << row.client << ' ' << row.name;
            EXPECT_EQ(answer.answers, row.answers) << row.client << ' ' << row.name;
            EXPECT_EQ(outcome_.barrier, row.barrier) << row.client << ' ' << row.name;
            const bool barred = row.barrier == Barrier::access_list && row.rcode == 5;
            EXPECT_EQ(answer.extended_error == 18U, barred) << row.client << ' ' << row.name;
        }
    }
}

TEST_F(ResponderGuardTest, TheDroppedGetNoAnswer) {
    settings_.access = guard::AccessList({{Prefix::parse("192.0.2.0/24").value(), AccessAction::drop, {}}});
    const Responder responder(served_zones(), settings_);
    for (const auto& message : {listed(), with_opt(listed(), {.version = 1}), Bytes(12, 0)}) {
        ask(responder, message);
        EXPECT_EQ(outcome_.size, 0U);
        EXPECT_EQ(outcome_.barrier, Barrier::access_list);
    }
    asker_.client.address = at("192.0.3.1");
    EXPECT_EQ(ask(responder, listed()).answers.size(), 1U);
}

class ResponderLimitTest : public ResponderGuardTest {
protected:
    SystemEntropy entropy_;
    guard::RateLimiter limiter_{{.answers_per_second = 3, .errors_per_second = 2, .exempt = {}}, entropy_};
    void SetUp() override { asker_.limiter = &limiter_; }
    void use_up() {
        for (int i = 0; i < 3; ++i) {
            EXPECT_EQ(ask(listed()).answers.size(), 1U);
            EXPECT_EQ(outcome_.barrier, Barrier::none);
        }
    }
};

// Slip 1: an honest client comes back over TCP.
TEST_F(ResponderLimitTest, BeyondTheLimitAnAnswerIsEmptyAndTruncated) {
    use_up();
    for (const auto& message : {listed(), with_opt(question("9.9.9.9.bl.example", wire::type::txt))}) {
        const auto answer = ask(message);
        EXPECT_EQ(answer.flags(), "qr tc rd");
        EXPECT_EQ(answer.rcode, 0U);
        EXPECT_TRUE(answer.answers.empty() && answer.authorities.empty() && answer.additionals.empty());
        EXPECT_EQ(answer.questions.size(), 1U);
        EXPECT_TRUE(outcome_.truncated);
        EXPECT_EQ(outcome_.barrier, Barrier::rate_limit);
        EXPECT_LE(answer_.size(), message.size()); // nothing is amplified
    }
    asker_.transport = Transport::tcp;
    EXPECT_EQ(ask(listed()).answers.size(), 1U);
    asker_.transport = Transport::udp;
    asker_.now += 1s;
    EXPECT_EQ(ask(listed()).answers.size(), 1U);
}

TEST_F(ResponderLimitTest, ACookieIsTheWayOut) {
    use_up();
    EXPECT_EQ(ask(listed_with(cookie_option(client_cookie))).rcode, 23U); // BADCOOKIE, RFC 7873 5.2.3
    EXPECT_EQ(outcome_.barrier, Barrier::rate_limit);
    EXPECT_FALSE(outcome_.truncated);
    const auto whole = cookie();
    ASSERT_EQ(whole.size(), 24U);
    for (int i = 0; i < 100; ++i) ASSERT_EQ(ask(listed_with(cookie_option(whole))).answers.size(), 1U);
    // From another address it is worth nothing.
    asker_.client.address = at("192.0.2.2");
    EXPECT_EQ(ask(listed_with(cookie_option(whole))).rcode, 23U);
}

TEST_F(ResponderLimitTest, ErrorsBeyondTheirLimitAreNotSent) {
    const auto refused = question("other.example", wire::type::a);
    for (int i = 0; i < 2; ++i) EXPECT_EQ(ask(refused).rcode, 5U);
    for (const auto& message : {refused, Bytes(12, 0), with_opt(listed(), {.version = 1})}) {
        ask(message);
        EXPECT_EQ(outcome_.size, 0U);
        EXPECT_EQ(outcome_.barrier, Barrier::rate_limit);
    }
    use_up(); // answers are counted apart
}

// For an answer that was made and counted elsewhere.
TEST_F(ResponderLimitTest, AnAskerThatIsBeyondTheLimitAlready) {
    asker_.limiter = nullptr;
    asker_.limited = true;
    EXPECT_EQ(ask(listed()).flags(), "qr tc rd");
    EXPECT_EQ(ask(listed_with(cookie_option(client_cookie))).rcode, 23U);
    EXPECT_EQ(ask(listed_with(cookie_option(cookie()))).answers.size(), 1U);
}

} // namespace
} // namespace provenbl::dnsbl::testing
