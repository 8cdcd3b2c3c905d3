// Access keys from the store to the answer: quotas, the ring that follows the store, names below a key.
#include "dnsbl/guard/key_ring.hpp"
#include "dnsbl/responder.hpp"
#include "ldns_oracle.hpp"
#include "question.hpp"
#include "served_zones.hpp"
#include "tests/support/store_fixture.hpp"

#include <gmock/gmock.h>

namespace provenbl::dnsbl::testing {
namespace {

using namespace std::chrono_literals;
using guard::KeyUsage;
using Lines = std::vector<std::string>;

constexpr Time noon{1'800'014'400'000ms}; // 12:00 UTC

std::span<const std::uint8_t> bytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

int spent(KeyUsage& usage, std::uint32_t per_second, std::uint64_t per_day, Time now, int tries) {
    int count = 0;
    for (int i = 0; i < tries; ++i) count += usage.spend(per_second, per_day, now) ? 1 : 0;
    return count;
}

TEST(KeyUsage, HasAQuotaASecond) {
    KeyUsage usage;
    EXPECT_EQ(spent(usage, 5, 0, noon, 100), 5);
    EXPECT_EQ(spent(usage, 5, 0, noon + 400ms, 100), 2);
    EXPECT_EQ(spent(usage, 5, 0, noon + 1h, 100), 5);
    EXPECT_EQ(spent(usage, 5, 0, noon, 100), 5) << "the clock went back";
    EXPECT_EQ(usage.answered(), 17U);
    EXPECT_EQ(usage.refused(), 383U);
}

TEST(KeyUsage, HasAQuotaADay) {
    KeyUsage usage;
    EXPECT_EQ(spent(usage, 0, 10, noon, 100), 10);
    EXPECT_EQ(usage.today(noon), 10U);
    EXPECT_EQ(spent(usage, 0, 10, noon + 12h - 1ms, 100), 0);
    EXPECT_EQ(usage.today(noon + 12h), 0U);
    EXPECT_EQ(spent(usage, 0, 10, noon + 12h, 100), 10);
    EXPECT_EQ(spent(usage, 0, 12, noon + 12h, 100), 2) << "the quota was raised";
}

TEST(KeyUsage, WithoutAQuotaIsOnlyCounted) {
    KeyUsage usage;
    EXPECT_EQ(spent(usage, 0, 0, noon, 1000), 1000);
    EXPECT_EQ(usage.today(noon), 1000U);
}

TEST(KeyUsage, ThreadsShareIt) {
    KeyUsage usage;
    std::atomic<int> admitted{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) threads.emplace_back([&] { admitted += spent(usage, 500, 700, noon, 1000); });
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(admitted, 500);
    EXPECT_EQ(usage.today(noon), 500U);
}

class AccessKeyTest : public test::StoreFixture {
protected:
    guard::KeyRing ring_{*store};
    zones::ZoneSet set_ = served_zones();
    zones::Snapshot snapshot_ = served_snapshot();
    Asker asker_{.transport = Transport::udp, .client = {at("192.0.2.1"), 5353}, .now = noon};
    Outcome outcome_;

    std::string make(const char* name, std::uint32_t per_second = 0, std::uint64_t per_day = 0) {
        SystemEntropy entropy;
        const auto label = access_keys::make_label(entropy);
        AccessKey key;
        key.name = name;
        key.hash = access_keys::hash_label(bytes(label));
        key.per_second = per_second;
        key.per_day = per_day;
        change([&](WriteTxn& txn) { return access_keys::add(txn, key); });
        return label;
    }
    void revoke(const char* name) {
        change([&](WriteTxn& txn) { return access_keys::revoke(txn, name); });
    }
    OracleAnswer ask(const Responder& responder, const std::string& name, unsigned type = wire::type::a) {
        const auto table = ring_.table();
        asker_.keys = table.get();
        Bytes out(wire::longest_message);
        outcome_ = responder.respond(with_opt(question(name, type)), asker_, snapshot_, out);
        out.resize(outcome_.size);
        return read_with_ldns(out);
    }

private:
    template <class F> void change(F work) {
        const auto done = store->write([&](WriteTxn& txn) -> Result<> {
            const auto made = work(txn);
            if (!made) return made.error();
            return {};
        });
        ASSERT_TRUE(done) << done.error().message;
        ring_.catch_up();
    }
};

TEST_F(AccessKeyTest, TheRingFollowsTheStoreAndForgetsNoUse) {
    EXPECT_TRUE(ring_.table()->empty());
    const auto first = make("first");
    const auto before = ring_.generation();
    ring_.catch_up();
    EXPECT_EQ(ring_.generation(), before) << "nothing has changed";
    const auto* entry = ring_.table()->find(bytes(first));
    ASSERT_NE(entry, nullptr);
    EXPECT_TRUE(entry->spend(noon));
    make("second");
    EXPECT_EQ(ring_.usage(1)->today(noon), 1U);
    revoke("first");
    EXPECT_EQ(ring_.table()->find(bytes(first)), nullptr);
    EXPECT_EQ(ring_.usage(1), nullptr);
    EXPECT_EQ(ring_.usage(2)->today(noon), 0U);
    guard::KeyReader reader(&ring_);
    EXPECT_EQ(reader.get(), ring_.table().get());
    EXPECT_EQ(guard::KeyReader(nullptr).get(), nullptr);
}

// By its own thread; what it waits for is the revocation, not a time.
TEST_F(AccessKeyTest, ARevocationIsFeltWithoutARestart) {
    const auto label = make("name");
    ring_.start();
    ASSERT_NE(ring_.table()->find(bytes(label)), nullptr);
    ASSERT_TRUE(store->write([](WriteTxn& txn) -> Result<> {
        const auto done = access_keys::revoke(txn, "name");
        if (!done) return done.error();
        return {};
    }));
    while (ring_.table()->find(bytes(label)) != nullptr) std::this_thread::yield();
    ring_.stop();
    EXPECT_EQ(ring_.trouble(), "");
}

TEST_F(AccessKeyTest, BelowAKeyAllIsAsBelowTheApex) {
    namespace t = wire::type;
    for (const auto access : {zones::ZoneAccess::open, zones::ZoneAccess::key}) {
        for (auto& zone : set_.zones) zone.access = access;
        const Responder responder(set_, {.edns_size = 1232, .identity = ""});
        const auto key = make(access == zones::ZoneAccess::open ? "one" : "two");
        const auto below = "." + key + ".bl.example";
        auto answer = ask(responder, "99.2.0.192" + below);
        EXPECT_EQ(answer.answers, (Lines{"99.2.0.192" + below + ". 120 IN A 127.0.0.2",
                                         "99.2.0.192" + below + ". 120 IN A 127.0.0.9"}));
        EXPECT_TRUE(outcome_.listed);
        EXPECT_NE(outcome_.key, 0U);
        EXPECT_EQ(ask(responder, listed6() + below).answers.size(), 1U);
        EXPECT_EQ(ask(responder, "99.2.0.192" + below, t::txt).answers,
                  Lines{"99.2.0.192" + below + ". 120 IN TXT \"relay, http: https://bl.example/192.0.2.99\""});
        EXPECT_EQ(ask(responder, "2.0.0.127" + below).answers.size(), 1U);
        EXPECT_EQ(ask(responder, "99.2.0.192." + key + ".relay.bl.example").answers.size(), 1U);
        answer = ask(responder, "98.2.0.192" + below);
        EXPECT_EQ(answer.rcode, 3U);
        EXPECT_EQ(answer.authorities,
                  Lines{"bl.example. 60 IN SOA ns1.bl.example. hostmaster.bl.example. 77 300 60 1209600 60"});
        // RFC 8020, RFC 9156: the way down exists.
        for (const auto& name : {key + ".bl.example", "192" + below, "2.0.192" + below}) {
            answer = ask(responder, name);
            EXPECT_EQ(answer.rcode, 0U) << name;
            EXPECT_EQ(answer.flags(), "qr aa rd") << name;
            EXPECT_TRUE(answer.answers.empty()) << name;
            EXPECT_EQ(answer.authorities.size(), 1U) << name;
        }
        EXPECT_TRUE(ask(responder, key + ".bl.example", t::soa).answers.empty());
        // A key is no apex of another, and stands nowhere else.
        EXPECT_EQ(ask(responder, "2.0.0.127." + key + below).rcode, 3U);
        // 0x20
        std::string upper = key;
        for (auto& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
        EXPECT_EQ(ask(responder, "2.0.0.127." + upper + ".BL.example").answers.size(), 1U);
    }
}

TEST_F(AccessKeyTest, WithoutAKeyAnOpenZoneAnswersAndAKeyZoneRefuses) {
    namespace t = wire::type;
    const auto key = make("revoked");
    revoke("revoked");
    const auto unknown = std::string(20, 'a');
    const Responder open(set_, {.edns_size = 1232, .identity = ""});
    EXPECT_EQ(ask(open, "2.0.0.127.bl.example").answers.size(), 1U);
    EXPECT_EQ(ask(open, "2.0.0.127." + unknown + ".bl.example").rcode, 3U);
    EXPECT_EQ(ask(open, "2.0.0.127." + key + ".bl.example").rcode, 3U);
    EXPECT_EQ(outcome_.key, 0U);

    set_.zones[0].access = zones::ZoneAccess::key;
    const Responder closed(set_, {.edns_size = 1232, .identity = ""});
    for (const auto& name : Lines{"2.0.0.127.bl.example", "99.2.0.192.bl.example", "98.2.0.192.bl.example",
                                  "192.bl.example", "127.bl.example", "x.bl.example", unknown + ".bl.example",
                                  "2.0.0.127." + unknown + ".bl.example", "2.0.0.127." + key + ".bl.example"}) {
        const auto answer = ask(closed, name);
        EXPECT_EQ(answer.rcode, 5U) << name;
        EXPECT_EQ(answer.extended_error, 18U) << name;
        EXPECT_EQ(answer.flags(), "qr rd") << name;
        EXPECT_TRUE(answer.authorities.empty()) << name;
        EXPECT_EQ(outcome_.barrier, Barrier::key) << name;
    }
    // What resolvers and secondaries need is everybody's.
    EXPECT_EQ(ask(closed, "bl.example", t::soa).answers.size(), 1U);
    EXPECT_EQ(ask(closed, "bl.example", t::ns).answers.size(), 2U);
    EXPECT_EQ(ask(closed, "ns1.bl.example").answers.size(), 1U);
    EXPECT_EQ(outcome_.barrier, Barrier::none);
    // A sublist that is open stays so.
    EXPECT_EQ(ask(closed, "99.2.0.192.relay.bl.example").answers.size(), 1U);
    // Without any keys at all it is as closed.
    asker_.keys = nullptr;
    Bytes out(wire::longest_message);
    EXPECT_EQ(closed.respond(question("2.0.0.127.bl.example", t::a), asker_, snapshot_, out).barrier, Barrier::key);
}

TEST_F(AccessKeyTest, AQuotaThatIsUsedUpIsRefusedWithWords) {
    const auto key = make("small", 0, 2);
    const Responder responder(set_, {.edns_size = 1232, .identity = ""});
    const auto name = "2.0.0.127." + key + ".bl.example";
    EXPECT_EQ(ask(responder, name).rcode, 0U);
    EXPECT_EQ(ask(responder, "9.9.9.9." + key + ".bl.example").rcode, 3U);
    const auto answer = ask(responder, name);
    EXPECT_EQ(answer.rcode, 5U);
    EXPECT_EQ(answer.flags(), "qr rd");
    EXPECT_EQ(outcome_.barrier, Barrier::quota);
    EXPECT_EQ(outcome_.key, 1U);
    Bytes out(wire::longest_message);
    out.resize(responder.respond(with_opt(question(name, wire::type::a)), asker_, snapshot_, out).size);
    EXPECT_THAT((std::string{out.begin(), out.end()}),
                ::testing::HasSubstr(std::string("\0\x12the quota of this access key is used up", 41)));
    asker_.now += 24h;
    EXPECT_EQ(ask(responder, name).rcode, 0U);
}

} // namespace
} // namespace provenbl::dnsbl::testing
