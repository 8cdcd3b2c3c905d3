// turn/udp and turn/tcp (RFC 8656, RFC 5766): an allocation without credentials, a permission for our sink, and the
// token in a Send indication. A server that wants credentials is closed, and is never given any; one that sends us to
// another server (300) is not followed. Whatever we allocate is given back.
//
// Over UDP requests are repeated (RFC 8489 6.2.1); over TCP the messages stand one behind the other.
#include "verifier/techniques/datagram_proof.hpp"
#include "verifier/techniques/http_dialogue.hpp"
#include "verifier/techniques/opening.hpp"
#include "verifier/techniques/repeat.hpp"
#include "verifier/techniques/verdicts.hpp"
#include "verifier/wire/printable.hpp"
#include "verifier/wire/stun.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace provenbl::verifier::techniques {
namespace {

constexpr std::array<std::uint16_t, 1> ports{3478};
constexpr int passed_over_at_most = 16; // messages that are no answer to what was asked

// Known as ours to whoever looks at packets, and different each time.
wire::StunId transaction(Time now, std::uint8_t step) {
    wire::StunId id{'p', 'r', 'o', 'v', 'e', 'n', 'b', 'l'};
    const auto number = static_cast<std::uint64_t>(now.time_since_epoch().count());
    id[8] = static_cast<std::uint8_t>(number >> 16);
    id[9] = static_cast<std::uint8_t>(number >> 8);
    id[10] = static_cast<std::uint8_t>(number);
    id[11] = step;
    return id;
}

// One connection to the server; as a path, what goes through its relay to one peer.
class TurnClient final : public DatagramPath {
public:
    TurnClient(std::unique_ptr<Connection> connection, bool stream, Duration patience, const Endpoint& peer, Time now)
        : connection_(std::move(connection)), stream_(stream), patience_(patience), peer_(peer), now_(now) {}

    [[nodiscard]] wire::StunId next_id() { return transaction(now_, ++step_); }

    // The response to a request.
    Awaitable<Result<wire::StunMessage>> ask(std::string request, wire::StunId id) {
        Error end{Errc::timeout, "no answer"};
        for (int tried = 0; tried < (stream_ ? 1 : datagram_tries); ++tried) {
            const Result<> sent = co_await connection_->write(request);
            if (!sent) co_return sent.error();
            for (int others = 0; others < passed_over_at_most; ++others) {
                Result<wire::StunMessage> message = co_await next(stream_ ? Duration::zero() : patience_);
                if (!message) {
                    end = message.error();
                    if (end.code == Errc::timeout) break; // once more
                    co_return end;
                }
                const bool response =
                    message->cls == wire::StunClass::success || message->cls == wire::StunClass::error;
                if (response && message->id == id) co_return message;
                end = {Errc::limit, "answers what was never asked"};
            }
        }
        co_return end;
    }

    Awaitable<Result<>> say(std::string_view payload) override {
        const std::string message = wire::turn_send(next_id(), peer_, payload);
        co_return co_await connection_->write(message);
    }
    Awaitable<Result<std::string>> hear(Duration patience) override {
        const Result<wire::StunMessage> message = co_await next(patience);
        if (!message) co_return message.error();
        if (message->is(wire::StunMethod::data, wire::StunClass::indication)) co_return message->data;
        co_return Error{Errc::protocol, "a message that holds no data"};
    }
    // The answer is not waited for.
    Awaitable<void> release() {
        const std::string message = wire::turn_release(next_id());
        (void)co_await connection_->write(message);
    }

private:
    Awaitable<Result<wire::StunMessage>> next(Duration patience) {
        std::array<char, wire::stun_limit> buffer; // NOLINT(cppcoreguidelines-pro-type-member-init)
        for (;;) {
            if (stream_) {
                Result<std::optional<wire::StunMessage>> message = wire::take_stun(unread_);
                if (!message) co_return message.error();
                if (message->has_value()) co_return std::move(**message);
            }
            const Result<std::size_t> size = co_await connection_->read_some(buffer, patience);
            if (!size) co_return size.error();
            if (!stream_) co_return wire::parse_stun({buffer.data(), *size});
            unread_.append(buffer.data(), *size); // bounded: take_stun refuses what is longer than a message
        }
    }

    std::unique_ptr<Connection> connection_;
    const bool stream_;
    const Duration patience_; // for an answer over UDP
    const Endpoint peer_;
    const Time now_;
    std::uint8_t step_ = 0;
    std::string unread_;
};

Attempt judge_refusal(const wire::StunMessage& response, std::string_view stage) {
    const auto detail = fmt::format("{}: {}", stage, response.quote());
    switch (response.error) {
    case 401: // credentials are wanted, whatever it is reached by
        return {{Verdict::refused, detail, Hint::hopeless}, true};
    case 486:
    case 508: // all relays are taken
        return {{Verdict::inconclusive, fmt::format("{}{}", try_later, detail), Hint::speaks}, true};
    case 403: // this peer
        return {{Verdict::refused, detail, Hint::promising}, false};
    default:
        if (response.error >= 500) return {{Verdict::inconclusive, detail, Hint::speaks}, true};
        return {{Verdict::refused, detail, Hint::speaks}, true};
    }
}

// Over UDP a port that is closed says so only when it is spoken to.
Attempt judge_end(const Error& error, bool udp) {
    if (udp && error.code == Errc::closed) return {{Verdict::closed_port, error.message}, true};
    return {judge_conversation(error, "TURN"), true};
}

Awaitable<Opening> open_towards(ProbeContext& context, const Technique& technique) {
    if (!technique.udp) co_return co_await open_conversation(context, technique);
    Opening opening;
    Result<std::unique_ptr<Connection>> datagrams = co_await context.connect_udp(context.target().port);
    if (datagrams)
        opening.connection = std::move(*datagrams);
    else
        opening.failure = {judge_connect(datagrams.error()), true};
    co_return opening;
}

Awaitable<Attempt> try_turn(ProbeContext& context, const Technique& technique, const Target& asked) {
    const Endpoint& target = asked.sink;
    Opening opening = co_await open_towards(context, technique);
    if (!opening.connection) co_return std::move(opening.failure);
    const Duration patience = context.settings().nudge_after / 2;
    TurnClient client(std::move(opening.connection), !technique.udp, patience, target, context.now());

    const auto first = client.next_id();
    std::string allocate = wire::turn_allocate(first, target.address.is_v6(), user_agent(context.identity()));
    const Result<wire::StunMessage> allocated = co_await client.ask(std::move(allocate), first);
    if (!allocated) co_return judge_end(allocated.error(), technique.udp);
    if (!allocated->software.empty()) context.software(wire::printable(allocated->software, 80));
    if (!allocated->is(wire::StunMethod::allocate, wire::StunClass::success))
        co_return judge_refusal(*allocated, "Allocate");
    if (allocated->relayed) context.note("relays from " + allocated->relayed->to_string());

    const auto second = client.next_id();
    std::string permission = wire::turn_permission(second, target);
    const Result<wire::StunMessage> permitted = co_await client.ask(std::move(permission), second);
    Attempt made;
    if (!permitted) {
        made = judge_end(permitted.error(), technique.udp);
    } else if (!permitted->is(wire::StunMethod::permission, wire::StunClass::success)) {
        made = judge_refusal(*permitted, "CreatePermission");
    } else {
        std::string repeat = python_turn(context.target(), target, technique.udp);
        made = co_await prove_by_datagram(context, technique, target, client, std::move(repeat));
    }
    co_await client.release();
    co_return made;
}

Awaitable<void> run(ProbeContext& context, std::span<const Technique* const> techniques,
                    std::span<ProbeResult> results) {
    results[0] = co_await try_targets(context, *techniques[0], any_target, try_turn);
}

constexpr std::array techniques{
    Technique{
        "turn/udp",
        ListingClass::socks,
        ports,
        "A TURN server that relays anybody's datagrams to anywhere without a password: strangers can attack others "
        "with the address of this host, and reach what only it can reach.",
        1,
        run,
        Stage::always,
        false,
        {},
        true},
    Technique{
        "turn/tcp", ListingClass::socks, ports,
        "A TURN server, reached over TCP, that relays anybody's datagrams to anywhere without a password: strangers "
        "can attack others with the address of this host, and reach what only it can reach.",
        1, run},
};

} // namespace

std::span<const Technique> turn() {
    return techniques;
}

} // namespace provenbl::verifier::techniques
