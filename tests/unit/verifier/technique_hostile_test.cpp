// Every technique against suspects that talk garbage, for ever, too much, or not at all: it ends, in bounded
// connections and bytes, and finds nothing open.
#include "store/entropy.hpp"
#include "verifier/technique.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <random>

namespace provenbl::verifier {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

// What a hostile suspect answers to a read; `heard` is all that we have said so far in this connection.
using Hostility = std::function<Result<std::string>(std::size_t reads, const std::string& heard)>;

class RepeatedEntropy final : public Entropy {
public:
    void fill(std::span<std::uint8_t> bytes) override {
        for (auto& byte : bytes) byte = static_cast<std::uint8_t>(engine_());
    }

private:
    std::mt19937 engine_{25};
};

class HostileProbe final : public ProbeContext {
public:
    explicit HostileProbe(Hostility hostility) : hostility_(std::move(hostility)) {
        identity_ = {"probe.bl.example",           "scan.bl.example",     "postmaster@bl.example",
                     "https://bl.example/probing", "mx.probe.bl.example", {Address::v4(198, 51, 100, 25)}};
        settings_.callback_targets = {{Address::v4(198, 51, 100, 9), 25}, {Address::v4(198, 51, 100, 9), 8443}};
    }

    std::size_t connections = 0;
    std::size_t largest = 0; // bytes read in one connection
    bool confirmed = false;
    Time clock{std::chrono::hours(24 * 365 * 50)};

    [[nodiscard]] Endpoint target() const override { return {Address::v4(192, 0, 2, 1), 465}; }
    [[nodiscard]] const Identity& identity() const override { return identity_; }
    [[nodiscard]] const ProbeSettings& settings() const override { return settings_; }
    [[nodiscard]] Time now() const override { return clock; }
    Awaitable<Result<std::unique_ptr<Connection>>> connect() override {
        ++connections;
        std::unique_ptr<Connection> made = std::make_unique<HostileConnection>(*this);
        co_return made;
    }
    Awaitable<Result<std::unique_ptr<Connection>>> connect_udp(std::uint16_t) override { return connect(); }
    void note(std::string_view) override {}
    void software(std::string_view) override {}
    Awaitable<Result<TokenMint::Token>> issue(const Technique&, SinkKind, std::string) override {
        co_return mint_.make();
    }
    Awaitable<bool> arrived(const TokenId&, Duration patience) override {
        clock += patience;
        co_return false;
    }
    [[nodiscard]] std::string answer_to(const TokenId& id) const override { return mint_.answer_to(id); }
    Awaitable<Result<>> confirm(const TokenId&) override {
        confirmed = true;
        co_return Result<>{};
    }

private:
    // Keeps the bounds that a real connection keeps (network.hpp).
    class HostileConnection final : public Connection {
    public:
        explicit HostileConnection(HostileProbe& probe) : probe_(probe), end_(probe.clock + 60s) {}
        Awaitable<Result<std::size_t>> read_some(std::span<char> into, Duration patience) override {
            if (probe_.clock >= end_) co_return Error{Errc::timeout, "the conversation took longer than it may"};
            if (size_ >= probe_.settings_.conversation_limit) co_return Error{Errc::limit, "too much"};
            Result<std::string> bytes = probe_.hostility_(reads_++, heard_);
            if (!bytes) {
                if (bytes.error().code == Errc::timeout)
                    probe_.clock += patience > Duration::zero() ? patience : probe_.settings_.read_timeout;
                co_return bytes.error();
            }
            const auto size = std::min(into.size(), bytes->size());
            std::copy_n(bytes->begin(), size, into.begin());
            size_ += size;
            probe_.clock += 1ms;
            probe_.largest = std::max(probe_.largest, size_);
            co_return size;
        }
        Awaitable<Result<>> write(std::string_view bytes) override {
            heard_ += bytes;
            co_return Result<>{};
        }
        Awaitable<Result<>> start_tls(const TlsWish&) override { co_return Result<>{}; }
        void close() override {}

    private:
        HostileProbe& probe_;
        const Time end_;
        std::size_t reads_ = 0;
        std::size_t size_ = 0;
        std::string heard_;
    };

    Hostility hostility_;
    Identity identity_;
    ProbeSettings settings_;
    RepeatedEntropy entropy_;
    TokenMint mint_{{1, 2, 3}, entropy_};
};

struct Kind {
    std::string_view name;
    Hostility does;
};

std::string garbage(std::size_t seed) {
    std::mt19937 engine(static_cast<unsigned>(seed));
    std::string bytes(1024, '\0');
    for (char& c : bytes) c = static_cast<char>(engine());
    return bytes;
}

const Kind kinds[]{
    {"silence",
     [](std::size_t, const std::string&) {
         return Error{Errc::timeout, "silent"};
     }},
    {"reset",
     [](std::size_t, const std::string&) {
         return Error{Errc::unreachable, "reset"};
     }},
    {"hangs up",
     [](std::size_t, const std::string&) {
         return Error{Errc::closed, "ended"};
     }},
    {"garbage", [](std::size_t reads, const std::string&) { return garbage(reads); }},
    {"zeros", [](std::size_t, const std::string&) { return std::string(4096, '\0'); }},
    {"a byte at a time", [](std::size_t, const std::string&) { return "2"s; }},
    {"an endless SMTP reply", [](std::size_t, const std::string&) { return "220-and more\r\n"s; }},
    {"an endless line",
     [](std::size_t reads, const std::string&) { return reads == 0 ? "220 "s : std::string(4096, 'x'); }},
    {"250 to everything", [](std::size_t, const std::string&) { return "250 ok\r\n"s; }},
    {"a page for everything, without end",
     [](std::size_t reads, const std::string&) {
         return reads == 0 ? "HTTP/1.1 200 OK\r\n\r\n"s : std::string(4096, '<');
     }},
    {"an endless HTTP head",
     [](std::size_t reads, const std::string&) { return reads == 0 ? "HTTP/1.1 200 OK\r\n"s : "A: b\r\n"s; }},
    {"interim responses", [](std::size_t, const std::string&) { return "HTTP/1.1 100 Continue\r\n\r\n"s; }},
    {"an echo", [](std::size_t, const std::string& heard) { return heard.empty() ? "?"s : heard; }},
    {"SOCKS5 grants",
     [](std::size_t reads, const std::string&) {
         return reads == 0 ? "\x05\x00"s : "\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00"s;
     }},
    {"SOCKS4 grants", [](std::size_t, const std::string&) { return "\x00\x5a\x00\x00\x00\x00\x00\x00"s; }},
};

TEST(HostileSuspects, end_every_technique_without_a_finding) {
    for (const auto* technique : all_techniques()) {
        for (const auto& kind : kinds) {
            SCOPED_TRACE(std::string(technique->name) + " meets " + std::string(kind.name));
            HostileProbe probe(kind.does);
            std::vector<ProbeResult> results(1);
            boost::asio::io_context io;
            std::exception_ptr thrown;
            bool done = false;
            boost::asio::co_spawn(io, technique->run(probe, std::span(&technique, 1), results),
                                  [&](std::exception_ptr error) {
                                      thrown = std::move(error);
                                      done = true;
                                  });
            io.run();
            EXPECT_TRUE(done);
            EXPECT_FALSE(thrown);
            EXPECT_NE(results[0].verdict, Verdict::open) << results[0].detail;
            EXPECT_FALSE(probe.confirmed);
            EXPECT_LE(probe.connections, 16U);
            EXPECT_LE(probe.largest, probe.settings().conversation_limit + 4096);
            EXPECT_LE(results[0].detail.size(), 2000U);
        }
    }
}

// Silence, resets and hanging up say nothing of a host: what was open must not count as closed.
TEST(HostileSuspects, that_say_nothing_are_never_refusals) {
    for (const auto* technique : all_techniques()) {
        for (const auto& kind : {kinds[0], kinds[1], kinds[2]}) {
            HostileProbe probe(kind.does);
            std::vector<ProbeResult> results(1);
            boost::asio::io_context io;
            boost::asio::co_spawn(io, technique->run(probe, std::span(&technique, 1), results),
                                  [](const std::exception_ptr&) {});
            io.run();
            EXPECT_NE(results[0].verdict, Verdict::refused) << technique->name << " meets " << kind.name;
        }
    }
}

} // namespace
} // namespace provenbl::verifier
