// What one listing of an IPv6 host covers: the address itself, or its /64 (policy.ipv6_granularity).
//
// The store keeps the setting, so that every process and every table means the same. With /64, hosts, listings, scans,
// reports and the journal are keyed by the base of the network, and every address in it is that host; what is probed,
// and what the evidence speaks of, is the very address that was reported. IPv4 is always the address.
#pragma once

#include "store/address.hpp"
#include "store/result.hpp"
#include "store/store.hpp"

namespace provenbl::listing_unit {

[[nodiscard]] unsigned ipv6_bits(const ReadTxn& txn); // 128 or 64

// The address that stands for this one. Pure.
[[nodiscard]] Address base_of(const Address& address, unsigned ipv6_bits);
// The same with the store's setting.
[[nodiscard]] Address of(const ReadTxn& txn, const Address& address);
// All that a listing of it covers.
[[nodiscard]] Prefix covered(const ReadTxn& txn, const Address& address);

// Takes the setting over; nothing happens when it is what the store has. Error conflict, with what to do, while IPv6
// hosts are listed or wait for a visit: they are keyed the other way. Moves the serial when it changes.
Result<> set(WriteTxn& txn, unsigned ipv6_bits);

} // namespace provenbl::listing_unit
