#include "store/notices.hpp"

#include "store/journal_append.hpp"
#include "store/tables.hpp"

namespace provenbl::notices {
namespace {

constexpr std::string_view state = "shutdown"; // in meta: the number of the notice that shut the list down

Notice announce(WriteTxn& txn, NoticeKind kind, ChangeReason reason, std::string_view note, std::string_view by) {
    Notice notice;
    notice.at = txn.now;
    notice.kind = kind;
    notice.text = note;
    notice.by = by;
    Change change;
    change.reason = reason;
    change.actor = "operator";
    change.note = note;
    change.by = by;
    journal::append(txn, change);
    return put(txn, std::move(notice));
}

} // namespace

std::vector<Notice> newest(const ReadTxn& txn, std::size_t at_most) {
    std::vector<Notice> all;
    txn.txn.walk_back(txn.tables.notices, std::string(8, '\xff'), [&](lmdb::Bytes, lmdb::Bytes value) {
        if (all.size() == at_most) return false;
        all.push_back(codec::decode<Notice>(value));
        return true;
    });
    return all;
}

std::optional<Notice> find(const ReadTxn& txn, std::uint64_t id) {
    return get_record<Notice>(txn, txn.tables.notices, keys::number(id));
}

Notice put(WriteTxn& txn, Notice notice) {
    if (notice.id == 0) notice.id = next_number(txn, "notices");
    put_record(txn, txn.tables.notices, keys::number(notice.id), notice);
    return notice;
}

std::optional<Notice> shutdown(const ReadTxn& txn) {
    const auto id = txn.txn.get(txn.tables.meta, state);
    if (!id) return std::nullopt;
    // A reader that opened an older file does not see the table of notices, but it sees this.
    auto notice = find(txn, keys::to_number(*id)).value_or(Notice{});
    notice.kind = NoticeKind::shutdown;
    return notice;
}

Result<Notice> shut_down(WriteTxn& txn, std::string_view note, std::string_view by) {
    if (note.empty()) return Error{Errc::invalid, "say in a note why the list is shut down: it is shown to all"};
    if (const auto already = shutdown(txn))
        return Error{Errc::conflict, "the list has been shut down since " + to_string(already->at)};
    auto notice = announce(txn, NoticeKind::shutdown, ChangeReason::shutdown, note, by);
    txn.txn.put(txn.tables.meta, state, keys::number(notice.id));
    return notice;
}

Result<Notice> resume(WriteTxn& txn, std::string_view note, std::string_view by) {
    if (!shutdown(txn)) return Error{Errc::conflict, "the list is not shut down"};
    txn.txn.erase(txn.tables.meta, state);
    return announce(txn, NoticeKind::resumed, ChangeReason::resumed, note, by);
}

} // namespace provenbl::notices
