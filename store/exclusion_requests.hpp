// Requests to be excluded: kept until the operator has decided, and for a while after. Nothing comes of one by itself.
//
// Anybody can send them, so everything about them is bounded: how many wait in all and of one requester, how long the
// texts are, how long one waits, and how many are kept at all. An IPv6 requester is his /64, which one host has whole;
// and so that nobody fills the room with the addresses of one network, its requesters have a bound together.
#pragma once

#include "store/entropy.hpp"
#include "store/exclusion_request.hpp"
#include "store/store.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <string>

namespace provenbl::exclusion_requests {

inline constexpr std::size_t most_waiting = 500;
inline constexpr std::size_t most_waiting_of_one = 3;
inline constexpr std::size_t most_waiting_of_network = 12; // of a /24, or an IPv6 /48: what one customer may have whole
inline constexpr std::size_t most_kept = 2000;             // with those that were decided; then the oldest of these go
inline constexpr std::size_t longest_text = 2000;
inline constexpr std::size_t longest_contact = 254;
inline constexpr Duration waits_for = std::chrono::hours{24 * 30};
inline constexpr Duration kept_for = std::chrono::hours{24 * 90}; // after it was decided, or has expired
// A wider network is a matter for a letter.
inline constexpr unsigned widest_v4 = 16;
inline constexpr unsigned widest_v6 = 32;

// 16 characters of base32.
[[nodiscard]] std::string make_code(Entropy& entropy);

// Gives it an id, its times, and its state. Errors: invalid (too wide, too long, no contact for what is not the
// requester's own address), conflict (he asked for this already; it is excluded already), not_allowed (too many of his
// wait, or of his network), busy (too many wait).
[[nodiscard]] Result<ExclusionRequest> add(WriteTxn& txn, ExclusionRequest request);
[[nodiscard]] std::optional<ExclusionRequest> find(const ReadTxn& txn, std::uint64_t id);
// The newest first.
void walk(const ReadTxn& txn, const std::function<bool(const ExclusionRequest&)>& visit);

struct Accepted {
    ExclusionRequest request;
    std::size_t delisted = 0; // by the first step (sweeps.hpp)
};
// Enters the exclusion (ledger::exclude) in the same transaction, with its entries in the journal. `reason` is public,
// as that of every exclusion. Errors: not_found, conflict (it does not wait any more; the prefix is excluded already,
// by an exclusion that may last longer than this one).
[[nodiscard]] Result<Accepted> accept(WriteTxn& txn, std::uint64_t id, std::string_view reason, std::string_view by,
                                      Time until);
// Errors: not_found, conflict, invalid (no reason).
[[nodiscard]] Result<ExclusionRequest> refuse(WriteTxn& txn, std::uint64_t id, std::string_view reason,
                                              std::string_view by);

// What was kept long enough: it holds personal data. Returns how many.
std::size_t forget(WriteTxn& txn);

} // namespace provenbl::exclusion_requests
