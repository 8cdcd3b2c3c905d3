// Records on their way out of a store and into another: what `provenbl export` and `import` stand on, whatever the
// format.
//
// What is derived (serving index, queues, expiries) is not moved: it is made again from what is. Visits, tokens,
// reporters' keys, notices, purges and requests for exclusion stay behind; a host that was waiting for a visit waits
// for a new one.
#pragma once

#include "store/mirror.hpp"
#include "store/records.hpp"
#include "store/store.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <variant>

namespace provenbl::transfer {

using Record = std::variant<Exclusion, AuditLine, Change, CaseEvidence, Host, Report, Mirror>;

struct Header {
    std::uint64_t since = 0;  // the serial that the receiver has; 0: nothing
    std::uint64_t serial = 0; // what it has afterwards
    std::uint64_t floor = 0;  // of the journal
    unsigned ipv6_bits = 128; // what one listing of IPv6 covers (listing_unit.hpp)
    Time made{};
    bool operator==(const Header&) const = default;
};

// What a format has to do. The order is: header, exclusions, mirrors, audit lines, journal, evidence, hosts, reports,
// end; so that whatever a record rests on has come before it.
class Sink {
public:
    virtual ~Sink() = default;
    virtual Result<> begin(const Header& header) = 0;
    virtual Result<> take(const Record& record) = 0;
    virtual Result<> end(std::uint64_t records) = 0;
};

// Everything, or what has changed after serial `since`: journal entries, their hosts with all of their evidence,
// reports received since, and all exclusions and mirrors. One read transaction. Error expired when the journal no
// longer reaches back to `since`; otherwise the sink's.
Result<> send(const Store& store, std::uint64_t since, Time now, Sink& sink);

// ---- into a store; work for Store::write, a bounded number of records each time ----

// Begins, or goes on with what was interrupted: gives how many records of this stream are in the store already. Error
// conflict when the store is not at `header.since`, or has another import to finish.
Result<std::uint64_t> receive(WriteTxn& txn, const Header& header);
// An import was begun and has not been completed. Whoever else writes must refuse meanwhile, with this error: an entry
// that he added to the journal would stand where one of the import belongs.
[[nodiscard]] bool unfinished(const ReadTxn& txn);
[[nodiscard]] Error unfinished_error();
// One record. Errors say what is wrong with it; then it has left no trace. A host is listed only where its evidence and
// the journal agree.
Result<> take(WriteTxn& txn, const Record& record);
// How far the stream has come, in the same transaction as its records.
void mark(WriteTxn& txn, std::uint64_t records);
// The stream was complete. Error invalid when the serial is not the header's.
Result<> complete(WriteTxn& txn, const Header& header);

} // namespace provenbl::transfer
