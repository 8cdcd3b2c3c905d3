// Giving out and taking in: who is believed, what comes back, and that nothing counts twice.
#include "tests/unit/tools/workers_world.hpp"

#include <gmock/gmock.h>

#include <thread>

namespace provenbl::tools::workers {
namespace {

using namespace std::chrono_literals;
using testing::Hand;
using ::testing::HasSubstr;
using testing::WorkersWorld;

class WorkersCoordinator : public WorkersWorld {};

TEST_F(WorkersCoordinator, a_result_is_acknowledged_once_it_is_recorded) {
    auto outcome = give();
    const auto order = next_order();
    EXPECT_EQ(order.scan, scan.id);
    const auto taken = frankfurt.take(order.scan);
    ASSERT_TRUE(taken) << taken.error().message;
    EXPECT_EQ(taken->errand.scan.host, suspect);
    EXPECT_EQ(taken->errand.identity.probe_domain, "probe.example");
    const auto settled = bus.hand_in(frankfurt.result({step(Verdict::refused)}));
    auto found = outcome.get();
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_EQ(found->worker, "frankfurt");
    EXPECT_EQ(found->steps.size(), 1U);
    EXPECT_EQ(settled->done, 0) << "nothing is recorded yet";
    world.on_context(found->recorded);
    EXPECT_EQ(settled->done, 1);
    EXPECT_EQ(coordinator.counts().returned, 1U);
    EXPECT_EQ(coordinator.counts().out, 0U);
}

TEST_F(WorkersCoordinator, a_result_that_is_said_again_while_it_is_recorded_waits_too) {
    auto outcome = give();
    ASSERT_TRUE(frankfurt.take(next_order().scan));
    const auto result = frankfurt.result({step(Verdict::refused)});
    const auto first = bus.hand_in(result);
    auto found = outcome.get();
    ASSERT_TRUE(found);
    const auto second = bus.hand_in(result, 2);
    world.on_context([] {}); // behind it
    EXPECT_EQ(first->done + second->done, 0);
    world.on_context(found->recorded);
    EXPECT_EQ(second->done, 1);
    const auto third = bus.hand_in(result, 3);
    third->wait_until_done();
    EXPECT_EQ(coordinator.counts().refused, 1U) << "a replay";
}

TEST_F(WorkersCoordinator, results_of_others_are_refused) {
    auto outcome = give();
    const auto order = next_order();
    ASSERT_TRUE(frankfurt.take(order.scan));
    // Nobody's key, with the right lease.
    stranger.lease = frankfurt.lease;
    bus.hand_in(stranger.result({step(Verdict::refused)}))->wait_until_done();
    // Another worker's.
    paris.lease = frankfurt.lease;
    bus.hand_in(paris.result({step(Verdict::refused)}))->wait_until_done();
    // Changed on its way.
    auto changed = frankfurt.result({step(Verdict::refused)});
    changed[changed.find("refused")] = 'R';
    bus.hand_in(changed)->wait_until_done();
    // A lease that was never given.
    auto invented = frankfurt.lease;
    frankfurt.lease = std::string(32, '0');
    bus.hand_in(frankfurt.result({step(Verdict::refused)}))->wait_until_done();
    frankfurt.lease = invented;
    EXPECT_EQ(coordinator.counts().refused, 4U);
    bus.hand_in(frankfurt.result({step(Verdict::refused)}));
    EXPECT_TRUE(outcome.get()) << "the right one is taken still";
}

TEST_F(WorkersCoordinator, a_request_signed_for_something_else_is_none) {
    auto outcome = give();
    const auto order = next_order();
    ASSERT_TRUE(frankfurt.take(order.scan));
    // Its own result as a request, and the other way round.
    bus.say(frankfurt.result({step(Verdict::refused)}));
    bus.hand_in(seal(frankfurt.key, Purpose::request, encode(ResultMessage{frankfurt.lease, {}, ""})))
        ->wait_until_done();
    bus.say("");
    bus.say(std::string(200, 'x'));
    EXPECT_EQ(coordinator.counts().refused, 4U);
    bus.hand_in(frankfurt.result({step(Verdict::refused)}));
    EXPECT_TRUE(outcome.get());
}

TEST_F(WorkersCoordinator, whoever_is_not_registered_is_told_so) {
    auto outcome = give();
    const auto order = next_order();
    const auto taken = stranger.take(order.scan);
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().code, Errc::not_allowed);
    EXPECT_THAT(taken.error().message, HasSubstr("provenbl worker add"));
    // And at once no more when he is removed.
    ASSERT_TRUE(frankfurt.take(order.scan));
    ASSERT_TRUE(frankfurt.say<Done>(Alive{}));
    ASSERT_TRUE(remove_member(world.directory.path(), "frankfurt"));
    EXPECT_FALSE(frankfurt.say<Done>(Alive{}));
    world.clock.advance(10min);
    EXPECT_FALSE(outcome.get());
}

TEST_F(WorkersCoordinator, a_request_counts_once) {
    auto outcome = give();
    ASSERT_TRUE(frankfurt.take(next_order().scan));
    Issue issue{"smtp-relay/plain", {suspect, 25}, SinkKind::mail, "Postfix"};
    ASSERT_TRUE(frankfurt.say<Issued>(issue));
    --frankfurt.count;
    const auto again = frankfurt.say<Issued>(issue);
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, Errc::conflict);
    frankfurt.count = 1000; // several are on their way at once, so they may come in any order
    EXPECT_TRUE(frankfurt.say<Done>(Alive{}));
    frankfurt.count = 10;
    EXPECT_TRUE(frankfurt.say<Done>(Alive{}));
    // The order itself, replayed.
    EXPECT_EQ(frankfurt.take(scan.id).error().code, Errc::conflict);
    bus.hand_in(frankfurt.result({}));
    EXPECT_TRUE(outcome.get());
    EXPECT_EQ(frankfurt.say<Done>(Alive{}).error().code, Errc::not_found) << "the visit is over";
}

TEST_F(WorkersCoordinator, a_token_is_the_coordinators_and_names_its_worker) {
    auto outcome = give();
    ASSERT_TRUE(frankfurt.take(next_order().scan));
    const auto issued = frankfurt.say<Issued>(Issue{"socks5/connect", {suspect, 1080}, SinkKind::callback, "Dante"});
    ASSERT_TRUE(issued) << issued.error().message;
    EXPECT_EQ(world.mint->check(issued->text), issued->token);
    EXPECT_EQ(issued->answer, world.mint->answer_to(issued->token));
    const auto probe = world.store->read([&](const ReadTxn& txn) { return tokens::find(txn, issued->token); });
    ASSERT_TRUE(probe);
    EXPECT_EQ(probe->carrier, "frankfurt");
    EXPECT_EQ(probe->target, (Endpoint{suspect, 1080}));
    EXPECT_EQ(probe->repeat, "") << "what owners are told to type is never a worker's words";
    EXPECT_FALSE(frankfurt.say<Seen>(Arrived{issued->token, 0ms})->arrived);
    EXPECT_EQ(frankfurt.say<Done>(Confirm{issued->token}).error().code, Errc::not_allowed) << "it has not arrived";
    Arrival arrival{world.clock.now(), suspect, 443, ""};
    ASSERT_TRUE(world.await(world.receiver->accept(issued->token, arrival)));
    EXPECT_TRUE(frankfurt.say<Seen>(Arrived{issued->token, 0ms})->arrived);
    EXPECT_TRUE(frankfurt.say<Done>(Confirm{issued->token}));
    EXPECT_FALSE(world.listed(suspect)) << "two networks are asked for";
    world.clock.advance(10min);
    EXPECT_FALSE(outcome.get());
}

TEST_F(WorkersCoordinator, what_is_not_of_the_visit_is_refused) {
    const auto foreign = world.issue(SinkKind::callback);
    auto outcome = give();
    ASSERT_TRUE(frankfurt.take(next_order().scan));
    const auto other = Address::v4(127, 0, 0, 77);
    EXPECT_FALSE(frankfurt.say<Issued>(Issue{"smtp-relay/plain", {other, 25}, SinkKind::mail, ""}));
    EXPECT_FALSE(frankfurt.say<Issued>(Issue{"smtp-relay/plain", {suspect, 0}, SinkKind::mail, ""}));
    EXPECT_FALSE(frankfurt.say<Issued>(Issue{"made-up", {suspect, 25}, SinkKind::mail, ""}));
    EXPECT_EQ(frankfurt.say<Done>(Confirm{foreign.id}).error().code, Errc::not_allowed);
    EXPECT_EQ(frankfurt.say<Seen>(Arrived{foreign.id, 0ms}).error().code, Errc::not_allowed);
    EXPECT_FALSE(frankfurt.say<Done>(Steps{0, {step(Verdict::open, other)}, {}}));
    EXPECT_FALSE(frankfurt.say<Done>(Steps{0, {step(Verdict::open, suspect, 25, "made-up")}, {}}));
    EXPECT_FALSE(frankfurt.say<Done>(Steps{1, {step(Verdict::refused)}, {}})) << "out of order";
    EXPECT_FALSE(frankfurt.say<Done>(Steps{0, {step(Verdict::refused)}, {{foreign.id}, "transcript", ""}}));
    EXPECT_TRUE(stored().steps.empty());
    bus.hand_in(frankfurt.result({step(Verdict::refused, other)}))->wait_until_done();
    world.clock.advance(10min);
    EXPECT_FALSE(outcome.get());
}

TEST_F(WorkersCoordinator, steps_are_there_for_those_who_follow_and_what_was_told_stands) {
    auto outcome = give();
    ASSERT_TRUE(frankfurt.take(next_order().scan));
    const auto issued = frankfurt.say<Issued>(Issue{"smtp-relay/plain", {suspect, 25}, SinkKind::mail, ""});
    ASSERT_TRUE(issued);
    auto claimed = step(Verdict::open);
    claimed.at = Time{1s}; // his clock is his own
    claimed.detail = std::string(4000, 'x');
    ASSERT_TRUE(frankfurt.say<Done>(Steps{0, {claimed}, {{issued->token}, "+0.1 > HELO", "Postfix"}}));
    const auto shown = stored();
    ASSERT_EQ(shown.steps.size(), 1U);
    EXPECT_EQ(shown.steps[0].verdict, Verdict::inconclusive) << "a claim, until the proof is here";
    EXPECT_EQ(shown.steps[0].at, world.clock.now());
    EXPECT_LT(shown.steps[0].detail.size(), 1000U);
    const auto probe = world.store->read([&](const ReadTxn& txn) { return tokens::find(txn, issued->token); });
    EXPECT_EQ(probe->transcript, "+0.1 > HELO");
    // He thinks better of it.
    bus.hand_in(frankfurt.result({step(Verdict::refused), step(Verdict::refused, suspect, 587)}));
    auto found = outcome.get();
    ASSERT_TRUE(found);
    ASSERT_EQ(found->steps.size(), 2U);
    EXPECT_EQ(found->steps[0].verdict, Verdict::open) << "what he said is looked at from here";
    EXPECT_EQ(found->written, 1U);
}

TEST_F(WorkersCoordinator, a_lost_workers_visit_goes_to_another) {
    auto outcome = give();
    const auto order = next_order();
    ASSERT_TRUE(frankfurt.take(order.scan));
    const auto early = paris.take(order.scan, 2);
    ASSERT_FALSE(early);
    EXPECT_EQ(early.error().code, Errc::busy) << "never two at one host";
    world.clock.advance(settings.ack_wait);
    const auto taken = paris.take(order.scan, 2);
    ASSERT_TRUE(taken) << taken.error().message;
    EXPECT_EQ(frankfurt.say<Done>(Alive{}).error().code, Errc::not_found);
    bus.hand_in(frankfurt.result({step(Verdict::refused)}))->wait_until_done();
    bus.hand_in(paris.result({step(Verdict::closed_port)}));
    auto found = outcome.get();
    ASSERT_TRUE(found);
    EXPECT_EQ(found->worker, "paris");
    EXPECT_EQ(coordinator.counts().lost, 1U);
}

TEST_F(WorkersCoordinator, what_nobody_takes_is_taken_back) {
    auto outcome = give();
    const auto order = next_order();
    world.clock.advance(settings.take_within);
    const auto found = outcome.get();
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code, Errc::unreachable);
    EXPECT_EQ(bus.taken_back, std::vector<std::uint64_t>{1});
    EXPECT_EQ(frankfurt.take(order.scan).error().code, Errc::not_found) << "too late";
    EXPECT_EQ(coordinator.counts().at_home, 1U);
}

TEST_F(WorkersCoordinator, a_worker_that_never_ends_is_not_waited_for) {
    auto outcome = give();
    const auto order = next_order();
    ASSERT_TRUE(frankfurt.take(order.scan));
    world.clock.advance(world.settings.probe.visit_timeout + 6min);
    EXPECT_EQ(outcome.get().error().code, Errc::timeout);
    EXPECT_FALSE(frankfurt.say<Done>(Alive{}));
}

TEST_F(WorkersCoordinator, without_a_server_or_with_a_full_queue_the_visit_is_ours) {
    bus.up = false;
    EXPECT_EQ(give().get().error().code, Errc::unreachable);
    bus.up = true;
    bus.full = true;
    EXPECT_EQ(give(Address::v4(127, 0, 0, 11)).get().error().code, Errc::busy);
}

TEST_F(WorkersCoordinator, who_waits_gives_out_when_the_server_is_back) {
    settings.when_absent = WhenAbsent::wait;
    bus.up = false;
    auto outcome = give();
    bus.up = true;
    const auto order = next_order();
    world.clock.advance(settings.take_within * 3);
    ASSERT_TRUE(frankfurt.take(order.scan));
    world.clock.advance(settings.ack_wait + settings.take_within); // lost
    const auto second = next_order();
    EXPECT_EQ(second.scan, order.scan);
    ASSERT_TRUE(paris.take(second.scan)) << "a new order, whose deliveries count anew";
    bus.hand_in(paris.result({}));
    EXPECT_TRUE(outcome.get());
}

TEST_F(WorkersCoordinator, what_is_excluded_meanwhile_is_told_at_the_next_word) {
    auto outcome = give();
    const auto order = next_order();
    ASSERT_TRUE(frankfurt.take(order.scan));
    world.write([&](WriteTxn& txn) {
        Exclusion exclusion;
        exclusion.prefix = Prefix::of(suspect, 32);
        exclusion.reason = "asked";
        EXPECT_TRUE(ledger::exclude(txn, exclusion));
    });
    EXPECT_EQ(frankfurt.say<Done>(Alive{}).error().code, Errc::not_allowed);
    EXPECT_EQ(frankfurt.say<Issued>(Issue{"smtp-relay/plain", {suspect, 25}, SinkKind::mail, ""}).error().code,
              Errc::not_allowed);
    world.clock.advance(10min);
    EXPECT_FALSE(outcome.get());
}

TEST_F(WorkersCoordinator, what_a_lost_worker_has_said_is_forgotten) {
    auto outcome = give();
    const auto order = next_order();
    ASSERT_TRUE(frankfurt.take(order.scan));
    ASSERT_TRUE(frankfurt.say<Done>(Steps{0, {step(Verdict::refused)}, {}}));
    ASSERT_EQ(stored().steps.size(), 1U);
    world.clock.advance(settings.ack_wait);
    ASSERT_TRUE(paris.take(order.scan, 2));
    EXPECT_TRUE(stored().steps.empty()) << "another begins anew";
    ASSERT_TRUE(paris.say<Done>(Steps{0, {step(Verdict::refused), step(Verdict::refused)}, {}}));
    ASSERT_EQ(stored().steps.size(), 2U);
    world.clock.advance(settings.ack_wait + settings.take_within);
    EXPECT_EQ(outcome.get().error().code, Errc::timeout);
    EXPECT_TRUE(stored().steps.empty()) << "we begin anew";
}

TEST_F(WorkersCoordinator, a_workers_steps_leave_room_for_ours) {
    auto outcome = give();
    ASSERT_TRUE(frankfurt.take(next_order().scan));
    const std::vector<ScanStep> some(most_steps / 2, step(Verdict::refused));
    ASSERT_TRUE(frankfurt.say<Done>(Steps{0, some, {}}));
    ASSERT_TRUE(frankfurt.say<Done>(Steps{most_steps / 2, some, {}}));
    EXPECT_FALSE(frankfurt.say<Done>(Steps{most_steps, {step(Verdict::refused)}, {}}));
    EXPECT_LE(stored().steps.size(), ledger::max_steps / 2);
    const std::vector<ScanStep> more(most_steps + 1, step(Verdict::refused));
    bus.hand_in(frankfurt.result(more))->wait_until_done();
    bus.hand_in(frankfurt.result(std::vector<ScanStep>(most_steps, step(Verdict::refused))));
    EXPECT_TRUE(outcome.get());
}

TEST_F(WorkersCoordinator, a_worker_that_takes_too_long_has_gone_when_we_come) {
    auto outcome = give();
    const auto order = next_order();
    ASSERT_TRUE(frankfurt.take(order.scan));
    const auto end = world.clock.now() + world.settings.probe.visit_timeout + 5min;
    while (world.clock.now() < end) {
        ASSERT_TRUE(frankfurt.say<Done>(Alive{}));
        world.clock.advance(std::min<Duration>(settings.ack_wait / 2, end - world.clock.now()));
    }
    while (frankfurt.say<Done>(Alive{})) std::this_thread::yield(); // until the coordinator has looked
    EXPECT_EQ(paris.take(order.scan, 2).error().code, Errc::not_found) << "it is ours";
    EXPECT_EQ(outcome.wait_for(0s), std::future_status::timeout) << "he may not have heard yet that it is over";
    world.clock.advance(settings.ack_wait * 3 / 4);
    EXPECT_EQ(outcome.get().error().code, Errc::timeout);
    EXPECT_EQ(bus.taken_back, std::vector<std::uint64_t>{1});
}

TEST_F(WorkersCoordinator, a_visit_has_its_time_from_when_it_was_taken) {
    settings.when_absent = WhenAbsent::wait;
    bus.up = false;
    auto outcome = give();
    world.clock.advance(world.settings.probe.visit_timeout + 6min);
    bus.up = true;
    ASSERT_TRUE(frankfurt.take(next_order().scan));
    // Two looks of the coordinator at least.
    const auto until = std::chrono::steady_clock::now() + 300ms;
    while (std::chrono::steady_clock::now() < until) ASSERT_TRUE(frankfurt.say<Done>(Alive{}));
    bus.hand_in(frankfurt.result({}));
    EXPECT_TRUE(outcome.get());
}

TEST_F(WorkersCoordinator, what_leads_through_an_excluded_address_is_given_to_nobody) {
    const auto entry = Address::v4(127, 0, 0, 44);
    const auto token = world.issue(SinkKind::mail, {entry, 25});
    Arrival arrival{world.clock.now(), suspect, 25, "mail"};
    ASSERT_TRUE(world.await(world.receiver->accept(token.id, arrival)));
    ASSERT_EQ(world.host(suspect)->holes.at(0).entry, entry);
    settings.when_absent = WhenAbsent::wait;
    auto outcome = give();
    const auto order = next_order();
    world.write([&](WriteTxn& txn) {
        Exclusion exclusion;
        exclusion.prefix = Prefix::of(entry, 32);
        exclusion.reason = "asked";
        EXPECT_TRUE(ledger::exclude(txn, exclusion));
    });
    EXPECT_EQ(frankfurt.take(order.scan).error().code, Errc::not_allowed);
    EXPECT_EQ(outcome.get().error().code, Errc::not_allowed) << "at home each connection is asked for";
    EXPECT_EQ(coordinator.counts().at_home, 1U);
}

TEST_F(WorkersCoordinator, an_entry_that_is_excluded_meanwhile_gets_no_token) {
    const auto entry = Address::v4(127, 0, 0, 44);
    const auto token = world.issue(SinkKind::mail, {entry, 25});
    Arrival arrival{world.clock.now(), suspect, 25, "mail"};
    ASSERT_TRUE(world.await(world.receiver->accept(token.id, arrival)));
    auto outcome = give();
    ASSERT_TRUE(frankfurt.take(next_order().scan));
    Issue issue{"smtp-relay/plain", {entry, 25}, SinkKind::mail, ""};
    ASSERT_TRUE(frankfurt.say<Issued>(issue));
    world.write([&](WriteTxn& txn) {
        Exclusion exclusion;
        exclusion.prefix = Prefix::of(entry, 32);
        exclusion.reason = "asked";
        EXPECT_TRUE(ledger::exclude(txn, exclusion));
    });
    EXPECT_EQ(frankfurt.say<Issued>(issue).error().code, Errc::not_allowed);
    world.clock.advance(10min);
    EXPECT_FALSE(outcome.get());
}

TEST_F(WorkersCoordinator, a_repetition_makes_room_for_no_other) {
    auto outcome = give();
    ASSERT_TRUE(frankfurt.take(next_order().scan));
    for (int i = 0; i < 256; ++i) ASSERT_TRUE(frankfurt.say<Done>(Alive{}));
    --frankfurt.count;
    EXPECT_EQ(frankfurt.say<Done>(Alive{}).error().code, Errc::conflict);
    frankfurt.count = 0;
    EXPECT_EQ(frankfurt.say<Done>(Alive{}).error().code, Errc::conflict) << "the oldest in the window";
    frankfurt.count = 1000;
    EXPECT_TRUE(frankfurt.say<Done>(Alive{}));
    bus.hand_in(frankfurt.result({}));
    EXPECT_TRUE(outcome.get());
}

TEST_F(WorkersCoordinator, one_worker_does_not_keep_others_from_asking) {
    auto outcome = give();
    ASSERT_TRUE(frankfurt.take(next_order().scan));
    const auto issued = frankfurt.say<Issued>(Issue{"smtp-relay/plain", {suspect, 25}, SinkKind::mail, ""});
    ASSERT_TRUE(issued);
    std::vector<std::future<std::string>> waiting;
    for (int i = 0; i < 32; ++i)
        waiting.push_back(bus.ask_later(
            seal(frankfurt.key, Purpose::request,
                 encode(Request{frankfurt.lease, ++frankfurt.count, Arrived{issued->token, longest_patience}}))));
    EXPECT_EQ(frankfurt.say<Done>(Alive{}).error().code, Errc::busy);
    Arrival arrival{world.clock.now(), suspect, 25, "mail"};
    ASSERT_TRUE(world.await(world.receiver->accept(issued->token, arrival)));
    for (auto& each : waiting) each.get();
    EXPECT_TRUE(frankfurt.say<Done>(Alive{}));
    bus.hand_in(frankfurt.result({}));
    EXPECT_TRUE(outcome.get());
}

TEST_F(WorkersCoordinator, a_mute_server_is_not_asked_for_each_visit) {
    bus.mute = true;
    EXPECT_EQ(give().get().error().code, Errc::timeout);
    EXPECT_EQ(give(Address::v4(127, 0, 0, 11)).get().error().code, Errc::unreachable);
    EXPECT_EQ(bus.gives, 1);
    bus.mute = false;
    world.clock.advance(30s);
    auto outcome = give(Address::v4(127, 0, 0, 12));
    ASSERT_TRUE(frankfurt.take(next_order().scan));
    bus.hand_in(frankfurt.result({}));
    EXPECT_TRUE(outcome.get());
}

TEST_F(WorkersCoordinator, nothing_is_heard_once_it_has_hung_up) {
    bus.say("");
    ASSERT_EQ(coordinator.counts().refused, 1U);
    coordinator.hang_up();
    bus.say("");
    EXPECT_EQ(bus.hand_in("")->done, 0) << "it comes again";
    EXPECT_EQ(coordinator.counts().refused, 1U);
}

TEST(Listening, its_end_waits_for_who_is_being_heard) {
    std::promise<void> inside;
    std::promise<void> go_on;
    std::atomic<int> heard{0};
    Listening listening({[&](const std::string&, const CoordinatorBus::Answer&) {
                             inside.set_value();
                             go_on.get_future().wait();
                             ++heard;
                         },
                         [&](const std::shared_ptr<Delivery>&) { ++heard; }});
    std::thread caller([&] { listening.request("", {}); });
    inside.get_future().wait();
    std::promise<void> ending;
    std::thread ender([&] {
        ending.set_value();
        listening.end();
        EXPECT_EQ(heard, 1);
    });
    ending.get_future().wait();
    go_on.set_value();
    caller.join();
    ender.join();
    listening.request("", {});
    listening.result(nullptr);
    EXPECT_EQ(heard, 1);
}

} // namespace
} // namespace provenbl::tools::workers
