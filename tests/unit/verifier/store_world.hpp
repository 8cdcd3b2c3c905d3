// The surroundings of a verifier test: a real store in a directory of its own, a clock that the test moves,
// repeatable randomness, and everything between token and listing. Loopback is unlocked, as in the lab.
#pragma once

#include "store/hosts.hpp"
#include "store/ledger.hpp"
#include "store/store.hpp"
#include "store/tokens.hpp"
#include "tests/support/temporary_directory.hpp"
#include "verifier/arrivals.hpp"
#include "verifier/gate.hpp"
#include "verifier/receiver.hpp"
#include "verifier/settings.hpp"
#include "verifier/token.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

#include <filesystem>
#include <future>
#include <memory>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>

namespace provenbl::verifier::testing {

class RepeatableEntropy final : public Entropy {
public:
    explicit RepeatableEntropy(unsigned seed = 1) : engine_(seed) {}
    void fill(std::span<std::uint8_t> bytes) override {
        for (auto& byte : bytes) byte = static_cast<std::uint8_t>(engine_());
    }

private:
    std::mt19937 engine_;
};

using test::TemporaryDirectory;

class StoreWorld {
public:
    explicit StoreWorld(std::size_t queue_limit = StoreOptions{}.queue_limit) : queue_limit_(queue_limit) {
        settings.policy.list_exits = true;
        open();
    }
    ~StoreWorld() { close(); }
    StoreWorld(const StoreWorld&) = delete;
    StoreWorld& operator=(const StoreWorld&) = delete;

    // As after a restart of the program: the same directory, everything else new.
    void reopen() {
        close();
        open();
    }

    void write(const std::function<void(WriteTxn&)>& work) {
        const auto done = store->write([&](WriteTxn& txn) -> Result<> {
            work(txn);
            return {};
        });
        ASSERT_TRUE(done) << done.error().message;
    }

    TokenMint::Token issue(SinkKind sink, const Endpoint& target = {Address::v4(127, 0, 0, 10), 25},
                           Duration life = std::chrono::hours(1)) {
        const auto token = mint->make();
        PendingProbe probe;
        probe.id = token.id;
        probe.target = target;
        probe.technique = sink == SinkKind::mail ? "smtp-relay/plain" : "socks5/connect";
        probe.cls = sink == SinkKind::mail ? ListingClass::relay : ListingClass::socks;
        probe.sink = sink;
        probe.written = clock.now();
        probe.expires = clock.now() + life;
        write([&](WriteTxn& txn) { EXPECT_TRUE(tokens::issue(txn, probe)); });
        return token;
    }

    [[nodiscard]] std::optional<Host> host(const Address& address) const {
        return store->read([&](const ReadTxn& txn) { return hosts::find(txn, address); });
    }
    [[nodiscard]] bool listed(const Address& address) const {
        return store->read([&](const ReadTxn& txn) { return hosts::listing(txn, address).has_value(); });
    }

    // Runs a coroutine to its end on the context's thread.
    template <class T> T await(Awaitable<T> operation) {
        return boost::asio::co_spawn(context, std::move(operation), boost::asio::use_future).get();
    }
    // Runs a plain function there, or here once nothing runs the context any more.
    void on_context(const std::function<void()>& work) {
        if (!thread_.joinable()) {
            work();
            return;
        }
        await([](std::function<void()> todo) -> Awaitable<bool> {
            todo();
            co_return true;
        }(work));
    }

    TemporaryDirectory directory;
    ManualClock clock{Time{std::chrono::seconds(1'800'000'000)}};
    RepeatableEntropy entropy;
    VerifierSettings settings;
    std::unique_ptr<Store> store;
    std::optional<TokenMint> mint;
    std::optional<Gate> gate;
    std::optional<Arrivals> arrivals;
    std::optional<Receiver> receiver;
    boost::asio::io_context context{1};

    // A store that refuses all writes (Errc::busy) until the returned promise is kept; for a queue_limit of 1.
    [[nodiscard]] std::promise<void> overload() {
        std::promise<void> release;
        auto started = std::make_shared<std::promise<void>>();
        auto has_started = started->get_future();
        store->submit(
            [started, released = release.get_future().share()](WriteTxn&) -> Result<> {
                started->set_value();
                released.wait();
                return {};
            },
            [](const Result<>&) {});
        has_started.wait();
        store->submit([](WriteTxn&) -> Result<> { return {}; }, [](const Result<>&) {});
        return release;
    }

    // Ends the context's thread when all its work is done.
    void finish() {
        if (!thread_.joinable()) return;
        work_.reset();
        thread_.join();
        context.restart();
    }

private:
    void open() {
        settings.identity = {"probe.example", "verifier.example", "abuse@example.net", "https://example.net/why"};
        settings.gate.unlocked = {Prefix::parse("127.0.0.0/8").value()};
        StoreOptions options;
        options.directory = directory.path();
        options.queue_limit = queue_limit_;
        auto opened = Store::open(options, clock);
        if (!opened) throw std::runtime_error(opened.error().message);
        store = std::move(*opened);
        std::array<std::uint8_t, 32> key{};
        std::array<std::uint8_t, 32> fresh{};
        entropy.fill(fresh);
        write([&](WriteTxn& txn) { key = tokens::key(txn, fresh).value(); });
        mint.emplace(key, entropy);
        gate.emplace(*store, clock, settings.gate);
        arrivals.emplace(*store);
        receiver.emplace(*store, clock, *gate, *mint, settings.policy, *arrivals);
        work_.emplace(boost::asio::make_work_guard(context));
        thread_ = std::thread([this] { context.run(); });
    }
    void close() {
        finish();
        receiver.reset();
        arrivals.reset();
        gate.reset();
        mint.reset();
        store.reset();
    }

    std::size_t queue_limit_;
    std::optional<boost::asio::executor_work_guard<boost::asio::io_context::executor_type>> work_;
    std::thread thread_;
};

// A client that blocks, as a suspect's connection to a sink.
class Client {
public:
    // From `source`, so that the sink sees this address as the exit.
    Client(const Endpoint& server, const std::string& source = "127.0.0.10")
        : context_(std::make_unique<boost::asio::io_context>()), socket_(*context_) {
        using boost::asio::ip::tcp;
        socket_.open(tcp::v4());
        socket_.bind({boost::asio::ip::make_address(source), 0});
        socket_.connect({boost::asio::ip::make_address(server.address.to_string()), server.port});
    }
    void say(std::string_view bytes) { boost::asio::write(socket_, boost::asio::buffer(bytes.data(), bytes.size())); }
    // One line without its end; "<closed>" at the end of the stream.
    std::string line() {
        boost::system::error_code error;
        const auto size = boost::asio::read_until(socket_, boost::asio::dynamic_buffer(read_), '\n', error);
        if (error) return "<closed>";
        auto text = read_.substr(0, size);
        read_.erase(0, size);
        while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
        return text;
    }
    // The last line of a reply.
    std::string reply() {
        auto text = line();
        while (text.size() > 3 && text[3] == '-') text = line();
        return text;
    }
    std::string ask(std::string_view command) {
        say(std::string(command) + "\r\n");
        return reply();
    }
    std::string rest() {
        boost::system::error_code error;
        boost::asio::read(socket_, boost::asio::dynamic_buffer(read_), error);
        return std::move(read_);
    }

private:
    std::unique_ptr<boost::asio::io_context> context_;
    boost::asio::ip::tcp::socket socket_;
    std::string read_;
};

} // namespace provenbl::verifier::testing
