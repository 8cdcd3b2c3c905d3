#include "store/hosts.hpp"

#include "store/listing_unit.hpp"
#include "store/tables.hpp"

namespace provenbl::hosts {

std::optional<Host> find(const ReadTxn& txn, const Address& address) {
    return get_record<Host>(txn, txn.tables.hosts, keys::address(listing_unit::of(txn, address)));
}

std::optional<Listing> listing(const ReadTxn& txn, const Address& address) {
    return get_record<Listing>(txn, address.is_v4() ? txn.tables.listed4 : txn.tables.listed6,
                               keys::bare(listing_unit::of(txn, address)));
}

std::optional<Listing> listing_of(const Host& host) {
    if (!host.listed()) return std::nullopt;
    const auto since = std::chrono::duration_cast<std::chrono::seconds>(host.listed_since.time_since_epoch()).count();
    return Listing{host.classes(), static_cast<std::uint32_t>(since), host.case_id};
}

void walk_listed(const ReadTxn& txn, const std::function<bool(const Address&, const Listing&)>& visit) {
    bool more = true;
    for (const auto table : {txn.tables.listed4, txn.tables.listed6}) {
        if (!more) return;
        txn.txn.walk_once(table, [&](lmdb::Bytes key, lmdb::Bytes value) {
            more = visit(keys::to_bare(key), codec::decode<Listing>(value));
            return more;
        });
    }
}

void walk_listed_after(const ReadTxn& txn, const std::optional<Address>& after,
                       const std::function<bool(const Address&, const Listing&)>& visit) {
    const bool in_v6 = after && after->is_v6();
    const auto from = after ? keys::bare(*after) : std::string{};
    bool more = true;
    const auto walk = [&](MDB_dbi table, const std::string& begin) {
        txn.txn.walk(table, begin, [&](lmdb::Bytes key, lmdb::Bytes value) {
            if (key == begin) return true; // `after` itself
            more = visit(keys::to_bare(key), codec::decode<Listing>(value));
            return more;
        });
    };
    if (!in_v6) walk(txn.tables.listed4, from);
    if (more) walk(txn.tables.listed6, in_v6 ? from : std::string{});
}

std::vector<CaseEvidence> evidence(const ReadTxn& txn, const Address& address, std::uint64_t case_id, Texts texts) {
    std::vector<CaseEvidence> all;
    const auto start = keys::address(listing_unit::of(txn, address)) + keys::number(case_id);
    txn.txn.walk(txn.tables.evidence, start, [&](lmdb::Bytes key, lmdb::Bytes value) {
        if (!key.starts_with(start)) return false;
        all.push_back(texts == Texts::with ? codec::decode<CaseEvidence>(value) : codec::decode_without_texts(value));
        return true;
    });
    return all;
}

std::optional<Scan> scan(const ReadTxn& txn, const Address& address, std::uint64_t scan_id) {
    return get_record<Scan>(txn, txn.tables.scans,
                            keys::address(listing_unit::of(txn, address)) + keys::number(scan_id));
}

std::vector<Scan> scans(const ReadTxn& txn, const Address& address, std::size_t at_most) {
    std::vector<Scan> all;
    const auto start = keys::address(listing_unit::of(txn, address));
    txn.txn.walk_back(txn.tables.scans, start + std::string(8, '\xff'), [&](lmdb::Bytes key, lmdb::Bytes value) {
        if (!key.starts_with(start) || all.size() == at_most) return false;
        all.push_back(codec::decode<Scan>(value));
        return true;
    });
    return all;
}

} // namespace provenbl::hosts
