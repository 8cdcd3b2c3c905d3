#include "store/journal.hpp"
#include "store/listing_unit.hpp"
#include "store/tables.hpp"
#include "store/transfer.hpp"

#include <set>

namespace provenbl::transfer {
namespace {

class Sender {
public:
    Sender(const ReadTxn& txn, Sink& sink) : txn_(txn), sink_(sink) {}

    Result<> everything(const Header& header) {
        begin(header);
        table<Exclusion>(txn_.tables.exclusions);
        table<Mirror>(txn_.tables.mirrors);
        table<AuditLine>(txn_.tables.audit);
        table<Change>(txn_.tables.journal);
        table<CaseEvidence>(txn_.tables.evidence);
        table<Host>(txn_.tables.hosts);
        table<Report>(txn_.tables.reports);
        return finish();
    }

    Result<> changes(const Header& header) {
        begin(header);
        table<Exclusion>(txn_.tables.exclusions);
        table<Mirror>(txn_.tables.mirrors);
        std::set<Address> hosts; // bounded by what has changed
        Time from = header.made;
        journal::walk(txn_, header.since, [&](const Change& change) {
            if (names_host(change.reason)) hosts.insert(change.address);
            from = std::min(from, change.at);
            return give(change);
        });
        for (const auto& host : hosts) table<CaseEvidence>(txn_.tables.evidence, keys::address(host));
        for (const auto& host : hosts) table<Host>(txn_.tables.hosts, keys::address(host));
        txn_.txn.walk(txn_.tables.reports, {}, [&](lmdb::Bytes, lmdb::Bytes value) {
            auto report = codec::decode<Report>(value);
            return report.received < from || give(std::move(report));
        });
        return finish();
    }

private:
    void begin(const Header& header) { state_ = sink_.begin(header); }
    Result<> finish() { return state_ ? sink_.end(sent_) : state_; }
    bool give(Record record) {
        if (state_) state_ = sink_.take(record);
        ++sent_;
        return state_.has_value();
    }
    // Records whose key begins with `start`.
    template <class T> void table(MDB_dbi table, const std::string& start = {}) {
        if (!state_) return;
        txn_.txn.walk(table, start, [&](lmdb::Bytes key, lmdb::Bytes value) {
            return key.starts_with(start) && give(codec::decode<T>(value));
        });
    }

    const ReadTxn& txn_;
    Sink& sink_;
    Result<> state_;
    std::uint64_t sent_ = 0;
};

} // namespace

Result<> send(const Store& store, std::uint64_t since, Time now, Sink& sink) {
    return store.read([&](const ReadTxn& txn) -> Result<> {
        const Header header{since, journal::last(txn), journal::floor(txn), listing_unit::ipv6_bits(txn), now};
        if (since > header.serial)
            return Error{Errc::invalid, "the store is at serial " + std::to_string(header.serial) + ", before " +
                                            std::to_string(since)};
        if (since != 0 && since < header.floor)
            return Error{Errc::expired, "the journal no longer reaches back to serial " + std::to_string(since) +
                                            ", only to " + std::to_string(header.floor) + "; export everything"};
        Sender sender(txn, sink);
        return since == 0 ? sender.everything(header) : sender.changes(header);
    });
}

} // namespace provenbl::transfer
