// The verifier as a whole, on loopback: real sinks, real connections, suspects in a thread.
#include "tests/unit/verifier/store_world.hpp"
#include "verifier/elsewhere.hpp"
#include "verifier/verifier.hpp"

#include <array>
#include <atomic>
#include <functional>

namespace provenbl::verifier {
namespace {

using namespace std::chrono_literals;
using boost::asio::ip::tcp;
using testing::RepeatableEntropy;
using testing::TemporaryDirectory;

// A suspect: each connection is handed to `talk`, in a thread of its own.
class Suspect {
public:
    using Talk = std::function<void(tcp::socket&)>;
    Suspect(const Address& address, Talk talk)
        : acceptor_(context_, {boost::asio::ip::make_address(address.to_string()), 0}), talk_(std::move(talk)),
          thread_([this] { run(); }) {}
    ~Suspect() {
        stopping_ = true;
        boost::system::error_code ignored;
        tcp::socket last(context_); // wakes the acceptor
        last.connect(acceptor_.local_endpoint(), ignored);
        thread_.join();
    }
    Suspect(const Suspect&) = delete;
    Suspect& operator=(const Suspect&) = delete;
    [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

private:
    void run() {
        for (;;) {
            tcp::socket socket(context_);
            boost::system::error_code error;
            acceptor_.accept(socket, error);
            if (stopping_ || error) return;
            try {
                talk_(socket);
            } catch (const boost::system::system_error&) { // the verifier has hung up
            }
        }
    }
    boost::asio::io_context context_;
    tcp::acceptor acceptor_;
    Talk talk_;
    std::atomic<bool> stopping_{false};
    std::thread thread_;
};

void say(tcp::socket& socket, std::string_view text) {
    boost::asio::write(socket, boost::asio::buffer(text.data(), text.size()));
}

std::string hear_line(tcp::socket& socket, std::string& rest) {
    const auto size = boost::asio::read_until(socket, boost::asio::dynamic_buffer(rest), '\n');
    auto line = rest.substr(0, size);
    rest.erase(0, size);
    return line;
}

// An open SOCKS5 server for IPv4 (RFC 1928), one exchange.
void open_socks5(tcp::socket& socket) {
    std::array<unsigned char, 3> greeting{};
    boost::asio::read(socket, boost::asio::buffer(greeting));
    if (greeting != std::array<unsigned char, 3>{5, 1, 0}) return; // another technique's words
    say(socket, std::string_view("\x05\x00", 2));
    std::array<unsigned char, 10> request{};
    boost::asio::read(socket, boost::asio::buffer(request));
    if (request[0] != 5 || request[1] != 1 || request[3] != 1) return;
    const boost::asio::ip::address_v4 to({request[4], request[5], request[6], request[7]});
    tcp::socket onward(socket.get_executor());
    onward.open(tcp::v4());
    onward.bind({socket.local_endpoint().address(), 0}); // its own address is the exit
    onward.connect({to, static_cast<std::uint16_t>(request[8] << 8 | request[9])});
    say(socket, std::string_view("\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00", 10));
    std::string rest;
    say(onward, hear_line(socket, rest));
    std::string answer;
    boost::system::error_code ended;
    boost::asio::read(onward, boost::asio::dynamic_buffer(answer), ended);
    say(socket, answer);
}

// The traps: a web server with a page for every request, which quotes the request, and a mail server that
// takes everything and throws it away.
void page_for_everything(tcp::socket& socket) {
    std::array<char, 4096> buffer{};
    for (;;) {
        const auto size = socket.read_some(boost::asio::buffer(buffer));
        say(socket, "HTTP/1.1 200 OK\r\n\r\nYou said: " + std::string(buffer.data(), size));
    }
}
void accept_and_discard(tcp::socket& socket) {
    say(socket, "220 trap.example ESMTP\r\n");
    std::string rest;
    bool in_message = false;
    for (;;) {
        const auto line = hear_line(socket, rest);
        if (in_message && line != ".\r\n") continue;
        const bool data = line.starts_with("DATA");
        say(socket, data ? "354 go on\r\n" : "250 ok\r\n");
        in_message = data;
    }
}

class VerifierTest : public ::testing::Test {
protected:
    VerifierTest() {
        const Address own = Address::v4(127, 0, 0, 1);
        settings.identity = {"probe.example", "verifier.example", "abuse@example.net", "https://example.net/why"};
        settings.gate.unlocked = {Prefix::parse("127.0.0.0/8").value()};
        settings.probe.mail_wait = 100ms;
        settings.probe.read_timeout = 2s;
        settings.mail_sink.listen = {{own, 0}};
        settings.mail_sink.hostname = "sink.example";
        // The suspects must be told the port beforehand: one that the system has just found free.
        boost::asio::io_context context;
        tcp::acceptor finder(context, {boost::asio::ip::make_address("127.0.0.1"), 0});
        callback = {own, finder.local_endpoint().port()};
        settings.callback_sink.listen = {callback};
        settings.probe.callback_targets = {callback};
        auto opened = Store::open({directory.path()}, clock);
        if (!opened) throw std::runtime_error(opened.error().message);
        store = std::move(*opened);
    }

    Result<Scan> probe(Suspect& suspect, std::vector<std::string> techniques) {
        Verifier verifier(*store, clock, entropy, settings);
        return verifier.probe(
            {host, {suspect.port()}, std::move(techniques), true},
            [this](std::string_view line) { shown += std::string(line) + "\n"; },
            [this](const ScanStep& step) { steps.push_back(step); });
    }
    // The step at the suspect's port: the techniques' own ports are closed on this address.
    [[nodiscard]] Verdict verdict_at(std::uint16_t port) const {
        for (const auto& step : steps)
            if (step.port == port) return step.verdict;
        throw std::runtime_error("the port was not tried");
    }
    [[nodiscard]] std::optional<Host> stored() const {
        return store->read([&](const ReadTxn& txn) { return hosts::find(txn, host); });
    }

    TemporaryDirectory directory;
    SystemClock clock;
    RepeatableEntropy entropy;
    VerifierSettings settings;
    std::unique_ptr<Store> store;
    Endpoint callback;
    const Address host = Address::v4(127, 99, 0, 10);
    std::string shown;
    std::vector<ScanStep> steps;
};

TEST_F(VerifierTest, AnOpenProxyIsProvenAndListed) {
    Suspect suspect(host, open_socks5);
    const auto scan = probe(suspect, {"socks5/connect"});
    ASSERT_TRUE(scan) << scan.error().message;
    EXPECT_EQ(scan->state, ScanState::finished);
    EXPECT_EQ(verdict_at(suspect.port()), Verdict::open) << shown;
    const auto known = stored();
    ASSERT_TRUE(known);
    EXPECT_EQ(known->classes(), ClassSet{ListingClass::socks});
    const auto evidence = store->read([&](const ReadTxn& txn) { return hosts::evidence(txn, host, known->case_id); });
    ASSERT_EQ(evidence.size(), 1U);
    EXPECT_EQ(evidence[0].exit, host);
    EXPECT_EQ(evidence[0].sink_port, callback.port);
    EXPECT_FALSE(evidence[0].transcript.empty());
    EXPECT_NE(shown.find("connected to"), std::string::npos);
}

TEST_F(VerifierTest, APageForEveryRequestIsNotAProxy) {
    Suspect suspect(host, page_for_everything);
    const auto scan = probe(suspect, {"http/connect", "http/get"});
    ASSERT_TRUE(scan) << scan.error().message;
    EXPECT_NE(verdict_at(suspect.port()), Verdict::open);
    EXPECT_FALSE(stored()->listed());
    EXPECT_NE(scan->outcome.find("not listed"), std::string::npos) << scan->outcome;
}

TEST_F(VerifierTest, AMailServerThatAcceptsAndDiscardsIsNotListed) {
    Suspect suspect(host, accept_and_discard);
    const auto scan = probe(suspect, {"smtp-relay/plain", "smtp-relay/percent"});
    ASSERT_TRUE(scan) << scan.error().message;
    EXPECT_EQ(verdict_at(suspect.port()), Verdict::inconclusive) << shown;
    EXPECT_FALSE(stored()->listed());
}

TEST_F(VerifierTest, ASpecialPurposeAddressIsRefusedBeforeAnything) {
    Verifier verifier(*store, clock, entropy, settings);
    const auto refused = verifier.probe({Address::v4(10, 0, 0, 1), {}, {}, true}, {}, {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::not_allowed);
    EXPECT_FALSE(store->read([&](const ReadTxn& txn) { return hosts::find(txn, Address::v4(10, 0, 0, 1)); }));
}

TEST_F(VerifierTest, AnUnknownTechniqueIsRefusedWithTheOnesThatThereAre) {
    Verifier verifier(*store, clock, entropy, settings);
    const auto refused = verifier.probe({host, {}, {"smtp-relay/plian"}, true}, {}, {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::invalid);
    EXPECT_NE(refused.error().message.find("smtp-relay/plain"), std::string::npos);
}

TEST_F(VerifierTest, APortInUseIsAClearError) {
    Verifier first(*store, clock, entropy, settings);
    ASSERT_TRUE(first.start());
    Verifier second(*store, clock, entropy, settings);
    const auto refused = second.start();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::conflict);
    EXPECT_NE(refused.error().message.find(callback.to_string()), std::string::npos);
    EXPECT_NE(refused.error().message.find("callback_sink.listen"), std::string::npos);
}

TEST_F(VerifierTest, ARunningVerifierTakesUpWhatWasInterruptedAndWhatIsReported) {
    Suspect suspect(host, open_socks5);
    const auto asked = store->write([&](WriteTxn& txn) -> Result<> {
        EXPECT_TRUE(ledger::request_scan(txn, host, ScanKind::report, txn.now, {suspect.port()}));
        EXPECT_TRUE(ledger::start_scan(txn, host)); // and then the program died
        return {};
    });
    ASSERT_TRUE(asked);
    Verifier verifier(*store, clock, entropy, settings);
    ASSERT_TRUE(verifier.start());
    while (verifier.statistics().scans_finished < 1) std::this_thread::yield();
    EXPECT_TRUE(stored()->listed());
    EXPECT_EQ(verifier.statistics().callbacks_accepted, 1U);
    EXPECT_EQ(verifier.statistics().running_scans, 0U);
    verifier.stop();
    verifier.stop(); // twice is once
    EXPECT_EQ(verifier.statistics().scans_finished, 0U);
    EXPECT_TRUE(verifier.start()); // and again
}

// Whose server hangs: who hangs up waits until the visits have ended.
class SlowToHangUp final : public Elsewhere {
public:
    [[nodiscard]] VantagePoints vantage_points() const override { return VantagePoints::two; }
    void open(boost::asio::any_io_executor, VisitBooks&) override {}
    void close() override { closed_.set_value(); }
    void hang_up() override {
        closed_.get_future().wait();
        hung_up = true;
    }
    Awaitable<Result<Findings>> visit(Scan, VisitBooks::Known) override {
        co_return Error{Errc::unreachable, "nobody is there"};
    }
    std::atomic<bool> hung_up{false};

private:
    std::promise<void> closed_;
};

TEST_F(VerifierTest, VisitsEndWhileWorkersAreHungUpOn) {
    SlowToHangUp workers;
    Verifier verifier(*store, clock, entropy, settings);
    verifier.carry_out_by(workers);
    ASSERT_TRUE(verifier.start());
    verifier.stop();
    EXPECT_TRUE(workers.hung_up) << "nothing of it is left when the stop returns";
}

TEST_F(VerifierTest, StoppingDuringAVisitLeavesItToBeTakenUpAgain) {
    std::promise<void> connected;
    std::promise<void> release;
    auto released = release.get_future();
    bool first = true;
    Suspect suspect(host, [&](tcp::socket&) {
        if (!first) return;
        first = false;
        connected.set_value();
        released.wait(); // says nothing
    });
    settings.probe.read_timeout = 10min;
    settings.probe.conversation_timeout = 10min;
    Verifier verifier(*store, clock, entropy, settings);
    ASSERT_TRUE(verifier.start());
    ASSERT_TRUE(store->write([&](WriteTxn& txn) -> Result<> {
        EXPECT_TRUE(ledger::request_scan(txn, host, ScanKind::report, txn.now, {suspect.port()}));
        return {};
    }));
    connected.get_future().wait();
    verifier.stop();
    release.set_value();
    EXPECT_NE(stored()->running_scan, 0U);
}

} // namespace
} // namespace provenbl::verifier
