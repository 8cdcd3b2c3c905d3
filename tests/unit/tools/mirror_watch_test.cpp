// How far mirrors are, without a network: who is asked when, what answers come to, and what is told of it.
#include "store/journal.hpp"
#include "tests/unit/tools/api_fixture.hpp"
#include "tools/cli/soa_query.hpp"
#include "tools/daemon/mirror_watch.hpp"

#include <gmock/gmock.h>

#include <deque>

namespace provenbl::tools {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr Time noon{1'800'014'400'000ms};
const MirrorTarget one{"ns2", {test::ip("192.0.2.1"), 53}, "bl.example"};
const MirrorTarget sublist{"ns2", {test::ip("192.0.2.1"), 53}, "relay.bl.example"};
const MirrorTarget other{"ns3", {test::ip("2001:db8::1"), 5353}, "bl.example"};

api::SerialAge behind(std::uint64_t changes, Duration age) {
    return {100, changes, false, false, noon - age, age};
}

class MirrorRoundsTest : public ::testing::Test {
protected:
    MirrorRounds rounds_{{30s, 10min, false}};
    Time now_ = noon;

    MirrorRoundsTest() { rounds_.set_targets({one}, now_); }
    std::vector<MirrorTarget> ask(std::uint32_t jitter = 0) {
        const auto due = rounds_.due(now_);
        for (const auto& target : due) rounds_.asked(target, 7, jitter, now_);
        return due;
    }
    // Nobody answers until the end.
    void pass(Duration span) {
        for (const auto end = now_ + span; now_ < end; now_ += 500ms) {
            ask();
            for (auto& line : rounds_.lines(now_)) lines_.push_back(line.text);
        }
    }
    void answer_until(Duration span, const api::SerialAge& age) {
        for (const auto end = now_ + span; now_ < end; now_ += 1s) {
            for (const auto& target : ask()) rounds_.answered(target, 1, age, now_);
            for (auto& line : rounds_.lines(now_)) lines_.push_back(line.text);
        }
    }
    api::MirrorLag lag(std::size_t at = 0) const { return rounds_.lags().at(at); }
    std::vector<std::string> lines_;
};

TEST_F(MirrorRoundsTest, AskedAtOnceThenEveryIntervalMoreOrLess) {
    EXPECT_EQ(ask(), std::vector{one});
    EXPECT_THAT(ask(), IsEmpty()) << "it is out";
    EXPECT_THAT(rounds_.outstanding(one.address, 7), ElementsAre(one));
    EXPECT_THAT(rounds_.outstanding(one.address, 8), IsEmpty());
    EXPECT_THAT(rounds_.outstanding(other.address, 7), IsEmpty());
    rounds_.answered(one, 5, behind(0, 0s), now_);
    EXPECT_THAT(rounds_.outstanding(one.address, 7), IsEmpty()) << "an answer counts once";
    now_ += 22s;
    EXPECT_THAT(ask(), IsEmpty());
    now_ += 500ms;
    EXPECT_THAT(ask(14'999), SizeIs(1)) << "three quarters";
    rounds_.answered(one, 5, behind(0, 0s), now_);
    now_ += 37s;
    EXPECT_THAT(ask(), IsEmpty());
    now_ += 500ms;
    EXPECT_THAT(ask(), SizeIs(1)) << "five quarters";
}

TEST_F(MirrorRoundsTest, AskedThreeTimesThenSilent) {
    ask();
    now_ += 1s;
    ask();
    now_ += 1s;
    EXPECT_THAT(ask(), SizeIs(1));
    EXPECT_TRUE(lag().answering());
    now_ += 1s;
    EXPECT_THAT(ask(), IsEmpty());
    EXPECT_FALSE(lag().answering());
    EXPECT_EQ(lag().silent_since, noon);
    EXPECT_THAT(lag().trouble, HasSubstr("no answer to 3 questions"));
    rounds_.answered(one, 5, behind(0, 0s), now_);
    EXPECT_FALSE(lag().answering()) << "an answer to nothing";
    now_ += 1min;
    ask();
    rounds_.answered(one, 5, behind(2, 3s), now_);
    EXPECT_TRUE(lag().answering());
    EXPECT_EQ(lag().serial, 5U);
    EXPECT_EQ(lag().behind, 2U);
}

TEST_F(MirrorRoundsTest, SilenceIsToldOnceAndItsEndOnce) {
    pass(10min);
    EXPECT_THAT(lines_, IsEmpty());
    pass(1h);
    EXPECT_THAT(lines_, ElementsAre(AllOf(HasSubstr("ns2 (192.0.2.1:53)"), HasSubstr("no answer"))));
    EXPECT_TRUE(lag().alert);
    answer_until(2min, behind(0, 0s));
    EXPECT_THAT(lines_, ElementsAre(testing::_, HasSubstr("ns2 (192.0.2.1:53) is back: it has what we have")));
    EXPECT_FALSE(lag().alert);
}

TEST_F(MirrorRoundsTest, LagIsToldOnceAndDoesNotFlap) {
    answer_until(5min, behind(1000, 9min));
    EXPECT_THAT(lines_, IsEmpty());
    answer_until(5min, behind(1000, 11min));
    EXPECT_THAT(lines_, ElementsAre(HasSubstr("1000 changes behind in bl.example, the first of them 660 s old")));
    answer_until(5min, behind(500, 9min));
    answer_until(5min, behind(500, 11min));
    EXPECT_THAT(lines_, SizeIs(1)) << "not yet back, so not told anew";
    answer_until(2min, behind(10, 5min));
    EXPECT_THAT(lines_.back(), HasSubstr("back: 10 changes behind"));
    EXPECT_THAT(lines_, SizeIs(2));
}

TEST_F(MirrorRoundsTest, ASerialThatWeNeverHadIsTold) {
    api::SerialAge ahead;
    ahead.ahead = true;
    answer_until(11min, ahead);
    EXPECT_THAT(lines_, ElementsAre(HasSubstr("that we never had")));
    EXPECT_TRUE(lag().ahead);
}

TEST_F(MirrorRoundsTest, WhoRefusesOneZoneIsToldOnceForItsAddress) {
    rounds_.set_targets({one, sublist, other}, now_);
    for (const auto end = now_ + 12min; now_ < end; now_ += 1s) {
        for (const auto& target : ask()) {
            if (target.zone == "relay.bl.example")
                rounds_.refused(target, "it says REFUSED", now_);
            else
                rounds_.answered(target, 5, behind(0, 0s), now_);
        }
        for (auto& line : rounds_.lines(now_)) lines_.push_back(line.text);
    }
    EXPECT_THAT(lines_, ElementsAre(AllOf(HasSubstr("relay.bl.example"), HasSubstr("REFUSED"))));
    const auto all = api::standings(rounds_.lags());
    ASSERT_THAT(all, SizeIs(2));
    EXPECT_EQ(all[0].name, "ns2");
    EXPECT_EQ(all[0].zone, "relay.bl.example");
    EXPECT_FALSE(all[0].answering);
    EXPECT_TRUE(all[0].alert);
    EXPECT_TRUE(all[1].answering);
    EXPECT_FALSE(all[1].alert);
}

TEST_F(MirrorRoundsTest, FewQuestionsAreOutAndNotEveryTargetIsTaken) {
    std::vector<MirrorTarget> many;
    for (std::size_t i = 0; i < MirrorRounds::most_targets + 5; ++i)
        many.push_back({"ns2", one.address, std::to_string(i) + ".example"});
    EXPECT_EQ(rounds_.set_targets(many, now_), 5U);
    EXPECT_THAT(ask(), SizeIs(MirrorRounds::most_out));
    EXPECT_THAT(ask(), IsEmpty());
    EXPECT_EQ(rounds_.set_targets({}, now_), 0U);
    rounds_.set_targets(many, now_);
    EXPECT_THAT(ask(), SizeIs(MirrorRounds::most_out)) << "what went left room";
}

// More targets than there may be questions: those at the end of the alphabet have their turn before the first have
// another.
TEST_F(MirrorRoundsTest, TheMostOverdueIsAskedFirst) {
    std::vector<MirrorTarget> many;
    for (std::size_t i = 0; i < MirrorRounds::most_out * 3; ++i)
        many.push_back({"ns2", one.address, std::to_string(1000 + i) + ".example"});
    rounds_.set_targets(many, now_);
    std::vector<MirrorTarget> turns;
    for (unsigned i = 0; i < 3; ++i) {
        for (const auto& target : ask()) {
            rounds_.answered(target, 5, behind(0, 0s), now_);
            turns.push_back(target);
        }
        now_ += 1min; // the first are due again, but less overdue than who was never asked
    }
    EXPECT_EQ(turns, many);
}

TEST_F(MirrorRoundsTest, WhoIsNamedTwiceIsAskedOnceAndStaysKnown) {
    ask();
    rounds_.answered(one, 5, behind(2, 3s), now_);
    rounds_.set_targets({one, one}, now_);
    ASSERT_THAT(rounds_.lags(), SizeIs(1));
    EXPECT_EQ(lag().mirror, "ns2");
    EXPECT_EQ(lag().behind, 2U);
}

TEST_F(MirrorRoundsTest, OnlyTheLastQuestionIsOut) {
    rounds_.asked(one, 7, 0, now_);
    rounds_.asked(one, 8, 0, now_);
    EXPECT_THAT(rounds_.outstanding(one.address, 7), IsEmpty());
    EXPECT_THAT(rounds_.outstanding(one.address, 8), ElementsAre(one));
    rounds_.set_targets({one, sublist}, now_);
    rounds_.asked(sublist, 8, 0, now_);
    EXPECT_THAT(rounds_.outstanding(one.address, 8), SizeIs(2)) << "two zones, one address, and the same id by chance";
    rounds_.answered(one, 5, behind(0, 0s), now_);
    EXPECT_THAT(rounds_.outstanding(one.address, 8), ElementsAre(sublist));
    rounds_.refused(sublist, "it says REFUSED", now_);
    EXPECT_THAT(rounds_.outstanding(one.address, 8), IsEmpty());
    rounds_.set_targets({}, now_);
    EXPECT_THAT(rounds_.outstanding(one.address, 8), IsEmpty());
}

TEST_F(MirrorRoundsTest, AClockThatGoesBackHoldsNothingUp) {
    ask();
    rounds_.answered(one, 5, behind(0, 0s), now_);
    now_ -= 24h;
    EXPECT_THAT(ask(), SizeIs(1));
}

TEST(MirrorStandings, TheWorstOfAMirrorStandsForIt) {
    api::MirrorLag good;
    good.mirror = "ns2";
    good.zone = "bl.example";
    good.asked = noon;
    auto late = good;
    late.zone = "relay.bl.example";
    late.behind = 7;
    late.age = 12s;
    const auto text = boost::json::serialize(api::describe_standings(std::vector{good, late}));
    EXPECT_THAT(text, AllOf(HasSubstr(R"("ns2":{"zone":"relay.bl.example","serials_behind":7,"seconds_behind":12)"),
                            HasSubstr(R"("answering":true)")));
    EXPECT_EQ(boost::json::serialize(api::describe_standings({})), "{}");
}

TEST(MirrorStandings, EachZoneIsToldWhileItIsKnown) {
    api::MirrorLag lag;
    lag.mirror = "ns2";
    lag.zone = "bl.example";
    const auto told = [](const std::vector<api::MirrorLag>& lags) {
        return boost::json::serialize(api::describe_standings(lags).at("ns2").at("zones"));
    };
    const auto unknown = R"({"bl.example":{"serials_behind":null,"seconds_behind":null,"ahead":false}})";
    EXPECT_EQ(told({lag}), unknown) << "never asked";
    lag.serial = 5;
    lag.behind = 7;
    lag.age = 12s;
    auto elsewhere = lag;
    elsewhere.behind = 8;
    EXPECT_EQ(told({lag, elsewhere}), R"({"bl.example":{"serials_behind":8,"seconds_behind":12,"ahead":false}})");
    elsewhere.silent_since = noon;
    EXPECT_EQ(told({lag, elsewhere}), unknown) << "one address is silent";
}

// ---- with a store and datagrams -----------------------------------------------------------------------------

class NetworkOfTest final : public dnsbl::transfer::NotifyNetwork {
public:
    using Bytes = std::vector<std::uint8_t>;
    struct Mail {
        Endpoint to;
        Bytes message;
    };
    void send(const Endpoint& to, std::span<const std::uint8_t> message) override {
        sent.push_back({to, Bytes(message.begin(), message.end())});
    }
    std::optional<dnsbl::transfer::NotifyDatagram> receive(Duration /*timeout*/) override {
        if (arriving.empty()) return std::nullopt;
        auto first = std::move(arriving.front());
        arriving.pop_front();
        return first;
    }
    // An answer with a SOA of this serial.
    void answer(const Mail& question, std::uint32_t serial, const Endpoint& from) {
        auto bytes = question.message;
        bytes[2] = 0x84;
        bytes[7] = 1;
        for (const unsigned octet : {0xc0U,
                                     0x0cU,
                                     0U,
                                     6U,
                                     0U,
                                     1U,
                                     0U,
                                     0U,
                                     0U,
                                     60U,
                                     0U,
                                     24U,
                                     0xc0U,
                                     0x0cU,
                                     0xc0U,
                                     0x0cU,
                                     serial >> 24U,
                                     serial >> 16U,
                                     serial >> 8U,
                                     serial,
                                     0U,
                                     0U,
                                     0U,
                                     1U,
                                     0U,
                                     0U,
                                     0U,
                                     2U,
                                     0U,
                                     0U,
                                     0U,
                                     3U,
                                     0U,
                                     0U,
                                     0U,
                                     4U})
            bytes.push_back(static_cast<std::uint8_t>(octet));
        arriving.push_back({from, std::move(bytes)});
    }
    std::vector<Mail> sent;
    std::deque<dnsbl::transfer::NotifyDatagram> arriving;
};

class MirrorWatchTest : public ApiFixture {
protected:
    MirrorWatchTest() {
        auto network = std::make_unique<NetworkOfTest>();
        network_ = network.get();
        configuration.mirrors = {30s, 10min, false};
        watch_ = std::make_unique<MirrorWatch>(MirrorWatch::World{*store, clock, entropy}, not_owned(configuration),
                                               std::move(network), [this](bool trouble, std::string_view text) {
                                                   told_.push_back((trouble ? "! " : "") + std::string(text));
                                               });
        context.mirror_lags = [this] { return watch_->lags(); };
    }
    static std::shared_ptr<const Configuration> not_owned(const Configuration& of) {
        return {std::shared_ptr<void>(), &of};
    }
    void add(const char* name, const char* address) {
        const auto body = std::string(R"({"name":")") + name + R"(","kind":"bind","addresses":[")" + address +
                          R"("],"zones":["bl.example"]})";
        ASSERT_EQ(as_operator("POST", "/v1/mirrors", body).status, 201U);
    }
    std::unique_ptr<MirrorWatch> watch_;
    NetworkOfTest* network_ = nullptr;
    std::vector<std::string> told_;
};

TEST_F(MirrorWatchTest, AMirrorsLagIsKnownByTheJournal) {
    add("ns2", "198.51.100.53");
    prove(1, suspect);
    const auto first = static_cast<std::uint32_t>(all_changes().back().sequence);
    clock.advance(100s);
    prove(2, test::ip("5.6.7.9"));
    clock.advance(20s);
    watch_->round(0ms);
    ASSERT_THAT(network_->sent, SizeIs(1));
    const Endpoint there{test::ip("198.51.100.53"), 53};
    EXPECT_EQ(network_->sent[0].to, there);
    network_->answer(network_->sent[0], first, {test::ip("198.51.100.99"), 53});
    watch_->round(0ms);
    EXPECT_EQ(watch_->lags().at(0).answered, Time{}) << "another's answer";
    network_->answer(network_->sent[0], first, there);
    watch_->round(0ms);
    const auto lag = watch_->lags().at(0);
    EXPECT_EQ(lag.serial, first);
    EXPECT_EQ(lag.behind, 1U);
    EXPECT_EQ(lag.age, Duration(20s));
    EXPECT_EQ(lag.answered, clock.now());
    const auto row = json(as_operator("GET", "/v1/mirrors")).at("mirrors").at(0).as_object();
    EXPECT_EQ(row.at("lag").at("serials_behind"), 1U);
    EXPECT_EQ(row.at("lag").at("seconds_behind"), 20);
    EXPECT_EQ(row.at("watched").at(0).at("serial"), first);
    ASSERT_EQ(as_operator("DELETE", "/v1/mirrors/ns2").status, 200U);
    watch_->round(0ms);
    EXPECT_THAT(watch_->lags(), IsEmpty());
}

TEST_F(MirrorWatchTest, TheCatalogIsWatchedByItsOwnSerial) {
    configuration.zones.catalogs.push_back({"catalog.example", "", "", {}});
    configuration.zones.zones.resize(1);
    ASSERT_EQ(
        as_operator("POST", "/v1/mirrors", R"({"name":"ns2","kind":"bind","addresses":["198.51.100.53"]})").status,
        201U);
    ASSERT_TRUE(store->write([](WriteTxn& txn) -> Result<> {
        journal::note_configuration(txn, "one");
        return {};
    }));
    const auto defined = static_cast<std::uint32_t>(all_changes().back().sequence);
    prove(1, suspect);
    clock.advance(20s);
    watch_->round(0ms);
    ASSERT_THAT(network_->sent, SizeIs(2));
    const Endpoint there{test::ip("198.51.100.53"), 53};
    for (const auto& question : network_->sent) network_->answer(question, defined, there);
    watch_->round(0ms);
    for (const auto& lag : watch_->lags()) EXPECT_EQ(lag.behind, lag.zone == "catalog.example" ? 0U : 1U) << lag.zone;
}

TEST_F(MirrorWatchTest, AnotherConfigurationHasOtherZones) {
    configuration.zones.zones.resize(1);
    ASSERT_EQ(as_operator("POST", "/v1/mirrors", R"({"name":"ns2","kind":"nsd","addresses":["198.51.100.53"]})").status,
              201U);
    watch_->round(0ms);
    EXPECT_THAT(watch_->lags(), SizeIs(1));
    network_->answer(network_->sent.at(0), 0, {test::ip("198.51.100.53"), 53});
    watch_->round(0ms);
    auto next = configuration;
    next.zones.zones.push_back(next.zones.zones.front());
    next.zones.zones.back().apex = "more.example";
    watch_->use(not_owned(next));
    watch_->round(0ms);
    const auto lags = watch_->lags();
    ASSERT_THAT(lags, SizeIs(2));
    EXPECT_TRUE(lags[0].known()) << "what was known stays known";
    EXPECT_FALSE(lags[1].known());
    EXPECT_THAT(network_->sent, SizeIs(2)) << "the new one is asked at once";
}

TEST_F(MirrorWatchTest, WhoIsSilentIsToldInTheLog) {
    add("ns2", "198.51.100.53");
    for (unsigned i = 0; i < 700; ++i) {
        watch_->round(0ms);
        clock.advance(1s);
    }
    EXPECT_THAT(told_, ElementsAre(AllOf(HasSubstr("! the mirror ns2"), HasSubstr("bl.example"))));
    for (unsigned i = 0; i < 100 && told_.size() < 2; ++i) {
        const auto sent = network_->sent.size();
        watch_->round(0ms);
        if (network_->sent.size() > sent) {
            network_->answer(network_->sent.back(), 0, {test::ip("198.51.100.53"), 53});
            watch_->round(0ms); // before it is asked again
        }
        clock.advance(1s);
    }
    EXPECT_THAT(told_.back(), HasSubstr("is back"));
}

TEST_F(MirrorWatchTest, ThePublicSeesTheLagOnlyWhereItIsPublic) {
    add("ns2", "198.51.100.53");
    watch_->round(0ms);
    EXPECT_EQ(as_public("GET", "/v1/mirrors/lag").status, 403U);
    EXPECT_EQ(as_operator("GET", "/v1/mirrors/lag").status, 200U);
    configuration.mirrors.is_public = true;
    const auto shown = as_public("GET", "/v1/mirrors/lag");
    EXPECT_EQ(shown.status, 200U);
    EXPECT_EQ(json(shown).at("mirrors").at("ns2").at("serials_behind"), 0U);
    EXPECT_THAT(shown.body, testing::Not(HasSubstr("198.51.100.53")));
    EXPECT_EQ(as_public("GET", "/v1/mirrors").status, 403U);
    EXPECT_EQ(as_public("DELETE", "/v1/mirrors/lag").status, 405U);
    EXPECT_EQ(as_operator("POST", "/v1/mirrors", R"({"name":"lag","kind":"bind","addresses":["192.0.2.1"]})").status,
              400U);
    context.mirror_lags = {};
    EXPECT_EQ(as_operator("GET", "/v1/mirrors/lag").status, 404U);
}

} // namespace
} // namespace provenbl::tools
