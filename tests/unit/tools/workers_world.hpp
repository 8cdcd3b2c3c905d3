// A coordinator over a real store and a bus in memory, and workers that the test speaks for.
#pragma once

#include "tests/unit/verifier/store_world.hpp"
#include "tools/workers/coordinator.hpp"
#include "tools/workers/envelope.hpp"
#include "tools/workers/listening.hpp"
#include "verifier/store_books.hpp"

#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>

namespace provenbl::tools::workers::testing {

// What became of a message.
struct Settled {
    std::mutex mutex;
    std::condition_variable changed;
    int done = 0;
    int again = 0;
    int working = 0;
    void wait_until_done() {
        std::unique_lock lock(mutex);
        changed.wait(lock, [this] { return done > 0; });
    }
};

class MemoryDelivery final : public Delivery {
public:
    MemoryDelivery(std::string data, std::uint64_t number, std::shared_ptr<Settled> settled)
        : data_(std::move(data)), number_(number), settled_(std::move(settled)) {}
    [[nodiscard]] const std::string& data() const override { return data_; }
    [[nodiscard]] std::uint64_t number() const override { return number_; }
    void done() override { count(&Settled::done); }
    void again(Duration /*after*/) override { count(&Settled::again); }
    void working() override { count(&Settled::working); }

private:
    void count(int Settled::*what) {
        {
            const std::lock_guard lock(settled_->mutex);
            ++((*settled_).*what);
        }
        settled_->changed.notify_all();
    }
    std::string data_;
    std::uint64_t number_;
    std::shared_ptr<Settled> settled_;
};

class MemoryBus final : public CoordinatorBus {
public:
    Result<> start(Handlers handlers) override {
        listening_ = std::make_shared<Listening>(std::move(handlers));
        return {};
    }
    void stop() override { listening_->end(); }
    [[nodiscard]] bool connected() const override { return up; }
    void give(std::string order, std::function<void(Result<std::uint64_t>)> done) override {
        std::uint64_t number = 0;
        {
            const std::lock_guard lock(mutex_);
            if (!full && !mute) {
                number = ++last_;
                orders_.push_back(std::move(order));
            }
        }
        changed_.notify_all();
        ++gives;
        if (mute)
            done(Error{Errc::timeout, "JetStream does not answer"});
        else if (number == 0)
            done(Error{Errc::busy, "the queue is full"});
        else
            done(number);
    }
    void take_back(std::uint64_t number) override {
        const std::lock_guard lock(mutex_);
        taken_back.push_back(number);
    }

    // The next order; waits until there is one.
    std::string next_order() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return !orders_.empty(); });
        auto order = std::move(orders_.front());
        orders_.pop_front();
        return order;
    }
    // What the coordinator answers; waits for it.
    std::string ask(std::string message) { return ask_later(std::move(message)).get(); }
    std::future<std::string> ask_later(std::string message) {
        auto answer = std::make_shared<std::promise<std::string>>();
        listening_->request(std::move(message), [answer](std::string text) { answer->set_value(std::move(text)); });
        return answer->get_future();
    }
    // A request that is not answered.
    void say(std::string message) {
        listening_->request(std::move(message), [](const std::string& text) { ADD_FAILURE() << "answered: " << text; });
    }
    std::shared_ptr<Settled> hand_in(std::string result, std::uint64_t number = 1) {
        auto settled = std::make_shared<Settled>();
        listening_->result(std::make_shared<MemoryDelivery>(std::move(result), number, settled));
        return settled;
    }

    std::atomic<bool> up{true};
    std::atomic<bool> full{false};
    std::atomic<bool> mute{false};
    std::atomic<int> gives{0};
    std::vector<std::uint64_t> taken_back;

private:
    std::shared_ptr<Listening> listening_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::string> orders_;
    std::uint64_t last_ = 0;
};

class NoNetwork final : public verifier::Network {
public:
    verifier::Awaitable<Result<std::unique_ptr<verifier::Connection>>> connect(const Endpoint&) override {
        co_return Error{Errc::closed, "connection refused"};
    }
    verifier::Awaitable<Result<std::unique_ptr<verifier::Connection>>> connect_udp(const Endpoint& target) override {
        return connect(target);
    }
};

// One worker's side of one visit.
class Hand {
public:
    explicit Hand(MemoryBus& bus) : bus_(bus) {}

    Answer ask(const Request& request) {
        const auto text = bus_.ask(seal(key, Purpose::request, encode(request)));
        const auto opened = open(Purpose::answer, text);
        if (!opened) throw std::runtime_error(opened.error().message);
        auto answer = decode_answer(opened->body);
        if (!answer) throw std::runtime_error(answer.error().message);
        EXPECT_EQ(answer->to, request.lease);
        EXPECT_EQ(answer->count, request.count);
        return std::move(*answer);
    }
    Result<Taken> take(std::uint64_t scan, std::uint64_t delivery = 1) {
        auto answer = ask({"mine", scan, Take{scan, delivery}});
        if (auto* error = std::get_if<Error>(&answer.what)) return *error;
        auto taken = std::get<Taken>(answer.what);
        lease = taken.lease;
        count = 0;
        return taken;
    }
    template <class T> Result<T> say(std::variant<Take, Alive, Issue, Arrived, Confirm, Steps> what) {
        auto answer = ask({lease, ++count, std::move(what)});
        if (auto* error = std::get_if<Error>(&answer.what)) return *error;
        return std::get<T>(answer.what);
    }
    std::string result(std::vector<ScanStep> steps) const {
        return seal(key, Purpose::result, encode(ResultMessage{lease, std::move(steps), "Fake MTA"}));
    }

    signing::SigningKey key = signing::SigningKey::generate();
    std::string lease;
    std::uint64_t count = 0;

private:
    MemoryBus& bus_;
};

class WorkersWorld : public ::testing::Test {
protected:
    WorkersWorld()
        : books({*world.store, world.clock, *world.gate, network, *world.mint, *world.receiver, *world.arrivals,
                 world.settings.identity, world.settings.probe, world.settings.policy, world.entropy}),
          coordinator(settings, world.settings, key, members, bus, world.clock, world.entropy) {
        EXPECT_TRUE(
            add_member(world.directory.path(), "frankfurt", frankfurt.key.public_key().base64(), world.clock.now()));
        EXPECT_TRUE(add_member(world.directory.path(), "paris", paris.key.public_key().base64(), world.clock.now()));
        world.on_context([this] { coordinator.open(world.context.get_executor(), books); });
    }
    ~WorkersWorld() override {
        world.on_context([this] { coordinator.close(); });
        coordinator.hang_up();
        world.finish();
    }

    // A visit that is given out; what came of it is in the future.
    using Outcome = std::future<Result<verifier::Findings>>;
    Outcome give(const Address& host = suspect) {
        world.write(
            [&](WriteTxn& txn) { EXPECT_TRUE(ledger::request_scan(txn, host, ScanKind::report, txn.now, {})); });
        auto started = world.await(books.start(host));
        scan = started.value();
        return boost::asio::co_spawn(world.context, coordinator.visit(scan, books.known(host)),
                                     boost::asio::use_future);
    }
    Order next_order() {
        const auto text = bus.next_order();
        const auto opened = open(Purpose::order, text);
        EXPECT_TRUE(opened && opened->signer == key.public_key());
        return decode_order(opened.value().body).value();
    }
    ScanStep step(Verdict verdict, const Address& target = suspect, std::uint16_t port = 25,
                  std::string technique = "smtp-relay/plain") {
        return {world.clock.now(), std::move(technique), target, port, verdict, "550 no"};
    }
    Scan stored() {
        return world.store->read([&](const ReadTxn& txn) { return hosts::scan(txn, scan.host, scan.id).value(); });
    }

    static inline const Address suspect = Address::v4(127, 0, 0, 10);
    verifier::testing::StoreWorld world;
    NoNetwork network;
    verifier::StoreBooks books;
    MemoryBus bus;
    Settings settings;
    signing::SigningKey key = signing::SigningKey::generate();
    Register members{world.directory.path()};
    Coordinator coordinator;
    Hand frankfurt{bus};
    Hand paris{bus};
    Hand stranger{bus};
    Scan scan;
};

} // namespace provenbl::tools::workers::testing
