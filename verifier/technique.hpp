// A technique: one way to abuse a host. A name, a class, ports, and one coroutine.
//
// Adding one: a file in techniques/ and a line in techniques/registry.cpp. Techniques that share a runner
// can share a conversation (the forms of a mail relay): the scanner hands a runner up to `per_session` of
// its techniques at once, for one address and port.
#pragma once

#include "store/records.hpp"
#include "verifier/network.hpp"
#include "verifier/settings.hpp"
#include "verifier/token.hpp"

#include <span>
#include <string>
#include <string_view>

namespace provenbl::verifier {

struct Technique;

// What one probe says about its relatives (family_of) at the same address and port.
enum class Hint : std::uint8_t {
    none,
    speaks,    // the protocol is spoken here
    promising, // and something was taken that need not have been: worth a closer look
    hopeless,  // no relative can fare better now: not the protocol, or we were sent away
    unwelcome, // hopeless, and we were told to stop or to slow down: nothing more of its class at this address
};

// What one probe found. `detail` quotes the suspect's deciding words, or says in ours why not.
struct ProbeResult {
    Verdict verdict = Verdict::inconclusive;
    std::string detail = "not tried";
    Hint hint = Hint::none;
};

// When a visit tries a technique that has not been proven at the host before.
enum class Stage : std::uint8_t {
    always,    // at each of its ports
    suspicion, // where a relative found something promising, or was spoken to at a reported port
    thorough,  // when probe.thorough asks for everything
};

// What a runner works with. The scanner implements it over the store; tests script it.
class ProbeContext {
public:
    virtual ~ProbeContext() = default;
    [[nodiscard]] virtual Endpoint target() const = 0;
    [[nodiscard]] virtual const Identity& identity() const = 0;
    [[nodiscard]] virtual const ProbeSettings& settings() const = 0;
    [[nodiscard]] virtual Time now() const = 0;
    // Opens the conversation's connection; every byte either way is recorded in the transcript. One at a time.
    virtual Awaitable<Result<std::unique_ptr<Connection>>> connect() = 0;
    // UDP to a port of the same host, whatever address the host names: nobody makes us send to a third party. It may be
    // open beside a connection.
    virtual Awaitable<Result<std::unique_ptr<Connection>>> connect_udp(std::uint16_t port) = 0;
    virtual void note(std::string_view what) = 0;
    // The software that the host seems to run ("Postfix", "squid/5.7"); the last word wins.
    virtual void software(std::string_view name) = 0;

    // A token that is durable in the store when this returns. `repeat` is a command that repeats the test,
    // with TOKEN where the token goes.
    virtual Awaitable<Result<TokenMint::Token>> issue(const Technique& technique, SinkKind sink,
                                                      std::string repeat) = 0;
    // Waits until the sink has seen the token, or patience ends.
    virtual Awaitable<bool> arrived(const TokenId& id, Duration patience) = 0;
    // A message was accepted and has not arrived yet: the visit goes on meanwhile, and looks again before it ends.
    virtual void look_again(const Technique& /*technique*/, const TokenId& /*id*/) {}
    // The answer that only our sink can give.
    [[nodiscard]] virtual std::string answer_to(const TokenId& id) const = 0;
    // The answer came back: turns the token into evidence and a listing. Errors as tokens::confirm.
    virtual Awaitable<Result<>> confirm(const TokenId& id) = 0;
};

struct Technique {
    std::string_view name; // "smtp-relay/percent"; stable: stored with evidence
    ListingClass cls;
    std::span<const std::uint16_t> ports; // by default; a reported port comes first
    std::string_view explanation;         // plain words for evidence page and letter
    std::size_t per_session = 1;
    // Fills results[i] for techniques[i]. Never throws for anything that a suspect does.
    using Runner = Awaitable<void> (*)(ProbeContext&, std::span<const Technique* const> techniques,
                                       std::span<ProbeResult> results);
    Runner run = nullptr;
    Stage stage = Stage::always;
    bool tls = false;            // the conversation goes through TLS from its first byte
    std::string_view protocol{}; // the ALPN that is asked for in it
    bool udp = false;            // begins with datagrams: what TCP says on that port says nothing for it
};

// "smtp-relay" of "smtp-relay/percent": techniques of one protocol, that hint at each other.
[[nodiscard]] constexpr std::string_view family_of(std::string_view name) {
    return name.substr(0, name.find('/'));
}

// All techniques, likeliest first (techniques/registry.cpp).
[[nodiscard]] std::span<const Technique* const> all_techniques();
[[nodiscard]] const Technique* find_technique(std::string_view name);

} // namespace provenbl::verifier
