// What the two halves of the ledger share: a host's record and its queued visit. Inside store/ only.
#pragma once

#include "store/records.hpp"
#include "store/store.hpp"

#include <string_view>
#include <vector>

namespace provenbl::ledger {

void put_host(WriteTxn& txn, const Host& host);
[[nodiscard]] Host host_or_new(const ReadTxn& txn, const Address& address);

// These change `host` in memory; the caller puts it.
Scan queue_visit(WriteTxn& txn, Host& host, ScanKind kind, Time due, const std::vector<std::uint16_t>& ports);
void drop_queued_visit(WriteTxn& txn, Host& host, std::string_view why);

} // namespace provenbl::ledger
