#include "verifier/report_filing.hpp"

#include "store/hosts.hpp"
#include "store/ledger.hpp"
#include "store/listing_unit.hpp"
#include "store/notices.hpp"
#include "store/reporters.hpp"
#include "store/reports.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace provenbl::verifier {

Result<> file_report(WriteTxn& txn, const Gate& gate, const PolicyRules& rules, const Reporter& reporter, Report report,
                     FiledReport& filed, const ReportWay& way) {
    using What = ReportDecision::What;
    filed = {};
    if (const auto next = reporters::may_report_at(reporter, txn.now); next > txn.now) {
        filed.next = next;
        return Error{Errc::not_allowed,
                     fmt::format("{} reports in an hour and {} in a day may come from here; the next "
                                 "can be taken at {}",
                                 reporter.per_hour, reporter.per_day, to_string(next))};
    }
    if (const auto shut = notices::shutdown(txn))
        return Error{Errc::not_allowed, fmt::format("the list is shut down and takes no reports: {}", shut->text)};
    if (const auto allowed = gate.check(txn, report.host); !allowed) return allowed.error();

    const bool by_mail = way.kind == ReportWay::Kind::mail;
    ReportFacts facts;
    facts.by_operator = reporter.id == reporters::operator_id;
    facts.by_trap = reporter.trap && !by_mail;
    facts.trust = reporters::trust_of(reporter);
    if (by_mail) facts.trust = std::min(facts.trust, reporters::Trust::low);
    facts.host = hosts::find(txn, report.host);
    facts.others = reports::others_naming(txn, listing_unit::of(txn, report.host), reporter.id,
                                          txn.now - rules.report_window, way.one_voice);
    filed.decision = judge_report(facts, rules, txn.now);
    if (filed.decision.what == What::refuse) return Error{Errc::not_allowed, filed.decision.why};

    report.reporter = reporter.name;
    report.reporter_id = reporter.id;
    const auto due = filed.decision.what == What::visit ? std::optional(filed.decision.due) : std::nullopt;
    auto made = ledger::file_report(txn, std::move(report), due);
    const bool by_us = way.kind != ReportWay::Kind::key;
    if (!made) {
        // The same mail again would change nothing, and nothing is wrong with us.
        if (by_us && made.error().code == Errc::busy) return Error{Errc::not_allowed, made.error().message};
        return made.error();
    }
    filed.report = std::move(*made);
    const bool repeated = filed.report.count > 1;
    if (!facts.by_operator && !(by_us && repeated)) {
        auto counted = reporter;
        reporters::count(counted, txn.now);
        reporters::put(txn, counted);
    }
    return {};
}

NoKey no_key(Entropy& entropy) {
    NoKey key{};
    entropy.fill(key);
    return key;
}

Result<Reporter> own_reporter(WriteTxn& txn, const OwnReporter& who, const NoKey& key) {
    if (auto known = reporters::by_name(txn, who.name)) {
        if (known->revoked == Time{}) return std::move(*known);
        return Error{Errc::not_allowed,
                     fmt::format("the reporter '{}' was revoked; name another one in the configuration", who.name)};
    }
    Reporter reporter;
    reporter.name = who.name;
    reporter.note = who.note;
    reporter.trap = who.trap;
    reporter.per_hour = who.per_hour;
    reporter.per_day = who.per_day;
    reporter.key_hash.assign(key.begin(), key.end());
    return reporters::add(txn, std::move(reporter));
}

} // namespace provenbl::verifier
