// Every technique against a host that says any bytes: the first byte picks the technique, and each further piece has
// its length in front. Whatever is said, the technique ends and finds nothing open, for no token has reached a sink.
#include "store/entropy.hpp"
#include "verifier/technique.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdlib>

namespace {

using namespace provenbl;
using namespace provenbl::verifier;
using namespace std::chrono_literals;

void require(bool holds) {
    if (!holds) std::abort();
}

class Counting final : public Entropy {
public:
    void fill(std::span<std::uint8_t> bytes) override {
        for (auto& byte : bytes) byte = next_++;
    }

private:
    std::uint8_t next_ = 1;
};

class FuzzedProbe final : public ProbeContext {
public:
    explicit FuzzedProbe(std::string_view said) : said_(said) {
        identity_ = {"probe.bl.example",           "scan.bl.example",     "postmaster@bl.example",
                     "https://bl.example/probing", "mx.probe.bl.example", {Address::v4(198, 51, 100, 25)}};
        settings_.callback_targets = {{Address::v4(198, 51, 100, 9), 25}, {Address::v4(198, 51, 100, 9), 8443}};
    }
    std::size_t connections = 0;

    [[nodiscard]] Endpoint target() const override { return {Address::v4(192, 0, 2, 1), 465}; }
    [[nodiscard]] const Identity& identity() const override { return identity_; }
    [[nodiscard]] const ProbeSettings& settings() const override { return settings_; }
    [[nodiscard]] Time now() const override { return clock_; }
    Awaitable<Result<std::unique_ptr<Connection>>> connect() override {
        ++connections;
        std::unique_ptr<Connection> made = std::make_unique<Said>(*this);
        co_return made;
    }
    Awaitable<Result<std::unique_ptr<Connection>>> connect_udp(std::uint16_t) override { return connect(); }
    void note(std::string_view) override {}
    void software(std::string_view) override {}
    Awaitable<Result<TokenMint::Token>> issue(const Technique&, SinkKind, std::string) override {
        co_return mint_.make();
    }
    Awaitable<bool> arrived(const TokenId&, Duration patience) override {
        clock_ += patience;
        co_return false;
    }
    [[nodiscard]] std::string answer_to(const TokenId& id) const override { return mint_.answer_to(id); }
    // As the store says it: the token has not arrived.
    Awaitable<Result<>> confirm(const TokenId&) override { co_return Error{Errc::not_allowed, "has not arrived"}; }

private:
    class Said final : public Connection {
    public:
        explicit Said(FuzzedProbe& probe) : probe_(probe), end_(probe.clock_ + 60s) {}
        Awaitable<Result<std::size_t>> read_some(std::span<char> into, Duration patience) override {
            if (probe_.clock_ >= end_) co_return Error{Errc::timeout, "took too long"};
            auto& said = probe_.said_;
            const auto length = said.empty() ? 0 : static_cast<std::uint8_t>(said.front());
            if (!said.empty()) said.remove_prefix(1);
            const auto piece = said.substr(0, std::min<std::size_t>(length, into.size()));
            said.remove_prefix(piece.size());
            if (piece.empty()) {
                probe_.clock_ += patience > Duration::zero() ? patience : probe_.settings_.read_timeout;
                co_return Error{length == 0 ? Errc::timeout : Errc::closed, "nothing more"};
            }
            std::copy(piece.begin(), piece.end(), into.begin());
            probe_.clock_ += 1ms;
            co_return piece.size();
        }
        Awaitable<Result<>> write(std::string_view) override { co_return Result<>{}; }
        Awaitable<Result<>> start_tls(const TlsWish&) override { co_return Result<>{}; }
        void close() override {}

    private:
        FuzzedProbe& probe_;
        const Time end_;
    };

    std::string_view said_;
    Identity identity_;
    ProbeSettings settings_;
    Time clock_{std::chrono::hours(24 * 365 * 50)};
    Counting entropy_;
    TokenMint mint_{{1, 2, 3}, entropy_};
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const auto all = all_techniques();
    const auto* const technique = all[data[0] % all.size()];
    FuzzedProbe probe({reinterpret_cast<const char*>(data) + 1, size - 1});
    std::vector<ProbeResult> results(1);
    boost::asio::io_context io;
    bool done = false;
    std::exception_ptr thrown;
    boost::asio::co_spawn(io, technique->run(probe, std::span(&technique, 1), results), [&](std::exception_ptr error) {
        thrown = std::move(error);
        done = true;
    });
    io.run();
    require(done && !thrown);
    require(results[0].verdict != Verdict::open);
    require(results[0].detail.size() <= 2000);
    require(probe.connections <= 32);
    return 0;
}
