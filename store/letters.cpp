#include "store/letters.hpp"

#include "store/ascii.hpp"
#include "store/derived_keys.hpp"
#include "store/hosts.hpp"
#include "store/journal.hpp"
#include "store/listing_unit.hpp"
#include "store/tables.hpp"

#include <algorithm>
#include <chrono>

namespace provenbl {

std::string_view to_string(LetterState state) {
    switch (state) {
    case LetterState::queued:
        return "queued";
    case LetterState::sending:
        return "sending";
    case LetterState::sent:
        return "sent";
    case LetterState::stopped:
        return "stopped";
    case LetterState::withdrawn:
        return "withdrawn";
    }
    return "unknown";
}

namespace letters {
namespace {

constexpr auto cursor_name = "letters_journal"; // in meta: how far follow_journal has come
constexpr auto day_name = "letters_day";        // in meta: a day since 1970, mails begun in it

std::string key_of(const Address& host, std::uint64_t case_id) {
    return keys::address(host) + keys::number(case_id);
}
std::string time_key(Time time) {
    return keys::number(static_cast<std::uint64_t>(time.time_since_epoch().count()));
}
std::string token_key(const TokenId& id) {
    return {id.begin(), id.end()};
}

// The only one that writes a letter: the queue follows its state.
void put(WriteTxn& txn, Letter letter) {
    const auto key = key_of(letter.host, letter.case_id);
    if (const auto before = get_record<Letter>(txn, txn.tables.letters, key);
        before && before->state == LetterState::queued)
        txn.txn.erase(txn.tables.letter_due, due_key(*before));
    letter.changed = txn.now;
    if (letter.state == LetterState::queued) txn.txn.put(txn.tables.letter_due, due_key(letter), {});
    put_record(txn, txn.tables.letters, key, letter);
}

Result<LetterMail> mail_or_error(const ReadTxn& txn, const TokenId& id) {
    auto mail = find_mail(txn, id);
    if (!mail) return Error{Errc::not_found, "there is no such mail in the outbox"};
    return std::move(*mail);
}

// The mail's letters that are in this state, changed and put back.
template <class Change> void each(WriteTxn& txn, const LetterMail& mail, Change change) {
    for (const auto& one : mail.hosts) {
        auto letter = find(txn, one.host, one.case_id);
        if (!letter || letter->mail != mail.id) continue;
        if (change(*letter)) put(txn, std::move(*letter));
    }
}

LetterContact contact_or_new(const ReadTxn& txn, std::string_view address) {
    auto known = contact(txn, address);
    if (known) return std::move(*known);
    LetterContact fresh;
    fresh.address = lower(address);
    return fresh;
}

void put(WriteTxn& txn, const LetterContact& contact) {
    put_record(txn, txn.tables.letter_contacts, contact.address, contact);
}

std::uint64_t day_of(Time time) {
    return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::hours>(time.time_since_epoch()).count() /
                                      24);
}

} // namespace

std::optional<Letter> find(const ReadTxn& txn, const Address& host, std::uint64_t case_id) {
    return get_record<Letter>(txn, txn.tables.letters, key_of(host, case_id));
}

std::optional<LetterMail> find_mail(const ReadTxn& txn, const TokenId& mail) {
    return get_record<LetterMail>(txn, txn.tables.letter_mails, token_key(mail));
}

Result<Letter> enqueue(WriteTxn& txn, const Wish& wish) {
    const auto unit = listing_unit::of(txn, wish.host);
    const auto host = hosts::find(txn, unit);
    if (!host || !host->listed())
        return Error{Errc::not_found, unit.to_string() + " is not listed: there is nothing to write about"};
    auto letter = find(txn, unit, host->case_id);
    if (letter && letter->state != LetterState::queued && !wish.again) {
        const auto when = to_string(letter->changed);
        if (letter->state == LetterState::sending)
            return Error{Errc::conflict, "a letter was being handed over at " + when +
                                             " when the program ended, and may have been taken; if it has to go out "
                                             "again, say so with --again"};
        return Error{Errc::conflict, "the letter about this listing was " + std::string{to_string(letter->state)} +
                                         " at " + when + (letter->note.empty() ? "" : " (" + letter->note + ")") +
                                         "; one goes out for each listing; if it has to go out again, say so with "
                                         "--again"};
    }
    if (!letter) {
        letter.emplace();
        letter->host = unit;
        letter->case_id = host->case_id;
        letter->queued = txn.now;
        letter->due = wish.due;
    } else if (letter->state == LetterState::queued) {
        letter->due = std::min(letter->due, wish.due);
    } else {
        // Again: contacts that were not reached may be reached now.
        letter->state = LetterState::queued;
        letter->due = wish.due;
        letter->tried.clear();
        letter->attempts = 0;
        letter->note.clear();
    }
    if (!wish.language.empty()) letter->language = wish.language;
    put(txn, *letter);
    return *letter;
}

std::size_t follow_journal(WriteTxn& txn, Duration wait, std::size_t entries) {
    const auto stored = txn.txn.get(txn.tables.meta, cursor_name);
    if (!stored) {
        txn.txn.put(txn.tables.meta, cursor_name, keys::number(journal::last(txn)));
        return 0;
    }
    const auto begun = keys::to_number(*stored);
    auto cursor = begun;
    std::vector<Address> listed;
    std::size_t seen = 0;
    journal::walk(txn, begun, [&](const Change& change) {
        if (seen++ == entries) return false;
        cursor = change.sequence;
        if (change.before.empty() && !change.after.empty() && change.reason == ChangeReason::proven)
            listed.push_back(change.address);
        return true;
    });
    if (cursor == begun) return 0;
    txn.txn.put(txn.tables.meta, cursor_name, keys::number(cursor));
    std::size_t queued = 0;
    for (const auto& host : listed) {
        // Gone again already, or written to by hand: nothing to do.
        if (enqueue(txn, {host, txn.now + wait, {}, false})) ++queued;
    }
    return queued;
}

std::vector<Letter> due(const ReadTxn& txn, Time now, std::size_t at_most) {
    std::vector<Letter> all;
    const auto end = time_key(now);
    txn.txn.walk(txn.tables.letter_due, {}, [&](lmdb::Bytes key, lmdb::Bytes) {
        if (key.substr(0, end.size()) > end || all.size() == at_most) return false;
        auto letter = get_record<Letter>(txn, txn.tables.letters, key.substr(end.size()));
        if (letter) all.push_back(std::move(*letter));
        return true;
    });
    return all;
}

std::optional<Time> next_due(const ReadTxn& txn) {
    std::optional<Time> next;
    txn.txn.walk(txn.tables.letter_due, {}, [&](lmdb::Bytes key, lmdb::Bytes) {
        next = Time{Duration{static_cast<Duration::rep>(keys::to_number(key))}};
        return false;
    });
    return next;
}

void walk(const ReadTxn& txn, const std::function<bool(const Letter&)>& visit) {
    txn.txn.walk(txn.tables.letters, {},
                 [&](lmdb::Bytes, lmdb::Bytes value) { return visit(codec::decode<Letter>(value)); });
}

Result<> begin(WriteTxn& txn, const TokenId& id, std::string_view contact, std::string_view message_id,
               const std::vector<LetterHost>& hosts) {
    if (opted_out(txn, contact)) return Error{Errc::conflict, std::string{contact} + " wants no letters"};
    std::vector<Letter> batch;
    for (const auto& one : hosts) {
        auto letter = find(txn, one.host, one.case_id);
        if (!letter || letter->state != LetterState::queued)
            return Error{Errc::conflict, "the letter about " + one.host.to_string() + " is not queued any more"};
        batch.push_back(std::move(*letter));
    }
    for (auto& letter : batch) {
        letter.state = LetterState::sending;
        letter.contact = contact;
        letter.message_id = message_id;
        letter.mail = id;
        put(txn, letter);
    }
    LetterMail mail;
    mail.id = id;
    mail.contact = contact;
    mail.hosts = hosts;
    mail.begun = txn.now;
    put_record(txn, txn.tables.letter_mails, token_key(id), mail);
    txn.txn.put(txn.tables.meta, day_name, keys::number(day_of(txn.now)) + keys::number(begun_today(txn, txn.now) + 1));
    return {};
}

std::size_t begun_today(const ReadTxn& txn, Time now) {
    const auto stored = txn.txn.get(txn.tables.meta, day_name);
    if (!stored || stored->size() != 16 || keys::to_number(*stored) != day_of(now)) return 0;
    return keys::to_number(stored->substr(8));
}

Result<> sent(WriteTxn& txn, const TokenId& id) {
    auto mail = mail_or_error(txn, id);
    if (!mail) return mail.error();
    mail->sent = txn.now;
    put_record(txn, txn.tables.letter_mails, token_key(id), *mail);
    each(txn, *mail, [](Letter& letter) {
        if (letter.state != LetterState::sending) return false;
        letter.state = LetterState::sent;
        letter.note.clear();
        return true;
    });
    auto contact = contact_or_new(txn, mail->contact);
    contact.last_sent = txn.now;
    ++contact.sent;
    put(txn, contact);
    return {};
}

Result<> postpone(WriteTxn& txn, const TokenId& id, Time due, std::string_view why) {
    const auto mail = mail_or_error(txn, id);
    if (!mail) return mail.error();
    each(txn, *mail, [&](Letter& letter) {
        if (letter.state != LetterState::sending) return false;
        letter.state = LetterState::queued;
        letter.due = due;
        letter.note = why;
        ++letter.attempts;
        return true;
    });
    return {};
}

Result<> unreachable(WriteTxn& txn, const TokenId& id, std::string_view why) {
    auto mail = mail_or_error(txn, id);
    if (!mail) return mail.error();
    if (mail->bounced != Time{}) return {}; // one mail bounces once
    mail->bounced = txn.now;
    put_record(txn, txn.tables.letter_mails, token_key(id), *mail);
    auto contact = contact_or_new(txn, mail->contact);
    contact.bounced = txn.now;
    put(txn, contact);
    each(txn, *mail, [&](Letter& letter) {
        if (letter.state != LetterState::sending && letter.state != LetterState::sent) return false;
        letter.tried.push_back(mail->contact);
        letter.contact.clear();
        letter.note = why;
        letter.due = txn.now;
        letter.attempts = 0;
        letter.state = letter.tried.size() < most_contacts ? LetterState::queued : LetterState::stopped;
        return true;
    });
    return {};
}

Result<> wait(WriteTxn& txn, const LetterHost& host, Time due, std::string_view why) {
    auto letter = find(txn, host.host, host.case_id);
    if (!letter || letter->state != LetterState::queued) return Error{Errc::conflict, "the letter is not queued"};
    letter->due = due;
    letter->note = why;
    put(txn, std::move(*letter));
    return {};
}

Result<> stop(WriteTxn& txn, const LetterHost& host, LetterState state, std::string_view why) {
    auto letter = find(txn, host.host, host.case_id);
    if (!letter || letter->state != LetterState::queued) return Error{Errc::conflict, "the letter is not queued"};
    letter->state = state;
    letter->note = why;
    put(txn, std::move(*letter));
    return {};
}

std::optional<LetterContact> contact(const ReadTxn& txn, std::string_view address) {
    if (address.empty() || address.size() > longest_contact) return std::nullopt;
    return get_record<LetterContact>(txn, txn.tables.letter_contacts, lower(address));
}

bool opted_out(const ReadTxn& txn, std::string_view address) {
    const auto wants_none = [&](std::string_view who) {
        const auto known = contact(txn, who);
        return known && known->opted_out != Time{};
    };
    const auto at = address.rfind('@');
    return wants_none(address) || (at != std::string_view::npos && wants_none(address.substr(at)));
}

Result<> opt_out(WriteTxn& txn, std::string_view who, std::string_view note) {
    const auto at = who.rfind('@');
    const bool printable = std::all_of(who.begin(), who.end(), [](char c) { return c > ' ' && c < '\x7f'; });
    if (at == std::string_view::npos || at + 1 == who.size() || who.size() > longest_contact || !printable)
        return Error{Errc::invalid, "expected a mail address, or a whole domain as @example.net"};
    auto contact = contact_or_new(txn, who);
    if (contact.opted_out == Time{}) contact.opted_out = txn.now;
    contact.note = note;
    put(txn, contact);
    return {};
}

Result<> opt_in(WriteTxn& txn, std::string_view who) {
    auto known = contact(txn, who);
    if (!known || known->opted_out == Time{}) return Error{Errc::not_found, std::string{who} + " has not opted out"};
    known->opted_out = {};
    known->note.clear();
    put(txn, *known);
    return {};
}

void walk_contacts(const ReadTxn& txn, const std::function<bool(const LetterContact&)>& visit) {
    txn.txn.walk(txn.tables.letter_contacts, {},
                 [&](lmdb::Bytes, lmdb::Bytes value) { return visit(codec::decode<LetterContact>(value)); });
}

} // namespace letters
} // namespace provenbl
