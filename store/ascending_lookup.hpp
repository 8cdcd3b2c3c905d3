// Look-ups of keys that come in ascending order. Inside store/ only.
//
// A cursor goes along with them: most cost a step or two instead of a way down the tree, and the pages are read in
// their order. A key that goes back is found as well, at the price of an ordinary look-up.
#pragma once

#include "store/lmdb.hpp"

#include <optional>
#include <string>

namespace provenbl::lmdb {

class AscendingLookup {
public:
    // Nothing may be written in the transaction meanwhile. An absent table has no entries.
    AscendingLookup(const Transaction& txn, MDB_dbi table);
    ~AscendingLookup();
    AscendingLookup(const AscendingLookup&) = delete;
    AscendingLookup& operator=(const AscendingLookup&) = delete;

    [[nodiscard]] std::optional<Bytes> find(Bytes key);

private:
    void move(MDB_cursor_op op, Bytes key);

    MDB_cursor* cursor_ = nullptr;
    std::string asked_; // what was looked for last
    // The first entry that is not before it; none: behind the last.
    std::optional<Bytes> at_;
    Bytes value_;
    bool begun_ = false;
};

} // namespace provenbl::lmdb
