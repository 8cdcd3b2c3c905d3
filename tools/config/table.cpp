#include "tools/config/sections.hpp"

namespace provenbl::tools {

using namespace types;

const Table<Draft>& settings() {
    using T = Draft;
    static const Table<T> table{
        setting<T>("data_directory", absolute_path(), PROVENBL_FIELD(configuration.store.directory),
                   "Where the database lives; only provenbl should be able to write there."),
        setting<T>("nice", number<int>(0, 19), PROVENBL_FIELD(configuration.nice),
                   "By how much the API, the verifier and what else works beside them give way to the answers of DNS "
                   "where processors are short (nice(1)); 0: not at all."),
        setting<T>("store", group(store_settings()), PROVENBL_FIELD(configuration.store), "The database."),
        setting<T>("service", group(service_settings()), PROVENBL_FIELD(configuration.service),
                   "What a process keeps of what it was started with."),
        setting<T>("identity", group(identity_settings()), PROVENBL_FIELD(configuration.verifier.identity),
                   "Who we are, towards the hosts that we probe."),
        setting<T>("zone_defaults", group(zone_default_settings()), PROVENBL_FIELD(zone_defaults),
                   "What holds for every zone that does not say otherwise."),
        setting<T>("zones", zone_list(), PROVENBL_FIELD(zone_nodes), "What DNS serves: views of what is listed."),
        setting<T>("static_zones", static_zone_list(), PROVENBL_FIELD(static_zone_nodes),
                   "Zones whose contents are files in the formats of rbldnsd."),
        setting<T>("policy_zones", policy_zone_list(), PROVENBL_FIELD(policy_zone_nodes),
                   "Lists once more as response policy zones (RPZ), for resolvers of one's own."),
        setting<T>("catalog", catalog_group(), PROVENBL_FIELD(catalog),
                   "A zone that names the zones which mirrors take (RFC 9432), so that they serve new ones by "
                   "themselves. Default: none."),
        setting<T>("probe_domain", probe_domain_group(), PROVENBL_FIELD(probe_domain),
                   "The domain that tokens are mailed to, served by ourselves."),
        setting<T>("dns", group(dns_settings()), PROVENBL_FIELD(configuration.dns), "The responder."),
        setting<T>("transfers", group(transfer_settings()), PROVENBL_FIELD(configuration.dns.transfers),
                   "Mirrors: other servers that take whole zones from us."),
        setting<T>("mirrors", group(mirror_watch_settings()), PROVENBL_FIELD(configuration.mirrors),
                   "How mirrors are watched."),
        setting<T>("probe", group(probe_settings()), PROVENBL_FIELD(configuration.verifier.probe),
                   "How suspects are talked to."),
        setting<T>("gate", group(gate_settings()), PROVENBL_FIELD(configuration.verifier.gate),
                   "Which addresses may be probed at all."),
        setting<T>("scheduler", group(scheduler_settings()), PROVENBL_FIELD(configuration.verifier.scheduler),
                   "How many visits at once."),
        setting<T>("mail_sink", group(mail_sink_settings()), PROVENBL_FIELD(configuration.verifier.mail_sink),
                   "The mail server that takes tokens, and nothing else."),
        setting<T>("callback_sink", group(callback_sink_settings()),
                   PROVENBL_FIELD(configuration.verifier.callback_sink),
                   "The server that answers tokens which come through a tunnel."),
        setting<T>("policy", group(policy_settings()), PROVENBL_FIELD(configuration.verifier.policy),
                   "The published rules of listing and delisting."),
        setting<T>("retention", group(retention_settings()), PROVENBL_FIELD(configuration.retention),
                   "How long what is remembered."),
        setting<T>("letters", group(letter_settings()), PROVENBL_FIELD(configuration.letters),
                   "Advisory letters to the owners of listed hosts."),
        setting<T>("exports", list(group(export_settings()), 64), PROVENBL_FIELD(configuration.exports),
                   "Zones that are published as files."),
        setting<T>("api", group(api_settings()), PROVENBL_FIELD(configuration.api),
                   "The way in for people and programs."),
        setting<T>("pages", group(pages_settings()), PROVENBL_FIELD(configuration.pages),
                   "Who speaks on the pages for people."),
        setting<T>("statistics", group(statistics_settings()), PROVENBL_FIELD(configuration.statistics),
                   "Of which countries and networks the listed hosts are."),
        setting<T>("intake", group(intake_settings()), PROVENBL_FIELD(configuration),
                   "Reports that come as files or mails."),
        setting<T>("traps", group(trap_settings()), PROVENBL_FIELD(configuration.traps),
                   "Addresses whose mail is a report of who brings it."),
        setting<T>("workers", group(workers_settings()), PROVENBL_FIELD(configuration.workers),
                   "Visits that are carried out in other networks (docs/workers.md)."),
        setting<T>("metrics", group(metrics_settings()), PROVENBL_FIELD(configuration.metrics),
                   "Figures for Prometheus."),
        setting<T>("log", group(log_settings()), PROVENBL_FIELD(configuration.log),
                   "What is written to standard error."),
    };
    return table;
}

std::vector<SettingRow> reference() {
    return rows_of(settings(), "");
}

} // namespace provenbl::tools
