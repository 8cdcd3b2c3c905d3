// What the public is told about the list as a whole: purges (RFC 6471 3.9), its end and its return (3.4).
//
// While the list is shut down its zones are empty: nothing is listed, the test entries are gone too (below), and the
// whole world never is. What is known stays in the store, for the day it opens again. The state is one record in meta,
// so that it survives a restart and every process sees it; an entry in the journal moves the serial.
//
// The test entries go because of what they are for: RFC 6471 3.3 has clients take a list without 127.0.0.2 for out of
// service and stop asking it, which is what its end should bring about.
#pragma once

#include "store/records.hpp"
#include "store/store.hpp"

#include <optional>
#include <string_view>
#include <vector>

namespace provenbl::notices {

// The newest first.
[[nodiscard]] std::vector<Notice> newest(const ReadTxn& txn, std::size_t at_most);
[[nodiscard]] std::optional<Notice> find(const ReadTxn& txn, std::uint64_t id);

// Present while the list is shut down: when, and what was said.
[[nodiscard]] std::optional<Notice> shutdown(const ReadTxn& txn);
// Errors: invalid (no note), conflict (it is shut down already; it is not).
Result<Notice> shut_down(WriteTxn& txn, std::string_view note, std::string_view by);
Result<Notice> resume(WriteTxn& txn, std::string_view note, std::string_view by);

// Inside store/ only. Gives the notice its number when it has none.
Notice put(WriteTxn& txn, Notice notice);

} // namespace provenbl::notices
