// STUN and TURN as a client without credentials speaks them (RFC 8489 section 5, RFC 8656 sections 6 to 11).
//
// Pure: requests out, messages in. A message is at most 2 KiB (ours are far smaller); more is Errc::limit, and what
// can't become a message is Errc::protocol at the first wrong byte. Attributes that we have no use for are passed over;
// those that are cut short or too small are left out, never read beyond their end.
#pragma once

#include "store/address.hpp"
#include "store/result.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace provenbl::verifier::wire {

using StunId = std::array<std::uint8_t, 12>; // of a transaction

inline constexpr std::size_t stun_limit = 2048;

// ---- what we ask ----

// A relay for datagrams (RFC 8656 7.1), under our own name (SOFTWARE). For a peer of IPv6 the family has to be asked
// for.
[[nodiscard]] std::string turn_allocate(const StunId& id, bool for_ipv6, std::string_view software);
[[nodiscard]] std::string turn_permission(const StunId& id, const Endpoint& peer);
// The Send indication: nobody answers it.
[[nodiscard]] std::string turn_send(const StunId& id, const Endpoint& peer, std::string_view payload);
// Gives the relay back (Refresh with a lifetime of 0).
[[nodiscard]] std::string turn_release(const StunId& id);

// ---- what comes ----

enum class StunMethod : std::uint16_t { allocate = 3, refresh = 4, send = 6, data = 7, permission = 8 };
enum class StunClass : std::uint8_t { request = 0, indication = 1, success = 2, error = 3 };

struct StunMessage {
    std::uint16_t method = 0; // RFC 8489 section 5: 12 bits
    StunClass cls = StunClass::request;
    StunId id{};
    int error = 0;                     // 300 to 699 in an error response; 0 when it names none
    std::string reason{};              // as it came
    std::optional<Endpoint> relayed{}; // XOR-RELAYED-ADDRESS
    std::optional<Endpoint> peer{};    // XOR-PEER-ADDRESS
    std::string data{};
    std::string software{};

    [[nodiscard]] bool is(StunMethod wanted, StunClass wanted_class) const {
        return method == static_cast<std::uint16_t>(wanted) && cls == wanted_class;
    }
    [[nodiscard]] std::string quote() const; // "401 Unauthorized", printable
};

// One message at the front of a stream, which is taken off it; nothing when more bytes are needed.
Result<std::optional<StunMessage>> take_stun(std::string& buffer);
// One message that is a whole datagram.
[[nodiscard]] Result<StunMessage> parse_stun(std::string_view datagram);

} // namespace provenbl::verifier::wire
