// The outbox of advisory letters: nothing is sent twice, whatever crashes.
//
// queued -> sending (committed before a byte is said to a mail server) -> sent. What a crash leaves in `sending` was
// perhaps taken, so it is not sent again unless the operator says so (enqueue with `again`); its Message-ID is the same
// then. What was certainly not taken goes back to `queued`. A contact that can't be reached is replaced by the next
// one, `most_contacts` in all, then it is over. A delisting never waits for any of this.
#pragma once

#include "store/letter.hpp"
#include "store/result.hpp"
#include "store/store.hpp"

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

namespace provenbl::letters {

inline constexpr std::size_t most_contacts = 4;
inline constexpr std::size_t longest_contact = 254;

// ---- what is owed ----

struct Wish {
    Address host;
    Time due{};
    std::string language;
    bool again = false; // although it was sent, or may have been
};
// For the host's present case. A letter that is queued is brought forward. Errors: not_found (the host is not listed),
// conflict (sent, perhaps sent, or stopped: says when, and how to send it again).
Result<Letter> enqueue(WriteTxn& txn, const Wish& wish);
// Queues a letter for each host that the journal lists by proof since it was last asked, at most `entries` entries of
// it; returns how many. The first time it only notes where the journal ends: who was listed before is not written to.
std::size_t follow_journal(WriteTxn& txn, Duration wait, std::size_t entries);

[[nodiscard]] std::optional<Letter> find(const ReadTxn& txn, const Address& host, std::uint64_t case_id);
// Queued letters whose time has come, the oldest first.
[[nodiscard]] std::vector<Letter> due(const ReadTxn& txn, Time now, std::size_t at_most);
[[nodiscard]] std::optional<Time> next_due(const ReadTxn& txn);
void walk(const ReadTxn& txn, const std::function<bool(const Letter&)>& visit);

// ---- one mail ----

// queued -> sending, all of them or none. Error conflict when one is not queued any more, or the contact opted out.
Result<> begin(WriteTxn& txn, const TokenId& mail, std::string_view contact, std::string_view message_id,
               const std::vector<LetterHost>& hosts);
// sending -> sent.
Result<> sent(WriteTxn& txn, const TokenId& mail);
// No mail server took it: back to queued.
Result<> postpone(WriteTxn& txn, const TokenId& mail, Time due, std::string_view why);
// The contact can't be reached: the next one's turn, or the end. Also what a bounce does, once for each mail.
Result<> unreachable(WriteTxn& txn, const TokenId& mail, std::string_view why);
[[nodiscard]] std::optional<LetterMail> find_mail(const ReadTxn& txn, const TokenId& mail);
// Mails begun in the day of `now` (UTC).
[[nodiscard]] std::size_t begun_today(const ReadTxn& txn, Time now);

// ---- one letter that is queued ----

Result<> wait(WriteTxn& txn, const LetterHost& host, Time due, std::string_view why);
Result<> stop(WriteTxn& txn, const LetterHost& host, LetterState state, std::string_view why);

// ---- contacts ----

[[nodiscard]] std::optional<LetterContact> contact(const ReadTxn& txn, std::string_view address);
// The address or its domain wants no letters.
[[nodiscard]] bool opted_out(const ReadTxn& txn, std::string_view address);
// `who` is an address, or "@domain". Error invalid for anything else.
Result<> opt_out(WriteTxn& txn, std::string_view who, std::string_view note);
// Error not_found when it was not opted out.
Result<> opt_in(WriteTxn& txn, std::string_view who);
void walk_contacts(const ReadTxn& txn, const std::function<bool(const LetterContact&)>& visit);

} // namespace provenbl::letters
