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

// What one probe found. `detail` quotes the suspect's deciding words, or says in ours why not.
struct ProbeResult {
    Verdict verdict = Verdict::inconclusive;
    std::string detail = "not tried";
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
    virtual void note(std::string_view what) = 0;
    // The software that the host seems to run ("Postfix", "squid/5.7"); the last word wins.
    virtual void software(std::string_view name) = 0;

    // A token that is durable in the store when this returns. `repeat` is a command that repeats the test,
    // with TOKEN where the token goes.
    virtual Awaitable<Result<TokenMint::Token>> issue(const Technique& technique, SinkKind sink,
                                                      std::string repeat) = 0;
    // Waits until the sink has seen the token, or patience ends.
    virtual Awaitable<bool> arrived(const TokenId& id, Duration patience) = 0;
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
};

// All techniques, likeliest first (techniques/registry.cpp).
[[nodiscard]] std::span<const Technique* const> all_techniques();
[[nodiscard]] const Technique* find_technique(std::string_view name);

} // namespace provenbl::verifier
