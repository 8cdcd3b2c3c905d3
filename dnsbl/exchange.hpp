// One question and its answer, as everything sees it that limits, counts or logs: who asked, and what came of it.
#pragma once

#include "dnsbl/wire/protocol.hpp"
#include "store/address.hpp"
#include "store/clock.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace provenbl::dnsbl {

namespace guard {
class KeyTable;
class RateLimiter;
} // namespace guard
namespace transfer {
class TransferAccess;
}

class StaticView;

enum class Transport : std::uint8_t { udp, tcp };

// What protects what is said. Questions are answered over any of them; transfers ask for more (RFC 9103).
enum class Channel : std::uint8_t {
    clear,
    old_tls,     // before TLS 1.3, which is not for transfers (RFC 9103 7.1)
    uncertified, // TLS 1.3, but the client showed no certificate where transfers want one (dns.tls.client_ca)
    tls,         // TLS 1.3, and all that is wanted
};

// Why a zone was not given to who asked for it.
enum class Refusal : std::uint8_t {
    none,
    signature,   // a TSIG that is wrong: an unknown key, a bad code, a clock that is off (RFC 8945 5.2)
    unsigned_,   // no signature, and from no network that needs none
    network,     // the key's owner is elsewhere (`from` of the mirror)
    zone,        // not one of the zones that this mirror takes
    clear,       // not over TLS, where it has to be
    old_tls,     // over TLS before 1.3
    certificate, // no certificate of the client
    fixed,       // a static zone, whose files are what is copied
    transport,   // AXFR over UDP
    busy,        // too many are under way
};
inline constexpr std::array<std::string_view, 11> refusal_names{"none",        "signature", "unsigned", "network",
                                                                "zone",        "clear",     "old_tls",  "certificate",
                                                                "static_zone", "transport", "busy"};

// Who asks, and what the thread that answers has at hand for judging it.
struct Asker {
    Transport transport = Transport::udp;
    Endpoint client;
    Time now{};                            // read once for a batch
    guard::RateLimiter* limiter = nullptr; // the thread's own; null: nobody is limited
    const guard::KeyTable* keys = nullptr; // the access keys in force; null: there are none
    // The mirrors, with their TSIG keys; null: there are none.
    const transfer::TransferAccess* mirrors = nullptr;
    std::chrono::milliseconds idle_timeout{}; // of a TCP connection, as it is told to who asks (RFC 7828)
    bool transfers_full = false;              // no transfer can begin now
    // An answer to it was made elsewhere and found to be beyond the limit: TC or BADCOOKIE is due.
    bool limited = false;
    const StaticView* statics = nullptr; // what static zones hold; null: nothing has been read
    // The access list has nothing to say of it: a sample, which nobody asks.
    bool nobody = false;
    Channel channel = Channel::clear;
};

// What stood in the way of an answer.
enum class Barrier : std::uint8_t {
    none,
    access_list, // the client's network is refused, dropped, or answered with a code
    rate_limit,  // TC, BADCOOKIE, or no answer
    key,         // the zone wants an access key that is in force
    quota,       // ... and this one's is used up
};

// Why a message got no answer: no DNS question, longer than any that we answer, forbidden to its sender, or more
// than its sender may ask.
enum class Drop : std::uint8_t { unreadable, oversize, denied, limited };
inline constexpr std::array<std::string_view, 4> drop_names{"unreadable", "oversize", "denied", "limited"};

// What is due to a client who asked for a zone and may have it, beside the SOA that the responder answers. Whoever has
// the store at hand completes the answer (transfer/desk.hpp), and signs it.
enum class TransferDue : std::uint8_t {
    none,
    whole,      // AXFR
    difference, // IXFR, from a serial that is not ours
};

// What the responder did with one message.
struct Outcome {
    static constexpr std::uint16_t none = 0xffff;

    std::size_t size = 0;                     // of the answer; 0: no answer is due
    wire::Rcode rcode = wire::Rcode::noerror; // of the answer
    std::uint16_t type = 0;                   // that was asked for; 0: no question could be read
    std::uint16_t zone = none;                // that answered: its place in the ZoneTable
    bool listed = false;                      // the name is an entry of the zone, asked for whatever type
    bool truncated = false;                   // TC: the client should come back over TCP
    Drop drop = Drop::unreadable;             // only where no answer is due
    bool cookie = false;                      // the client showed a valid server cookie
    bool signed_request = false;              // ... or signed with a TSIG key of ours, in time
    TransferDue transfer = TransferDue::none;
    std::uint32_t client_serial = 0; // of a difference
    Refusal refusal = Refusal::none; // of a transfer that was asked for
    std::uint64_t mirror = 0;        // the id of the mirror whose key signed the request for a transfer; 0: none
    Barrier barrier = Barrier::none;
    std::uint64_t key = 0; // the id of the access key that was used; 0: none
};

} // namespace provenbl::dnsbl
