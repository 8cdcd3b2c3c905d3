// telnet/connect: gateways of the kind of WinGate, that ask at a prompt where to connect to. They answer nothing that a
// program could take for a grant, so whatever follows our line is heard for a while, and the tunnel proves.
//
// Whoever asks for a name or a password is not talked to: our line would be taken for one, and a login is never tried.
#include "store/ascii.hpp"
#include "verifier/techniques/repeat.hpp"
#include "verifier/techniques/tunnel.hpp"
#include "verifier/techniques/verdicts.hpp"
#include "verifier/wire/printable.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace provenbl::verifier::techniques {
namespace {

constexpr std::array<std::uint16_t, 1> ports{23};
constexpr std::size_t longest_prompt = 4096;

bool holds_any(std::string_view heard, std::initializer_list<std::string_view> words) {
    const auto folded = lower(heard);
    return std::any_of(words.begin(), words.end(),
                       [&](std::string_view word) { return folded.find(word) != std::string::npos; });
}

bool asks_who_we_are(std::string_view heard) {
    return holds_any(heard, {"login", "user", "name", "password", "passwd", "account", "authent"});
}

bool is_another_protocol(std::string_view heard) {
    static constexpr std::array beginnings{"220", "SSH-", "HTTP/", "+OK", "* OK"};
    return std::any_of(beginnings.begin(), beginnings.end(),
                       [&](const char* beginning) { return heard.starts_with(beginning); });
}

bool says_it_failed(std::string_view heard) {
    return holds_any(heard, {"unreach", "refused", "timed out", "timeout", "failed", "can't", "cannot", "unable"});
}

// Hears until nothing more comes for `patience`; an end or an error tells.
Awaitable<Result<>> listen(Dialogue& dialogue, Duration patience) {
    for (;;) {
        if (dialogue.unread().size() > longest_prompt) co_return Error{Errc::limit, "a prompt without end"};
        const Result<> read = co_await dialogue.more(patience);
        if (read) continue;
        if (read.error().code == Errc::timeout) co_return Result<>{};
        co_return read.error();
    }
}

Awaitable<std::optional<Attempt>> ask(ProbeContext& context, Dialogue& dialogue, const Target& target) {
    const Result<> prompted = co_await listen(dialogue, context.settings().nudge_after);
    if (!prompted) co_return Attempt{judge_conversation(prompted.error(), "telnet"), true};
    std::string& heard = dialogue.unread();
    if (heard.empty()) co_return Attempt{{Verdict::unreachable, "no prompt"}, true};
    if (is_another_protocol(heard))
        co_return Attempt{{Verdict::refused, fmt::format("does not speak telnet: \"{}\"", wire::printable(heard, 60))},
                          true};
    if (asks_who_we_are(heard))
        co_return Attempt{
            {Verdict::refused, fmt::format("wants to know who we are: \"{}\"", wire::printable(heard, 60))}, true};
    heard.clear();
    const std::string line = fmt::format("{} {}\r\n", target.host(), target.sink.port);
    const Result<> sent = co_await dialogue.send(line);
    if (!sent) co_return Attempt{judge_conversation(sent.error(), "telnet"), true};
    // The echo of our line, "Connecting...", our sink's greeting.
    const Result<> connected = co_await listen(dialogue, context.settings().nudge_after);
    if (!connected) co_return Attempt{judge_conversation(connected.error(), "telnet"), false};
    if (says_it_failed(heard)) co_return Attempt{judge_unreached_sink(wire::printable(heard, 100)), false};
    if (asks_who_we_are(heard))
        co_return Attempt{
            {Verdict::refused, fmt::format("wants to know who we are: \"{}\"", wire::printable(heard, 60))}, true};
    co_return std::nullopt;
}

Awaitable<Attempt> try_telnet(ProbeContext& context, const Technique& technique, const Target& target) {
    const std::string line = fmt::format("{} {}\r\n", target.host(), target.sink.port);
    return try_tunnel(context, technique, target, ask, nc_steps("", context.target(), {line, "NOOP TOKEN\r\n"}));
}

Awaitable<void> run(ProbeContext& context, std::span<const Technique* const> techniques,
                    std::span<ProbeResult> results) {
    results[0] = co_await try_targets(context, *techniques[0], any_target, try_telnet);
}

constexpr std::array techniques{
    Technique{"telnet/connect", ListingClass::wingate, ports,
              "A telnet gateway that connects anybody to anywhere (as WinGate did): strangers can send mail and attack "
              "others with the address of this host.",
              1, run},
};

} // namespace

std::span<const Technique> telnet() {
    return techniques;
}

} // namespace provenbl::verifier::techniques
