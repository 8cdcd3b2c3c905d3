#include "store/ascending_lookup.hpp"

namespace provenbl::lmdb {
namespace {

constexpr int near = 8; // entries; from there on the way down the tree is shorter

} // namespace

AscendingLookup::AscendingLookup(const Transaction& txn, MDB_dbi table) {
    if (table == absent_table) return;
    if (const int code = mdb_cursor_open(txn.handle(), table, &cursor_); code != MDB_SUCCESS)
        throw LmdbError(code, "opening a cursor");
}

AscendingLookup::~AscendingLookup() {
    if (cursor_ != nullptr) mdb_cursor_close(cursor_);
}

void AscendingLookup::move(MDB_cursor_op op, Bytes key) {
    MDB_val found{key.size(), const_cast<char*>(key.data())};
    MDB_val value{};
    const int code = mdb_cursor_get(cursor_, &found, &value, op);
    if (code == MDB_NOTFOUND) {
        at_.reset();
        return;
    }
    if (code != MDB_SUCCESS) throw LmdbError(code, "looking along a table");
    at_ = Bytes(static_cast<const char*>(found.mv_data), found.mv_size);
    value_ = Bytes(static_cast<const char*>(value.mv_data), value.mv_size);
}

std::optional<Bytes> AscendingLookup::find(Bytes key) {
    if (cursor_ == nullptr) return std::nullopt;
    if (!begun_ || key < asked_) {
        move(MDB_SET_RANGE, key);
    } else {
        for (int steps = 0; steps < near && at_ && *at_ < key; ++steps) move(MDB_NEXT, {});
        if (at_ && *at_ < key) move(MDB_SET_RANGE, key);
    }
    begun_ = true;
    asked_ = key;
    return at_ && *at_ == key ? std::optional<Bytes>(value_) : std::nullopt;
}

} // namespace provenbl::lmdb
