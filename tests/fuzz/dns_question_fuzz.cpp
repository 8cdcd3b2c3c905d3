// Any octets as a DNS message, over both transports: the answer keeps to its limit, mirrors id, opcode and
// question, and a response is never answered. The hot path says the same, octet for octet, or nothing.
#include "dnsbl/fast_path.hpp"
#include "dnsbl/responder.hpp"
#include "tests/unit/dnsbl/served_zones.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace {

using namespace provenbl;
using dnsbl::Responder;
using dnsbl::Transport;

void require(bool holds) {
    if (!holds) std::abort();
}

const Responder& responder() {
    static const Responder made(dnsbl::testing::served_zones(), {.edns_size = 1232, .identity = "fuzz"});
    return made;
}

void check(std::span<const std::uint8_t> message, Transport transport, std::span<std::uint8_t> out) {
    static const auto snapshot = dnsbl::testing::served_snapshot();
    const auto size = responder().respond(message, {transport, {}}, snapshot, out).size;
    const bool due = message.size() >= 12 && (message[2] & 0x80U) == 0;
    require((size > 0) == due);
    if (!due) return;
    require(size >= 12 && size <= out.size());
    if (transport == Transport::udp) require(size <= 1232);
    require(out[0] == message[0] && out[1] == message[1]);
    require((out[2] & 0xf9U) == (0x80U | (message[2] & 0x79U))); // QR, and opcode and RD as they came
    require((out[3] & 0xf0U) == 0);                              // RA, Z, AD, CD
    dnsbl::wire::Query query;
    static_cast<void>(dnsbl::wire::read_query(message, query));
    require(out[5] == (query.has_question() ? 1 : 0));
    require(std::equal(query.question.begin(), query.question.end(), out.begin() + 12));
    // FORMERR: nothing but the question and perhaps an OPT.
    if ((out[3] & 0x0fU) == 1) require(out[7] == 0 && out[9] == 0 && out[11] <= 1);
}

void check_hot_path(std::span<const std::uint8_t> message, std::span<const std::uint8_t> general) {
    static const dnsbl::FastPath fast_path(responder());
    static const auto snapshot = dnsbl::testing::served_snapshot();
    std::vector<std::uint8_t> out(Responder::smallest_buffer);
    dnsbl::Outcome outcome;
    if (!fast_path.try_respond(message, snapshot, out, outcome)) return;
    require(outcome.size >= 12 && outcome.size <= out.size());
    require(std::equal(general.begin(), general.begin() + static_cast<std::ptrdiff_t>(outcome.size), out.begin()));
    const auto truth = responder().respond(message, {Transport::udp, {}}, snapshot, out);
    require(truth.size == outcome.size && truth.rcode == outcome.rcode && truth.type == outcome.type &&
            truth.zone == outcome.zone && truth.listed == outcome.listed && truth.truncated == outcome.truncated);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static std::array<std::uint8_t, 65535> large{};
    // Exactly as large as promised, on the heap, so that a sanitizer sees the first octet past it.
    std::vector<std::uint8_t> small(Responder::smallest_buffer);
    check({data, size}, Transport::udp, small);
    check_hot_path({data, size}, small);
    check({data, size}, Transport::tcp, large);
    return 0;
}
