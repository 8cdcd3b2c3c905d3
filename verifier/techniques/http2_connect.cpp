// http2/connect (prior knowledge, RFC 9113 section 3.3) and tls/http2-connect (ALPN h2): a stream of CONNECT
// (section 8.5) is a tunnel like any other once it is granted, and the tunnel proves.
#include "verifier/fingerprint/proxy_software.hpp"
#include "verifier/techniques/http_dialogue.hpp"
#include "verifier/techniques/repeat.hpp"
#include "verifier/techniques/tunnel.hpp"
#include "verifier/techniques/verdicts.hpp"
#include "verifier/wire/http2_tunnel.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace provenbl::verifier::techniques {
namespace {

constexpr std::array<std::uint16_t, 3> ports{8080, 3128, 80};
constexpr std::array<std::uint16_t, 2> tls_ports{443, 8443};

// RFC 9113 section 7.
constexpr std::uint32_t connect_error = 0xa;
constexpr std::uint32_t enhance_your_calm = 0xb;

// A connection that runs inside a stream of another one. Limits and deadlines are the outer connection's.
class TunnelConnection final : public Connection {
public:
    TunnelConnection(std::unique_ptr<Connection> outer, const Endpoint& target, std::string_view agent)
        : outer_(std::move(outer)), tunnel_(target, agent) {}

    // Reads until the response is there, or the stream has ended without one.
    Awaitable<Result<>> ask() {
        for (;;) {
            const Result<> said = co_await flush();
            if (!said) co_return said.error();
            if (tunnel_.head() || tunnel_.ended()) co_return Result<>{};
            const Result<> heard = co_await hear(Duration::zero());
            if (!heard) co_return heard.error();
        }
    }
    [[nodiscard]] const wire::Http2Tunnel& tunnel() const { return tunnel_; }

    Awaitable<Result<std::size_t>> read_some(std::span<char> into, Duration patience) override {
        while (tunnel_.heard().empty()) {
            if (tunnel_.ended()) co_return Error{Errc::closed, "the host ended the stream"};
            const Result<> heard = co_await hear(patience);
            if (!heard) co_return heard.error();
            const Result<> said = co_await flush(); // acknowledgements, and what a window had held back
            if (!said) co_return said.error();
        }
        auto& heard = tunnel_.heard();
        const auto size = std::min(into.size(), heard.size());
        std::copy_n(heard.begin(), size, into.begin());
        heard.erase(0, size);
        co_return size;
    }
    Awaitable<Result<>> write(std::string_view bytes) override {
        tunnel_.send(bytes);
        co_return co_await flush();
    }
    Awaitable<Result<>> start_tls(const TlsWish&) override {
        co_return Error{Errc::protocol, "there is no TLS inside a stream of HTTP/2 here"};
    }
    void close() override { outer_->close(); }

private:
    Awaitable<Result<>> flush() {
        const std::string bytes = tunnel_.say();
        if (bytes.empty()) co_return Result<>{};
        co_return co_await outer_->write(bytes);
    }
    Awaitable<Result<>> hear(Duration patience) {
        std::array<char, 4096> chunk; // NOLINT(cppcoreguidelines-pro-type-member-init): filled by the read
        const Result<std::size_t> size = co_await outer_->read_some(chunk, patience);
        if (!size) co_return size.error();
        co_return tunnel_.take({chunk.data(), *size});
    }

    std::unique_ptr<Connection> outer_;
    wire::Http2Tunnel tunnel_;
};

Attempt judge_end(const wire::Http2Tunnel& tunnel) {
    const auto code = tunnel.end_code();
    const auto how = "HTTP/2 stream ended with " + wire::http2_error_name(code);
    if (code == connect_error) return {judge_unreached_sink(how), false};
    if (code == enhance_your_calm) return {{Verdict::unreachable, how + ": we ask too much", Hint::unwelcome}, true};
    return {{Verdict::refused, how, Hint::speaks}, true};
}

Attempt judge_head(const wire::HttpHead& head) {
    const bool depends_on_target = head.status == 403 || failed_to_reach(head.status);
    Attempt refusal{{Verdict::refused, head.quote()}, !depends_on_target};
    if (failed_to_reach(head.status)) refusal.result = judge_unreached_sink(head.quote());
    refusal.result.hint = hint_of(head);
    return refusal;
}

Awaitable<std::optional<Attempt>> ask(ProbeContext& context, Dialogue& dialogue, const Target& target) {
    TunnelConnection* inside = nullptr;
    dialogue.enter([&](std::unique_ptr<Connection> outer) {
        auto made = std::make_unique<TunnelConnection>(std::move(outer), target.sink, user_agent(context.identity()));
        inside = made.get();
        return made;
    });
    const Result<> asked = co_await inside->ask();
    if (!asked) co_return Attempt{judge_conversation(asked.error(), "HTTP/2"), true};
    const auto& head = inside->tunnel().head();
    if (!head) co_return judge_end(inside->tunnel());
    context.note(head->quote());
    if (const auto software = fingerprint::by_head(*head, false); !software.empty()) context.software(software);
    if (head->status / 100 == 2) co_return std::nullopt;
    if (auto slow_down = judge_slow_down(*head)) co_return Attempt{std::move(*slow_down), true};
    co_return judge_head(*head);
}

// Without the token, whose length would stand in the frame: our sink greets whoever stays silent.
std::string repeat_command(const Endpoint& proxy, const Endpoint& target, bool tls) {
    const std::string opening = wire::Http2Tunnel(target, "provenbl, by hand").say();
    return tls ? openssl_steps(proxy, {opening}, "-alpn h2") : nc_steps("", proxy, {opening});
}

Awaitable<Attempt> try_connect(ProbeContext& context, const Technique& technique, const Target& target) {
    return try_tunnel(context, technique, target, ask, repeat_command(context.target(), target.sink, technique.tls));
}

Awaitable<void> run(ProbeContext& context, std::span<const Technique* const> techniques,
                    std::span<ProbeResult> results) {
    results[0] = co_await try_targets(context, *techniques[0], any_target, try_connect);
}

constexpr std::array techniques{
    Technique{
        "tls/http2-connect", ListingClass::http, tls_ports,
        "An HTTP/2 proxy inside TLS that opens a connection for anybody to anywhere (CONNECT): strangers can send "
        "mail and attack others with the address of this host.",
        1, run, Stage::always, true, "h2"},
    Technique{"http2/connect", ListingClass::http, ports,
              "An HTTP/2 proxy that opens a connection for anybody to anywhere (CONNECT): strangers can send mail and "
              "attack others with the address of this host.",
              1, run, Stage::thorough},
};

} // namespace

std::span<const Technique> http2_connect() {
    return techniques;
}

} // namespace provenbl::verifier::techniques
