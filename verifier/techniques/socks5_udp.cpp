// socks5/udp (RFC 1928 sections 4 and 7): an association is asked for over TCP, and lives as long as that connection;
// datagrams go to the port that the reply names.
//
// To the suspect's own address only, whatever address the reply names: an address of a third party is none of ours to
// send to, and behind a NAT it would be one that leads nowhere.
#include "verifier/techniques/datagram_proof.hpp"
#include "verifier/techniques/opening.hpp"
#include "verifier/techniques/repeat.hpp"
#include "verifier/techniques/socks5_dialogue.hpp"
#include "verifier/techniques/socks_ports.hpp"
#include "verifier/techniques/verdicts.hpp"
#include "verifier/wire/socks.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace provenbl::verifier::techniques {
namespace {

class Association final : public DatagramPath {
public:
    Association(std::unique_ptr<Connection> relay, const Endpoint& target)
        : relay_(std::move(relay)), target_(target) {}

    Awaitable<Result<>> say(std::string_view payload) override {
        const std::string datagram = wire::socks5_datagram(target_, payload);
        co_return co_await relay_->write(datagram);
    }
    Awaitable<Result<std::string>> hear(Duration patience) override {
        std::array<char, 2048> buffer; // NOLINT(cppcoreguidelines-pro-type-member-init): filled by the read
        const Result<std::size_t> size = co_await relay_->read_some(buffer, patience);
        if (!size) co_return size.error();
        const auto payload = wire::parse_socks5_datagram({buffer.data(), *size});
        if (!payload) co_return payload.error();
        co_return std::string(*payload);
    }

private:
    std::unique_ptr<Connection> relay_;
    Endpoint target_;
};

Awaitable<Attempt> try_associate(ProbeContext& context, const Technique& technique, const Target& target) {
    Opening opening = co_await open_conversation(context, technique);
    if (!opening.connection) co_return std::move(opening.failure);
    Dialogue dialogue(std::move(opening.connection)); // its end is the association's
    std::string request = wire::socks5_associate(context.target().address.is_v6());
    Socks5Asked asked = co_await ask_socks5(dialogue, std::move(request));
    if (!asked.granted()) {
        asked.refusal.final = true; // the command is refused, not a target
        if (asked.reply && asked.refusal.result.verdict == Verdict::inconclusive)
            asked.refusal.result.detail =
                "the proxy could not make an association: SOCKS5 reply " + asked.reply->meaning();
        co_return std::move(asked.refusal);
    }
    const auto port = asked.reply->bound_port;
    if (port == 0) co_return Attempt{{Verdict::refused, "granted an association, but names no port for it"}, true};
    const auto host = context.target().address;
    if (asked.reply->bound && *asked.reply->bound != host)
        context.note(fmt::format("the host names {} for its datagrams; they go to {} all the same",
                                 Endpoint{*asked.reply->bound, port}.to_string(), Endpoint{host, port}.to_string()));
    Result<std::unique_ptr<Connection>> relay = co_await context.connect_udp(port);
    if (!relay) co_return Attempt{judge_connect(relay.error()), true};
    Association association(std::move(*relay), target.sink);
    std::string repeat = python_associate(context.target());
    co_return co_await prove_by_datagram(context, technique, target.sink, association, std::move(repeat));
}

Awaitable<void> run(ProbeContext& context, std::span<const Technique* const> techniques,
                    std::span<ProbeResult> results) {
    results[0] = co_await try_targets(context, *techniques[0], any_target, try_associate);
}

constexpr std::array techniques{
    Technique{"socks5/udp", ListingClass::socks, socks5_ports,
              "A SOCKS5 proxy that passes on anybody's datagrams to anywhere without a password: strangers can attack "
              "others with the address of this host.",
              1, run, Stage::suspicion},
};

} // namespace

std::span<const Technique> socks5_udp() {
    return techniques;
}

} // namespace provenbl::verifier::techniques
