#include "verifier/transitions.hpp"

#include "store/hosts.hpp"
#include "store/listing_unit.hpp"
#include "store/log.hpp"
#include "verifier/policy.hpp"
#include "verifier/rescans.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace provenbl::verifier {
namespace {

// Outcomes that leave the arrival recorded: the token came back, and yet there is nothing (more) to list.
bool only_not_listed(const Error& error) {
    return error.code == Errc::not_allowed || error.code == Errc::limit;
}

// The exit of a chain whose entry may not be probed any more could never be looked at again.
std::optional<Clearance> without_reachable_entry(const ReadTxn& txn, const Gate& gate, const Host& host) {
    auto affected = host;
    std::string reason;
    std::erase_if(affected.holes, [&](const Hole& hole) {
        if (hole.entry == host.address) return true;
        const auto allowed = gate.check(txn, hole.entry);
        if (!allowed) reason = allowed.error().message;
        return allowed.has_value();
    });
    if (affected.holes.empty()) return std::nullopt;
    Exclusion rule;
    rule.prefix = Prefix::of(affected.holes.front().entry, affected.holes.front().entry.bits());
    rule.reason = reason;
    return Clearance::from_exclusion(affected, rule);
}

} // namespace

Result<> enlist(WriteTxn& txn, const Evidence& evidence, const Gate& gate, const PolicyRules& rules) {
    const auto entry = evidence.probe().target.address;
    const auto exit = evidence.probe().exit;
    // The token's own bits are as random as any.
    const auto next = first_rescan(rules, txn.now, jitter_of(evidence.probe().id));
    if (const auto allowed = gate.check(txn, entry); !allowed) {
        log::of("verifier")
            ->warn("a token came back through {}, which is not listed: {}", entry.to_string(), allowed.error().message);
        return {};
    }
    if (const auto listed = ledger::list(txn, evidence, next); !listed) {
        if (!only_not_listed(listed.error())) return listed.error();
        log::of("verifier")
            ->warn("a token came back through {}, which is not listed for it: {}", entry.to_string(),
                   listed.error().message);
        return {};
    }
    if (!rules.list_exits || listing_unit::of(txn, exit) == listing_unit::of(txn, entry)) return {};
    if (const auto allowed = gate.check(txn, exit); !allowed) {
        log::of("verifier")
            ->info("the exit {} of {} is not listed: {}", exit.to_string(), entry.to_string(), allowed.error().message);
        return {};
    }
    if (const auto listed = ledger::list_exit(txn, evidence, next); !listed) {
        if (!only_not_listed(listed.error())) return listed.error();
        log::of("verifier")
            ->warn("the exit {} of {} is not listed: {}", exit.to_string(), entry.to_string(), listed.error().message);
    }
    return {};
}

Result<Scan> conclude_visit(WriteTxn& txn, const Gate& gate, const PolicyRules& rules, const Conclusion& conclusion) {
    const auto& address = conclusion.host;
    const auto host = hosts::find(txn, address);
    auto scan = hosts::scan(txn, address, conclusion.scan_id);
    if (!host || !scan) return Error{Errc::not_found, "the visit to " + address.to_string() + " is not known any more"};
    scan->state = ScanState::finished;
    scan->finished = txn.now;
    auto decision = decide(*host, *scan, rules, txn.now, conclusion.jitter);
    if (const auto allowed = gate.check(txn, address); !allowed) {
        // Whatever was seen before the gate closed decides nothing; what is never probed is never listed.
        decision = Decision{};
        decision.finish.outcome = "Not probed: " + allowed.error().message + ".";
        Exclusion rule;
        rule.prefix = Prefix::of(address, address.bits());
        rule.reason = allowed.error().message;
        if (host->listed()) decision.clearance = Clearance::from_exclusion(*host, rule);
    } else if (!decision.clearance) {
        decision.clearance = without_reachable_entry(txn, gate, *host);
    }
    decision.finish.software = conclusion.software;
    auto ended = ledger::finish_scan(txn, address, conclusion.scan_id, decision.finish);
    if (!ended || !decision.clearance) return ended;
    const auto cleared = ledger::clear(txn, *decision.clearance, ended->kind == ScanKind::owner ? "owner" : "verifier");
    if (!cleared) return cleared.error();
    return ended;
}

} // namespace provenbl::verifier
