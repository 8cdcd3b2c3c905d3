#include "tools/metrics/catalogue.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace provenbl::tools::metrics {
namespace {

using enum Kind;

constexpr std::array metrics{
    // Every process.
    Metric{"provenbl_build_info", gauge, "version role", "Always 1: what runs here."},
    Metric{"provenbl_log_messages_total", counter, "level", "Lines logged as warning, error or critical."},
    Metric{"process_cpu_seconds_total", counter, "", "Time on a processor, user and system."},
    Metric{"process_resident_memory_bytes", gauge, "", "Memory in use, mapped pages of the database too."},
    Metric{"process_virtual_memory_bytes", gauge, "", "Address space."},
    Metric{"process_start_time_seconds", gauge, "", "When the process began, since the epoch."},
    Metric{"process_open_fds", gauge, "", "Open file descriptors."},
    Metric{"process_max_fds", gauge, "", "How many it may open."},
    Metric{"process_threads", gauge, "", "Threads."},
    // Every process: what it writes to the store.
    Metric{"provenbl_store_commits_total", counter, "", "Batches that this process has written."},
    Metric{"provenbl_store_writes_total", counter, "", "Pieces of work in them; many share a commit."},
    Metric{"provenbl_store_writes_waiting", gauge, "", "Pieces of work that wait for the writer."},
    Metric{"provenbl_store_commit_duration_seconds", histogram, "",
           "From the first piece of a batch until it was durable."},
    Metric{"provenbl_store_trouble", gauge, "", "1 while writing fails (`provenbl status` says why)."},
    Metric{"provenbl_store_map_bytes", gauge, "", "Address space of the database; it grows by doubling."},
    Metric{"provenbl_store_map_used_bytes", gauge, "", "How much of it is in use."},
    // The process that verifies: the list.
    Metric{"provenbl_hosts", gauge, "", "Hosts that are known, listed or not."},
    Metric{"provenbl_zone_entries", gauge, "zone class",
           "Addresses that a zone lists, by class; one of two classes counts in both."},
    Metric{"provenbl_zone_addresses", gauge, "zone family",
           "Addresses that a zone lists, each once; family: ipv4, ipv6."},
    Metric{"provenbl_zone_serial", gauge, "zone", "The journal's position: the SOA serial, modulo 2^32."},
    Metric{"provenbl_zone_changed_timestamp_seconds", gauge, "zone",
           "When the serial last moved; absent before the first change."},
    Metric{"provenbl_list_shutdown", gauge, "", "1 while the list is shut down."},
    Metric{"provenbl_listings_total", counter, "class reason",
           "Addresses that came onto the list, or got a further class."},
    Metric{"provenbl_delistings_total", counter, "class reason", "Addresses that left it, or lost a class."},
    Metric{"provenbl_listing_latency_seconds", histogram, "", "From the report that was right until the listing."},
    Metric{"provenbl_delisting_latency_seconds", histogram, "", "From the owner's request until the delisting."},
    Metric{"provenbl_journal_unread", gauge, "",
           "Changes that the counters above have not seen yet; they catch up by themselves."},
    // The process that verifies: its work.
    Metric{"provenbl_queue_visits", gauge, "", "Visits that are queued, those of days to come too."},
    Metric{"provenbl_queue_oldest_overdue_seconds", gauge, "",
           "For how long the visit that is due longest has been due; 0: none is."},
    Metric{"provenbl_visits_running", gauge, "", "Visits under way."},
    Metric{"provenbl_visits_total", counter, "", "Visits that have ended."},
    Metric{"provenbl_probes_total", counter, "technique verdict", "Probes that have ended; only `open` is proof."},
    Metric{"provenbl_tokens_pending", gauge, "", "Tokens that are out."},
    Metric{
        "provenbl_tokens_total", counter, "sink outcome",
        "Tokens that reached a sink: accepted by mail or callback; else sink is any: forged, unknown, expired, used."},
    Metric{"provenbl_trap_mails_total", counter, "outcome",
           "Mails to traps: reported, refused (by a rule), failed (come again), bounce (no report)."},
    Metric{"provenbl_workers_connected", gauge, "", "1: the NATS server of the workers is reached."},
    Metric{"provenbl_workers_visits_out", gauge, "", "Visits that are given out to workers."},
    Metric{"provenbl_workers_visits_total", counter, "outcome",
           "Visits given out: given, returned, lost with their worker, at_home when nobody took them."},
    Metric{"provenbl_workers_refused_total", counter, "",
           "Messages of workers that were refused: forged, unknown, said before, out of place."},
    Metric{"provenbl_letters_total", counter, "outcome",
           "Letters handed to the mail server: taken, refused, later, unsure."},
    Metric{"provenbl_letters_due", gauge, "", "Letters whose time has come (counted to 1000)."},
    // The process that has the API.
    Metric{"provenbl_report_mails_total", counter, "kind outcome",
           "Mails that report; kind: arf, xarf, hopm, forwarded, spam, or none (unreadable); outcome: taken, refused, "
           "later, nothing."},
    // The process that answers DNS.
    Metric{"provenbl_dns_serial", gauge, "", "The serial that is answered from."},
    Metric{"provenbl_dns_behind_changes", gauge, "", "Changes of the journal that the answers don't know yet."},
    Metric{"provenbl_dns_queries_total", counter, "transport", "Messages that came, the dropped ones too."},
    Metric{"provenbl_dns_answers_total", counter, "zone result",
           "Answers; result: listed, or the rcode. Zone `none`: of none of ours."},
    Metric{"provenbl_dns_questions_total", counter, "zone type", "Answers by the type that was asked."},
    Metric{"provenbl_dns_truncated_total", counter, "", "Answers with TC: come back over TCP."},
    Metric{"provenbl_dns_dropped_total", counter, "reason", "Messages that got no answer."},
    Metric{"provenbl_dns_answer_duration_seconds", histogram, "transport",
           "From receiving a batch until its answers were sent; the sum is within 6 %."},
    Metric{"provenbl_dns_tls_handshakes_total", counter, "outcome", "DNS over TLS: handshakes, done or failed."},
    Metric{"provenbl_dns_tls_expiry_timestamp_seconds", gauge, "", "When the certificate of DNS over TLS ends."},
    Metric{"provenbl_query_log_lines_total", counter, "outcome", "Lines of the query log: written, dropped."},
    Metric{"provenbl_dnstap_messages_total", counter, "outcome", "Messages of dnstap: written, dropped."},
    Metric{"provenbl_dnstap_connected", gauge, "", "1 while a collector listens."},
    Metric{"provenbl_static_zone_entries", gauge, "zone", "Entries of a zone that is read from files."},
    Metric{"provenbl_static_zone_bad_lines", gauge, "zone", "Lines that were left out."},
    Metric{"provenbl_static_zone_trouble", gauge, "zone", "1 while its files can't be read."},
    // Mirrors.
    Metric{"provenbl_mirror_lag_serials", gauge, "mirror zone",
           "Serials that a mirror had yet to fetch when it was asked last; absent while it is silent."},
    Metric{"provenbl_mirror_lag_seconds", gauge, "mirror zone",
           "How old the first of them was; absent while it is silent."},
    Metric{"provenbl_mirror_ahead", gauge, "mirror", "1 while a mirror has a serial that we never had."},
    Metric{"provenbl_mirror_answering", gauge, "mirror", "1 while a mirror answers for all of its zones."},
    Metric{"provenbl_transfers_total", counter, "mirror kind",
           "Transfers that were served: whole (AXFR), difference (IXFR), broken (ended half way)."},
    Metric{"provenbl_transfer_bytes_total", counter, "mirror", "Octets of transfers."},
    Metric{"provenbl_transfers_refused_total", counter, "reason", "Transfers that were refused."},
    Metric{"provenbl_notify_total", counter, "outcome", "NOTIFY messages: sent, again, acknowledged, unanswered."},
};

} // namespace

std::string_view to_string(Kind kind) {
    switch (kind) {
    case counter:
        return "counter";
    case gauge:
        return "gauge";
    case histogram:
        break;
    }
    return "histogram";
}

std::span<const Metric> catalogue() {
    return metrics;
}

const Metric& metric(std::string_view name) {
    const auto found =
        std::find_if(metrics.begin(), metrics.end(), [&](const Metric& one) { return one.name == name; });
    if (found == metrics.end()) throw std::logic_error(fmt::format("there is no metric {}", name));
    return *found;
}

std::vector<std::string> label_names(const Metric& metric) {
    std::vector<std::string> names;
    auto rest = metric.labels;
    while (!rest.empty()) {
        const auto end = std::min(rest.find(' '), rest.size());
        names.emplace_back(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return names;
}

std::string catalogue_table() {
    std::string table = "| metric | kind | labels | tells |\n|---|---|---|---|\n";
    for (const auto& one : metrics)
        table += fmt::format("| `{}` | {} | {} | {} |\n", one.name, to_string(one.kind),
                             fmt::join(label_names(one), ", "), one.help);
    return table;
}

} // namespace provenbl::tools::metrics
