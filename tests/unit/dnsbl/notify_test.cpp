// NOTIFY (RFC 1996): the message, when it is sent, and whose answer counts.
#include "dnsbl/notifier.hpp"
#include "dnsbl/transfer/notify_message.hpp"
#include "ldns_oracle.hpp"
#include "question.hpp"
#include "served_zones.hpp"
#include "store/mirrors.hpp"
#include "tests/support/store_fixture.hpp"

#include <gmock/gmock.h>

#include <deque>

namespace provenbl::dnsbl::transfer {
namespace {

using namespace std::chrono_literals;
using testing::at;
using testing::Bytes;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Lines = std::vector<std::string>;

constexpr Time noon{1'800'014'400'000ms};
const NotifyTarget one{1, {at("192.0.2.1"), 53}, 0};
const NotifyTarget two{2, {at("192.0.2.2"), 53}, 0};

TEST(NotifyMessage, IsWhatRfc1996Asks) {
    const zones::ZoneTable table(testing::served_zones());
    const auto message = make_notify(table.zones()[0], 78, 0xabcd);
    const auto read = testing::read_with_ldns(message);
    EXPECT_EQ(read.id, 0xabcdU);
    EXPECT_EQ(read.opcode, 4U);
    EXPECT_EQ(read.flags(), "aa");
    EXPECT_EQ(read.questions, Lines{"bl.example. IN SOA"});
    EXPECT_EQ(read.answers,
              Lines{"bl.example. 3600 IN SOA ns1.bl.example. hostmaster.bl.example. 78 300 60 1209600 60"});
}

TEST(NotifyMessage, AnAnswerIsReadAndNothingElse) {
    auto answer = testing::question("BL.example", wire::type::soa);
    testing::set16(answer, 2, 0xa405); // QR, NOTIFY, AA, REFUSED
    const auto read = read_notify_answer(answer);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->id, 0x1234);
    EXPECT_EQ(read->rcode, 5);
    EXPECT_EQ(read->zone, testing::wire_name("bl.example"));
    Bytes bare(answer.begin(), answer.begin() + 12);
    testing::set16(bare, 4, 0);
    ASSERT_TRUE(read_notify_answer(bare)) << "without a question";
    EXPECT_THAT(read_notify_answer(bare)->zone, IsEmpty());
    for (std::size_t size = 0; size < answer.size(); ++size)
        EXPECT_FALSE(read_notify_answer(std::span(answer).first(size))) << size;
    for (const auto& [at, value] : {std::pair{2U, 0x2400U}, {2U, 0x8400U}, {4U, 2U}, {12U + 12U, 1U}, {12U, 0xc00cU}}) {
        auto wrong = answer;
        testing::set16(wrong, at, value);
        EXPECT_FALSE(read_notify_answer(wrong)) << at << " " << value;
    }
}

class Plan : public ::testing::Test {
protected:
    NotifyPlan plan_{1s};
    Time now_ = noon;

    Plan() { plan_.set_targets({one}); }
    // How many messages are sent until `end` when nobody answers, looking every 100 ms.
    unsigned sent_until(Time end, const std::function<std::uint32_t()>& serial) {
        unsigned count = 0;
        for (; now_ < end; now_ += 100ms) count += static_cast<unsigned>(send(serial()).size());
        return count;
    }
    std::vector<NotifyTarget> send(std::uint32_t serial) {
        const auto due = plan_.due(serial, now_);
        for (const auto& target : due) plan_.sent(target, serial, 7, {}, now_);
        return due;
    }
    [[nodiscard]] NotifyState state(const NotifyTarget& target = one) const { return plan_.states().at(target); }
};

TEST_F(Plan, WhoIsNewIsToldAtOnceAndWhoKnowsIsNot) {
    EXPECT_EQ(send(5), std::vector{one});
    EXPECT_THAT(send(5), IsEmpty()) << "it is out";
    ASSERT_NE(plan_.outstanding(one, 7), nullptr);
    EXPECT_EQ(plan_.outstanding(one, 8), nullptr);
    plan_.answered(one, 0, now_);
    EXPECT_EQ(plan_.outstanding(one, 7), nullptr) << "an answer counts once";
    now_ += 24h;
    EXPECT_THAT(send(5), IsEmpty());
    EXPECT_FALSE(plan_.next(5));
    plan_.set_targets({one, two});
    EXPECT_EQ(send(5), std::vector{two});
    EXPECT_EQ(state().answered, 5U);
    plan_.set_targets({two});
    EXPECT_THAT(plan_.states(), SizeIs(1));
}

TEST_F(Plan, ChangesWithinTheIntervalAreToldAsOne) {
    send(5);
    plan_.answered(one, 0, now_ + 10ms);
    now_ += 100ms;
    EXPECT_THAT(send(6), IsEmpty());
    EXPECT_EQ(plan_.next(6), noon + 1s);
    now_ = noon + 1s;
    EXPECT_THAT(send(9), SizeIs(1));
    EXPECT_EQ(state().notified, 9U);
    EXPECT_EQ(state().messages, 2U);
    plan_.answered(one, 0, now_);
    // A change after a pause is told at once.
    now_ += 10s;
    EXPECT_THAT(send(10), SizeIs(1));
}

TEST_F(Plan, SilenceIsMetWithGrowingPauses) {
    Lines times;
    for (; now_ < noon + 31s; now_ += 100ms) {
        if (!send(5).empty()) times.push_back(std::to_string((now_ - noon).count()));
    }
    EXPECT_EQ(times, (Lines{"0", "1000", "3000", "7000", "15000"}));
    EXPECT_EQ(state().failures, 0U);
    EXPECT_THAT(send(5), IsEmpty());
    EXPECT_EQ(state().failures, 1U);
}

TEST_F(Plan, ADeadMirrorCostsOneMessageAMinute) {
    std::uint32_t serial = 5;
    EXPECT_EQ(sent_until(noon + 31s, [&] { return ++serial; }), notify_tries);
    const auto count = sent_until(noon + 31s + 1h, [&] { return ++serial; });
    EXPECT_GE(count, 58U);
    EXPECT_LE(count, 60U);
    EXPECT_GT(state().failures, 55U);
    // It is back with its first answer.
    while (send(++serial).empty()) now_ += 100ms;
    plan_.answered(one, 0, now_);
    EXPECT_EQ(state().failures, 0U);
    now_ += 1s;
    EXPECT_THAT(send(++serial), SizeIs(1));
}

TEST_F(Plan, ANewSerialTakesThePlaceOfTheOneThatIsOut) {
    send(5);
    now_ += 500ms;
    EXPECT_THAT(send(6), IsEmpty()) << "one is out at most";
    now_ = noon + 1s;
    EXPECT_THAT(send(6), SizeIs(1));
    plan_.answered(one, 0, now_);
    EXPECT_EQ(state().answered, 6U);
    now_ += 1s;
    EXPECT_THAT(send(6), IsEmpty());
}

TEST_F(Plan, ARefusalIsAnAnswer) {
    send(5);
    plan_.answered(one, 9, now_);
    now_ += 1h;
    EXPECT_THAT(send(5), IsEmpty());
    EXPECT_EQ(state().rcode, 9);
    EXPECT_THAT(send(6), SizeIs(1));
    plan_.answered(one, 0, now_);
    EXPECT_EQ(state().rcode, 0);
}

TEST_F(Plan, AClockThatGoesBackHoldsNothingUp) {
    send(5);
    plan_.answered(one, 0, now_);
    now_ -= 24h;
    EXPECT_THAT(send(6), SizeIs(1));
}

// ---- the notifier, over a network of the test's own ----------------------------------------------------

class NetworkOfTest final : public NotifyNetwork {
public:
    struct Mail {
        Endpoint to;
        Bytes message;
    };
    void send(const Endpoint& to, std::span<const std::uint8_t> message) override {
        sent.push_back({to, Bytes(message.begin(), message.end())});
    }
    std::optional<NotifyDatagram> receive(Duration /*timeout*/) override {
        if (arriving.empty()) return std::nullopt;
        auto first = std::move(arriving.front());
        arriving.pop_front();
        return first;
    }
    std::vector<Mail> sent;
    std::deque<NotifyDatagram> arriving;
};

class NotifierTest : public test::StoreFixture {
protected:
    const zones::ZoneTable table_{testing::served_zones()};
    zones::Follower follower_{*store};
    MirrorRing ring_{*store, {}};
    SystemEntropy entropy_;
    NetworkOfTest* network_ = nullptr;
    std::unique_ptr<Notifier> notifier_;

    NotifierTest() {
        auto network = std::make_unique<NetworkOfTest>();
        network_ = network.get();
        follower_.catch_up();
        notifier_ = std::make_unique<Notifier>(Notifier::World{table_, follower_, ring_, clock, entropy_}, 1s,
                                               std::move(network));
    }
    Mirror add(const char* name, const char* address, std::vector<std::string> zones = {}) {
        Mirror mirror;
        mirror.name = name;
        mirror.kind = MirrorKind::bind;
        mirror.addresses = {{at(address), 53}};
        mirror.key_name = std::string(name) + ".mirror.bl.example";
        mirror.algorithm = "hmac-sha256";
        mirror.secret = mirrors::make_secret(entropy_);
        mirror.zones = std::move(zones);
        const auto done = store->write([&](WriteTxn& txn) -> Result<> {
            auto added = mirrors::add(txn, mirror);
            if (!added) return added.error();
            mirror = *added;
            return {};
        });
        EXPECT_TRUE(done) << done.error().message;
        ring_.catch_up();
        follower_.catch_up();
        return mirror;
    }
    // What the notifier has sent since the last call.
    std::vector<NetworkOfTest::Mail> told() {
        notifier_->round(Duration{0});
        return std::exchange(network_->sent, {});
    }
    // The answer of the mirror whose key this is.
    static Bytes answer_to(const Bytes& notify, const TransferAccess& access, Time now, bool sign = true) {
        const auto check = wire::check_tsig(notify, access.keys(), now);
        EXPECT_TRUE(check.valid());
        Bytes answer(notify.begin(), notify.begin() + 12 + 12 + 4); // of bl.example
        answer[2] = 0xa4;
        for (const std::size_t count : {7U, 11U}) answer[count] = 0;
        wire::TsigSigner signer(check);
        if (sign) signer.sign(answer, now);
        return answer;
    }
    MirrorStatistics statistics() { return notifier_->statistics().at(0); }
};

TEST_F(NotifierTest, TellsEachZoneSignedAndTakesTheAnswer) {
    EXPECT_THAT(told(), IsEmpty());
    add("ns2", "192.0.2.1", {"bl.example"});
    const auto sent = told();
    ASSERT_THAT(sent, SizeIs(1));
    EXPECT_EQ(sent[0].to.to_string(), "192.0.2.1:53");
    EXPECT_EQ(testing::read_with_ldns(sent[0].message).questions, Lines{"bl.example. IN SOA"});
    EXPECT_EQ(statistics().answered_zones, 0U);
    network_->arriving.push_back({sent[0].to, answer_to(sent[0].message, *ring_.access(), clock.now())});
    EXPECT_THAT(told(), IsEmpty());
    EXPECT_EQ(statistics().answered_zones, 1U);
    EXPECT_EQ(statistics().name, "ns2");
    // A listing moves the serial.
    clock.advance(10s);
    prove(1, test::ip("5.6.7.8"));
    follower_.catch_up();
    const auto again = told();
    ASSERT_THAT(again, SizeIs(1));
    EXPECT_EQ(statistics().notified, static_cast<std::uint32_t>(all_changes().back().sequence));
}

TEST_F(NotifierTest, EveryOpenListAndNoOtherByDefault) {
    add("ns2", "192.0.2.1");
    EXPECT_THAT(told(), SizeIs(2)) << "bl.example and relay.bl.example, not probe.example";
    add("ns3", "192.0.2.2", {"probe.example"});
    EXPECT_THAT(told(), SizeIs(1));
}

TEST_F(NotifierTest, OnlyTheAnswerOfTheOneThatWasAskedCounts) {
    add("ns2", "192.0.2.1", {"bl.example"});
    const auto sent = told();
    ASSERT_THAT(sent, SizeIs(1));
    const auto access = ring_.access();
    const auto good = answer_to(sent[0].message, *access, clock.now());
    const auto arrive = [&](const Endpoint& from, const Bytes& answer) {
        network_->arriving.push_back({from, answer});
        EXPECT_THAT(told(), IsEmpty());
        return statistics().answered_zones;
    };
    EXPECT_EQ(arrive({at("192.0.2.9"), 53}, good), 0U) << "another address";
    EXPECT_EQ(arrive({at("192.0.2.1"), 54}, good), 0U) << "another port";
    auto wrong = good;
    wrong[0] ^= 1U;
    EXPECT_EQ(arrive(sent[0].to, wrong), 0U) << "another id";
    wrong = good;
    wrong[13] = 'x';
    EXPECT_EQ(arrive(sent[0].to, wrong), 0U) << "another zone";
    wrong = good;
    wrong[84] ^= 1U;
    EXPECT_EQ(arrive(sent[0].to, wrong), 0U) << "a wrong signature";
    EXPECT_EQ(arrive(sent[0].to, Bytes{1, 2, 3}), 0U);
    EXPECT_EQ(arrive(sent[0].to, {}), 0U);
    EXPECT_EQ(arrive(sent[0].to, answer_to(sent[0].message, *access, clock.now(), false)), 1U) << "unsigned";
}

TEST_F(NotifierTest, AMirrorThatIsRemovedHearsNoMore) {
    add("ns2", "192.0.2.1", {"bl.example"});
    EXPECT_THAT(told(), SizeIs(1));
    ASSERT_TRUE(store->write([](WriteTxn& txn) -> Result<> {
        auto gone = mirrors::remove(txn, "ns2");
        if (!gone) return gone.error();
        return {};
    }));
    ring_.catch_up();
    clock.advance(1h);
    EXPECT_THAT(told(), IsEmpty());
    EXPECT_THAT(notifier_->statistics(), IsEmpty());
}

} // namespace
} // namespace provenbl::dnsbl::transfer
