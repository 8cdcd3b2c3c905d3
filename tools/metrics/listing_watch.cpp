#include "tools/metrics/listing_watch.hpp"

#include "store/hosts.hpp"
#include "store/journal.hpp"
#include "store/notices.hpp"
#include "store/reports.hpp"

#include <algorithm>

namespace provenbl::tools::metrics {
namespace {

// From a second to a day: a listing takes as long as its visit, a delisting up to the policy's streaks.
constexpr std::array latency_bounds{1.0,   2.0,   5.0,   10.0,   20.0,   30.0,    60.0,
                                    120.0, 300.0, 600.0, 1800.0, 3600.0, 14400.0, 86400.0};
constexpr std::size_t looked_at_scans = 16;

double seconds(Duration span) {
    return std::max(0.0, std::chrono::duration<double>(span).count());
}

ClassSet without(ClassSet all, ClassSet other) {
    return ClassSet::from_bits(static_cast<std::uint16_t>(all.bits() & ~other.bits()));
}

} // namespace

ListingWatch::ListingWatch(const Store& store)
    : store_(store), listing_latency_(latency_bounds), delisting_latency_(latency_bounds) {
    store_.read([this](const ReadTxn& txn) { count_all(txn); });
}

void ListingWatch::count_all(const ReadTxn& txn) {
    by_.clear();
    hosts::walk_listed(txn, [this](const Address& address, const Listing& listing) {
        auto& listed = by_[listing.classes.bits()];
        ++(address.is_v4() ? listed.v4 : listed.v6);
        return true;
    });
    seen_ = last_ = journal::last(txn);
    shut_ = notices::shutdown(txn).has_value();
    if (seen_ > 0)
        journal::walk(txn, seen_ - 1, [this](const Change& change) {
            changed_ = change.at;
            return false;
        });
}

void ListingWatch::look() {
    store_.read([this](const ReadTxn& txn) {
        // What was trimmed, or never was (a restore), can't be read: count anew.
        if (seen_ < journal::floor(txn) || seen_ > journal::last(txn)) return count_all(txn);
        std::size_t left = changes_at_once;
        journal::walk(txn, seen_, [&](const Change& change) {
            take(txn, change);
            return --left > 0;
        });
        last_ = journal::last(txn);
        shut_ = notices::shutdown(txn).has_value();
    });
}

void ListingWatch::take(const ReadTxn& txn, const Change& change) {
    seen_ = change.sequence;
    changed_ = change.at;
    if (!names_host(change.reason)) return;
    const auto move = [&](ClassSet classes, bool in) {
        if (classes.empty()) return;
        auto& listed = by_[classes.bits()];
        auto& count = change.address.is_v4() ? listed.v4 : listed.v6;
        if (in)
            ++count;
        else if (count > 0)
            --count;
    };
    move(change.before, false);
    move(change.after, true);
    const auto came = without(change.after, change.before);
    const auto left = without(change.before, change.after);
    for (const auto cls : all_listing_classes) {
        if (came.contains(cls)) ++listings_[{cls, change.reason}];
        if (left.contains(cls)) ++delistings_[{cls, change.reason}];
    }
    if (change.before.empty() && change.reason == ChangeReason::proven) time_listing(txn, change);
    if (change.after.empty() && change.actor == "owner") time_delisting(txn, change);
}

// The last report that was right before the listing is the one whose visit found it; a rescan has none.
void ListingWatch::time_listing(const ReadTxn& txn, const Change& change) {
    const auto host = hosts::find(txn, change.address);
    const auto delisted = host ? host->delisted_at : Time{};
    for (const auto& report : reports::of(txn, change.address)) {
        if (report.state != ReportState::right || report.received > change.at) continue;
        // Of an episode before this one.
        if (report.last < delisted && delisted <= change.at) return;
        listing_latency_.observe(seconds(change.at - report.received));
        return;
    }
}

// A request may take several visits, which follow each other for the owner: the first of them counts.
void ListingWatch::time_delisting(const ReadTxn& txn, const Change& change) {
    const auto host = hosts::find(txn, change.address);
    const auto listed = host && host->listed_since <= change.at ? host->listed_since : Time{};
    Time requested{};
    for (const auto& scan : hosts::scans(txn, change.address, looked_at_scans)) {
        if (scan.requested > change.at || scan.state == ScanState::queued) continue; // later than this
        const bool open = std::any_of(scan.steps.begin(), scan.steps.end(),
                                      [](const ScanStep& step) { return step.verdict == Verdict::open; });
        if (scan.kind != ScanKind::owner || open || scan.requested < listed) break;
        requested = scan.requested;
    }
    if (requested != Time{}) delisting_latency_.observe(seconds(change.at - requested));
}

std::vector<std::pair<ListingClass, std::uint64_t>> ListingWatch::by_class() const {
    std::vector<std::pair<ListingClass, std::uint64_t>> all;
    for (const auto cls : all_listing_classes) {
        std::uint64_t count = 0;
        for (const auto& [bits, listed] : by_)
            if (ClassSet::from_bits(bits).contains(cls)) count += listed.v4 + listed.v6;
        if (count > 0) all.emplace_back(cls, count);
    }
    return all;
}

void ListingWatch::tell(Page& page, std::span<const zones::ZoneDefinition> zones) const {
    for (const auto& zone : zones) {
        std::uint64_t v4 = 0;
        std::uint64_t v6 = 0;
        std::map<ListingClass, std::uint64_t> of_class;
        for (const auto& [bits, listed] : by_) {
            const auto shown = ClassSet::from_bits(bits) & zone.classes;
            if (shown.empty()) continue;
            v4 += listed.v4;
            v6 += listed.v6;
            for (const auto cls : all_listing_classes)
                if (shown.contains(cls)) of_class[cls] += listed.v4 + listed.v6;
        }
        for (const auto cls : all_listing_classes) {
            if (zone.classes.contains(cls))
                page.set("provenbl_zone_entries", {zone.apex, to_string(cls)}, static_cast<double>(of_class[cls]));
        }
        page.set("provenbl_zone_addresses", {zone.apex, "ipv4"}, static_cast<double>(v4));
        page.set("provenbl_zone_addresses", {zone.apex, "ipv6"}, static_cast<double>(v6));
        page.set("provenbl_zone_serial", {zone.apex}, static_cast<double>(static_cast<std::uint32_t>(seen_)));
        if (changed_ != Time{})
            page.set("provenbl_zone_changed_timestamp_seconds", {zone.apex}, seconds(changed_.time_since_epoch()));
    }
    page.set("provenbl_list_shutdown", shut_ ? 1 : 0);
    // Those that an alert is waiting for begin at 0, so that their first increase is one.
    auto listings = listings_;
    auto delistings = delistings_;
    for (const auto cls : all_listing_classes) {
        listings.try_emplace({cls, ChangeReason::proven});
        delistings.try_emplace({cls, ChangeReason::secured});
    }
    for (const auto& [what, count] : listings)
        page.set("provenbl_listings_total", {to_string(what.first), to_string(what.second)},
                 static_cast<double>(count));
    for (const auto& [what, count] : delistings)
        page.set("provenbl_delistings_total", {to_string(what.first), to_string(what.second)},
                 static_cast<double>(count));
    page.set("provenbl_listing_latency_seconds", {}, listing_latency_);
    page.set("provenbl_delisting_latency_seconds", {}, delisting_latency_);
    page.set("provenbl_journal_unread", static_cast<double>(last_ - seen_));
}

} // namespace provenbl::tools::metrics
