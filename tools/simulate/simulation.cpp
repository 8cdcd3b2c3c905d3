// One transaction for each event, so that each has the history's time.
#include "tools/simulate/simulation.hpp"

#include "store/exclusions.hpp"
#include "store/hosts.hpp"
#include "store/ledger.hpp"
#include "store/listing_unit.hpp"
#include "store/reporters.hpp"
#include "store/reports.hpp"
#include "store/tokens.hpp"
#include "verifier/gate.hpp"
#include "verifier/policy.hpp"
#include "verifier/report_rules.hpp"
#include "verifier/technique.hpp"
#include "verifier/transitions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <utility>

namespace provenbl::tools::simulate {
namespace {

using What = Told::What;
constexpr std::uint32_t first_reporter = 2; // behind the operator and those without a key
constexpr std::size_t looked_through = 64;  // visits of a host, for its owner's last request

// The history's time, for the store and the gate.
class HistoryClock final : public Clock {
public:
    explicit HistoryClock(Time first) : now_(first) {}
    [[nodiscard]] Time now() const override { return now_.load(); }
    void set(Time now) { now_ = now; }

private:
    std::atomic<Time> now_;
};

Told refused(std::string why) {
    Told told;
    told.what = What::refused;
    told.why = std::move(why);
    return told;
}

ClassSet classes_of(const ReadTxn& txn, const Address& address) {
    const auto host = hosts::find(txn, address);
    return host ? host->classes() : ClassSet{};
}

} // namespace

struct Simulation::Impl {
    Impl(const verifier::VerifierSettings& settings_, Time first) : settings(settings_), clock(first) {}

    verifier::VerifierSettings settings;
    HistoryClock clock;
    std::unique_ptr<Store> store;
    std::optional<verifier::Gate> gate;
    std::map<std::string, std::uint32_t> reporters_by_name;
    std::uint64_t tokens = 0;

    [[nodiscard]] const verifier::PolicyRules& rules() const { return settings.policy; }

    // ---- reports ----

    Reporter reporter_of(const ReadTxn& txn, const Event& event) {
        if (event.reporter == reporters::anonymous_name)
            return reporters::anonymous(txn, rules().anonymous_per_hour, rules().anonymous_per_day);
        if (event.reporter == reporters::operator_name) {
            Reporter himself;
            himself.id = reporters::operator_id;
            himself.name = event.reporter;
            return himself;
        }
        const auto number = static_cast<std::uint32_t>(first_reporter + reporters_by_name.size());
        const auto id = reporters_by_name.emplace(event.reporter, number).first->second;
        if (auto known = reporters::by_id(txn, id)) return std::move(*known);
        Reporter fresh;
        fresh.id = id;
        fresh.name = event.reporter;
        return fresh;
    }

    Told take_report(WriteTxn& txn, const Event& event) {
        auto reporter = reporter_of(txn, event);
        if (reporter.id == reporters::anonymous_id && !rules().anonymous_reports)
            return refused("reports without a key are not taken (policy.anonymous_reports)");
        if (event.standing) reporter.standing = *event.standing;
        reporter.trap = event.trap;
        if (const auto next = reporters::may_report_at(reporter, txn.now); next > txn.now)
            return refused("too many reports; the next can be taken at " + provenbl::to_string(next));
        if (const auto allowed = gate->check(txn, event.host); !allowed) return refused(allowed.error().message);

        verifier::ReportFacts facts;
        facts.by_operator = reporter.id == reporters::operator_id;
        facts.by_trap = reporter.trap;
        facts.trust = reporters::trust_of(reporter);
        facts.host = hosts::find(txn, event.host);
        facts.others = reports::others_naming(txn, listing_unit::of(txn, event.host), reporter.id,
                                              txn.now - rules().report_window);
        const auto decision = verifier::judge_report(facts, rules(), txn.now);
        if (decision.what == verifier::ReportDecision::What::refuse) return refused(decision.why);
        Report report;
        report.host = event.host;
        report.ports = event.ports;
        report.reporter = reporter.name;
        report.reporter_id = reporter.id;
        const bool visit = decision.what == verifier::ReportDecision::What::visit;
        const auto filed =
            ledger::file_report(txn, std::move(report), visit ? std::optional(decision.due) : std::nullopt);
        if (!filed) return refused(filed.error().message);
        if (reporter.id != reporters::operator_id) {
            reporters::count(reporter, txn.now);
            reporters::put(txn, reporter);
        }
        Told told;
        told.what = visit ? What::queued : What::waiting;
        told.why = decision.why;
        if (visit && told.why.empty())
            told.why = decision.due == txn.now ? "a visit at once" : "a visit at " + provenbl::to_string(decision.due);
        return told;
    }

    // ---- owners ----

    static std::optional<Scan> last_request(const ReadTxn& txn, const Address& host) {
        const auto scans = hosts::scans(txn, host, looked_through);
        const auto found =
            std::find_if(scans.begin(), scans.end(), [](const Scan& scan) { return scan.kind == ScanKind::owner; });
        return found == scans.end() ? std::nullopt : std::optional(*found);
    }

    Told take_owner(WriteTxn& txn, const Event& event) {
        if (const auto allowed = gate->check(txn, event.host); !allowed) return refused(allowed.error().message);
        const auto host = hosts::find(txn, event.host);
        const auto last = last_request(txn, event.host);
        if (const auto allowed = verifier::owner_may_ask(host, last, rules(), txn.now); !allowed)
            return refused(allowed.error().message);
        const auto scan = ledger::request_scan(txn, event.host, ScanKind::owner, txn.now, {});
        if (!scan) return refused(scan.error().message);
        Told told;
        told.what = What::queued;
        told.why = "a visit at once";
        return told;
    }

    // ---- visits ----

    // What a proof needs, made for a step that says open.
    Result<> prove(WriteTxn& txn, const Step& step) {
        const auto* const technique = verifier::find_technique(step.step.technique);
        PendingProbe probe;
        ++tokens;
        for (std::size_t i = 0; i < 8; ++i) // at the end: the front is what rescans are spread by
            probe.id[8 + i] = static_cast<std::uint8_t>(tokens >> (8 * (7 - i)));
        probe.target = {step.step.target, step.step.port};
        probe.technique = step.step.technique;
        probe.cls = technique->cls;
        probe.sink = technique->cls == ListingClass::relay ? SinkKind::mail : SinkKind::callback;
        probe.written = txn.now;
        probe.expires = txn.now + std::chrono::hours(1);
        if (auto issued = tokens::issue(txn, probe); !issued) return issued;
        const Arrival arrival{txn.now, step.exit.value_or(step.step.target), 25, "simulated"};
        const auto arrived = tokens::arrive(txn, probe.id, arrival);
        if (!arrived) return arrived.error();
        if (*arrived) return verifier::enlist(txn, **arrived, *gate, rules());
        const auto confirmed = tokens::confirm(txn, probe.id);
        if (!confirmed) return confirmed.error();
        return verifier::enlist(txn, *confirmed, *gate, rules());
    }

    static std::vector<Step> steps_of(const Event& event, const std::optional<Host>& host) {
        if (!event.every_way || !host) return event.steps;
        std::vector<Step> steps;
        for (const auto& hole : host->holes)
            steps.push_back({{event.at, hole.technique, hole.entry, hole.port, *event.every_way, "as the journal says"},
                             std::nullopt});
        return steps;
    }

    Result<Told> take_visit(WriteTxn& txn, const Event& event) {
        const auto before = hosts::find(txn, event.host);
        if (const auto allowed = gate->check(txn, event.host); !allowed) return refused(allowed.error().message);
        const bool waits = before && before->queued_scan != 0;
        const auto kind = event.kind.value_or(waits ? before->due_kind : ScanKind::report);
        const bool early = waits && before->due > txn.now && kind == ScanKind::rescan;
        const auto due = waits ? before->due : txn.now;
        if (const auto asked = ledger::request_scan(txn, event.host, kind, txn.now, {}); !asked) return asked.error();
        const auto scan = ledger::start_scan(txn, event.host);
        if (!scan) return scan.error();
        for (const auto& step : steps_of(event, before)) {
            ledger::add_step(txn, event.host, scan->id, step.step);
            if (step.step.verdict != Verdict::open) continue;
            if (const auto proven = prove(txn, step); !proven) return proven.error();
        }
        const auto ended = verifier::conclude_visit(txn, *gate, rules(), {event.host, scan->id, {}, 0});
        if (!ended) return ended.error();
        const auto after = hosts::find(txn, event.host);
        Told told;
        told.why = ended->outcome;
        if (early) told.why += fmt::format(" These rules would not have looked before {}.", provenbl::to_string(due));
        const auto ways = before ? before->holes.size() : 0;
        const bool was_listed = before && before->listed();
        if (!was_listed && after->listed())
            told.what = What::listed;
        else if (was_listed && !after->listed())
            told.what = What::delisted;
        else if (was_listed && after->holes.size() < ways)
            told.what = What::reduced;
        else if (was_listed && (before->classes() | after->classes()) != before->classes())
            told.what = What::listed;
        else
            told.what = What::unchanged;
        return told;
    }

    Told take_exclusion(WriteTxn& txn, const Event& event) {
        auto exclusion = event.exclusion;
        exclusion.created = txn.now;
        const auto done = ledger::exclude(txn, exclusion);
        if (!done) return refused(done.error().message);
        Told told;
        told.what = *done > 0 ? What::delisted : What::noted;
        told.why = fmt::format("{} is excluded: never probed, never listed; {} listed there {} off.",
                               exclusion.prefix.to_string(), *done, *done == 1 ? "comes" : "come");
        return told;
    }

    Told take_time(const ReadTxn& txn) const {
        Told told;
        std::size_t due = 0;
        ledger::walk_due(txn, clock.now(), [&](const Address& host, ScanKind kind, Time at) {
            if (++due <= 10)
                told.why += fmt::format("{}{} ({}, since {})", told.why.empty() ? "due: " : ", ", host.to_string(),
                                        provenbl::to_string(kind), provenbl::to_string(at));
            return due < 1000;
        });
        if (due == 0)
            told.why = "nothing is due";
        else if (due > 10)
            told.why += fmt::format(" and {} more", due - 10);
        return told;
    }

    Result<Told> take(WriteTxn& txn, const Event& event) {
        const auto before = classes_of(txn, event.host);
        Result<Told> told = Told{};
        switch (event.what) {
        case Event::What::report:
            told = take_report(txn, event);
            break;
        case Event::What::owner:
            told = take_owner(txn, event);
            break;
        case Event::What::visit:
            told = take_visit(txn, event);
            break;
        case Event::What::exclude:
            told = take_exclusion(txn, event);
            break;
        case Event::What::time:
            told = take_time(txn);
            break;
        }
        if (!told || event.what == Event::What::time || event.what == Event::What::exclude) return told;
        told->before = before;
        told->after = classes_of(txn, event.host);
        if (const auto host = hosts::find(txn, event.host); host && host->queued_scan != 0) {
            told->next = host->due;
            told->next_kind = host->due_kind;
        }
        return told;
    }
};

std::string_view to_string(Told::What what) {
    switch (what) {
    case What::queued:
        return "queued";
    case What::waiting:
        return "waiting";
    case What::refused:
        return "refused";
    case What::listed:
        return "listed";
    case What::delisted:
        return "delisted";
    case What::reduced:
        return "reduced";
    case What::unchanged:
        return "unchanged";
    case What::noted:
        return "noted";
    }
    return "unknown";
}

Simulation::Simulation(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Simulation::~Simulation() = default;

Result<std::unique_ptr<Simulation>> Simulation::begin(const verifier::VerifierSettings& settings,
                                                      const std::filesystem::path& directory, Time first) {
    auto impl = std::make_unique<Impl>(settings, first);
    StoreOptions options;
    options.directory = directory;
    auto store = Store::open(options, impl->clock);
    if (!store) return store.error();
    impl->store = std::move(*store);
    impl->gate.emplace(*impl->store, impl->clock, settings.gate);
    const auto unit = impl->store->write(
        [bits = settings.policy.ipv6_granularity](WriteTxn& txn) { return listing_unit::set(txn, bits); });
    if (!unit) return unit.error();
    return std::unique_ptr<Simulation>(new Simulation(std::move(impl)));
}

Result<Told> Simulation::take(const Event& event) {
    auto& self = *impl_;
    self.clock.set(std::max(self.clock.now(), event.at));
    const auto told = std::make_shared<Told>();
    const auto done = self.store->write([&](WriteTxn& txn) -> Result<> {
        auto taken = self.take(txn, event);
        if (!taken) return taken.error();
        *told = std::move(*taken);
        return {};
    });
    if (!done) return done.error();
    return std::move(*told);
}

std::vector<Simulation::Due> Simulation::outlook(std::size_t at_most) const {
    std::vector<Due> all;
    impl_->store->read([&](const ReadTxn& txn) {
        ledger::walk_due(txn, Time::max(), [&](const Address& host, ScanKind kind, Time at) {
            all.push_back({host, kind, at});
            return all.size() < 10'000;
        });
    });
    std::stable_sort(all.begin(), all.end(), [](const Due& a, const Due& b) { return a.at < b.at; });
    if (all.size() > at_most) all.resize(at_most);
    return all;
}

} // namespace provenbl::tools::simulate
