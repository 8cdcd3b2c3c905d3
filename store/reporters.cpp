#include "store/reporters.hpp"

#include "store/tables.hpp"

#include <algorithm>

namespace provenbl::reporters {
namespace {

constexpr std::int32_t best = 100;
constexpr std::int32_t gain = 5;
constexpr std::int32_t loss = 10;
constexpr std::int32_t low_below = -20;
constexpr std::int32_t second_below = -50;
constexpr std::int32_t none_below = -80;
constexpr Duration hour = std::chrono::hours(1);
constexpr Duration day = std::chrono::hours(24);
constexpr std::size_t longest_name = 64;

bool good_name(std::string_view name) {
    const auto good = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
    };
    return !name.empty() && name.size() <= longest_name && std::all_of(name.begin(), name.end(), good) &&
           name != operator_name && name != anonymous_name;
}

} // namespace

std::string_view to_string(Trust trust) {
    switch (trust) {
    case Trust::full:
        return "full";
    case Trust::low:
        return "low";
    case Trust::second:
        return "second";
    case Trust::none:
        return "none";
    }
    return "unknown";
}

std::int32_t moved(std::int32_t standing, bool right) {
    return std::clamp(standing + (right ? gain : -loss), -best, best);
}

Trust trust_of(const Reporter& reporter) {
    if (reporter.standing >= low_below) return Trust::full;
    if (reporter.standing >= second_below) return Trust::low;
    return reporter.standing >= none_below || reporter.id == anonymous_id ? Trust::second : Trust::none;
}

Time may_report_at(const Reporter& reporter, Time now) {
    auto at = now;
    const auto wait_for = [&](std::uint32_t limit, std::uint32_t used, Time begun, Duration span) {
        if (limit != 0 && used >= limit && now < begun + span) at = std::max(at, begun + span);
    };
    wait_for(reporter.per_hour, reporter.in_hour, reporter.hour_begun, hour);
    wait_for(reporter.per_day, reporter.in_day, reporter.day_begun, day);
    return at;
}

void count(Reporter& reporter, Time now) {
    const auto take = [now](std::uint32_t& used, Time& begun, Duration span) {
        if (now >= begun + span) {
            begun = now;
            used = 0;
        }
        ++used;
    };
    take(reporter.in_hour, reporter.hour_begun, hour);
    take(reporter.in_day, reporter.day_begun, day);
    ++reporter.received;
}

void put(WriteTxn& txn, const Reporter& reporter) {
    put_record(txn, txn.tables.reporters, keys::number(reporter.id), reporter);
}

Result<Reporter> add(WriteTxn& txn, Reporter reporter) {
    if (!good_name(reporter.name))
        return Error{Errc::invalid, "a reporter's name has 1 to 64 of a-z, 0-9, '-', '_' and '.', and is neither "
                                    "'operator' nor 'anonymous'"};
    if (const auto known = by_name(txn, reporter.name))
        return Error{Errc::conflict, "there is a reporter '" + reporter.name + "' already" +
                                         (known->revoked == Time{} ? "" : " (revoked)") + "; choose another name"};
    if (txn.txn.entries(txn.tables.reporters) >= most)
        return Error{Errc::limit, "there are " + std::to_string(most) + " reporters already"};
    reporter.id = static_cast<std::uint32_t>(next_number(txn, "reporters")) + anonymous_id;
    reporter.created = txn.now;
    put(txn, reporter);
    txn.txn.put(txn.tables.reporter_keys, reporter.key_hash, keys::number(reporter.id));
    return reporter;
}

std::optional<Reporter> by_id(const ReadTxn& txn, std::uint32_t id) {
    return get_record<Reporter>(txn, txn.tables.reporters, keys::number(id));
}

std::optional<Reporter> by_name(const ReadTxn& txn, std::string_view name) {
    std::optional<Reporter> found;
    walk(txn, [&](const Reporter& reporter) {
        if (reporter.name == name) found = reporter;
        return !found;
    });
    return found;
}

std::optional<Reporter> by_key(const ReadTxn& txn, std::string_view key_hash) {
    if (key_hash.empty()) return std::nullopt;
    const auto id = txn.txn.get(txn.tables.reporter_keys, key_hash);
    if (!id) return std::nullopt;
    auto reporter = get_record<Reporter>(txn, txn.tables.reporters, *id);
    return reporter && reporter->revoked == Time{} ? reporter : std::nullopt;
}

void walk(const ReadTxn& txn, const std::function<bool(const Reporter&)>& visit) {
    txn.txn.walk(txn.tables.reporters, {},
                 [&](lmdb::Bytes, lmdb::Bytes value) { return visit(codec::decode<Reporter>(value)); });
}

Result<Reporter> change(WriteTxn& txn, std::string_view name, const std::function<void(Reporter&)>& how) {
    auto reporter = by_name(txn, name);
    if (!reporter)
        return Error{Errc::not_found,
                     "there is no reporter '" + std::string(name) + "'; `provenbl reporter list` shows them"};
    how(*reporter);
    put(txn, *reporter);
    return std::move(*reporter);
}

Result<Reporter> revoke(WriteTxn& txn, std::string_view name) {
    if (const auto known = by_name(txn, name); known && known->revoked != Time{})
        return Error{Errc::conflict,
                     "'" + std::string(name) + "' was revoked at " + provenbl::to_string(known->revoked) + " already"};
    auto revoked = change(txn, name, [&](Reporter& reporter) { reporter.revoked = txn.now; });
    if (revoked) txn.txn.erase(txn.tables.reporter_keys, revoked->key_hash);
    return revoked;
}

Reporter anonymous(const ReadTxn& txn, std::uint32_t per_hour, std::uint32_t per_day) {
    auto reporter = by_id(txn, anonymous_id).value_or(Reporter{});
    reporter.id = anonymous_id;
    reporter.name = anonymous_name;
    reporter.per_hour = per_hour;
    reporter.per_day = per_day;
    return reporter;
}

void judge(WriteTxn& txn, std::uint32_t id, bool right) {
    auto reporter = by_id(txn, id);
    if (!reporter) return; // the operator
    ++(right ? reporter->right : reporter->wrong);
    reporter->standing = moved(reporter->standing, right);
    put(txn, *reporter);
}

} // namespace provenbl::reporters
