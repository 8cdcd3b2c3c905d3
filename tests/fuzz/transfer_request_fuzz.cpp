// Any octets as a question for a zone, from a client who may have it: what is granted is of a zone of ours, an IXFR has
// one SOA of it, and the transfer that follows keeps to its limit and ends.
#include "dnsbl/responder.hpp"
#include "dnsbl/transfer/access.hpp"
#include "dnsbl/transfer/transfer.hpp"
#include "tests/unit/dnsbl/served_zones.hpp"

#include <algorithm>
#include <cstdlib>

namespace {

using namespace provenbl;
using dnsbl::TransferDue;
using dnsbl::Transport;
namespace transfer = dnsbl::transfer;

void require(bool holds) {
    if (!holds) std::abort();
}

void check(std::span<const std::uint8_t> message, Transport transport, std::size_t limit) {
    static const dnsbl::Responder responder(dnsbl::testing::served_zones(), {.edns_size = 1232, .identity = "fuzz"});
    static const transfer::TransferAccess anybody({}, {Prefix::of(Address::v4(0U), 0)});
    static const auto snapshot = std::make_shared<const zones::Snapshot>(dnsbl::testing::served_snapshot());
    std::vector<std::uint8_t> answer(dnsbl::wire::longest_message);
    dnsbl::Asker asker{transport, {}};
    asker.mirrors = &anybody;
    const auto outcome = responder.respond(message, asker, *snapshot, answer);
    if (outcome.transfer == TransferDue::none) return;
    dnsbl::wire::Query query;
    require(dnsbl::wire::read_query(message, query) == dnsbl::wire::Reading::query);
    require(outcome.rcode == dnsbl::wire::Rcode::noerror && !outcome.truncated);
    require(transport == Transport::tcp || outcome.transfer == TransferDue::difference);
    const auto& zone = responder.zones().zones()[outcome.zone];
    const auto name = query.lower_name();
    require(std::equal(name.begin(), name.end(), zone.apex().wire().begin(), zone.apex().wire().end()));
    const zones::Contents contents(responder.zones(), zone);
    std::optional<transfer::Difference> difference;
    if (outcome.transfer == TransferDue::difference)
        difference = {outcome.client_serial, {{Address::v4(5, 6, 7, 8), {}, {ListingClass::relay}}}};
    transfer::Transfer granted(contents, snapshot,
                               transfer::Head::of(std::span(answer).first(outcome.size), query.question.size()),
                               std::move(difference));
    std::vector<std::uint8_t> made;
    for (unsigned messages = 0; !granted.over(); ++messages) {
        require(messages < 1000);
        require(granted.next(made, limit));
        require(made.size() <= limit && made[0] == message[0] && made[1] == message[1]);
        require(made[5] == (messages == 0 ? 1 : 0));
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    check({data, size}, Transport::udp, 1232);
    check({data, size}, Transport::tcp, transfer::Message::longest);
    return 0;
}
