// What is forgotten, and when. The rules are the operator's (`retention` in the configuration); the audit line of every
// case stays for ever (audit.hpp).
//
// A round goes through the tables in pieces, each small and in a transaction of its own, so that writers never wait
// long. Of a listed host nothing goes that its listing rests on. The record of a host, with what software was seen
// there, goes when the host is not listed, no visit is queued or under way, and neither evidence nor visit nor report
// of it is left; the journal and the audit tell of it afterwards.
#pragma once

#include "store/store.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

namespace provenbl::retention {

// Zero keeps for ever.
struct Rules {
    Duration evidence = std::chrono::hours(24 * 90); // transcripts and mails, after the delisting
    Duration scans = std::chrono::hours(24 * 90);    // visits with the suspects' words, after their end
    Duration reports = std::chrono::hours(24 * 30);  // with the reporters' comments, once they are answered
    Duration hosts = std::chrono::hours(24 * 90);    // not listed any more or never, once all of the above has gone
    Duration journal = std::chrono::hours(24 * 730); // then the audit line remains
};

struct Counts {
    std::uint64_t evidence = 0;
    std::uint64_t scans = 0;
    std::uint64_t reports = 0;
    std::uint64_t hosts = 0;
    std::uint64_t journal = 0;
    [[nodiscard]] std::uint64_t all() const { return evidence + scans + reports + hosts + journal; }
};

// Where a round has got to. A new one begins at the beginning.
class Round {
public:
    // Looks at so many records at most, and forgets what the rules say. False once the round is complete. Within one
    // write transaction.
    bool forget(WriteTxn& txn, const Rules& rules, std::size_t at_most);
    // The same without forgetting.
    bool count(const ReadTxn& txn, const Rules& rules, Time now, std::size_t at_most);
    [[nodiscard]] const Counts& counts() const { return counts_; }

private:
    struct Piece;
    Piece look(const ReadTxn& txn, const Rules& rules, Time now, std::size_t at_most) const;
    bool take(const Piece& piece);

    enum class Stage : std::uint8_t { evidence, scans, reports, hosts, journal, complete };
    Stage stage_ = Stage::evidence;
    std::string after_; // the key that was looked at last in this stage
    Counts counts_;
};

} // namespace provenbl::retention
