// `provenbl top`: what a frame says, and how the command ends.
#include "tools/cli/top.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <deque>
#include <sstream>

namespace provenbl::tools::cli {
namespace {

namespace json = boost::json;
using testing::Contains;
using testing::Each;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

json::object status(std::uint64_t udp, std::uint64_t listed, std::uint64_t fast) {
    return json::parse(fmt::format(R"({{
        "version": "1.2.3", "now": "2026-11-24T22:53:16Z", "trouble": "", "serial": 77, "shutdown": null,
        "listed": {{"ipv4": 12, "ipv6": 3, "classes": {{"relay": 11, "socks": 4}}}},
        "queue": {{"due": 40, "next": "2026-11-24T22:54:00Z"}},
        "store": {{"commits": {0}, "queued": 1, "map_size": 1000, "map_used": 250}},
        "verifier": {{"running_scans": 2, "scans_finished": 5}},
        "mirrors": {{"ns2": {{"serials_behind": 7, "seconds_behind": 12, "answering": true}},
                     "ns3": {{"answering": false}}}},
        "dns": {{"udp_queries": {0}, "tcp_queries": 4, "dropped": 1,
                 "results": {{"listed": {1}, "nxdomain": 10}},
                 "latency": {{"udp": {{"buckets": [{{"below_ns": 20000, "count": {2}}},
                                                   {{"below_ns": 5000000, "count": 1000}}]}}}}}},
        "recent": [{{"at": "2026-11-24T22:50:00Z", "address": "198.51.100.7", "before": [], "after": ["relay"],
                     "reason": "proven"}},
                   {{"at": "2026-11-24T22:40:00Z", "address": "198.51.100.8", "before": ["socks"], "after": [],
                     "reason": "secured"}}]}})",
                                   udp, listed, fast))
        .as_object();
}

TEST(TopFrame, RatesAreWhatHappenedBetweenTheLooks) {
    const auto moved = rates(status(1000, 100, 50), status(1500, 130, 150), 2.0);
    EXPECT_EQ(moved.at("queries").at("udp"), 250.0);
    EXPECT_EQ(moved.at("queries").at("tcp"), 0.0);
    EXPECT_EQ(moved.at("answers").at("listed"), 15.0);
    EXPECT_EQ(moved.at("latency_ns").at("p99"), 20000) << "the slow ones were before";
}

TEST(TopFrame, ACounterThatFellBelongsToANewProcess) {
    EXPECT_EQ(rates(status(1000, 100, 50), status(30, 2, 60), 1.0).at("queries").at("udp"), 30.0);
    EXPECT_TRUE(rates(status(1, 1, 1), status(2, 2, 2), 0).empty()) << "no time, no rate";
}

TEST(TopFrame, SaysHowTheServerIs) {
    const auto now = status(1500, 130, 150);
    const auto lines = top_frame(now, rates(status(1000, 100, 50), now, 1.0), {50, 120});
    EXPECT_EQ(lines.at(0), "provenbl 1.2.3, serial 77, 2026-11-24T22:53:16Z");
    EXPECT_EQ(lines.at(1), "All is well");
    EXPECT_THAT(lines, Contains("Queries/s   UDP 500, TCP 0.0; dropped 0.0"));
    EXPECT_THAT(lines, Contains("Answers/s   listed 30.0, nxdomain 0.0"));
    EXPECT_THAT(lines, Contains("Time        half answered within 20 µs, 99 % within 20 µs"));
    EXPECT_THAT(lines, Contains("Listed      12 IPv4, 3 IPv6, relay 11, socks 4"));
    EXPECT_THAT(lines, Contains(HasSubstr("2 running, 40 queued")));
    EXPECT_THAT(lines, Contains(HasSubstr("map 25 % used")));
    EXPECT_THAT(lines, Contains("Mirror      ns2: 7 serials, 12 s behind"));
    EXPECT_THAT(lines, Contains("Mirror      ns3: DOES NOT ANSWER"));
    EXPECT_THAT(lines, Contains(HasSubstr("198.51.100.7             listed: relay (proven)")));
    EXPECT_THAT(lines, Contains(HasSubstr("198.51.100.8             delisted (secured)")));
}

TEST(TopFrame, KeepsToTheScreenWhateverItIs) {
    const auto now = status(1, 1, 1);
    const auto lines = top_frame(now, {}, {5, 10});
    EXPECT_EQ(lines.size(), 5U);
    for (const auto& line : lines) EXPECT_LE(line.size(), 10U) << line;
    EXPECT_TRUE(top_frame(now, {}, {0, 0}).empty());
}

TEST(TopFrame, WhatOthersSaidIsNoControlCharacter) {
    auto now = status(1, 1, 1);
    now["trouble"] = "\x1b[2J disk\nfull";
    for (const auto& line : top_frame(now, {}, {50, 200})) {
        for (const char c : line) EXPECT_GE(static_cast<unsigned char>(c), 0x20U) << line;
    }
    EXPECT_NO_THROW((void)top_frame(json::object{{"dns", 7}, {"listed", json::array{}}}, {}, {50, 200}));
}

class TopTest : public testing::Test {
protected:
    class Server final : public Client {
    public:
        Result<Reply> request(std::string_view, const std::string& target, const std::string&) override {
            EXPECT_EQ(target, "/v1/status");
            if (replies.empty()) return Error{Errc::unreachable, "nobody listens at unix:/x.sock"};
            auto reply = replies.front();
            replies.pop_front();
            return reply;
        }
        Result<Reply> follow(const std::string&, const std::function<bool(const Event&)>&) override {
            return Error{Errc::invalid, "not asked for"};
        }
        std::deque<Result<Reply>> replies;
    };
    class Screen final : public TopScreen {
    public:
        [[nodiscard]] bool live() const override { return is_live; }
        [[nodiscard]] ScreenSize size() const override { return {50, 120}; }
        [[nodiscard]] double seconds() const override { return now; }
        void show(const std::vector<std::string>& lines) override { frames.push_back(lines); }
        bool wait(Duration span) override {
            now += std::chrono::duration<double>(span).count();
            return waits-- > 0;
        }
        bool is_live = true;
        int waits = 1;
        double now = 100;
        std::vector<std::vector<std::string>> frames;
    };

    Exit run(bool as_json = false) {
        Terminal terminal{out, err, false};
        Session session{server, terminal, as_json};
        return top(session, screen);
    }
    void reply(const json::object& with) { server.replies.emplace_back(Reply{200, json::serialize(with)}); }

    Server server;
    Screen screen;
    std::ostringstream out;
    std::ostringstream err;
};

TEST_F(TopTest, OneFrameWhereNobodyLooksOn) {
    screen.is_live = false;
    reply(status(100, 1, 1));
    reply(status(150, 1, 1));
    EXPECT_EQ(run(), Exit::done);
    ASSERT_EQ(screen.frames.size(), 1U);
    EXPECT_THAT(screen.frames.front(), Contains(StartsWith("Queries/s   UDP 50.0")));
}

TEST_F(TopTest, FrameAfterFrameUntilSomebodyLeaves) {
    screen.waits = 3;
    for (const auto count : {100, 200, 400, 401}) reply(status(static_cast<std::uint64_t>(count), 1, 1));
    EXPECT_EQ(run(), Exit::done);
    ASSERT_EQ(screen.frames.size(), 3U);
    EXPECT_THAT(screen.frames.at(1), Contains(StartsWith("Queries/s   UDP 200")));
    EXPECT_THAT(screen.frames.at(2), Contains(StartsWith("Queries/s   UDP 1.0")));
}

TEST_F(TopTest, AServerThatIsAwayForAMomentIsAskedAgain) {
    screen.waits = 2;
    reply(status(100, 1, 1));
    server.replies.emplace_back(Error{Errc::unreachable, "nobody listens"});
    reply(status(10, 1, 1));
    EXPECT_EQ(run(), Exit::done);
    ASSERT_EQ(screen.frames.size(), 2U);
    EXPECT_THAT(screen.frames.at(0), Contains("nobody listens"));
    EXPECT_THAT(screen.frames.at(1), Contains("All is well"));
}

TEST_F(TopTest, NoServerIsAnExitStatus) {
    EXPECT_EQ(run(), Exit::unreachable);
    EXPECT_THAT(err.str(), HasSubstr("nobody listens"));
    EXPECT_TRUE(screen.frames.empty());
}

TEST_F(TopTest, WhoIsNoOperatorIsToldSo) {
    server.replies.emplace_back(Reply{403, R"({"detail": "this is the operator's"})"});
    EXPECT_EQ(run(), Exit::refused);
    EXPECT_THAT(err.str(), HasSubstr("this is the operator's"));
}

TEST_F(TopTest, ProgramsGetTheNumbers) {
    screen.is_live = false;
    reply(status(100, 1, 1));
    reply(status(150, 1, 1));
    EXPECT_EQ(run(true), Exit::done);
    const auto line = json::parse(out.str()).as_object();
    EXPECT_EQ(line.at("per_second").at("queries").at("udp"), 50.0);
    EXPECT_EQ(line.at("status").at("serial"), 77);
}

} // namespace
} // namespace provenbl::tools::cli
