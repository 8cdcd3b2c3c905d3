// A suspect made of a script, and the ProbeContext that leads to it: techniques are tested against it
// without a socket, a store or a wait.
//
// A Script is what one connection sees: the exact bytes that we must write, and what the host then sends.
// {token} and {answer} stand for the last token issued and for the answer to it. Behind the end of the
// script, and while the host waits for us to speak, the host is silent: reads give Errc::timeout at once.
#pragma once

#include "store/clock.hpp"
#include "store/entropy.hpp"
#include "verifier/technique.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace provenbl::test {

using verifier::Awaitable;
using verifier::ProbeResult;
using verifier::Technique;

class Script {
public:
    // ---- what we must do ----
    Script& expect(std::string exact) { return add({Kind::expect, std::move(exact), {}}); }
    Script& expect_containing(std::string part) { return add({Kind::expect_containing, std::move(part), {}}); }
    Script& expect_tls(bool works) { return add({Kind::tls, works ? "works" : "", {}}); }
    // ---- what the host does ----
    Script& reply(std::string bytes) { return add({Kind::reply, std::move(bytes), {}}); }
    Script& ends() { return add({Kind::fail, {}, {Errc::closed, "the host ended the connection"}}); }
    Script& resets() { return add({Kind::fail, {}, {Errc::unreachable, "the connection broke: reset"}}); }
    Script& silence() { return add({Kind::fail, {}, {Errc::timeout, "waited for the host"}}); }
    Script& endless(std::string bytes) { return add({Kind::endless, std::move(bytes), {}}); }
    // Bytes come one at a time.
    Script& drip() {
        drip_ = true;
        return *this;
    }
    static Script refusing_connections() { return failing({Errc::closed, "refused the connection"}); }
    static Script failing(Error error) {
        Script script;
        script.connect_error_ = std::move(error);
        return script;
    }

private:
    enum class Kind { expect, expect_containing, tls, reply, fail, endless };
    struct Step {
        Kind kind;
        std::string bytes;
        Error error;
    };
    Script& add(Step step) {
        steps_.push_back(std::move(step));
        return *this;
    }
    std::deque<Step> steps_;
    std::optional<Error> connect_error_;
    bool drip_ = false;
    friend class ScriptedConnection;
    friend class ScriptedProbe;
};

class CountingEntropy final : public Entropy {
public:
    void fill(std::span<std::uint8_t> bytes) override {
        for (auto& byte : bytes) byte = next_++;
    }

private:
    std::uint8_t next_ = 1;
};

class ScriptedProbe final : public verifier::ProbeContext {
public:
    ScriptedProbe() {
        identity_ = {"probe.bl.example", "scan.bl.example", "postmaster@bl.example", "https://bl.example/probing"};
        settings_.callback_targets = {{Address::v4(198, 51, 100, 9), 25}, {Address::v4(198, 51, 100, 9), 8443}};
    }

    // ---- under the test's control ----
    Script& next_connection(Script script = {}) { return scripts_.emplace_back(std::move(script)); }
    // Datagrams to this port of the host: each step is one.
    Script& next_datagrams(std::uint16_t port) { return datagram_scripts_.emplace_back(port, Script{}).second; }
    verifier::ProbeSettings& change_settings() { return settings_; }
    verifier::Identity& change_identity() { return identity_; }
    void set_target(const Endpoint& target) { target_ = target; }
    // The mail of this technique has arrived when it is asked for with at least this patience.
    void arrives(std::string technique, Duration patience = Duration::zero()) {
        arrivals_[std::move(technique)] = patience;
    }
    void fail_confirm(Error error) { confirm_error_ = std::move(error); }
    void fail_issue(Error error) { issue_error_ = std::move(error); }
    void time_per_connection(Duration passes) { per_connection_ = passes; }

    // ---- what was seen ----
    struct Issued {
        std::string technique;
        verifier::TokenMint::Token token;
        std::string repeat;
    };
    std::vector<Issued> issued;
    std::vector<TokenId> confirmed;
    std::vector<std::string> notes;
    std::string software_seen;
    std::string written; // everything that we sent, over all connections
    std::size_t connections = 0;
    std::size_t open = 0; // connections at this moment
    [[nodiscard]] std::size_t unused_scripts() const { return scripts_.size() + datagram_scripts_.size(); }

    // Runs techniques that share a runner; results in order.
    std::vector<ProbeResult> run_together(const std::vector<std::string>& names) {
        std::vector<const Technique*> techniques;
        for (const auto& name : names) {
            techniques.push_back(verifier::find_technique(name));
            if (techniques.back() == nullptr) throw std::logic_error("no technique " + name);
        }
        std::vector<ProbeResult> results(techniques.size());
        boost::asio::io_context io;
        std::exception_ptr thrown;
        bool done = false;
        boost::asio::co_spawn(io, techniques.front()->run(*this, techniques, results), [&](std::exception_ptr error) {
            thrown = std::move(error);
            done = true;
        });
        io.run();
        EXPECT_TRUE(done) << "the technique never ended";
        EXPECT_EQ(unused_scripts(), 0U) << "connections that were never made";
        EXPECT_EQ(open, 0U) << "connections left open";
        if (thrown) std::rethrow_exception(thrown);
        return results;
    }
    ProbeResult run(const std::string& name) { return run_together({name}).front(); }

    // ---- ProbeContext ----
    [[nodiscard]] Endpoint target() const override { return target_; }
    [[nodiscard]] Time now() const override { return clock_.now(); }
    [[nodiscard]] const verifier::Identity& identity() const override { return identity_; }
    [[nodiscard]] const verifier::ProbeSettings& settings() const override { return settings_; }
    Awaitable<Result<std::unique_ptr<verifier::Connection>>> connect() override;
    Awaitable<Result<std::unique_ptr<verifier::Connection>>> connect_udp(std::uint16_t port) override;
    void note(std::string_view what) override { notes.emplace_back(what); }
    void software(std::string_view name) override { software_seen = name; }

    Awaitable<Result<verifier::TokenMint::Token>> issue(const Technique& technique, SinkKind,
                                                        std::string repeat) override {
        if (issue_error_) co_return *issue_error_;
        issued.push_back({std::string(technique.name), mint_.make(), std::move(repeat)});
        co_return issued.back().token;
    }
    Awaitable<bool> arrived(const TokenId& id, Duration patience) override {
        const auto found =
            std::find_if(issued.begin(), issued.end(), [&](const Issued& each) { return each.token.id == id; });
        EXPECT_NE(found, issued.end()) << "asked for a token that was never issued";
        EXPECT_TRUE(open == 0 || patience == Duration::zero()) << "waits for mail while a connection is open";
        if (found == issued.end()) co_return false;
        const auto arrival = arrivals_.find(found->technique);
        const bool here = arrival != arrivals_.end() && patience >= arrival->second;
        if (!here) clock_.advance(patience);
        co_return here;
    }
    [[nodiscard]] std::string answer_to(const TokenId& id) const override { return mint_.answer_to(id); }
    Awaitable<Result<>> confirm(const TokenId& id) override {
        if (confirm_error_) co_return *confirm_error_;
        confirmed.push_back(id);
        co_return Result<>{};
    }

    // {token} and {answer} filled in.
    [[nodiscard]] std::string filled(std::string text) const {
        const auto put = [&](std::string_view mark, auto value) {
            for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark))
                text.replace(at, mark.size(), value());
        };
        put("{token}", [&] { return issued.empty() ? "NO-TOKEN-ISSUED" : issued.back().token.text; });
        put("{answer}", [&] { return issued.empty() ? "NO-TOKEN-ISSUED" : mint_.answer_to(issued.back().token.id); });
        return text;
    }

private:
    verifier::Identity identity_;
    verifier::ProbeSettings settings_;
    Endpoint target_{Address::v4(192, 0, 2, 1), 25};
    ManualClock clock_{Time{std::chrono::hours(24 * 365 * 50)}};
    CountingEntropy entropy_;
    verifier::TokenMint mint_{{1, 2, 3}, entropy_};
    std::deque<Script> scripts_;
    std::deque<std::pair<std::uint16_t, Script>> datagram_scripts_;
    std::map<std::string, Duration> arrivals_;
    std::optional<Error> confirm_error_;
    std::optional<Error> issue_error_;
    Duration per_connection_ = Duration::zero();
};

class ScriptedConnection final : public verifier::Connection {
public:
    ScriptedConnection(ScriptedProbe& probe, Script script) : probe_(probe), script_(std::move(script)) {
        ++probe_.open;
    }
    ~ScriptedConnection() override { close(); }

    Awaitable<Result<std::size_t>> read_some(std::span<char> into, Duration) override {
        if (closed_) co_return Error{Errc::closed, "read after close"};
        drop_what_was_read();
        if (steps().empty()) co_return silence();
        auto& step = steps().front();
        switch (step.kind) {
        case Script::Kind::reply: {
            if (!filled_) step.bytes = probe_.filled(std::move(step.bytes));
            filled_ = true;
            const auto size = std::min({into.size(), step.bytes.size(), script_.drip_ ? 1 : into.size()});
            std::copy_n(step.bytes.begin(), size, into.begin());
            step.bytes.erase(0, size);
            if (step.bytes.empty()) filled_ = false;
            co_return count(size);
        }
        case Script::Kind::endless: {
            const auto size = std::min(into.size(), step.bytes.size());
            std::copy_n(step.bytes.begin(), size, into.begin());
            co_return count(size);
        }
        case Script::Kind::fail: {
            const auto error = step.error;
            if (error.code == Errc::timeout) steps().pop_front(); // a silence can end
            co_return error;
        }
        default:
            co_return silence(); // the host waits for us
        }
    }

    Awaitable<Result<>> write(std::string_view bytes) override {
        EXPECT_FALSE(closed_) << "write after close";
        probe_.written += bytes;
        drop_what_was_read();
        if (!steps().empty() && steps().front().kind == Script::Kind::endless) co_return Result<>{};
        if (!steps().empty() && steps().front().kind == Script::Kind::fail) co_return steps().front().error;
        // What ends a session need not be in the script.
        const bool courtesy = bytes == "QUIT\r\n" || bytes == "HELP\r\n";
        if (courtesy && (steps().empty() || steps().front().bytes != bytes)) co_return Result<>{};
        if (steps().empty()) {
            ADD_FAILURE() << "not in the script: we said " << bytes;
            co_return silence();
        }
        const auto step = steps().front();
        const auto expected = probe_.filled(step.bytes);
        if (step.kind == Script::Kind::expect) {
            EXPECT_EQ(bytes, expected);
        } else if (step.kind == Script::Kind::expect_containing) {
            EXPECT_NE(bytes.find(expected), std::string::npos) << bytes << " should hold " << expected;
        } else {
            ADD_FAILURE() << "the host has not finished, yet we said " << bytes;
            co_return silence();
        }
        steps().pop_front();
        co_return Result<>{};
    }

    Awaitable<Result<>> start_tls(const verifier::TlsWish&) override {
        drop_what_was_read();
        if (steps().empty() || steps().front().kind != Script::Kind::tls) {
            ADD_FAILURE() << "no TLS in the script";
            co_return silence();
        }
        const bool works = !steps().front().bytes.empty();
        steps().pop_front();
        if (!works) co_return Error{Errc::protocol, "the TLS handshake failed"};
        co_return Result<>{};
    }

    void close() override {
        if (!closed_) --probe_.open;
        closed_ = true;
    }

private:
    static Error silence() { return {Errc::timeout, "waited for the host"}; }
    std::deque<Script::Step>& steps() { return script_.steps_; }
    void drop_what_was_read() {
        while (!steps().empty() && steps().front().kind == Script::Kind::reply && steps().front().bytes.empty())
            steps().pop_front();
    }
    Result<std::size_t> count(std::size_t size) {
        total_ += size;
        if (total_ > probe_.settings().conversation_limit) return Error{Errc::limit, "the host sent too much"};
        return size;
    }
    ScriptedProbe& probe_;
    Script script_;
    bool filled_ = false;
    bool closed_ = false;
    std::size_t total_ = 0;
};

inline Awaitable<Result<std::unique_ptr<verifier::Connection>>> ScriptedProbe::connect() {
    EXPECT_EQ(open, 0U) << "two connections to one host at once";
    ++connections;
    clock_.advance(per_connection_);
    if (scripts_.empty()) {
        ADD_FAILURE() << "a connection that is not in the script";
        co_return Error{Errc::unreachable, "no script"};
    }
    Script script = std::move(scripts_.front());
    scripts_.pop_front();
    if (script.connect_error_) co_return *script.connect_error_;
    std::unique_ptr<verifier::Connection> connection = std::make_unique<ScriptedConnection>(*this, std::move(script));
    co_return connection;
}

inline Awaitable<Result<std::unique_ptr<verifier::Connection>>> ScriptedProbe::connect_udp(std::uint16_t port) {
    if (datagram_scripts_.empty()) {
        ADD_FAILURE() << "datagrams that are not in the script";
        co_return Error{Errc::unreachable, "no script"};
    }
    EXPECT_EQ(port, datagram_scripts_.front().first);
    Script script = std::move(datagram_scripts_.front().second);
    datagram_scripts_.pop_front();
    std::unique_ptr<verifier::Connection> connection = std::make_unique<ScriptedConnection>(*this, std::move(script));
    co_return connection;
}

} // namespace provenbl::test
