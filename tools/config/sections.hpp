// The sections of a configuration file, each a table of its settings. Inside tools/config/ only.
#pragma once

#include "tools/config/table.hpp"
#include "tools/config/types.hpp"

namespace provenbl::tools {

using namespace std::chrono_literals;

inline constexpr auto day = 24h;

// How a setting is reached in the struct that its table fills: PROVENBL_FIELD(member).
#define PROVENBL_FIELD(member)                                                                                         \
    [](auto& of) -> auto& {                                                                                            \
        return of.member;                                                                                              \
    }

// section_zones.cpp
const Table<zones::ZoneDefinition>& zone_default_settings();
Type<std::optional<Node>> zone_list();
Type<std::optional<zones::ProbeDomain>> probe_domain_group();
const Table<zones::NameServer>& name_server_settings();
const Table<zones::Soa>& soa_settings();
Type<zones::ZoneAccess> zone_access();
// section_static_zones.cpp
Type<std::optional<Node>> static_zone_list();
// section_derived_zones.cpp
Type<std::optional<Node>> policy_zone_list();
Type<std::optional<zones::CatalogDefinition>> catalog_group();
// section_dns.cpp
const Table<dnsbl::ServerSettings>& dns_settings();
// section_tls.cpp
const Table<dnsbl::tls::TlsSettings>& tls_settings();
void complete_tls(Configuration& configuration, Reading& reading);
// section_transfers.cpp
const Table<dnsbl::transfer::TransferSettings>& transfer_settings();
// section_mirrors.cpp
const Table<MirrorWatchSettings>& mirror_watch_settings();
// section_watch.cpp
const Table<dnsbl::watch::QueryLogSettings>& query_log_settings();
const Table<dnsbl::watch::DnstapSettings>& dnstap_settings();
// section_verifier.cpp
const Table<verifier::Identity>& identity_settings();
const Table<verifier::ProbeSettings>& probe_settings();
const Table<verifier::GateSettings>& gate_settings();
const Table<verifier::SchedulerSettings>& scheduler_settings();
const Table<verifier::MailSinkSettings>& mail_sink_settings();
const Table<verifier::CallbackSinkSettings>& callback_sink_settings();
const Table<verifier::PolicyRules>& policy_settings();
// section_retention.cpp
const Table<retention::Rules>& retention_settings();
// section_letters.cpp
const Table<letters::Settings>& letter_settings();
// section_exports.cpp
Type<zones::rpz::Action> rpz_action();
Type<zones::rpz::Trigger> rpz_trigger();
const Table<ExportSettings>& export_settings();
void check_exports(const Configuration& configuration, Reading& reading);
// section_metrics.cpp
const Table<metrics::Settings>& metrics_settings();
void check_metrics(const Configuration& configuration, Reading& reading);
// section_intake.cpp
const Table<Configuration>& intake_settings();
const Table<verifier::TrapSettings>& trap_settings();
void check_intake(const Configuration& configuration, Reading& reading);
// section_pages.cpp
const Table<pages::Settings>& pages_settings();
// section_statistics.cpp
const Table<origins::Settings>& statistics_settings();
// section_workers.cpp
const Table<workers::Settings>& workers_settings();
// section_service.cpp
const Table<StoreOptions>& store_settings();
const Table<ServiceSettings>& service_settings();
const Table<ApiSettings>& api_settings();
const Table<LogSettings>& log_settings();

} // namespace provenbl::tools
