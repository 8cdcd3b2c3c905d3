// Listings by hand: the part of the ledger that lists without a proof. Off unless the operator's rules say otherwise;
// each has a reason, somebody who answers for it, and an end.
#include "store/exclusions.hpp"
#include "store/hosts.hpp"
#include "store/ledger.hpp"
#include "store/listings.hpp"
#include "store/tables.hpp"
#include "store/visits.hpp"

#include <algorithm>

namespace provenbl::ledger {

Result<Host> list_manually(WriteTxn& txn, const Address& address, const ManualListing& entry) {
    if (entry.reason.empty()) return Error{Errc::invalid, "a listing by hand needs a reason, which is shown to all"};
    if (entry.by.empty()) return Error{Errc::invalid, "a listing by hand needs somebody who answers for it"};
    if (entry.until <= txn.now || entry.until > txn.now + longest_manual)
        return Error{Errc::invalid, "a listing by hand ends, at a time to come and within a year"};
    if (const auto excluded = exclusions::covering(txn, address, txn.now))
        return Error{Errc::not_allowed, address.to_string() + " is excluded from listing (" +
                                            excluded->prefix.to_string() + ": " + excluded->reason + ")"};
    if (address == Address::v4(127, 0, 0, 1)) return Error{Errc::not_allowed, "127.0.0.1 is never listed (RFC 5782)"};
    auto host = host_or_new(txn, address);
    const auto before = host.classes();
    if (before.empty()) {
        host.next_ordinal = 0;
        host.listed_since = txn.now;
    }
    const auto known = std::find_if(host.manual.begin(), host.manual.end(),
                                    [&](const ManualListing& other) { return other.cls == entry.cls; });
    if (known != host.manual.end()) {
        const auto old = *known;
        host.manual.erase(known);
        forget_end(txn, host, old);
    }
    host.manual.push_back(entry);
    host.manual.back().since = txn.now;
    note_end(txn, host.address, entry);
    const auto note = entry.reason + " (no proof; until " + to_string(entry.until) + ")";
    journal_change(txn, host, before, ChangeReason::manual, {"operator", note, entry.by});
    put_listing(txn, host);
    put_host(txn, host);
    return host;
}

Result<Host> end_manual(WriteTxn& txn, const Address& address, std::string_view note, std::string_view by) {
    const auto host = hosts::find(txn, address);
    const auto clearance = Clearance::from_withdrawal(host.value_or(host_or_new(txn, address)), note);
    if (!clearance) return clearance.error();
    return clear(txn, *clearance, "operator", by);
}

std::size_t expire_manual(WriteTxn& txn, Time now, std::size_t limit) {
    std::vector<std::string> ended;
    const auto end = keys::number(static_cast<std::uint64_t>(now.time_since_epoch().count()) + 1);
    txn.txn.walk(txn.tables.manual, {}, [&](lmdb::Bytes key, lmdb::Bytes) {
        if (key >= end || ended.size() == limit) return false;
        ended.emplace_back(key);
        return true;
    });
    for (const auto& key : ended) {
        txn.txn.erase(txn.tables.manual, key);
        const auto host = hosts::find(txn, keys::to_address(std::string_view(key).substr(8)));
        if (!host) continue;
        if (const auto clearance = Clearance::from_end(*host, now))
            (void)clear(txn, *clearance, "operator"); // refused only for what is not there any more
    }
    return ended.size();
}

} // namespace provenbl::ledger
