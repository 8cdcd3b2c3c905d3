// Those who may report, each with a key of their own, limits, and a standing that their reports have earned.
//
// Only the SHA-256 of a key is kept. A name is one party for ever: a revoked one is not given again. The rules (moved,
// trust_of, may_report_at) are pure.
#pragma once

#include "store/records.hpp"
#include "store/store.hpp"

#include <functional>
#include <optional>
#include <string_view>

namespace provenbl::reporters {

inline constexpr std::uint32_t operator_id = 0;
inline constexpr std::uint32_t anonymous_id = 1; // all who have no key, together
inline constexpr std::string_view operator_name = "operator";
inline constexpr std::string_view anonymous_name = "anonymous";
inline constexpr std::size_t most = 10'000;

// ---- rules ----

// What a reporter's standing is worth. Standing starts at 0 and stays within -100 and 100.
enum class Trust : std::uint8_t {
    full,   // visits come as they are asked for
    low,    // ... after everybody else's
    second, // only when somebody else names the host too
    none,   // refused
};
[[nodiscard]] std::string_view to_string(Trust trust);

// A report proven right earns 5; one of a host that was found closed everywhere costs 10.
[[nodiscard]] std::int32_t moved(std::int32_t standing, bool right);
// full from -20 on, low from -50 on, second from -80 on. Those without a key never fall below `second`: any of them
// could spoil it for the others.
[[nodiscard]] Trust trust_of(const Reporter& reporter);
// `now` when the limits leave room for a report, else when they will. A limit of 0 is none.
[[nodiscard]] Time may_report_at(const Reporter& reporter, Time now);
// Counts a report that was taken.
void count(Reporter& reporter, Time now);

// ---- the table ----

// `reporter` has name, key_hash, limits, note and trap. Errors: invalid (name), conflict (taken), limit (too many).
Result<Reporter> add(WriteTxn& txn, Reporter reporter);
// Revoked ones, too: their reports bear their name.
[[nodiscard]] std::optional<Reporter> by_id(const ReadTxn& txn, std::uint32_t id);
[[nodiscard]] std::optional<Reporter> by_name(const ReadTxn& txn, std::string_view name);
// Nothing for a key that is unknown or revoked.
[[nodiscard]] std::optional<Reporter> by_key(const ReadTxn& txn, std::string_view key_hash);
void walk(const ReadTxn& txn, const std::function<bool(const Reporter&)>& visit);
// Changes limits, note, trap or standing. Error not_found.
Result<Reporter> change(WriteTxn& txn, std::string_view name, const std::function<void(Reporter&)>& how);
// The key is worth nothing from here on. Errors: not_found, conflict (revoked before).
Result<Reporter> revoke(WriteTxn& txn, std::string_view name);
// The record of those without a key, with these limits.
[[nodiscard]] Reporter anonymous(const ReadTxn& txn, std::uint32_t per_hour, std::uint32_t per_day);
void put(WriteTxn& txn, const Reporter& reporter);
// A report of his was found right or wrong.
void judge(WriteTxn& txn, std::uint32_t id, bool right);

} // namespace provenbl::reporters
