// A worker against a coordinator that the test speaks for: which orders it takes, and what becomes of them.
#include "tests/unit/tools/workers_world.hpp"
#include "tools/workers/worker.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <thread>

namespace provenbl::tools::workers {
namespace {

using namespace std::chrono_literals;
using testing::MemoryDelivery;
using testing::Settled;

const Address closed = Address::v4(127, 0, 99, 210); // nothing listens there

const Address proxy = Address::v4(127, 0, 99, 211);

// An open SOCKS 5 proxy, all of it at once: no password, connected (RFC 1928 3, 6), and what a sink says behind it.
constexpr char greeting[] = "\x05\x00\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00"
                            "220 sink\r\n";

// Says so to each who comes, one after the other.
class Greeting {
public:
    Greeting()
        : acceptor_(io_, {boost::asio::ip::make_address_v4(proxy.to_string()), 0}), thread_([this] {
              while (!over_) serve();
          }) {}
    ~Greeting() {
        over_ = true;
        boost::system::error_code gone; // wakes it up
        boost::asio::ip::tcp::socket socket(io_);
        socket.connect(acceptor_.local_endpoint(), gone);
        socket.close();
        thread_.join();
    }
    [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

private:
    void serve() {
        boost::system::error_code error;
        boost::asio::ip::tcp::socket socket(io_);
        acceptor_.accept(socket, error);
        if (!error) boost::asio::write(socket, boost::asio::buffer(greeting, sizeof greeting - 1), error);
        std::array<char, 1024> ignored{};
        while (!error) socket.read_some(boost::asio::buffer(ignored), error); // until he goes
    }
    std::atomic<bool> over_{false};
    boost::asio::io_context io_;
    boost::asio::ip::tcp::acceptor acceptor_;
    std::thread thread_;
};

class OneWorkerBus final : public WorkerBus {
public:
    Result<> start(std::function<void(std::shared_ptr<Delivery>)> order) override {
        order_ = std::move(order);
        return {};
    }
    void stop() override {}
    void more() override {
        {
            const std::lock_guard lock(mutex_);
            ++wanted;
        }
        changed_.notify_all();
    }
    void request(std::string message, Duration, std::function<void(Result<std::string>)> done) override {
        const auto opened = open(Purpose::request, message).value();
        done(answer(decode_request(opened.body).value()));
    }
    void finish(std::string result, std::function<void(Result<>)> done) override {
        finished = std::move(result);
        done(Result<>{});
    }
    std::shared_ptr<Settled> give(std::string order) {
        auto settled = std::make_shared<Settled>();
        order_(std::make_shared<MemoryDelivery>(std::move(order), 1, settled));
        return settled;
    }
    // Asked for again by the worker so many times: what it had is over.
    void wait_for_wanted(int count) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return wanted >= count; });
    }

    std::function<Result<std::string>(const Request&)> answer;
    std::string finished;
    int wanted = 0;

private:
    std::function<void(std::shared_ptr<Delivery>)> order_;
    std::mutex mutex_;
    std::condition_variable changed_;
};

class WorkersWorker : public ::testing::Test {
protected:
    WorkersWorker() {
        settings.helo = "probe.example.net";
        settings.concurrent_visits = 1;
        settings.unlocked = {Prefix::parse("127.0.0.0/8").value()};
        settings.source4 = Address::v4(127, 0, 99, 209);
        worker.emplace(settings, key, coordinator.public_key(), bus, clock);
        bus.answer = [this](const Request& request) -> Result<std::string> {
            ++requests;
            if (std::holds_alternative<Take>(request.what)) return answered(request, taken());
            return answered(request, Done{});
        };
        EXPECT_TRUE(worker->start());
    }
    std::string answered(const Request& request, decltype(Answer::what) what) {
        return seal(coordinator, Purpose::answer, encode(Answer{request.lease, request.count, std::move(what)}));
    }
    Taken taken() const {
        Taken taken;
        taken.lease = "lease";
        taken.ack_wait = 60s;
        taken.errand.scan.id = 7;
        taken.errand.scan.host = closed;
        taken.errand.scan.started = clock.now();
        taken.errand.known.host.address = closed;
        taken.errand.known.unit = Prefix::of(closed, 32);
        taken.errand.identity = {"probe.example", "not.me.example", "a@example.net", "https://example.net/"};
        return taken;
    }
    std::string order(const signing::SigningKey& by, Duration life = 1h) {
        return seal(by, Purpose::order, encode(Order{7, clock.now() + life}));
    }
    std::shared_ptr<Settled> settled_after(const std::string& text) {
        auto settled = bus.give(text);
        bus.wait_for_wanted(2);
        return settled;
    }

    SystemClock clock;
    signing::SigningKey key = signing::SigningKey::generate();
    signing::SigningKey coordinator = signing::SigningKey::generate();
    signing::SigningKey stranger = signing::SigningKey::generate();
    WorkerSettings settings;
    OneWorkerBus bus;
    std::atomic<int> requests{0};
    std::optional<Worker> worker;
};

TEST_F(WorkersWorker, hands_in_what_it_found_and_is_done) {
    const auto settled = settled_after(order(coordinator));
    EXPECT_EQ(settled->done, 1);
    const auto opened = open(Purpose::result, bus.finished);
    ASSERT_TRUE(opened);
    EXPECT_EQ(opened->signer, key.public_key());
    const auto result = decode_result(opened->body);
    ASSERT_TRUE(result);
    EXPECT_EQ(result->lease, "lease");
    ASSERT_FALSE(result->steps.empty());
    for (const auto& step : result->steps) EXPECT_EQ(step.target, closed);
    EXPECT_EQ(worker->counts().finished, 1U);
}

TEST_F(WorkersWorker, carries_out_no_order_but_the_coordinators) {
    const auto settled = settled_after(order(stranger));
    EXPECT_EQ(settled->done, 0);
    EXPECT_EQ(settled->again, 1);
    EXPECT_EQ(requests, 0);
    EXPECT_EQ(worker->counts().passed_on, 1U);
}

TEST_F(WorkersWorker, believes_no_answer_but_the_coordinators) {
    bus.answer = [this](const Request& request) -> Result<std::string> {
        return seal(stranger, Purpose::answer, encode(Answer{request.lease, request.count, taken()}));
    };
    EXPECT_EQ(settled_after(order(coordinator))->again, 1);
    EXPECT_EQ(bus.finished, "");
}

TEST_F(WorkersWorker, an_answer_to_another_question_is_none) {
    bus.answer = [this](const Request& request) -> Result<std::string> {
        return seal(coordinator, Purpose::answer, encode(Answer{request.lease, request.count + 1, taken()}));
    };
    EXPECT_EQ(settled_after(order(coordinator))->again, 1);
    EXPECT_EQ(bus.finished, "");
}

TEST_F(WorkersWorker, what_is_over_need_nobody_take) {
    bus.answer = [this](const Request& request) -> Result<std::string> {
        return answered(request, Error{Errc::not_found, "over"});
    };
    EXPECT_EQ(settled_after(order(coordinator))->done, 1);
    EXPECT_EQ(bus.finished, "");
}

TEST_F(WorkersWorker, an_order_whose_time_has_passed_is_not_asked_for) {
    EXPECT_EQ(settled_after(order(coordinator, -1s))->done, 1);
    EXPECT_EQ(requests, 0);
}

TEST_F(WorkersWorker, without_an_answer_the_order_goes_to_others) {
    bus.answer = [](const Request&) -> Result<std::string> { return Error{Errc::timeout, "no answer"}; };
    EXPECT_EQ(settled_after(order(coordinator))->again, 1);
}

// Else an open proxy would be called closed because the NATS server was restarted meanwhile.
TEST_F(WorkersWorker, what_it_could_not_try_without_the_coordinator_it_does_not_call_closed) {
    const Greeting socks;
    std::atomic<int> refused{0};
    bus.answer = [&](const Request& request) -> Result<std::string> {
        if (std::holds_alternative<Issue>(request.what)) {
            ++refused;
            return Error{Errc::unreachable, "the NATS server can't be reached"};
        }
        if (!std::holds_alternative<Take>(request.what)) return answered(request, Done{});
        auto errand = taken();
        errand.errand.probe.nudge_after = 100ms;
        errand.ack_wait = 800ms; // asks often, and so sees soon that the visit is worth nothing
        errand.errand.scan.host = errand.errand.known.host.address = proxy;
        errand.errand.known.unit = Prefix::of(proxy, 32);
        errand.errand.scan.ports = {socks.port()};
        errand.errand.probe.callback_targets = {{Address::v4(127, 0, 99, 26), 25}};
        return answered(request, errand);
    };
    const auto settled = settled_after(order(coordinator));
    EXPECT_GE(refused, 1);
    EXPECT_TRUE(bus.finished.empty());
    EXPECT_EQ(settled->done, 0);
    EXPECT_EQ(settled->again, 1);
}

TEST_F(WorkersWorker, its_own_networks_are_never_probed_whatever_is_ordered) {
    worker.reset();
    settings.own_networks = {Prefix::of(closed, 32)};
    worker.emplace(settings, key, coordinator.public_key(), bus, clock);
    ASSERT_TRUE(worker->start());
    auto settled = bus.give(order(coordinator));
    bus.wait_for_wanted(3);
    EXPECT_EQ(settled->again, 1);
    EXPECT_EQ(bus.finished, "");
}

} // namespace
} // namespace provenbl::tools::workers
