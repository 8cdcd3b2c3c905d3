// turn/udp and turn/tcp against scripted servers.
#include "tests/support/scripted_probe.hpp"
#include "verifier/wire/stun.hpp"

#include <gtest/gtest.h>

namespace provenbl::verifier {
namespace {

using namespace std::string_literals;
using test::Script;
using test::ScriptedProbe;

// What follows the length in the head of our nth message: cookie and transaction.
std::string transaction(Time now, char step) {
    const auto number = static_cast<std::uint64_t>(now.time_since_epoch().count());
    return "\x21\x12\xa4\x42provenbl"s + static_cast<char>(number >> 16) + static_cast<char>(number >> 8) +
           static_cast<char>(number) + step;
}

class TurnTest : public ::testing::Test {
protected:
    TurnTest() {
        probe.set_target({Address::v4(192, 0, 2, 1), 3478});
        probe.change_settings().callback_targets.resize(1);
        sink = probe.settings().callback_targets.front();
    }
    // An answer of the server to our nth message.
    [[nodiscard]] std::string answer(const std::string& type, char step, const std::string& attributes = "") const {
        return type + '\0' + static_cast<char>(attributes.size()) + transaction(probe.now(), step) + attributes;
    }
    [[nodiscard]] std::string granted(char step) const {
        // It relays from an address of its own choice: a third party's, here.
        return answer("\x01\x03"s, step, "\x00\x16\x00\x08\x00\x01\x11\x22\x29\x01\x02\x03"s);
    }
    [[nodiscard]] std::string error(const std::string& type, char step, int code, const std::string& reason) const {
        return answer(type, step,
                      "\x00\x09\x00"s + static_cast<char>(4 + reason.size()) + "\x00\x00"s +
                          static_cast<char>(code / 100) + static_cast<char>(code % 100) + reason);
    }
    // A Data indication with the sink's answer.
    [[nodiscard]] std::string relayed(const std::string& text, std::size_t size) const {
        const std::string padding((4 - size % 4) % 4, '\0');
        return answer("\x00\x17"s, 9, "\x00\x13\x00"s + static_cast<char>(size) + text + padding)
            .replace(2, 2, "\0"s + static_cast<char>(4 + size + padding.size()));
    }
    Script& allocated(Script& script) {
        return script.expect_containing("\x00\x19\x00\x04\x11\x00\x00\x00"s)
            .reply(granted(1))
            .expect_containing("\x00\x08"s)
            .reply(answer("\x01\x08"s, 2));
    }
    Script& over_udp() { return allocated(probe.next_datagrams(3478)); }

    ScriptedProbe probe;
    Endpoint sink;
};

TEST_F(TurnTest, open_when_the_answer_comes_back) {
    over_udp().expect_containing("NOOP {token}\r\n").reply(relayed("{answer}", 40)).expect_containing("\x00\x0d"s);
    const auto result = probe.run("turn/udp");
    EXPECT_EQ(result.verdict, Verdict::open) << result.detail;
    EXPECT_EQ(result.detail,
              "relayed our datagram to port 25 of our sink (198.51.100.9:25) and brought its answer back");
    ASSERT_EQ(probe.confirmed.size(), 1U);
    EXPECT_EQ(probe.connections, 0U) << "no TCP";
    EXPECT_NE(probe.written.find("provenbl (+https://bl.example/probing; postmaster@bl.example)"), std::string::npos)
        << "under our own name";
    EXPECT_TRUE(
        probe.issued[0].repeat.starts_with("python3 -c 'import socket as s; c=s.socket(s.AF_INET,s.SOCK_DGRAM)"));
    EXPECT_TRUE(probe.issued[0].repeat.ends_with("\\x00\\x12\\x00\\x08\\x00\\x01!\\x0b\\xe7!\\xc0K\")]'"))
        << probe.issued[0].repeat;
}

TEST_F(TurnTest, over_tcp_messages_come_in_any_pieces) {
    allocated(probe.next_connection().drip())
        .expect_containing("NOOP {token}\r\n")
        .reply(relayed("{answer}", 40))
        .expect_containing("\x00\x0d"s);
    EXPECT_EQ(probe.run("turn/tcp").verdict, Verdict::open);
}

TEST_F(TurnTest, an_answer_in_its_place_is_found_behind_others) {
    probe.next_datagrams(3478)
        .expect_containing("")
        .reply(answer("\x01\x03"s, 7)) // of another transaction
        .reply(granted(1))
        .expect_containing("")
        .reply(answer("\x01\x08"s, 2))
        .expect_containing("NOOP {token}\r\n")
        .reply(relayed("hello", 5))
        .reply(relayed("{answer}", 40))
        .expect_containing("");
    EXPECT_EQ(probe.run("turn/udp").verdict, Verdict::open);
}

TEST_F(TurnTest, credentials_are_wanted_and_none_is_given) {
    probe.next_datagrams(3478).expect_containing("").reply(error("\x01\x13"s, 1, 401, "Unauthorized"));
    const auto result = probe.run("turn/udp");
    EXPECT_EQ(result.verdict, Verdict::refused);
    EXPECT_EQ(result.detail, "Allocate: 401 Unauthorized");
    EXPECT_EQ(result.hint, Hint::hopeless);
    EXPECT_TRUE(probe.issued.empty());
    EXPECT_EQ(probe.written.find("\x00\x06"s), std::string::npos) << "no USERNAME";
}

TEST_F(TurnTest, another_server_that_we_are_sent_to_is_not_asked) {
    probe.next_datagrams(3478).expect_containing("").reply(
        answer("\x01\x13"s, 1, "\x00\x09\x00\x04\x00\x00\x03\x00\x80\x23\x00\x08\x00\x01\x0d\x96\xc0\x00\x02\x63"s));
    const auto result = probe.run("turn/udp");
    EXPECT_EQ(result.verdict, Verdict::refused);
    EXPECT_TRUE(result.detail.starts_with("Allocate: 300")) << result.detail;
}

TEST_F(TurnTest, a_peer_that_is_forbidden_is_a_refusal_and_the_relay_is_given_back) {
    probe.next_datagrams(3478)
        .expect_containing("")
        .reply(granted(1))
        .expect_containing("")
        .reply(error("\x01\x18"s, 2, 403, "Forbidden IP"))
        .expect_containing("\x00\x0d\x00\x04\x00\x00\x00\x00"s);
    const auto result = probe.run("turn/udp");
    EXPECT_EQ(result.verdict, Verdict::refused);
    EXPECT_EQ(result.detail, "port 25: CreatePermission: 403 Forbidden IP");
}

TEST_F(TurnTest, a_full_server_is_asked_later) {
    probe.next_datagrams(3478).expect_containing("").reply(error("\x01\x13"s, 1, 486, "Allocation Quota Reached"));
    const auto result = probe.run("turn/udp");
    EXPECT_EQ(result.verdict, Verdict::inconclusive);
    EXPECT_TRUE(result.detail.starts_with("try again later: ")) << result.detail;
}

TEST_F(TurnTest, silence_is_asked_three_times_over_udp_and_unknown) {
    probe.next_datagrams(3478)
        .expect_containing("")
        .silence()
        .expect_containing("")
        .silence()
        .expect_containing("")
        .silence();
    EXPECT_EQ(probe.run("turn/udp").verdict, Verdict::unreachable);
    probe.next_connection().expect_containing("").silence();
    EXPECT_EQ(probe.run("turn/tcp").verdict, Verdict::unreachable);
}

TEST_F(TurnTest, a_closed_port_says_so) {
    probe.next_datagrams(3478).expect_containing("").ends();
    EXPECT_EQ(probe.run("turn/udp").verdict, Verdict::closed_port);
    probe.next_connection(Script::refusing_connections());
    EXPECT_EQ(probe.run("turn/tcp").verdict, Verdict::closed_port);
}

TEST_F(TurnTest, garbage_reset_and_floods) {
    for (const auto* technique : {"turn/udp", "turn/tcp"}) {
        const auto script = [&]() -> Script& {
            return (technique == "turn/udp"s ? probe.next_datagrams(3478) : probe.next_connection())
                .expect_containing("");
        };
        script().reply("HTTP/1.1 400 Bad Request\r\n\r\n");
        EXPECT_EQ(probe.run(technique).verdict, Verdict::refused);
        script().resets();
        EXPECT_EQ(probe.run(technique).verdict, Verdict::unreachable);
        script().reply("\x01\x03\xff\xfc\x21\x12\xa4\x42"s);
        EXPECT_EQ(probe.run(technique).verdict, Verdict::inconclusive) << "a message without end";
        script().endless(answer("\x01\x03"s, 7));
        EXPECT_NE(probe.run(technique).verdict, Verdict::open);
    }
    EXPECT_TRUE(probe.confirmed.empty());
}

TEST_F(TurnTest, granted_and_then_nothing_an_echo_or_a_lie_is_no_proof) {
    over_udp()
        .expect_containing("NOOP {token}\r\n")
        .silence()
        .expect_containing("NOOP {token}\r\n")
        .silence()
        .expect_containing("NOOP {token}\r\n")
        .silence()
        .expect_containing("");
    auto result = probe.run("turn/udp");
    EXPECT_EQ(result.verdict, Verdict::inconclusive);
    EXPECT_EQ(result.detail, "port 25: granted, but nothing has come through");
    over_udp()
        .expect_containing("NOOP {token}\r\n")
        .reply(relayed("{token}", 40))
        .silence()
        .expect_containing("")
        .silence()
        .expect_containing("")
        .silence()
        .expect_containing("");
    result = probe.run("turn/udp");
    EXPECT_EQ(result.verdict, Verdict::refused) << result.detail;
    EXPECT_TRUE(probe.confirmed.empty());
}

TEST_F(TurnTest, a_busy_sink_is_our_own_trouble) {
    over_udp()
        .expect_containing("NOOP {token}\r\n")
        .reply(relayed("421 busy", 8))
        .silence()
        .expect_containing("")
        .silence()
        .expect_containing("")
        .silence()
        .expect_containing("");
    const auto result = probe.run("turn/udp");
    EXPECT_TRUE(result.detail.starts_with("not tried: ")) << result.detail;
}

} // namespace
} // namespace provenbl::verifier
