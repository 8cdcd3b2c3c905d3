// One visit with scripted techniques over a real store: steps, tokens, transcript, decision.
#include "tests/unit/verifier/store_world.hpp"
#include "verifier/scanner.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <array>
#include <map>

namespace provenbl::verifier {
namespace {

using namespace std::chrono_literals;
using testing::StoreWorld;

const Address suspect = Address::v4(127, 0, 0, 10);

class SilentConnection final : public Connection {
public:
    explicit SilentConnection(std::vector<Duration>& patiences) : patiences_(patiences) {}
    Awaitable<Result<std::size_t>> read_some(std::span<char>, Duration patience) override {
        patiences_.push_back(patience);
        co_return Error{Errc::closed, "the host closed the connection"};
    }
    Awaitable<Result<>> write(std::string_view) override { co_return Result<>{}; }
    Awaitable<Result<>> start_tls(const TlsWish&) override { co_return Error{Errc::protocol, "no TLS"}; }
    void close() override {}

private:
    std::vector<Duration>& patiences_;
};

class FakeNetwork final : public Network {
public:
    Awaitable<Result<std::unique_ptr<Connection>>> connect(const Endpoint& target) override {
        connects.push_back(target);
        if (closed.contains(target.port)) co_return Error{Errc::closed, "connection refused"};
        std::unique_ptr<Connection> made = std::make_unique<SilentConnection>(patiences);
        co_return made;
    }
    Awaitable<Result<std::unique_ptr<Connection>>> connect_udp(const Endpoint& target) override {
        return connect(target);
    }
    std::vector<Endpoint> connects;
    std::vector<Duration> patiences; // of all reads
    std::set<std::uint16_t> closed;
};

// What the scripted suspect does. One per test; techniques are plain functions, so they find it here.
struct Script {
    enum class Mail { relays, refuses, discards, comes_late, greylists, breaks, hangs } mail = Mail::refuses;
    Receiver* receiver = nullptr;
    std::function<void()> during; // called while the visit is on
    std::vector<TokenMint::Token> issued;
    Hint hint = Hint::none; // of mail
    bool late_mail = false; // arrives while the tunnel is tried
};
Script* script = nullptr;

Awaitable<void> run_mail(ProbeContext& context, std::span<const Technique* const> techniques,
                         std::span<ProbeResult> results) {
    auto connection = co_await context.connect();
    if (!connection) {
        for (auto& result : results) result = {Verdict::closed_port, connection.error().message};
        co_return;
    }
    context.software("Fake MTA");
    for (auto& result : results) result.hint = script->hint;
    if (script->during) script->during();
    for (std::size_t i = 0; i < techniques.size(); ++i) {
        std::string repeat = "send TOKEN again TOKEN";
        auto token = co_await context.issue(*techniques[i], SinkKind::mail, std::move(repeat));
        if (!token) {
            results[i] = {Verdict::inconclusive, "not tried: " + token.error().message};
            continue;
        }
        script->issued.push_back(*token);
        const std::string line = "RCPT TO:<" + token->text + "@probe.example>\r\n";
        (void)co_await (*connection)->write(line);
        switch (script->mail) {
        case Script::Mail::relays: {
            Arrival arrival{context.now(), context.target().address, 25, "mail"};
            (void)co_await script->receiver->accept(token->id, std::move(arrival));
            const bool arrived = co_await context.arrived(token->id, 10min);
            results[i] = {arrived ? Verdict::open : Verdict::inconclusive, "arrived"};
            break;
        }
        case Script::Mail::refuses:
            results[i] = {Verdict::refused, "RCPT TO: 550 no", script->hint};
            break;
        case Script::Mail::discards: {
            const bool arrived = co_await context.arrived(token->id, 1ms);
            results[i] = {arrived ? Verdict::open : Verdict::inconclusive, "accepted, but nothing has arrived"};
            break;
        }
        case Script::Mail::comes_late:
            context.look_again(*techniques[i], token->id);
            results[i] = {Verdict::inconclusive, "accepted, but nothing has arrived"};
            break;
        case Script::Mail::greylists:
            results[i] = {Verdict::inconclusive, "try again later: RCPT TO: 451"};
            break;
        case Script::Mail::breaks:
            throw std::runtime_error("a technique with a bug");
        case Script::Mail::hangs:
            (void)co_await context.arrived(token->id, 10min);
            break;
        }
    }
}

Awaitable<void> run_tunnel(ProbeContext& context, std::span<const Technique* const>, std::span<ProbeResult> results) {
    if (script->late_mail) {
        for (const auto& token : script->issued) {
            Arrival arrival{context.now(), context.target().address, 25, "mail"};
            (void)co_await script->receiver->accept(token.id, std::move(arrival));
        }
    }
    auto connection = co_await context.connect();
    results[0] = connection ? ProbeResult{Verdict::refused, "05 FF"}
                            : ProbeResult{Verdict::closed_port, connection.error().message};
}

constexpr std::array<std::uint16_t, 1> mail_ports{25};
constexpr std::array<std::uint16_t, 1> tunnel_ports{1080};
const Technique plain{"smtp-relay/plain", ListingClass::relay, mail_ports, "", 8, run_mail};
const Technique percent{"smtp-relay/percent", ListingClass::relay, mail_ports, "", 8, run_mail};
const Technique tunnel{"socks5/connect", ListingClass::socks, tunnel_ports, "", 1, run_tunnel};
const std::array<const Technique*, 3> techniques{&plain, &percent, &tunnel};
const Technique rare{"smtp-relay/rare", ListingClass::relay, mail_ports, "", 8, run_mail, Stage::suspicion};
const Technique rarest{"smtp-relay/rarest", ListingClass::relay, mail_ports, "", 8, run_mail, Stage::thorough};
const std::array<const Technique*, 3> staged{&plain, &rare, &rarest};

// A technique of datagrams that hears nothing.
Awaitable<void> run_datagrams(ProbeContext&, std::span<const Technique* const>, std::span<ProbeResult> results) {
    results[0] = {Verdict::unreachable, "no answer"};
    co_return;
}
const Technique datagrams{"turn/udp",    ListingClass::socks, tunnel_ports, "", 1,
                          run_datagrams, Stage::always,       false,        {}, true};

// One that reads what the host says first.
Awaitable<void> run_listening(ProbeContext& context, std::span<const Technique* const>,
                              std::span<ProbeResult> results) {
    auto connection = co_await context.connect();
    std::array<char, 16> heard{};
    const auto size = co_await (*connection)->read_some(heard, Duration::zero());
    results[0] = {Verdict::unreachable, size ? "heard" : size.error().message};
}
const Technique listening{"socks5/connect", ListingClass::socks, mail_ports, "", 1, run_listening};

class ScannerTest : public ::testing::Test {
protected:
    ScannerTest() {
        script = &scripted;
        scripted.receiver = &*world.receiver;
        make_scanner();
    }
    ~ScannerTest() override { script = nullptr; }

    void make_scanner(std::span<const Technique* const> with = techniques) {
        scanner.emplace(VisitParts{*world.store, world.clock, *world.gate, network, *world.mint, *world.receiver,
                                   *world.arrivals, world.settings.identity, world.settings.probe,
                                   world.settings.policy, world.entropy},
                        with);
    }
    void request(ScanKind kind, std::vector<std::uint16_t> ports = {}, const Address& host = suspect) {
        world.write([&](WriteTxn& txn) { EXPECT_TRUE(ledger::request_scan(txn, host, kind, txn.now, ports)); });
    }
    Scan visit(ScanKind kind, std::vector<std::uint16_t> ports = {}) {
        world.clock.advance(1min);
        request(kind, std::move(ports));
        auto scan = world.await(scanner->visit(suspect));
        EXPECT_TRUE(scan) << scan.error().message;
        return scan ? *scan : Scan{};
    }

    StoreWorld world;
    FakeNetwork network;
    Script scripted;
    std::optional<Scanner> scanner;
};

TEST_F(ScannerTest, ARelayIsListedWithItsTranscriptAndSoftware) {
    scripted.mail = Script::Mail::relays;
    const auto scan = visit(ScanKind::report);
    EXPECT_EQ(scan.state, ScanState::finished);
    ASSERT_EQ(scan.steps.size(), 3U);
    EXPECT_EQ(scan.steps[0].verdict, Verdict::open);
    EXPECT_EQ(scan.steps[1].verdict, Verdict::open);
    EXPECT_EQ(scan.steps[2].verdict, Verdict::refused);
    EXPECT_TRUE(scan.outcome.starts_with("Proven open, and listed: smtp-relay/plain on port 25")) << scan.outcome;

    const auto host = world.host(suspect);
    EXPECT_EQ(host->holes.size(), 2U);
    EXPECT_EQ(host->software, "Fake MTA");
    EXPECT_GE(host->due, world.clock.now() + world.settings.policy.rescan_interval);
    EXPECT_LE(host->due, world.clock.now() + 2 * world.settings.policy.rescan_interval);
    const auto evidence =
        world.store->read([&](const ReadTxn& txn) { return hosts::evidence(txn, suspect, host->case_id); });
    ASSERT_EQ(evidence.size(), 2U);
    EXPECT_EQ(evidence[0].repeat, "send " + scripted.issued[0].text + " again " + scripted.issued[0].text);
    EXPECT_NE(evidence[0].transcript.find("connected to 127.0.0.10:25"), std::string::npos) << evidence[0].transcript;
    EXPECT_NE(evidence[0].transcript.find("> RCPT TO:<" + scripted.issued[0].text), std::string::npos);
    EXPECT_EQ(evidence[1].transcript, evidence[0].transcript); // one conversation
}

TEST_F(ScannerTest, ATokenIsDurableBeforeItIsSent) {
    scripted.mail = Script::Mail::discards;
    visit(ScanKind::report);
    ASSERT_EQ(scripted.issued.size(), 2U);
    const auto probe = world.store->read([&](const ReadTxn& txn) { return tokens::find(txn, scripted.issued[0].id); });
    ASSERT_TRUE(probe);
    EXPECT_EQ(probe->target, (Endpoint{suspect, 25}));
    EXPECT_EQ(probe->expires - probe->written, world.settings.probe.mail_token_life);
}

TEST_F(ScannerTest, MailThatArrivesWhileOtherWaysAreTriedIsProof) {
    scripted.mail = Script::Mail::comes_late;
    scripted.late_mail = true;
    const auto scan = visit(ScanKind::report);
    ASSERT_EQ(scan.steps.size(), 5U);
    EXPECT_EQ(scan.steps[0].verdict, Verdict::inconclusive);
    EXPECT_EQ(scan.steps[2].technique, "socks5/connect");
    EXPECT_EQ(scan.steps[3].technique, "smtp-relay/plain");
    EXPECT_EQ(scan.steps[3].verdict, Verdict::open);
    EXPECT_EQ(scan.steps[4].technique, "smtp-relay/percent");
    EXPECT_TRUE(scan.outcome.starts_with("Proven open, and listed: smtp-relay/plain on port 25")) << scan.outcome;
    EXPECT_TRUE(world.listed(suspect));
}

TEST_F(ScannerTest, MailThatNeverArrivesIsWaitedForOnceAndProvesNothing) {
    world.settings.probe.mail_wait = 1ms;
    scripted.mail = Script::Mail::comes_late;
    const auto scan = visit(ScanKind::report);
    EXPECT_EQ(scan.steps.size(), 3U);
    EXPECT_EQ(scan.state, ScanState::finished);
    EXPECT_FALSE(world.listed(suspect));
}

TEST_F(ScannerTest, AHostThatAcceptsAndDiscardsIsNeverListed) {
    scripted.mail = Script::Mail::discards;
    for (int i = 0; i < 3; ++i) {
        const auto scan = visit(ScanKind::report);
        EXPECT_EQ(scan.steps[0].verdict, Verdict::inconclusive);
        EXPECT_NE(scan.outcome.find("not listed"), std::string::npos) << scan.outcome;
        EXPECT_FALSE(world.listed(suspect));
    }
}

TEST_F(ScannerTest, MailThatArrivesAfterTheVisitStillLists) {
    scripted.mail = Script::Mail::discards;
    visit(ScanKind::report);
    world.clock.advance(5h);
    Arrival arrival{world.clock.now(), suspect, 25, "late"};
    EXPECT_TRUE(world.await(world.receiver->accept(scripted.issued.at(0).id, arrival)));
    EXPECT_TRUE(world.listed(suspect));
}

TEST_F(ScannerTest, AnOwnerWhoHasFixedItIsDelistedByTheSameVisit) {
    scripted.mail = Script::Mail::relays;
    visit(ScanKind::report);
    ASSERT_TRUE(world.listed(suspect));
    scripted.mail = Script::Mail::refuses;
    network.connects.clear();
    const auto scan = visit(ScanKind::owner);
    EXPECT_EQ(scan.outcome, "Every way that was open is now refused: delisted.");
    EXPECT_FALSE(world.listed(suspect));
    EXPECT_EQ(network.connects, (std::vector<Endpoint>{{suspect, 25}})); // the holes' port, and one conversation
    EXPECT_EQ(world.host(suspect)->queued_scan, 0U);
}

TEST_F(ScannerTest, AClosedPortIsTriedOnceAndEveryHoleGetsItsStep) {
    scripted.mail = Script::Mail::relays;
    visit(ScanKind::report);
    network.closed = {25};
    network.connects.clear();
    const auto scan = visit(ScanKind::owner);
    EXPECT_EQ(network.connects.size(), 1U);
    ASSERT_EQ(scan.steps.size(), 2U);
    EXPECT_EQ(scan.steps[1].verdict, Verdict::closed_port);
    EXPECT_EQ(world.host(suspect)->silent_streak, 1U);
    EXPECT_EQ(world.host(suspect)->due_kind, ScanKind::owner);
    EXPECT_EQ(world.host(suspect)->due, world.clock.now() + 10s);
}

TEST_F(ScannerTest, AfterAClosedPortOtherTechniquesDoNotConnectThere) {
    network.closed = {9999};
    const auto scan = visit(ScanKind::report, {9999});
    EXPECT_EQ(std::count(network.connects.begin(), network.connects.end(), Endpoint{suspect, 9999}), 1);
    EXPECT_EQ(network.connects.size(), 3U); // 9999, 25, 1080
}

TEST_F(ScannerTest, SilenceAfterAConnectionDoesNotKeepOtherTechniquesFromThePort) {
    scripted.mail = Script::Mail::breaks; // unreachable, after connecting
    const auto scan = visit(ScanKind::report, {9999});
    EXPECT_EQ(std::count(network.connects.begin(), network.connects.end(), Endpoint{suspect, 9999}), 2);
    const auto tried = std::find_if(scan.steps.begin(), scan.steps.end(), [](const ScanStep& step) {
        return step.technique == "socks5/connect" && step.port == 9999;
    });
    ASSERT_NE(tried, scan.steps.end());
    EXPECT_EQ(tried->verdict, Verdict::refused);
}

// A port of TCP and the same port of UDP are two.
TEST_F(ScannerTest, APortThatIsClosedToTcpSaysNothingForDatagramsNorTheOtherWayRound) {
    const std::array<const Technique*, 2> tcp_first{&tunnel, &datagrams};
    make_scanner(tcp_first);
    network.closed = {1080};
    const auto closed = visit(ScanKind::report);
    ASSERT_EQ(closed.steps.size(), 2U);
    EXPECT_EQ(closed.steps[1].technique, "turn/udp");
    const std::array<const Technique*, 2> udp_first{&datagrams, &tunnel};
    make_scanner(udp_first);
    network.closed.clear();
    network.connects.clear();
    const auto silent = visit(ScanKind::report);
    ASSERT_EQ(silent.steps.size(), 2U);
    EXPECT_EQ(silent.steps[1].technique, "socks5/connect");
    EXPECT_EQ(network.connects.size(), 1U);
}

TEST_F(ScannerTest, RareFormsAreTriedWhereThereIsSuspicion) {
    make_scanner(staged);
    EXPECT_EQ(visit(ScanKind::report).steps.size(), 1U) << "nothing is known";
    scripted.hint = Hint::speaks;
    EXPECT_EQ(visit(ScanKind::report).steps.size(), 1U) << "a mail server that refuses";
    EXPECT_EQ(visit(ScanKind::report, {25}).steps.size(), 2U) << "whoever reports the port suspects it";
    scripted.hint = Hint::promising;
    EXPECT_EQ(visit(ScanKind::report).steps.size(), 2U) << "something was taken";
    scripted.hint = Hint::hopeless;
    EXPECT_EQ(visit(ScanKind::report, {25}).steps.size(), 1U) << "it sent us away";
    world.settings.probe.thorough = true;
    make_scanner(staged);
    scripted.hint = Hint::none;
    EXPECT_EQ(visit(ScanKind::report).steps.size(), 3U);
}

// A session that the server ended is not begun again for the next forms, and what was proven gets its step.
TEST_F(ScannerTest, WhatIsHopelessForOneFormIsForItsRelatives) {
    scripted.mail = Script::Mail::relays;
    visit(ScanKind::report);
    ASSERT_TRUE(world.listed(suspect));
    const Technique alone{"smtp-relay/percent", ListingClass::relay, mail_ports, "", 1, run_mail};
    const Technique first{"smtp-relay/plain", ListingClass::relay, mail_ports, "", 1, run_mail};
    const std::array<const Technique*, 2> one_by_one{&first, &alone};
    make_scanner(one_by_one);
    scripted.mail = Script::Mail::refuses;
    scripted.hint = Hint::hopeless;
    network.connects.clear();
    const auto scan = visit(ScanKind::owner);
    EXPECT_EQ(network.connects.size(), 1U);
    ASSERT_EQ(scan.steps.size(), 2U);
    EXPECT_EQ(scan.steps[1].technique, "smtp-relay/percent");
    EXPECT_EQ(scan.steps[1].verdict, Verdict::refused);
}

TEST_F(ScannerTest, GreylistingIsVisitedAgainSoon) {
    scripted.mail = Script::Mail::greylists;
    visit(ScanKind::report);
    EXPECT_EQ(world.host(suspect)->due, world.clock.now() + world.settings.policy.retry_after);
    EXPECT_NE(world.host(suspect)->queued_scan, 0U);
}

TEST_F(ScannerTest, WhatGreylistingPutOffIsAskedAgainWithTheSameRecipient) {
    scripted.mail = Script::Mail::greylists;
    visit(ScanKind::report);
    world.clock.advance(world.settings.policy.retry_after);
    const auto again = world.await(scanner->visit(suspect)); // the visit that was queued for it
    ASSERT_TRUE(again) << again.error().message;
    ASSERT_EQ(scripted.issued.size(), 4U);
    EXPECT_EQ(scripted.issued[2].text, scripted.issued[0].text);
    EXPECT_EQ(scripted.issued[3].text, scripted.issued[1].text);

    scripted.mail = Script::Mail::relays;
    visit(ScanKind::report); // put off twice, and taken at last
    EXPECT_EQ(scripted.issued[4].text, scripted.issued[0].text);
    EXPECT_TRUE(world.listed(suspect));
    visit(ScanKind::report);
    EXPECT_NE(scripted.issued[6].text, scripted.issued[0].text); // what has been used proves nothing twice
}

TEST_F(ScannerTest, ATokenThatHasExpiredMeanwhileIsNotAskedAgain) {
    scripted.mail = Script::Mail::greylists;
    visit(ScanKind::report);
    world.clock.advance(world.settings.probe.mail_token_life);
    visit(ScanKind::report);
    EXPECT_NE(scripted.issued[2].text, scripted.issued[0].text);
}

TEST_F(ScannerTest, ABugInATechniqueEndsNoVisit) {
    scripted.mail = Script::Mail::breaks;
    const auto scan = visit(ScanKind::report);
    EXPECT_EQ(scan.state, ScanState::finished);
    EXPECT_EQ(scan.steps.at(0).verdict, Verdict::unreachable);
    EXPECT_NE(scan.steps.at(0).detail.find("a technique with a bug"), std::string::npos);
    EXPECT_EQ(scan.steps.at(2).technique, "socks5/connect");
}

TEST_F(ScannerTest, StepsAndLinesAreShownAsTheyHappen) {
    request(ScanKind::report);
    Scan started;
    world.write([&](WriteTxn& txn) { started = ledger::start_scan(txn, suspect).value(); });
    std::vector<std::string> lines;
    std::vector<std::string> steps;
    std::size_t stored = 0;
    Scanner::Watch watch{[&](std::string_view line) { lines.emplace_back(line); },
                         [&](const ScanStep& step) {
                             steps.push_back(step.technique);
                             stored = world.store->read([&](const ReadTxn& txn) {
                                 return hosts::scan(txn, suspect, started.id)->steps.size();
                             });
                             EXPECT_GE(stored, steps.size()); // another process sees it too
                         }};
    EXPECT_TRUE(world.await(scanner->run(started, watch)));
    EXPECT_EQ(steps, (std::vector<std::string>{"smtp-relay/plain", "smtp-relay/percent", "socks5/connect"}));
    EXPECT_FALSE(lines.empty());
}

TEST_F(ScannerTest, AnExcludedHostGetsNoPacketAndTheReason) {
    request(ScanKind::report);
    const auto reason = [&](WriteTxn& txn) {
        Exclusion exclusion;
        exclusion.prefix = Prefix::of(suspect, 24);
        exclusion.reason = "asked to be";
        exclusion.created = txn.now;
        EXPECT_TRUE(ledger::start_scan(txn, suspect)); // under way when the exclusion is entered
        EXPECT_TRUE(ledger::exclude(txn, exclusion));
    };
    world.write(reason);
    const auto started = world.store->read([&](const ReadTxn& txn) { return hosts::scans(txn, suspect, 1).at(0); });
    const auto scan = world.await(scanner->run(started, {}));
    ASSERT_TRUE(scan) << scan.error().message;
    EXPECT_TRUE(network.connects.empty());
    EXPECT_NE(scan->outcome.find("Not probed"), std::string::npos);
    EXPECT_NE(scan->outcome.find("asked to be"), std::string::npos);
}

TEST_F(ScannerTest, AHostThatTheGateHoldsNowIsTakenOffTheList) {
    scripted.mail = Script::Mail::relays;
    visit(ScanKind::report);
    ASSERT_TRUE(world.listed(suspect));
    world.settings.gate.own_networks = {Prefix::of(suspect, 32)};
    world.gate.emplace(*world.store, world.clock, world.settings.gate);
    make_scanner();
    const auto scan = visit(ScanKind::rescan);
    EXPECT_FALSE(world.listed(suspect));
    EXPECT_NE(scan.outcome.find("own networks"), std::string::npos) << scan.outcome;
}

TEST_F(ScannerTest, AHostWithoutAQueuedVisitIsNotVisited) {
    const auto refused = world.await(scanner->visit(suspect));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::conflict);
    EXPECT_TRUE(network.connects.empty());
}

TEST_F(ScannerTest, APortThatSpeaksOneProtocolIsNotWaitedForLongInAnother) {
    const std::array<const Technique*, 2> both{&plain, &listening};
    make_scanner(both);
    visit(ScanKind::report);
    EXPECT_EQ(network.patiences, std::vector<Duration>{Duration::zero()}) << "nothing is known of the port";
    network.patiences.clear();
    scripted.hint = Hint::speaks;
    visit(ScanKind::report);
    EXPECT_EQ(network.patiences, std::vector<Duration>{world.settings.probe.nudge_after});
}

TEST_F(ScannerTest, OthersGiveWayToAnOwnerAndComeToAnEndAllTheSame) {
    scripted.mail = Script::Mail::hangs;
    request(ScanKind::owner);
    boost::asio::cancellation_signal signal;
    std::promise<void> ended;
    world.on_context([&] {
        boost::asio::co_spawn(
            world.context, scanner->visit(suspect),
            boost::asio::bind_cancellation_slot(
                signal.slot(), [&](const std::exception_ptr&, const Result<Scan>&) { ended.set_value(); }));
    });
    while (world.arrivals->waiting() == 0) std::this_thread::yield();

    const Address other = Address::v4(127, 0, 0, 11);
    world.on_context([&] { scripted.mail = Script::Mail::refuses; });
    request(ScanKind::report, {}, other);
    const auto scan = world.await(scanner->visit(other));
    ASSERT_TRUE(scan);
    EXPECT_EQ(scan->state, ScanState::finished);
    EXPECT_EQ(scan->steps.size(), 3U);
    world.on_context([&] { signal.emit(boost::asio::cancellation_type::terminal); });
    ended.get_future().wait();
}

TEST_F(ScannerTest, ACancelledVisitStaysRunningAndIsTakenUpAgain) {
    scripted.mail = Script::Mail::hangs;
    request(ScanKind::report);
    boost::asio::cancellation_signal signal;
    std::promise<bool> failed;
    world.on_context([&] {
        boost::asio::co_spawn(world.context, scanner->visit(suspect),
                              boost::asio::bind_cancellation_slot(
                                  signal.slot(), [&](const std::exception_ptr& error, const Result<Scan>&) {
                                      failed.set_value(error != nullptr);
                                  }));
    });
    while (world.arrivals->waiting() == 0) std::this_thread::yield();
    world.on_context([&] { signal.emit(boost::asio::cancellation_type::terminal); });
    EXPECT_TRUE(failed.get_future().get());
    EXPECT_NE(world.host(suspect)->running_scan, 0U);

    world.write([](WriteTxn& txn) { EXPECT_EQ(ledger::requeue_interrupted(txn), 1U); });
    scripted.mail = Script::Mail::refuses;
    const auto scan = world.await(scanner->visit(suspect));
    ASSERT_TRUE(scan);
    EXPECT_EQ(scan->state, ScanState::finished);
}

} // namespace
} // namespace provenbl::verifier
