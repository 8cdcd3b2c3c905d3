// Envelopes, messages, the register: what is written is read, and nothing else is.
#include "tests/support/temporary_directory.hpp"
#include "tools/config/load.hpp"
#include "tools/config/worker_file.hpp"
#include "tools/workers/envelope.hpp"
#include "tools/workers/messages.hpp"
#include "tools/workers/register.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

namespace provenbl::tools::workers {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

const Time now{1'800'000'000s};

TEST(WorkersEnvelope, every_octet_of_it_is_signed) {
    const auto key = signing::SigningKey::generate();
    const auto message = seal(key, Purpose::result, "{\"lease\":\"x\"}");
    const auto opened = open(Purpose::result, message);
    ASSERT_TRUE(opened);
    EXPECT_EQ(opened->body, "{\"lease\":\"x\"}");
    EXPECT_EQ(opened->signer, key.public_key());
    for (std::size_t i = 0; i < message.size(); ++i) {
        auto changed = message;
        changed[i] = static_cast<char>(changed[i] ^ 1);
        EXPECT_FALSE(open(Purpose::result, changed)) << i;
    }
    for (std::size_t i = 0; i < message.size(); ++i) EXPECT_FALSE(open(Purpose::result, message.substr(0, i))) << i;
    EXPECT_FALSE(open(Purpose::result, message + "}"));
    for (const auto purpose : {Purpose::order, Purpose::request, Purpose::answer}) EXPECT_FALSE(open(purpose, message));
    EXPECT_EQ(open(Purpose::result, std::string(largest_message + 1, 'x')).error().code, Errc::limit);
}

TEST(WorkersMessages, what_is_written_is_read) {
    const auto order = decode_order(encode(Order{7, now}));
    ASSERT_TRUE(order);
    EXPECT_EQ(order->scan, 7U);
    EXPECT_EQ(order->until, now);

    const ScanStep step{now,  "http/connect", Address::parse("2001:db8::7").value(),
                        3128, Verdict::open,  "quote \"\x01\xff\" and more"};
    Request request{"lease", 3, Steps{2, {step}, {{TokenId{1, 2}}, std::string(33'000, 't'), "squid/5.7"}}};
    const auto read = decode_request(encode(request));
    ASSERT_TRUE(read) << read.error().message;
    const auto& steps = std::get<Steps>(read->what);
    EXPECT_EQ(steps.first, 2U);
    EXPECT_EQ(steps.steps, std::vector{step});
    EXPECT_EQ(steps.talk.issued, std::vector<TokenId>({TokenId{1, 2}}));
    EXPECT_EQ(steps.talk.transcript.size(), 33'000U);

    Taken taken;
    taken.lease = "abc";
    taken.ack_wait = 60s;
    auto& errand = taken.errand;
    errand.scan.id = 9;
    errand.scan.host = Address::v4(192, 0, 2, 9);
    errand.scan.kind = ScanKind::owner;
    errand.scan.started = now;
    errand.scan.ports = {25, 3128};
    errand.known.host.address = errand.scan.host;
    errand.known.host.holes = {{"smtp-relay/plain", errand.scan.host, 25, ListingClass::relay, 0, {}, {}}};
    errand.known.unit = Prefix::of(errand.scan.host, 32);
    errand.identity = {"probe.example",        "h.example",  "a@example.net",
                       "https://example.net/", "mx.example", {Address::v4(192, 0, 2, 1)}};
    errand.probe.callback_targets = {{Address::v4(192, 0, 2, 1), 25}};
    errand.probe.thorough = true;
    const auto answer = decode_answer(encode(Answer{"take-1", 9, taken}));
    ASSERT_TRUE(answer) << answer.error().message;
    const auto& got = std::get<Taken>(answer->what);
    EXPECT_EQ(got.errand.scan.ports, errand.scan.ports);
    EXPECT_EQ(got.errand.scan.kind, ScanKind::owner);
    EXPECT_EQ(got.errand.known.host.holes, errand.known.host.holes);
    EXPECT_EQ(got.errand.identity.mail_addresses, errand.identity.mail_addresses);
    EXPECT_EQ(got.errand.probe.callback_targets, errand.probe.callback_targets);
    EXPECT_EQ(got.errand.probe.conversation_timeout, errand.probe.conversation_timeout);
    EXPECT_TRUE(got.errand.probe.thorough);

    const auto error = decode_answer(encode(Answer{"a", 1, Error{Errc::busy, "later"}}));
    ASSERT_TRUE(error);
    EXPECT_EQ(std::get<Error>(error->what).code, Errc::busy);
}

TEST(WorkersMessages, nothing_else_is) {
    for (const char* text :
         {"", "null", "[]", "{", "{}", "{\"lease\":\"a\",\"count\":1}", "{\"lease\":\"a\",\"count\":1,\"jump\":{}}",
          "{\"lease\":\"a\",\"count\":-1,\"alive\":{}}", "{\"lease\":\"a\",\"count\":1.5,\"alive\":{}}",
          "{\"lease\":7,\"count\":1,\"alive\":{}}", "{\"lease\":\"a\",\"count\":1,\"alive\":{\"x\":1}}",
          "{\"lease\":\"a\",\"count\":1,\"alive\":{},\"confirm\":{}}", "{\"lease\":\"a\",\"count\":1,\"alive\":[]}",
          "{\"lease\":\"a\",\"count\":1,\"confirm\":{\"token\":\"00\"}}",
          "{\"lease\":\"a\",\"count\":1,\"arrived\":{\"token\":\"00112233445566778899aabbccddeeff\",\"patience\":5001}"
          "}",
          "{\"lease\":\"a\",\"count\":1,\"issue\":{\"technique\":\"x\",\"target\":{\"address\":\"1.2.3\",\"port\":25},"
          "\"sink\":\"mail\",\"software\":\"\"}}",
          "{\"lease\":\"a\",\"count\":1,\"issue\":{\"technique\":\"x\",\"target\":{\"address\":\"192.0.2.1\","
          "\"port\":70000},\"sink\":\"mail\",\"software\":\"\"}}"})
        EXPECT_FALSE(decode_request(text)) << text;
    EXPECT_TRUE(decode_request("{\"lease\":\"a\",\"count\":1,\"alive\":{}}"));
    EXPECT_FALSE(decode_request(std::string(200'000, '[')));
    std::string lease = "{\"lease\":\"" + std::string(5000, 'a') + "\",\"count\":1,\"alive\":{}}";
    EXPECT_FALSE(decode_request(lease));
    const std::vector<ScanStep> many(most_steps + 1, ScanStep{now, "t", Address{}, 1, Verdict::open, ""});
    EXPECT_FALSE(decode_result(encode(ResultMessage{"a", many, ""})));
    EXPECT_FALSE(decode_request(encode(Request{"a", 1, Steps{0, {}, {std::vector<TokenId>(65), "", ""}}})));
}

TEST(WorkersRegister, adds_lists_and_removes) {
    const test::TemporaryDirectory directory;
    EXPECT_TRUE(read_register(directory.path()).value().empty());
    const auto key = signing::SigningKey::generate().public_key();
    const auto other = signing::SigningKey::generate().public_key();
    ASSERT_TRUE(add_member(directory.path(), "frankfurt", key.base64(), now));
    EXPECT_EQ(add_member(directory.path(), "frankfurt", other.base64(), now).error().code, Errc::conflict);
    EXPECT_EQ(add_member(directory.path(), "paris", key.base64(), now).error().code, Errc::conflict);
    EXPECT_EQ(add_member(directory.path(), "Paris!", other.base64(), now).error().code, Errc::invalid);
    EXPECT_EQ(add_member(directory.path(), "paris", "no key", now).error().code, Errc::invalid);
    ASSERT_TRUE(add_member(directory.path(), "paris", other.base64(), now));
    Register members(directory.path());
    EXPECT_EQ(members.name_of(key), "frankfurt");
    EXPECT_EQ(members.size(), 2U);
    ASSERT_TRUE(remove_member(directory.path(), "frankfurt"));
    EXPECT_EQ(members.name_of(key), std::nullopt);
    EXPECT_EQ(remove_member(directory.path(), "frankfurt").error().code, Errc::not_found);
    EXPECT_EQ(read_register(directory.path()).value().at(0).added, "2027-01-15T08:00:00Z");
}

TEST(WorkersRegister, a_damaged_file_leaves_nobody) {
    const test::TemporaryDirectory directory;
    const auto key = signing::SigningKey::generate().public_key();
    ASSERT_TRUE(add_member(directory.path(), "frankfurt", key.base64(), now));
    std::ofstream(directory.path() / register_name, std::ios::app) << "half a li\n";
    EXPECT_EQ(read_register(directory.path()).error().code, Errc::invalid);
    Register members(directory.path());
    EXPECT_EQ(members.name_of(key), std::nullopt);
}

constexpr auto worker_file = R"(
nats: tls://nats.example.net:4222
coordinator_key: KEY
helo: probe-fra.example.net
source4: 198.51.100.7
concurrent_visits: 8
own_networks: [198.51.100.0/24]
)";

std::string with_key(std::string text, const std::string& key) {
    return text.replace(text.find("KEY"), 3, key);
}

TEST(WorkersFile, is_read_and_what_is_wrong_is_said) {
    const auto key = signing::SigningKey::generate().public_key().base64();
    const auto loaded = read_worker_file(with_key(worker_file, key));
    ASSERT_TRUE(loaded.settings) << loaded.problems.front().to_string("f");
    EXPECT_EQ(loaded.settings->coordinator_key, key);
    EXPECT_EQ(loaded.settings->concurrent_visits, 8U);
    EXPECT_FALSE(read_worker_file(with_key(worker_file, "none")).settings);
    const auto empty = read_worker_file("concurrent_visits: 1\n");
    ASSERT_EQ(empty.problems.size(), 3U);
    EXPECT_THAT(empty.problems[0].to_string("f"), HasSubstr("nats"));
    EXPECT_FALSE(read_worker_file(with_key(worker_file, key) + "source6: 192.0.2.1\n").settings);
    EXPECT_FALSE(read_worker_file(with_key(worker_file, key) + "zones: []\n").settings);
}

} // namespace
} // namespace provenbl::tools::workers
