// The outbox of letters, and its queue, which is derived from it.
#include "store/check_hosts.hpp"
#include "store/derived_keys.hpp"

#include <fmt/format.h>

namespace provenbl::check {
void check_letters(const ReadTxn& txn, Findings& findings) {
    const auto derived = txn.tables.letter_due;
    std::uint64_t queued = 0;
    walk_table(
        txn, "letters", txn.tables.letters, findings,
        [&](lmdb::Bytes key, lmdb::Bytes value) {
            const auto letter = codec::decode<Letter>(value);
            if (key != keys::address(letter.host) + keys::number(letter.case_id))
                findings.add("letters", name_address(key), "holds another's record");
            if (letter.state != LetterState::queued) return;
            if (txn.txn.get(derived, due_key(letter)))
                ++queued;
            else
                findings.add("letter_due", letter.host.to_string(), fmt::format("lacks case {}", letter.case_id),
                             {derived, due_key(letter), "", false});
        },
        name_address);
    if (txn.txn.entries(derived) != queued) {
        walk_table(
            txn, "letter_due", derived, findings,
            [&](lmdb::Bytes key, lmdb::Bytes) {
                std::optional<Letter> letter;
                if (key.size() > 8) letter = get_record<Letter>(txn, txn.tables.letters, key.substr(8));
                if (letter && letter->state == LetterState::queued && due_key(*letter) == key) return;
                findings.add("letter_due", name_hex(key), "there is no such letter in the queue",
                             {derived, std::string(key), std::nullopt, false});
            },
            name_hex);
    }
    walk_table(
        txn, "letter_mails", txn.tables.letter_mails, findings,
        [&](lmdb::Bytes key, lmdb::Bytes value) {
            const auto mail = codec::decode<LetterMail>(value);
            if (key != lmdb::Bytes(reinterpret_cast<const char*>(mail.id.data()), mail.id.size()))
                findings.add("letter_mails", name_hex(key), "holds another's record");
        },
        name_hex);
    walk_table(
        txn, "letter_contacts", txn.tables.letter_contacts, findings,
        [&](lmdb::Bytes key, lmdb::Bytes value) {
            if (codec::decode<LetterContact>(value).address != key)
                findings.add("letter_contacts", name_hex(key), "holds another's record");
        },
        name_hex);
}

} // namespace provenbl::check
