// Reading what is known of hosts: the host itself, its serving entry, its evidence and its scans.
// Everything that changes a host goes through ledger.hpp. Any address of a listing's unit finds it (listing_unit.hpp).
#pragma once

#include "store/records.hpp"
#include "store/store.hpp"

#include <functional>
#include <optional>
#include <vector>

namespace provenbl::hosts {

[[nodiscard]] std::optional<Host> find(const ReadTxn& txn, const Address& address);
[[nodiscard]] std::optional<Listing> listing(const ReadTxn& txn, const Address& address);

// What the serving index says of the host: made of its record alone. Absent: nothing.
[[nodiscard]] std::optional<Listing> listing_of(const Host& host);

// Every listed address in order (IPv4, then IPv6), until visit returns false.
void walk_listed(const ReadTxn& txn, const std::function<bool(const Address&, const Listing&)>& visit);
// ... of those behind `after`, in the order of addresses: for walks in several transactions.
void walk_listed_after(const ReadTxn& txn, const std::optional<Address>& after,
                       const std::function<bool(const Address&, const Listing&)>& visit);

enum class Texts { with, without }; // transcript and message, which are long
// The evidence of one case, by ordinal.
[[nodiscard]] std::vector<CaseEvidence> evidence(const ReadTxn& txn, const Address& address, std::uint64_t case_id,
                                                 Texts texts = Texts::with);

[[nodiscard]] std::optional<Scan> scan(const ReadTxn& txn, const Address& address, std::uint64_t scan_id);
// The newest first.
[[nodiscard]] std::vector<Scan> scans(const ReadTxn& txn, const Address& address, std::size_t at_most);

} // namespace provenbl::hosts
