#include "store/migrate.hpp"

namespace provenbl {

void migrate(lmdb::Transaction& txn, const Tables& tables, std::uint64_t from) {
    if (from >= schema_version) return;
    // 1 -> 2: nothing was trimmed yet, so there is no floor to set. What reports are of a host is a table now.
    txn.walk(tables.reports, {}, [&](lmdb::Bytes key, lmdb::Bytes value) {
        const auto report = codec::decode<Report>(value);
        txn.put(tables.host_reports, keys::address(report.host) + std::string(key), {});
        return true;
    });
    txn.put(tables.meta, "schema", keys::number(schema_version));
}

} // namespace provenbl
