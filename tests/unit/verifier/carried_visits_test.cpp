// Visits that somebody else carries out: what lists, what is looked at from here, and who looks when nobody comes.
#include "store/listing_unit.hpp"
#include "tests/unit/verifier/store_world.hpp"
#include "verifier/carried_visits.hpp"

#include <atomic>
#include <functional>

namespace provenbl::verifier {
namespace {

using namespace std::chrono_literals;
using testing::StoreWorld;

const Address suspect = Address::v4(127, 0, 0, 10);
const Address somebody = Address::v4(127, 0, 0, 66);

class NoNetwork final : public Network {
public:
    Awaitable<Result<std::unique_ptr<Connection>>> connect(const Endpoint&) override {
        ++connects;
        if (const auto first = std::exchange(on_connect, {})) co_await first();
        co_return Error{Errc::closed, "connection refused"};
    }
    Awaitable<Result<std::unique_ptr<Connection>>> connect_udp(const Endpoint& target) override {
        return connect(target);
    }
    std::atomic<int> connects{0};
    std::function<Awaitable<void>()> on_connect; // once
};

// A worker that the test speaks for.
class Worker final : public Elsewhere {
public:
    [[nodiscard]] VantagePoints vantage_points() const override { return needed; }
    void open(boost::asio::any_io_executor, VisitBooks&) override {}
    void close() override {}
    void hang_up() override {}
    Awaitable<Result<Findings>> visit(Scan scan, VisitBooks::Known) override {
        ++visits;
        if (drags) {
            co_await drags(scan);
            co_return Error{Errc::timeout, "the worker takes too long"};
        }
        if (!does) co_return Error{Errc::unreachable, "nobody is there"};
        auto found = co_await does(scan);
        co_return found;
    }
    std::function<Awaitable<Findings>(const Scan&)> does;
    std::function<Awaitable<void>(const Scan&)> drags;
    int visits = 0;
    VantagePoints needed = VantagePoints::two;
};

class CarriedVisitsTest : public ::testing::Test {
protected:
    void start(unsigned vantage_points) {
        world.settings.probe.callback_targets = {{Address::v4(127, 0, 0, 99), 25}};
        worker.needed = vantage_points == 1 ? VantagePoints::one : VantagePoints::two;
        scanner.emplace(VisitParts{*world.store, world.clock, *world.gate, network, *world.mint, *world.receiver,
                                   *world.arrivals, world.settings.identity, world.settings.probe,
                                   world.settings.policy, world.entropy});
        carried.emplace(world.clock, *world.gate, *scanner, worker);
        world.receiver->expect_workers(
            worker.needed, [this](const Address& host, Claim claim) { return carried->hold(host, std::move(claim)); });
    }

    Scan visit(ScanKind kind = ScanKind::report) {
        world.clock.advance(25h);
        world.write([&](WriteTxn& txn) { EXPECT_TRUE(ledger::request_scan(txn, suspect, kind, txn.now, {})); });
        const auto done = world.await(carried->visit(suspect));
        EXPECT_TRUE(done) << done.error().message;
        return last_scan();
    }
    Scan last_scan() {
        Scan last;
        world.store->read([&](const ReadTxn& txn) {
            for (std::uint64_t id = 1; id < 100; ++id)
                if (auto scan = hosts::scan(txn, suspect, id); scan && scan->state == ScanState::finished)
                    last = std::move(*scan);
        });
        return last;
    }
    // As the coordinator does for a worker.
    Awaitable<TokenId> issued_token(SinkKind sink, std::string_view technique, Address target = suspect) {
        PendingProbe probe;
        probe.target = {target, 25};
        probe.technique = technique;
        probe.cls = sink == SinkKind::mail ? ListingClass::relay : ListingClass::socks;
        probe.sink = sink;
        probe.written = world.clock.now();
        probe.expires = probe.written + 1h;
        probe.carrier = "frankfurt";
        auto token = co_await scanner->books().issue(std::move(probe));
        co_return token.value().id;
    }
    Findings findings(std::vector<ScanStep> steps) {
        Findings found;
        found.worker = "frankfurt";
        found.steps = std::move(steps);
        found.recorded = [this] { ++recorded; };
        return found;
    }
    ScanStep step(Verdict verdict, std::string technique = "smtp-relay/plain") {
        return {world.clock.now(), std::move(technique), suspect, 25, verdict, "there"};
    }
    // A visit in which the worker's mail reaches our sink from this exit.
    void worker_relays_through(const Address& exit) {
        worker.does = [this, exit](const Scan&) -> Awaitable<Findings> {
            const auto token = co_await issued_token(SinkKind::mail, "smtp-relay/plain");
            Arrival arrival{world.clock.now(), exit, 25, "mail"};
            const auto taken = co_await world.receiver->accept(token, std::move(arrival));
            EXPECT_TRUE(taken);
            EXPECT_TRUE(co_await world.arrivals->wait(token, 0ms)) << "the worker is told that it arrived";
            co_return findings({step(Verdict::open)});
        };
    }

    // A listing that we have proven ourselves.
    void list() {
        const auto token = world.issue(SinkKind::mail, {suspect, 25});
        Arrival arrival{world.clock.now(), suspect, 25, "mail"};
        ASSERT_TRUE(world.await(world.receiver->accept(token.id, arrival)));
        ASSERT_TRUE(world.listed(suspect));
    }

    StoreWorld world;
    NoNetwork network;
    Worker worker;
    std::optional<Scanner> scanner;
    std::optional<CarriedVisits> carried;
    int recorded = 0;
};

TEST_F(CarriedVisitsTest, what_a_worker_finds_closed_ends_the_visit_of_a_stranger) {
    start(2);
    worker.does = [this](const Scan&) -> Awaitable<Findings> { co_return findings({step(Verdict::refused)}); };
    const auto scan = visit();
    EXPECT_EQ(scan.state, ScanState::finished);
    ASSERT_EQ(scan.steps.size(), 1U);
    EXPECT_EQ(scan.steps[0].detail, "there");
    EXPECT_EQ(network.connects, 0) << "nothing left from here";
    EXPECT_EQ(recorded, 1);
}

TEST_F(CarriedVisitsTest, nobody_there_means_from_here) {
    start(2);
    const auto scan = visit();
    EXPECT_EQ(scan.state, ScanState::finished);
    EXPECT_GT(network.connects, 10);
    EXPECT_EQ(worker.visits, 1);
}

TEST_F(CarriedVisitsTest, one_network_is_enough_where_the_rules_say_so) {
    start(1);
    worker_relays_through(suspect);
    const auto scan = visit();
    EXPECT_TRUE(world.listed(suspect));
    EXPECT_EQ(scan.steps.at(0).verdict, Verdict::open);
    EXPECT_EQ(network.connects, 0);
}

TEST_F(CarriedVisitsTest, a_token_that_another_has_brought_is_only_a_reason_to_look) {
    start(1);
    worker_relays_through(somebody); // the worker itself, say
    const auto scan = visit();
    EXPECT_FALSE(world.listed(suspect));
    EXPECT_FALSE(world.listed(somebody));
    EXPECT_EQ(scan.steps.at(0).verdict, Verdict::inconclusive);
    EXPECT_GT(network.connects, 0) << "looked at from here";
}

TEST_F(CarriedVisitsTest, with_two_vantage_points_a_workers_token_never_lists) {
    start(2);
    worker_relays_through(suspect);
    visit();
    EXPECT_FALSE(world.listed(suspect)) << "from here its port is closed";
    EXPECT_GT(network.connects, 0);
}

TEST_F(CarriedVisitsTest, a_tunnel_that_a_worker_has_confirmed_is_a_claim_too) {
    start(2);
    worker.does = [this](const Scan&) -> Awaitable<Findings> {
        const auto token = co_await issued_token(SinkKind::callback, "socks5/connect");
        Arrival arrival{world.clock.now(), suspect, 25, ""};
        (void)co_await world.receiver->accept(token, std::move(arrival));
        EXPECT_TRUE(co_await world.receiver->confirm(token));
        co_return findings({step(Verdict::open, "socks5/connect")});
    };
    visit();
    EXPECT_FALSE(world.listed(suspect));
    EXPECT_GT(network.connects, 0);
}

TEST_F(CarriedVisitsTest, mail_that_comes_when_the_visit_is_over_is_followed_from_here) {
    start(2);
    TokenId late{};
    worker.does = [&](const Scan&) -> Awaitable<Findings> {
        late = co_await issued_token(SinkKind::mail, "smtp-relay/plain");
        co_return findings({step(Verdict::inconclusive)});
    };
    visit();
    const int before = network.connects;
    Arrival arrival{world.clock.now(), suspect, 25, "mail"};
    EXPECT_TRUE(world.await(world.receiver->accept(late, arrival)));
    EXPECT_FALSE(world.listed(suspect));
    ASSERT_NE(world.host(suspect)->queued_scan, 0U) << "a visit is asked for";
    const auto done = world.await(carried->visit(suspect));
    EXPECT_TRUE(done);
    EXPECT_EQ(worker.visits, 1) << "the second visit is ours";
    EXPECT_GT(network.connects, before);
}

// A listing that we have proven ourselves.
TEST_F(CarriedVisitsTest, a_delisting_takes_both) {
    start(2);
    const auto token = world.issue(SinkKind::mail, {suspect, 25});
    Arrival arrival{world.clock.now(), suspect, 25, "mail"};
    ASSERT_TRUE(world.await(world.receiver->accept(token.id, arrival)));
    ASSERT_TRUE(world.listed(suspect));
    worker.does = [this](const Scan&) -> Awaitable<Findings> { co_return findings({step(Verdict::refused)}); };
    visit(ScanKind::owner);
    EXPECT_TRUE(world.listed(suspect)) << "from here its port is closed, which says less than a refusal";
    EXPECT_GT(network.connects, 0);
}

TEST_F(CarriedVisitsTest, with_one_vantage_point_a_refusal_there_delists) {
    start(1);
    const auto token = world.issue(SinkKind::mail, {suspect, 25});
    Arrival arrival{world.clock.now(), suspect, 25, "mail"};
    ASSERT_TRUE(world.await(world.receiver->accept(token.id, arrival)));
    worker.does = [this](const Scan&) -> Awaitable<Findings> { co_return findings({step(Verdict::refused)}); };
    visit(ScanKind::owner);
    EXPECT_FALSE(world.listed(suspect));
    EXPECT_EQ(network.connects, 0);
}

TEST_F(CarriedVisitsTest, what_is_excluded_is_given_to_nobody) {
    start(2);
    world.clock.advance(1h);
    world.write([&](WriteTxn& txn) { EXPECT_TRUE(ledger::request_scan(txn, suspect, ScanKind::report, txn.now, {})); });
    // Without the sweep that would drop the visit: as if it came between.
    world.settings.gate.own_networks = {Prefix::of(suspect, 32)};
    const Gate closed(*world.store, world.clock, world.settings.gate);
    CarriedVisits visits(world.clock, closed, *scanner, worker);
    EXPECT_TRUE(world.await(visits.visit(suspect)));
    EXPECT_EQ(worker.visits, 0);
}

TEST_F(CarriedVisitsTest, a_worker_that_refuses_and_drags_its_feet_delists_nobody) {
    start(2);
    list();
    worker.drags = [this](const Scan& scan) -> Awaitable<void> {
        std::vector<ScanStep> steps{step(Verdict::refused)};
        VisitBooks::Talk none;
        EXPECT_TRUE(co_await scanner->books().write_down(scan, std::move(steps), std::move(none)));
        world.clock.advance(world.settings.probe.visit_timeout + 6min);
    };
    const auto scan = visit(ScanKind::owner);
    EXPECT_TRUE(world.listed(suspect)) << "one worker's word: " << scan.outcome;
    EXPECT_GT(network.connects, 0) << "our visit has its own time";
}

TEST_F(CarriedVisitsTest, a_flood_of_a_workers_steps_does_not_push_ours_out) {
    start(2);
    list();
    worker.does = [this](const Scan&) -> Awaitable<Findings> {
        co_return findings(std::vector<ScanStep>(ledger::max_steps, step(Verdict::refused)));
    };
    const auto scan = visit(ScanKind::owner);
    EXPECT_TRUE(world.listed(suspect)) << "from here its port is closed: " << scan.outcome;
    EXPECT_EQ(scan.steps.size(), most_carried_steps + 1);
    EXPECT_EQ(scan.steps.back().verdict, Verdict::closed_port);
}

TEST_F(CarriedVisitsTest, mail_behind_the_workers_last_look_is_followed_before_the_visit_is_concluded) {
    start(2);
    worker.does = [this](const Scan&) -> Awaitable<Findings> {
        const auto token = co_await issued_token(SinkKind::mail, "smtp-relay/plain");
        Arrival arrival{world.clock.now(), suspect, 25, "mail"};
        EXPECT_TRUE(co_await world.receiver->accept(token, std::move(arrival)));
        co_return findings({step(Verdict::inconclusive)});
    };
    const auto scan = visit();
    EXPECT_GT(network.connects, 0);
    EXPECT_EQ(scan.steps.back().verdict, Verdict::closed_port) << "ours";
}

TEST_F(CarriedVisitsTest, mail_that_comes_while_we_look_again_is_followed_by_a_visit) {
    start(2);
    TokenId late{};
    worker.does = [&](const Scan&) -> Awaitable<Findings> {
        late = co_await issued_token(SinkKind::mail, "smtp-relay/plain");
        co_return findings({step(Verdict::open)});
    };
    network.on_connect = [&]() -> Awaitable<void> {
        Arrival arrival{world.clock.now(), suspect, 25, "mail"};
        EXPECT_TRUE(co_await world.receiver->accept(late, std::move(arrival)));
    };
    // Of this very port, which a report of the same would be content with.
    world.write(
        [&](WriteTxn& txn) { EXPECT_TRUE(ledger::request_scan(txn, suspect, ScanKind::report, txn.now, {25})); });
    EXPECT_TRUE(world.await(carried->visit(suspect)));
    ASSERT_NE(world.host(suspect)->queued_scan, 0U);
    EXPECT_LE(world.host(suspect)->due, world.clock.now());
    EXPECT_TRUE(world.await(carried->visit(suspect)));
    EXPECT_EQ(worker.visits, 1) << "the second visit is ours";
}

TEST_F(CarriedVisitsTest, late_mail_is_followed_from_here_where_a_host_is_a_network) {
    start(2);
    const auto probed = Address::parse("2a00:1:2:3::25").value();
    const auto base = Address::parse("2a00:1:2:3::").value();
    world.write([](WriteTxn& txn) { EXPECT_TRUE(listing_unit::set(txn, 64)); });
    TokenId late{};
    worker.does = [&](const Scan&) -> Awaitable<Findings> {
        late = co_await issued_token(SinkKind::mail, "smtp-relay/plain", probed);
        co_return findings({});
    };
    world.write([&](WriteTxn& txn) { EXPECT_TRUE(ledger::request_scan(txn, probed, ScanKind::report, txn.now, {})); });
    EXPECT_TRUE(world.await(carried->visit(base)));
    Arrival arrival{world.clock.now(), probed, 25, "mail"};
    EXPECT_TRUE(world.await(world.receiver->accept(late, arrival)));
    EXPECT_TRUE(world.await(carried->visit(base)));
    EXPECT_EQ(worker.visits, 1) << "the second visit is ours";
}

} // namespace
} // namespace provenbl::verifier
