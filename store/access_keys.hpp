// Access keys: labels that customers ask below, 2.0.0.127.<key>.bl.example, with a quota each.
//
// A key's label is 20 characters of base32, lower-case (RFC 4648 section 6 without padding): 100 random bits. It is
// shown once, when it is made; the store keeps a hash of it, which finds the key but does not tell it. SHA-256 cut to
// 128 bits will do: nobody can try all of 2^100 labels.
// A name may be used again once the key that had it is revoked; revoked keys are kept, as a record of who had access.
#pragma once

#include "store/access_key.hpp"
#include "store/entropy.hpp"
#include "store/store.hpp"

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace provenbl::access_keys {

inline constexpr std::size_t label_size = 20;
inline constexpr std::size_t most_in_force = 10'000;

[[nodiscard]] std::string make_label(Entropy& entropy);
// Of the right size and letters; lower case only.
[[nodiscard]] bool is_label(std::span<const std::uint8_t> label);
[[nodiscard]] LabelHash hash_label(std::span<const std::uint8_t> label);

// Gives it an id and a time of creation. Errors: conflict (a key in force has this name), limit.
[[nodiscard]] Result<AccessKey> add(WriteTxn& txn, AccessKey key);
// Errors: not_found (no key in force has this name).
[[nodiscard]] Result<AccessKey> revoke(WriteTxn& txn, std::string_view name);
// All of them, in the order in which they were made. A store that was written before there were keys has none.
void walk(const ReadTxn& txn, const std::function<bool(const AccessKey&)>& visit);
// Grows with every change of a key; cheap to ask.
[[nodiscard]] std::uint64_t version(const ReadTxn& txn);

} // namespace provenbl::access_keys
