#include "store/purges.hpp"

#include "store/hosts.hpp"
#include "store/ledger.hpp"
#include "store/notices.hpp"
#include "store/reports.hpp"
#include "store/tables.hpp"

#include <algorithm>
#include <iterator>

namespace provenbl::purges {
namespace {

bool in_time(const PurgeFilter& filter, Time at) {
    return at >= filter.since && (filter.until == Time{} || at <= filter.until);
}

bool wanted_technique(const PurgeFilter& filter, std::string_view technique) {
    if (filter.technique.empty()) return true;
    return filter.technique.ends_with('/') ? technique.starts_with(filter.technique) : technique == filter.technique;
}

bool reported_by(const ReadTxn& txn, const Address& host, const PurgeFilter& filter) {
    if (filter.reporter.empty()) return true;
    const auto all = reports::of(txn, host);
    return std::any_of(all.begin(), all.end(),
                       [&](const Report& report) { return report.reporter == filter.reporter; });
}

// Listed addresses from after `cursor` on, at most `examine`; true when the end was reached.
bool listed_from(const ReadTxn& txn, const std::string& cursor, std::size_t examine, std::vector<Address>& found) {
    const bool in_v6 = !cursor.empty() && cursor.front() == '\6';
    bool more = false;
    const auto walk = [&](MDB_dbi table, const std::string& from) {
        txn.txn.walk(table, from, [&](lmdb::Bytes key, lmdb::Bytes) {
            if (key == from) return true; // the cursor itself was dealt with
            if (found.size() == examine) {
                more = true;
                return false;
            }
            found.push_back(keys::to_bare(key));
            return true;
        });
    };
    const auto bare = cursor.empty() ? std::string() : cursor.substr(1);
    if (!in_v6) walk(txn.tables.listed4, bare);
    if (!more) walk(txn.tables.listed6, in_v6 ? bare : std::string());
    return !more;
}

std::optional<Host> matching(const ReadTxn& txn, const Address& address, const PurgeFilter& filter) {
    if (!filter.everywhere && !filter.prefix.contains(address)) return std::nullopt;
    auto host = hosts::find(txn, address);
    if (!host || !match(*host, filter).any() || !reported_by(txn, address, filter)) return std::nullopt;
    return host;
}

void put(WriteTxn& txn, const Purge& purge) {
    put_record(txn, txn.tables.purges, keys::number(purge.id), purge);
}

} // namespace

Match match(const Host& host, const PurgeFilter& filter) {
    Match found;
    if (!filter.everywhere && !filter.prefix.contains(host.address)) return found;
    if (filter.actor.empty() || filter.actor == "verifier") {
        std::copy_if(host.holes.begin(), host.holes.end(), std::back_inserter(found.holes), [&](const Hole& hole) {
            return in_time(filter, hole.first_proven) && wanted_technique(filter, hole.technique);
        });
    }
    if (filter.technique.empty() && filter.actor != "verifier") {
        std::copy_if(host.manual.begin(), host.manual.end(), std::back_inserter(found.manual),
                     [&](const ManualListing& entry) {
                         return in_time(filter, entry.since) && (filter.actor.empty() || filter.actor == entry.by);
                     });
    }
    return found;
}

Result<> check(const PurgeFilter& filter) {
    if (filter.until != Time{} && filter.until < filter.since)
        return Error{Errc::invalid, "the purge ends before it begins: 'until' is earlier than 'since'"};
    if (filter.since == Time{} && filter.technique.empty() && filter.reporter.empty() && filter.actor.empty() &&
        filter.everywhere)
        return Error{Errc::invalid, "this would take every listing; say since when, or which technique, reporter, "
                                    "actor or prefix (to empty the zones, shut the list down)"};
    return {};
}

Result<Purge> begin(WriteTxn& txn, const PurgeFilter& filter, std::string_view note, std::string_view by) {
    if (auto good = check(filter); !good) return good.error();
    if (note.empty()) return Error{Errc::invalid, "say in a note what went wrong: it is shown to all"};
    Purge purge;
    purge.id = next_number(txn, "purges");
    purge.filter = filter;
    // What is proven while it goes on is none of it.
    if (purge.filter.until == Time{}) purge.filter.until = txn.now;
    purge.note = note;
    purge.by = by;
    purge.started = txn.now;
    Notice notice;
    notice.at = txn.now;
    notice.kind = NoticeKind::purge;
    notice.text = note;
    notice.by = by;
    notice.purge_id = purge.id;
    purge.notice_id = notices::put(txn, std::move(notice)).id;
    put(txn, purge);
    return purge;
}

Result<Purge> step(WriteTxn& txn, std::uint64_t id, std::size_t examine, std::size_t change) {
    auto purge = find(txn, id);
    if (!purge) return Error{Errc::not_found, "there is no purge " + std::to_string(id)};
    if (purge->finished != Time{}) return std::move(*purge);
    std::vector<Address> addresses;
    bool end = listed_from(txn, purge->cursor, examine, addresses);
    std::size_t changed = 0;
    for (const auto& address : addresses) {
        if (changed == change) {
            end = false;
            break;
        }
        purge->cursor = keys::address(address);
        ++purge->examined;
        const auto host = matching(txn, address, purge->filter);
        if (!host) continue;
        const auto clearance = Clearance::from_purge(*host, *purge);
        if (!clearance) return clearance.error();
        const auto cleared = ledger::clear(txn, *clearance, "operator", purge->by);
        if (!cleared) return cleared.error();
        ++changed;
        ++purge->matched;
        if (!cleared->listed()) ++purge->delisted;
    }
    if (end) purge->finished = txn.now;
    put(txn, *purge);
    if (auto notice = notices::find(txn, purge->notice_id)) {
        notice->delisted = purge->delisted;
        notices::put(txn, std::move(*notice));
    }
    return std::move(*purge);
}

std::optional<Purge> find(const ReadTxn& txn, std::uint64_t id) {
    return get_record<Purge>(txn, txn.tables.purges, keys::number(id));
}

std::vector<Purge> newest(const ReadTxn& txn, std::size_t at_most) {
    std::vector<Purge> all;
    txn.txn.walk_back(txn.tables.purges, std::string(8, '\xff'), [&](lmdb::Bytes, lmdb::Bytes value) {
        if (all.size() == at_most) return false;
        all.push_back(codec::decode<Purge>(value));
        return true;
    });
    return all;
}

Preview preview(const ReadTxn& txn, const PurgeFilter& filter, const std::string& cursor, std::size_t examine) {
    Preview seen;
    std::vector<Address> addresses;
    const bool end = listed_from(txn, cursor, examine, addresses);
    for (const auto& address : addresses) {
        ++seen.examined;
        if (matching(txn, address, filter)) seen.matched.push_back(address);
    }
    if (!end && !addresses.empty()) seen.cursor = keys::address(addresses.back());
    return seen;
}

} // namespace provenbl::purges
