// Hosts against what is derived from them, and against their evidence.
#include "store/check_hosts.hpp"

#include "store/ascending_lookup.hpp"
#include "store/derived_keys.hpp"
#include "store/hosts.hpp"
#include "store/set_sum.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace provenbl::check {
namespace {

std::string show(const std::optional<Listing>& listing) {
    if (!listing) return "not listed";
    return fmt::format("listed for {} since {}, case {}", to_string(listing->classes), listing->since,
                       listing->case_id);
}

class HostCheck {
public:
    HostCheck(const ReadTxn& txn, const replay::Index& index, Findings& findings)
        : txn_(txn), index_(index), findings_(findings), listed4_(txn.txn, txn.tables.listed4),
          listed6_(txn.txn, txn.tables.listed6), evidence_(txn.txn, txn.tables.evidence),
          scans_(txn.txn, txn.tables.scans), running_now_(txn.txn, txn.tables.running) {}

    void run() {
        walk_table(
            txn_, "hosts", txn_.tables.hosts, findings_,
            [this](lmdb::Bytes key, lmdb::Bytes value) { look_at(key, codec::decode_numbers<Host>(value), value); },
            name_address);
        compare_due();
        look_for_strays();
    }

private:
    void look_at(lmdb::Bytes key, const Host& host, lmdb::Bytes record) {
        const auto address = keys::address(host.address);
        if (key != address) {
            findings_.add("hosts", name_address(key), "holds the record of " + host.address.to_string());
            return;
        }
        compare_listing(host);
        for (std::size_t i = 0; i < host.holes.size(); ++i) {
            const auto& hole = host.holes[i];
            if (evidence_.find(address + keys::number(host.case_id) + keys::number(hole.ordinal))) continue;
            findings_.add("hosts", host.address.to_string(),
                          fmt::format("{} on port {} is listed without its evidence (case {}, ordinal {})",
                                      codec::decode<Host>(record).holes.at(i).technique, hole.port, host.case_id,
                                      hole.ordinal));
        }
        expect_ends(host);
        if (host.queued_scan != 0) {
            expect_scan(host, host.queued_scan, "queued");
            due_by_hosts_.add(due_key(host.due_kind, host.due, host.address));
        }
        if (host.running_scan != 0) {
            expect_scan(host, host.running_scan, "running");
            if (running_now_.find(key) == keys::number(host.running_scan))
                ++running_;
            else
                findings_.add("running", host.address.to_string(),
                              fmt::format("lacks the visit {} that is under way", host.running_scan),
                              {txn_.tables.running, std::string(key), keys::number(host.running_scan), false});
        }
    }

    // The queue is in another order than the hosts: as a whole first, and row by row where that tells a difference.
    void compare_due() {
        SetSum rows;
        walk_table(
            txn_, "due", txn_.tables.due, findings_, [&](lmdb::Bytes key, lmdb::Bytes) { rows.add(key); }, name_hex);
        if (rows == due_by_hosts_) return;
        walk_table(
            txn_, "hosts", txn_.tables.hosts, findings_,
            [this](lmdb::Bytes key, lmdb::Bytes value) {
                std::optional<Host> host;
                try {
                    host = codec::decode_numbers<Host>(value);
                } catch (const codec::CorruptRecord&) {
                    return; // was told already
                }
                if (host->queued_scan == 0 || key != keys::address(host->address)) return;
                const auto due = due_key(host->due_kind, host->due, host->address);
                if (txn_.txn.get(txn_.tables.due, due)) return;
                findings_.add("due", host->address.to_string(),
                              fmt::format("lacks the visit {} that is queued", host->queued_scan),
                              {txn_.tables.due, due, "", false});
            },
            name_address);
        walk_table(
            txn_, "due", txn_.tables.due, findings_, [this](lmdb::Bytes key, lmdb::Bytes) { look_at_due(key); },
            name_hex);
    }

    // Listings by hand that end at one moment share a row.
    void expect_ends(const Host& host) {
        std::set<std::string> ends;
        for (const auto& entry : host.manual) ends.insert(end_key(host.address, entry));
        const auto table = txn_.tables.manual;
        for (const auto& end : ends) {
            if (txn_.txn.get(table, end))
                ++ends_;
            else if (table != lmdb::absent_table)
                findings_.add("manual", host.address.to_string(), "lacks the end of a listing by hand",
                              {table, end, "", false});
        }
    }

    void expect_scan(const Host& host, std::uint64_t id, std::string_view how) {
        if (!scans_.find(keys::address(host.address) + keys::number(id)))
            findings_.add("scans", host.address.to_string(), fmt::format("lacks visit {}, which is {}", id, how));
    }

    // The index is repaired where host and journal agree; where they don't, neither is believed.
    void compare_listing(const Host& host) {
        const auto table = host.address.is_v4() ? txn_.tables.listed4 : txn_.tables.listed6;
        const auto* const name = host.address.is_v4() ? "listed4" : "listed6";
        const auto key = keys::bare(host.address);
        const auto stored = (host.address.is_v4() ? listed4_ : listed6_).find(key);
        const auto wanted = hosts::listing_of(host);
        if (stored) ++listed_;
        const auto replayed = index_.find(host.address);
        if (replayed != wanted)
            findings_.add("hosts", host.address.to_string(),
                          fmt::format("is {}, but the journal says: {}", show(wanted), show(replayed)));
        const auto bytes = wanted ? std::optional<std::string>(codec::encode(*wanted)) : std::nullopt;
        if (stored.has_value() == bytes.has_value() && (!stored || *stored == *bytes)) return;
        const auto what =
            fmt::format("says {}, the host is {}", stored ? show(readable(*stored)) : "nothing", show(wanted));
        if (replayed == wanted)
            findings_.add(name, host.address.to_string(), what, {table, key, bytes, true});
        else
            findings_.add(name, host.address.to_string(), what + "; not repaired: the journal says otherwise");
    }

    static std::optional<Listing> readable(lmdb::Bytes bytes) {
        if (bytes.size() != 12) return std::nullopt;
        return codec::decode<Listing>(bytes);
    }

    // Rows that no host asked for: looked for only when there are more rows than hosts have claimed.
    void look_for_strays() {
        const auto rows = txn_.txn.entries(txn_.tables.listed4) + txn_.txn.entries(txn_.tables.listed6);
        if (rows != listed_) {
            for (const auto table : {txn_.tables.listed4, txn_.tables.listed6}) stray_listings(table);
        }
        if (txn_.txn.entries(txn_.tables.manual) != ends_) {
            walk_table(
                txn_, "manual", txn_.tables.manual, findings_,
                [this](lmdb::Bytes key, lmdb::Bytes) { look_at_end(key); }, name_hex);
        }
        if (txn_.txn.entries(txn_.tables.running) != running_) {
            walk_table(
                txn_, "running", txn_.tables.running, findings_,
                [this](lmdb::Bytes key, lmdb::Bytes) {
                    const auto host = get_record<Host>(txn_, txn_.tables.hosts, key);
                    if (!host || host->running_scan == 0)
                        findings_.add("running", name_address(key), "no visit is under way there",
                                      {txn_.tables.running, std::string(key), std::nullopt, false});
                },
                name_address);
        }
    }

    void stray_listings(MDB_dbi table) {
        const auto* const name = table == txn_.tables.listed4 ? "listed4" : "listed6";
        walk_table(
            txn_, name, table, findings_,
            [&](lmdb::Bytes key, lmdb::Bytes) {
                const auto address = keys::to_bare(key);
                if (txn_.txn.get(txn_.tables.hosts, keys::address(address))) return;
                if (index_.find(address))
                    findings_.add(name, address.to_string(), "no host is known there, though the journal listed one");
                else
                    findings_.add(name, address.to_string(), "nothing explains this listing",
                                  {table, std::string(key), std::nullopt, true});
            },
            name_bare);
    }

    void look_at_due(lmdb::Bytes key) {
        std::optional<Host> host;
        if (key.size() > 9) host = get_record<Host>(txn_, txn_.tables.hosts, key.substr(9));
        if (host && host->queued_scan != 0 && key == due_key(host->due_kind, host->due, host->address)) return;
        findings_.add("due", key.size() > 9 ? name_address(key.substr(9)) : name_hex(key), "no such visit is queued",
                      {txn_.tables.due, std::string(key), std::nullopt, false});
    }

    void look_at_end(lmdb::Bytes key) {
        std::optional<Host> host;
        if (key.size() > 8) host = get_record<Host>(txn_, txn_.tables.hosts, key.substr(8));
        if (host && std::any_of(host->manual.begin(), host->manual.end(),
                                [&](const ManualListing& entry) { return end_key(host->address, entry) == key; }))
            return;
        findings_.add("manual", key.size() > 8 ? name_address(key.substr(8)) : name_hex(key),
                      "no listing by hand ends then", {txn_.tables.manual, std::string(key), std::nullopt, false});
    }

    const ReadTxn& txn_;
    const replay::Index& index_;
    Findings& findings_;
    lmdb::AscendingLookup listed4_, listed6_, evidence_, scans_, running_now_;
    SetSum due_by_hosts_;
    std::uint64_t listed_ = 0;
    std::uint64_t running_ = 0;
    std::uint64_t ends_ = 0;
};

} // namespace

void check_hosts(const ReadTxn& txn, const replay::Index& index, Findings& findings) {
    HostCheck(txn, index, findings).run();
}

void check_exclusions(const ReadTxn& txn, Time now, Findings& findings) {
    walk_table(
        txn, "exclusions", txn.tables.exclusions, findings,
        [&](lmdb::Bytes key, lmdb::Bytes value) {
            const auto exclusion = codec::decode<Exclusion>(value);
            const auto& prefix = exclusion.prefix;
            if (key != exclusion_key(prefix))
                findings.add("exclusions", name_address(key), "holds the record of " + prefix.to_string());
            if (exclusion.until != Time{} && exclusion.until <= now) return;
            // What its sweep has not come to is listed still.
            const auto sweep = get_record<ExclusionSweep>(txn, txn.tables.sweeps, key);
            const auto table = prefix.base().is_v4() ? txn.tables.listed4 : txn.tables.listed6;
            txn.txn.walk(table, keys::bare(prefix.base()), [&](lmdb::Bytes listed, lmdb::Bytes) {
                const auto address = keys::to_bare(listed);
                if (!prefix.contains(address) || (sweep && keys::address(address) > sweep->cursor)) return false;
                findings.add("exclusions", prefix.to_string(), address.to_string() + " is listed all the same");
                return true;
            });
        },
        name_address);
    walk_table(
        txn, "sweeps", txn.tables.sweeps, findings,
        [&](lmdb::Bytes key, lmdb::Bytes value) {
            if (key != exclusion_key(codec::decode<ExclusionSweep>(value).prefix))
                findings.add("sweeps", name_address(key), "holds another's record");
        },
        name_address);
}

} // namespace provenbl::check
