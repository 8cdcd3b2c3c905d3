// Mirrors: who may transfer our zones, and is told when they change. Each has a TSIG key of its own (RFC 8945).
//
// Unlike an access key, the secret itself is stored: both sides compute with it. Who can read the data directory can
// read it, and so can a backup. A mirror that was removed is kept as a record without its secret; its name is free.
#pragma once

#include "store/entropy.hpp"
#include "store/mirror.hpp"
#include "store/store.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace provenbl::mirrors {

inline constexpr std::size_t most_in_force = 200;
inline constexpr std::size_t most_addresses = 16; // of one mirror; as many networks
inline constexpr std::size_t most_zones = 256;
inline constexpr std::size_t secret_size = 32; // octets of those that we make: as the hash of hmac-sha256

[[nodiscard]] std::string make_secret(Entropy& entropy);
// A label of a host name: a to z, 0 to 9, '-' inside; 63 characters.
[[nodiscard]] bool is_name(std::string_view name);

// Gives it an id and a time. Errors: invalid (no name, no secret of 16 octets), conflict (a mirror has this name, or
// a key of this name), limit.
[[nodiscard]] Result<Mirror> add(WriteTxn& txn, Mirror mirror);
// Errors: not_found (no mirror has this name).
[[nodiscard]] Result<Mirror> remove(WriteTxn& txn, std::string_view name);
// The one in force that has this name.
[[nodiscard]] std::optional<Mirror> find(const ReadTxn& txn, std::string_view name);
// All of them, in the order in which they were made, those that were removed too. A store that was written before there
// were mirrors has none.
void walk(const ReadTxn& txn, const std::function<bool(const Mirror&)>& visit);
// One that was exported, with its number. Errors: invalid.
[[nodiscard]] Result<> take(WriteTxn& txn, const Mirror& mirror);
// Grows with every change of a mirror; cheap to ask.
[[nodiscard]] std::uint64_t version(const ReadTxn& txn);

} // namespace provenbl::mirrors
