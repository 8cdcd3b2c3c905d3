// What was reported of a host. Filed through ledger::file_report, settled by what its visits find.
#pragma once

#include "store/records.hpp"
#include "store/store.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace provenbl::reports {

inline constexpr std::size_t most_of_host = 64; // open ones, and how many of a host's newest are ever looked at

[[nodiscard]] std::optional<Report> find(const ReadTxn& txn, std::uint64_t id);
// The newest first.
[[nodiscard]] std::vector<Report> of(const ReadTxn& txn, const Address& host, std::size_t at_most = most_of_host);
// How many reporters but this one, and but those of the names `but`, have an open report of the host that was last said
// after `since`.
[[nodiscard]] std::size_t others_naming(const ReadTxn& txn, const Address& host, std::uint32_t reporter, Time since,
                                        const std::vector<std::string>& but = {});

// What a visit says of the reports that asked for it: right when it proved the host open, wrong when everything that
// was tried is explicitly closed, else unclear. Of a host that was listed before, closed is no fault of the reporter.
[[nodiscard]] ReportState outcome(const Scan& scan, const Host& host);

// ---- inside store/ only ----

// Merges the report into the open one of its reporter, or adds it. Error busy when the host has too many open ones.
Result<Report> file(WriteTxn& txn, Report report);
void put(WriteTxn& txn, const Report& report);
// The host was proven open: all open reports of it were right, and so were those of the last two weeks that could not
// be judged when they were visited.
void prove(WriteTxn& txn, const Address& host);
// A visit has ended: settles the reports that it answers.
void settle(WriteTxn& txn, const Scan& scan, ReportState outcome);
// ... or hands them on to the visit that follows it.
void hand_on(WriteTxn& txn, const Scan& scan, std::uint64_t next_scan);
void withdraw(WriteTxn& txn, const Address& host);
// For what lets old reports age out: the report, and its key among its host's. False when there is none.
bool forget(WriteTxn& txn, std::uint64_t id);

} // namespace provenbl::reports
