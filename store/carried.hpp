// What the ledger does for visits that are carried out elsewhere, by workers that are slow, get lost, or speak late.
#pragma once

#include "store/records.hpp"
#include "store/store.hpp"

#include <cstdint>
#include <set>
#include <vector>

namespace provenbl::ledger {

// Forgets the steps of a running scan: who carried it out is lost, and somebody else begins anew.
void forget_steps(WriteTxn& txn, const Address& host, std::uint64_t scan_id);

// Queues a visit as for a report, but behind the one that is running whatever that covers: what asks for it has come
// too late for that one. Error not_allowed for an excluded address.
Result<Scan> follow_up(WriteTxn& txn, const Address& address, Time due, const std::vector<std::uint16_t>& ports);

// As ledger::requeue_interrupted, but for hosts to which this process still has a visit under way.
std::size_t requeue_interrupted(WriteTxn& txn, Time started_before, const std::set<Address>& under_way);

} // namespace provenbl::ledger
