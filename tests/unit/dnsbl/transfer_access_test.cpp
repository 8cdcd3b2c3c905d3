// Mirrors from the store to the answer: who may transfer, the ring that follows the store, signed questions.
#include "dnsbl/guard/rate_limit.hpp"
#include "dnsbl/responder.hpp"
#include "dnsbl/transfer/mirror_ring.hpp"
#include "ldns_oracle.hpp"
#include "question.hpp"
#include "served_zones.hpp"
#include "store/mirrors.hpp"
#include "tests/support/store_fixture.hpp"

#include <gmock/gmock.h>

namespace provenbl::dnsbl::transfer {
namespace {

using namespace std::chrono_literals;
using testing::at;
using testing::Bytes;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class TransferAccessTest : public test::StoreFixture {
protected:
    MirrorRing ring_{*store, {Prefix::parse("198.51.100.0/24").value()}};
    const zones::ZoneTable table_{testing::served_zones()};
    const zones::Zone& list_ = table_.zones()[0];
    const zones::Zone& sublist_ = table_.zones()[1];
    const zones::Zone& probes_ = table_.zones()[2];
    SystemEntropy entropy_;

    Mirror add(const char* name, const std::function<void(Mirror&)>& change = {}) {
        Mirror mirror;
        mirror.name = name;
        mirror.addresses = {{at("192.0.2.1"), 53}};
        mirror.key_name = std::string(name) + ".mirror.bl.example";
        mirror.algorithm = "hmac-sha256";
        mirror.secret = mirrors::make_secret(entropy_);
        if (change) change(mirror);
        const auto done = store->write([&](WriteTxn& txn) -> Result<> {
            auto added = mirrors::add(txn, mirror);
            if (!added) return added.error();
            return {};
        });
        EXPECT_TRUE(done) << done.error().message;
        ring_.catch_up();
        return mirror;
    }
    void remove(const char* name) {
        ASSERT_TRUE(store->write([&](WriteTxn& txn) -> Result<> {
            auto gone = mirrors::remove(txn, name);
            if (!gone) return gone.error();
            return {};
        }));
    }
    static const wire::TsigKey* key_of(const TransferAccess& access, std::size_t number = 0) {
        return &access.keys().all()[number];
    }
};

TEST_F(TransferAccessTest, NobodyByDefault) {
    const TransferAccess nobody;
    EXPECT_FALSE(nobody.allowed(at("127.0.0.1"), nullptr, list_));
    EXPECT_THAT(nobody.keys().all(), IsEmpty());
}

TEST_F(TransferAccessTest, UnsignedFromNamedNetworksAlone) {
    const auto access = ring_.access();
    EXPECT_TRUE(access->allowed(at("198.51.100.7"), nullptr, list_));
    EXPECT_FALSE(access->allowed(at("198.51.101.7"), nullptr, list_));
    auto set = testing::served_zones();
    set.zones[0].access = zones::ZoneAccess::key;
    const zones::ZoneTable closed(set);
    EXPECT_FALSE(access->allowed(at("198.51.100.7"), nullptr, closed.zones()[0])) << "what needs an access key";
}

TEST_F(TransferAccessTest, AMirrorByItsKeyFromAnywhere) {
    add("ns2");
    const auto access = ring_.access();
    EXPECT_TRUE(access->allowed(at("203.0.113.9"), key_of(*access), list_));
    EXPECT_TRUE(access->allowed(at("203.0.113.9"), key_of(*access), sublist_));
    EXPECT_FALSE(access->allowed(at("203.0.113.9"), key_of(*access), probes_)) << "only where it is named";
    EXPECT_FALSE(access->allowed(at("192.0.2.1"), nullptr, list_)) << "unsigned, from its own address";
}

TEST_F(TransferAccessTest, NetworksAndZonesNarrowIt) {
    add("ns2", [](Mirror& mirror) {
        mirror.from = {Prefix::parse("192.0.2.0/24").value(), Prefix::parse("2001:db8::/32").value()};
        mirror.zones = {"relay.bl.example", "probe.example"};
    });
    const auto access = ring_.access();
    const auto* key = key_of(*access);
    EXPECT_TRUE(access->allowed(at("192.0.2.77"), key, sublist_));
    EXPECT_TRUE(access->allowed(at("2001:db8::7"), key, probes_));
    EXPECT_FALSE(access->allowed(at("192.0.3.77"), key, sublist_));
    EXPECT_FALSE(access->allowed(at("192.0.2.77"), key, list_));
}

TEST_F(TransferAccessTest, AKeyOfOneIsNoKeyOfAnother) {
    add("ns2", [](Mirror& mirror) { mirror.zones = {"bl.example"}; });
    add("ns3", [](Mirror& mirror) { mirror.zones = {"relay.bl.example"}; });
    const auto access = ring_.access();
    ASSERT_THAT(access->keys().all(), SizeIs(2));
    EXPECT_TRUE(access->allowed(at("192.0.2.1"), key_of(*access, 0), list_));
    EXPECT_FALSE(access->allowed(at("192.0.2.1"), key_of(*access, 0), sublist_));
    EXPECT_TRUE(access->allowed(at("192.0.2.1"), key_of(*access, 1), sublist_));
}

TEST_F(TransferAccessTest, WhatStandsInTheWayHasAName) {
    add("ns2", [](Mirror& mirror) {
        mirror.from = {Prefix::parse("192.0.2.0/24").value()};
        mirror.zones = {"bl.example"};
    });
    add("ns3", [](Mirror& mirror) { mirror.tls = true; });
    const auto access = ring_.access();
    const auto* key = key_of(*access, 0);
    const auto* tls_key = key_of(*access, 1);
    const auto here = at("192.0.2.1");
    EXPECT_EQ(access->owner(tls_key)->name, "ns3");
    EXPECT_EQ(access->owner(nullptr), nullptr);
    EXPECT_EQ(access->find(access->owner(key)->id)->name, "ns2");
    EXPECT_EQ(access->judge(here, Channel::clear, key, list_), Refusal::none);
    EXPECT_EQ(access->judge(here, Channel::clear, nullptr, list_), Refusal::unsigned_);
    EXPECT_EQ(access->judge(here, Channel::clear, key, sublist_), Refusal::zone);
    EXPECT_EQ(access->judge(at("203.0.113.9"), Channel::tls, key, list_), Refusal::network);
    EXPECT_EQ(access->judge(here, Channel::old_tls, key, list_), Refusal::old_tls);
    EXPECT_EQ(access->judge(here, Channel::uncertified, key, list_), Refusal::certificate);
    EXPECT_EQ(access->judge(here, Channel::tls, key, list_), Refusal::none);
    EXPECT_EQ(access->judge(here, Channel::clear, tls_key, list_), Refusal::clear);
    EXPECT_EQ(access->judge(here, Channel::tls, tls_key, list_), Refusal::none);
    const TransferAccess strict({}, {Prefix::parse("198.51.100.0/24").value()}, true);
    EXPECT_EQ(strict.judge(at("198.51.100.7"), Channel::clear, nullptr, list_), Refusal::clear);
    EXPECT_EQ(strict.judge(at("198.51.100.7"), Channel::tls, nullptr, list_), Refusal::none);
}

TEST_F(TransferAccessTest, TheRingFollowsTheStore) {
    add("ns2");
    const auto before = ring_.generation();
    ring_.catch_up();
    EXPECT_EQ(ring_.generation(), before) << "nothing has changed";
    const auto held = ring_.access();
    remove("ns2");
    ring_.catch_up();
    EXPECT_THAT(ring_.access()->keys().all(), IsEmpty());
    EXPECT_THAT(held->keys().all(), SizeIs(1)) << "who holds the old one may finish";
    AccessReader reader(&ring_);
    EXPECT_EQ(reader.get(), ring_.access().get());
    EXPECT_EQ(AccessReader(nullptr).get(), nullptr);
}

// By its own thread; what it waits for is the removal, not a time.
TEST_F(TransferAccessTest, ARemovalIsFeltWithoutARestart) {
    add("ns2");
    ring_.start();
    ASSERT_THAT(ring_.access()->mirrors(), SizeIs(1));
    remove("ns2");
    while (!ring_.access()->mirrors().empty()) std::this_thread::yield();
    ring_.stop();
    EXPECT_EQ(ring_.trouble(), "");
}

TEST_F(TransferAccessTest, ARecordThatMakesNoSenseIsNamedAndLeftOut) {
    add("good");
    add("bad", [](Mirror& mirror) { mirror.algorithm = "hmac-md5"; });
    EXPECT_THAT(ring_.access()->mirrors(), SizeIs(1));
    add("worse", [](Mirror& mirror) { mirror.key_name = "a..b"; });
    EXPECT_THAT(ring_.access()->mirrors(), SizeIs(1));
    ring_.start();
    EXPECT_THAT(ring_.trouble(), HasSubstr("'worse'"));
    ring_.stop();
}

// ---- signed questions, over the general path ------------------------------------------------------------

class SignedQueryTest : public TransferAccessTest {
protected:
    static constexpr Time noon{1'800'014'400'000ms};
    const Responder responder_{testing::served_zones(), {.edns_size = 1232, .identity = ""}};
    zones::Snapshot snapshot_ = testing::served_snapshot();
    std::shared_ptr<const TransferAccess> access_;
    Outcome outcome_;

    SignedQueryTest() {
        add("ns2");
        access_ = ring_.access();
    }
    Bytes ask(const Bytes& message, Transport transport = Transport::udp, Time now = noon,
              guard::RateLimiter* limiter = nullptr) {
        Asker asker{.transport = transport, .client = {at("192.0.2.1"), 5353}, .now = now};
        asker.mirrors = access_.get();
        asker.limiter = limiter;
        Bytes out(transport == Transport::udp ? Responder::smallest_buffer : wire::longest_message);
        outcome_ = responder_.respond(message, asker, snapshot_, out);
        out.resize(outcome_.size);
        return out;
    }
    [[nodiscard]] const wire::TsigKey& key() const { return access_->keys().all()[0]; }
    // The last 16 bits of the record but one: its error.
    static unsigned tsig_error(const Bytes& message, std::size_t other = 0) {
        const auto at = message.size() - 4 - other;
        return static_cast<unsigned>(message[at] << 8U | message[at + 1]);
    }
};

TEST_F(SignedQueryTest, IsAnsweredSignedOverUdpAndTcp) {
    for (const auto transport : {Transport::udp, Transport::tcp}) {
        for (const bool edns : {false, true}) {
            auto message = testing::question("bl.example", wire::type::soa);
            if (edns) message = testing::with_opt(message);
            const auto mac = wire::sign_request(message, key(), noon);
            const auto answer = ask(message, transport);
            EXPECT_EQ(wire::check_tsig_answer(answer, key(), mac, noon), wire::TsigState::valid);
            const auto read = testing::read_with_ldns(answer);
            EXPECT_EQ(read.rcode, 0U);
            EXPECT_THAT(read.answers, SizeIs(1));
            EXPECT_EQ(read.edns, edns);
            EXPECT_TRUE(outcome_.signed_request);
        }
    }
}

TEST_F(SignedQueryTest, WhatIsRefusedIsRefusedSigned) {
    auto message = testing::question("elsewhere.example", wire::type::a);
    const auto mac = wire::sign_request(message, key(), noon);
    const auto answer = ask(message);
    EXPECT_EQ(outcome_.rcode, wire::Rcode::refused);
    EXPECT_EQ(wire::check_tsig_answer(answer, key(), mac, noon), wire::TsigState::valid);
}

TEST_F(SignedQueryTest, AnUnknownKeyIsToldSo) {
    auto unknown = key();
    unknown.name = zones::DomainName::parse("ns9.mirror.bl.example").value();
    auto message = testing::question("bl.example", wire::type::soa);
    (void)wire::sign_request(message, unknown, noon);
    const auto answer = ask(message);
    EXPECT_EQ(outcome_.rcode, wire::Rcode::notauth);
    EXPECT_FALSE(outcome_.signed_request);
    EXPECT_EQ(tsig_error(answer), 17U);
    EXPECT_THAT(testing::read_with_ldns(answer).answers, IsEmpty());
}

TEST_F(SignedQueryTest, AWrongSecretIsToldSo) {
    auto wrong = key();
    wrong.secret[0] ^= 1U;
    auto message = testing::question("bl.example", wire::type::soa);
    (void)wire::sign_request(message, wrong, noon);
    const auto answer = ask(message);
    EXPECT_EQ(outcome_.rcode, wire::Rcode::notauth);
    EXPECT_EQ(tsig_error(answer), 16U);
}

TEST_F(SignedQueryTest, AWrongTimeIsToldSignedWithOurs) {
    auto message = testing::question("bl.example", wire::type::soa);
    const auto mac = wire::sign_request(message, key(), noon - 1h);
    const auto answer = ask(message);
    EXPECT_EQ(outcome_.rcode, wire::Rcode::notauth);
    EXPECT_EQ(tsig_error(answer, 6), 18U);
    EXPECT_EQ(wire::check_tsig_answer(answer, key(), mac, noon - 1h), wire::TsigState::valid)
        << "signed, with the client's own time";
}

TEST_F(SignedQueryTest, WithoutMirrorsNoKeyIsKnown) {
    auto message = testing::question("bl.example", wire::type::soa);
    (void)wire::sign_request(message, key(), noon);
    access_.reset();
    const auto answer = ask(message);
    EXPECT_EQ(outcome_.rcode, wire::Rcode::notauth);
    EXPECT_EQ(tsig_error(answer), 17U);
}

// The longest question, the longest key name, the longest algorithm: what is said fits whatever buffer there is.
TEST_F(SignedQueryTest, TheLongestNamesFit) {
    const std::string label(63, 'a');
    const auto longest = label + "." + label + "." + label + "." + std::string(61, 'b');
    for (const auto* name : {longest.c_str(), "bl.example"}) {
        Bytes message = testing::with_opt(testing::question(name, wire::type::txt));
        Bytes record = testing::wire_name(longest);
        testing::put16(record, wire::type::tsig);
        testing::append(record, {0, 255, 0, 0, 0, 0});
        Bytes data = testing::wire_name(longest);
        testing::append(data, Bytes(10 + 32 + 6));
        data[data.size() - 6 - 32 - 1] = 32;
        testing::put16(record, static_cast<unsigned>(data.size()));
        testing::append(record, data);
        const auto answer = ask(testing::with_additional(message, record));
        EXPECT_EQ(outcome_.rcode, wire::Rcode::notauth);
        EXPECT_EQ(tsig_error(answer), 17U);
        EXPECT_LE(answer.size(), testing::with_additional(message, record).size() + 64);
    }
}

TEST_F(SignedQueryTest, OverUdpASignatureIsPartOfTheLimit) {
    // The apex has SOA, NS and addresses: the more there is, the sooner it is too much.
    auto message = testing::question("bl.example", wire::type::any);
    (void)wire::sign_request(message, key(), noon);
    const auto answer = ask(message);
    EXPECT_LE(answer.size(), wire::plain_udp_size);
}

TEST_F(SignedQueryTest, WhoIsKnownIsNotLimited) {
    guard::RateLimitSettings settings;
    settings.answers_per_second = 1;
    settings.errors_per_second = 1;
    guard::RateLimiter limiter(settings, entropy_);
    for (int i = 0; i < 100; ++i) {
        auto message = testing::question("bl.example", wire::type::soa);
        (void)wire::sign_request(message, key(), noon);
        (void)ask(message, Transport::udp, noon, &limiter);
        ASSERT_EQ(outcome_.rcode, wire::Rcode::noerror);
        ASSERT_FALSE(outcome_.truncated);
    }
}

} // namespace
} // namespace provenbl::dnsbl::transfer
