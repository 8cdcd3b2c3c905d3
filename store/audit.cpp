#include "store/audit.hpp"

#include "store/tables.hpp"

namespace provenbl::audit {

std::vector<AuditLine> of(const ReadTxn& txn, const Address& address) {
    std::vector<AuditLine> all;
    const auto start = keys::address(address);
    txn.txn.walk(txn.tables.audit, start, [&](lmdb::Bytes key, lmdb::Bytes value) {
        if (!key.starts_with(start)) return false;
        all.push_back(codec::decode<AuditLine>(value));
        return true;
    });
    return all;
}

Listing listing_of(const AuditLine& line) {
    const auto since = std::chrono::duration_cast<std::chrono::seconds>(line.listed.time_since_epoch()).count();
    return {line.in_force, static_cast<std::uint32_t>(since), line.case_id};
}

void fold(WriteTxn& txn, const Change& change) {
    if (change.before.empty() && change.after.empty()) return; // about the list as a whole
    const auto key = keys::address(change.address) + keys::number(change.case_id);
    auto line = get_record<AuditLine>(txn, txn.tables.audit, key).value_or(AuditLine{});
    if (line.listed == Time{}) {
        line.address = change.address;
        line.case_id = change.case_id;
        line.listed = change.at;
        line.opened = change.reason;
        line.why = change.note;
    }
    for (const auto cls : all_listing_classes) {
        if (change.after.contains(cls)) line.classes.insert(cls);
    }
    line.in_force = change.after;
    if (change.after.empty()) {
        line.ended = change.at;
        line.closed = change.reason;
    }
    line.last_sequence = change.sequence;
    put_record(txn, txn.tables.audit, key, line);
}

} // namespace provenbl::audit
