#include "tools/metrics/metrics.hpp"

#include "store/commit_times.hpp"
#include "store/journal.hpp"
#include "store/ledger.hpp"
#include "store/letters.hpp"
#include "tools/daemon/log_counts.hpp"
#include "tools/metrics/process.hpp"

#include <algorithm>

namespace provenbl::tools::metrics {
namespace {

constexpr std::size_t counted_letters = 1000;

std::string_view name_of(Role role) {
    switch (role) {
    case Role::dns:
        return "dns";
    case Role::verifier:
        return "verifier";
    case Role::api:
        return "api";
    case Role::all:
        break;
    }
    return "all";
}

double number(std::uint64_t value) {
    return static_cast<double>(value);
}

} // namespace

Metrics::Metrics(Sources sources) : sources_(std::move(sources)) {
    if (sources_.role != Role::dns) listings_.emplace(sources_.store);
}

std::string Metrics::text() {
    const std::scoped_lock lock{mutex_};
    Page page;
    const auto now = sources_.clock.now();
    const auto statistics = sources_.store.statistics();
    tell_process(page, sources_.role);
    tell_store(page, sources_.store, statistics);
    if (verifies(sources_.role)) {
        listings_->look();
        listings_->tell(page, sources_.zones ? sources_.zones() : std::vector<zones::ZoneDefinition>{});
        tell_work(page, sources_.store, statistics, now);
    }
    if (sources_.verifier) {
        const auto verifier = sources_.verifier();
        tell_verifier(page, verifier);
        tell_traps(page, verifier);
    }
    if (sources_.workers) tell_workers(page, sources_.workers());
    if (const auto counts = sources_.mails ? sources_.mails() : std::nullopt) tell_mails(page, *counts);
    if (const auto counts = sources_.letters ? sources_.letters() : std::nullopt)
        tell_letters(page, *counts, sources_.store, now);
    if (sources_.dns) tell_dns(page, sources_.dns());
    if (sources_.served) {
        const auto served = sources_.served();
        page.set("provenbl_dns_serial", number(static_cast<std::uint32_t>(served)));
        // The journal was looked at first, so it may be the smaller one.
        page.set("provenbl_dns_behind_changes", number(std::max(statistics.journal, served) - served));
    }
    if (sources_.services) tell_mirrors(page, sources_.services());
    return page.text();
}

std::vector<std::pair<ListingClass, std::uint64_t>> Metrics::listed_by_class() {
    const std::scoped_lock lock{mutex_};
    if (!listings_) return {};
    listings_->look();
    return listings_->by_class();
}

void tell_process(Page& page, Role role) {
    page.set("provenbl_build_info", {PROVENBL_VERSION, name_of(role)}, 1);
    const auto counts = log_counts().read();
    page.set("provenbl_log_messages_total", {"warning"}, number(counts.warnings));
    page.set("provenbl_log_messages_total", {"error"}, number(counts.errors));
    page.set("provenbl_log_messages_total", {"critical"}, number(counts.critical));
    const auto state = process_state();
    if (!state) return;
    page.set("process_cpu_seconds_total", state->cpu_seconds);
    page.set("process_resident_memory_bytes", number(state->resident_bytes));
    page.set("process_virtual_memory_bytes", number(state->virtual_bytes));
    page.set("process_start_time_seconds", state->started);
    page.set("process_open_fds", number(state->open_fds));
    if (state->max_fds > 0) page.set("process_max_fds", number(state->max_fds));
    page.set("process_threads", number(state->threads));
}

void tell_store(Page& page, const Store& store, const StoreStatistics& statistics) {
    page.set("provenbl_store_commits_total", number(statistics.commits));
    page.set("provenbl_store_writes_total", number(statistics.pieces));
    page.set("provenbl_store_writes_waiting", number(statistics.queued));
    page.set("provenbl_store_trouble", store.trouble().empty() ? 0 : 1);
    page.set("provenbl_store_map_bytes", number(statistics.map_size));
    page.set("provenbl_store_map_used_bytes", number(statistics.map_used));
    const auto sum = commit_times().sum();
    Distribution times{CommitTimes::bounds};
    times.counts.assign(sum.counts.begin(), sum.counts.end());
    times.sum = sum.seconds;
    page.set("provenbl_store_commit_duration_seconds", {}, times);
}

void tell_work(Page& page, const Store& store, const StoreStatistics& statistics, Time now) {
    page.set("provenbl_hosts", number(statistics.hosts));
    page.set("provenbl_queue_visits", number(statistics.due));
    page.set("provenbl_tokens_pending", number(statistics.pending_tokens));
    const auto next = store.read([](const ReadTxn& txn) { return ledger::next_due(txn); });
    const auto overdue = next && *next < now ? now - *next : Duration::zero();
    page.set("provenbl_queue_oldest_overdue_seconds", std::chrono::duration<double>(overdue).count());
}

void tell_verifier(Page& page, const verifier::VerifierStatistics& statistics) {
    page.set("provenbl_visits_running", number(statistics.running_scans));
    page.set("provenbl_visits_total", number(statistics.scans_finished));
    for (const auto& probe : statistics.probes)
        page.set("provenbl_probes_total", {probe.technique, to_string(probe.verdict)}, number(probe.count));
    page.set("provenbl_tokens_total", {"mail", "accepted"}, number(statistics.mail_accepted));
    page.set("provenbl_tokens_total", {"callback", "accepted"}, number(statistics.callbacks_accepted));
    page.set("provenbl_tokens_total", {"any", "forged"}, number(statistics.tokens_forged));
    page.set("provenbl_tokens_total", {"any", "unknown"}, number(statistics.tokens_unknown));
    page.set("provenbl_tokens_total", {"any", "expired"}, number(statistics.tokens_expired));
    page.set("provenbl_tokens_total", {"any", "used"}, number(statistics.tokens_used));
}

void tell_traps(Page& page, const verifier::VerifierStatistics& statistics) {
    page.set("provenbl_trap_mails_total", {"reported"}, number(statistics.traps_taken));
    page.set("provenbl_trap_mails_total", {"refused"}, number(statistics.traps_refused));
    page.set("provenbl_trap_mails_total", {"failed"}, number(statistics.traps_failed));
    page.set("provenbl_trap_mails_total", {"bounce"}, number(statistics.traps_bounces));
}

void tell_mails(Page& page, const std::vector<intake::MailCount>& counts) {
    for (const auto& one : counts) page.set("provenbl_report_mails_total", {one.kind, one.outcome}, number(one.count));
}

void tell_workers(Page& page, const workers::CoordinatorCounts& counts) {
    page.set("provenbl_workers_connected", number(counts.connected ? 1 : 0));
    page.set("provenbl_workers_visits_out", number(counts.out));
    page.set("provenbl_workers_visits_total", {"given"}, number(counts.given));
    page.set("provenbl_workers_visits_total", {"returned"}, number(counts.returned));
    page.set("provenbl_workers_visits_total", {"lost"}, number(counts.lost));
    page.set("provenbl_workers_visits_total", {"at_home"}, number(counts.at_home));
    page.set("provenbl_workers_refused_total", number(counts.refused));
}

void tell_letters(Page& page, const letters::Postman::Counts& counts, const Store& store, Time now) {
    page.set("provenbl_letters_total", {"taken"}, number(counts.taken));
    page.set("provenbl_letters_total", {"refused"}, number(counts.refused));
    page.set("provenbl_letters_total", {"later"}, number(counts.later));
    page.set("provenbl_letters_total", {"unsure"}, number(counts.unsure));
    const auto due =
        store.read([&](const ReadTxn& txn) { return provenbl::letters::due(txn, now, counted_letters).size(); });
    page.set("provenbl_letters_due", number(due));
}

} // namespace provenbl::tools::metrics
