#include "tools/api/describe.hpp"

#include "store/exclusions.hpp"
#include "store/hosts.hpp"
#include "store/ledger.hpp"
#include "store/listing_unit.hpp"
#include "store/notices.hpp"
#include "store/reversed_name.hpp"
#include "tools/api/plain_text.hpp"
#include "tools/api/redaction.hpp"
#include "tools/api/request_target.hpp"
#include "verifier/technique.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace provenbl::tools::api {
namespace json = boost::json;
namespace {

std::string shown(std::string_view text, const Context& context) {
    return as_utf8(redact(text, context.mint));
}

json::array zones_of(const HostFacts& facts, const Context& context) {
    const auto& address = facts.address;
    json::array rows;
    const auto name = reversed_name(address);
    for (const auto& zone : context.configuration.zones.zones) {
        json::array codes;
        if (!facts.shut_down) {
            for (const auto& code : zones::a_values(zone, address, facts.classes()))
                codes.emplace_back(code.to_string());
        }
        rows.emplace_back(json::object{
            {"zone", zone.apex}, {"name", name + "." + zone.apex}, {"codes", std::move(codes)}, {"ttl", zone.ttl}});
    }
    return rows;
}

json::value visit(const std::optional<Scan>& scan, const Context& context) {
    if (!scan) return nullptr;
    return json::object{{"scan", scan->id},
                        {"kind", to_string(scan->kind)},
                        {"state", to_string(scan->state)},
                        {"due", describe(scan->due)},
                        {"finished", describe(scan->finished)},
                        {"outcome", shown(scan->outcome, context)}};
}

} // namespace

bool is_test_entry(const Address& address, const Context& context) {
    const auto& all = context.configuration.zones.zones;
    return std::any_of(all.begin(), all.end(), [&](const auto& zone) { return zones::is_test_entry(zone, address); });
}

std::string explain(const Hole& hole) {
    if (hole.cls == ListingClass::chain) {
        return fmt::format("What enters at {} port {} leaves from this address: it is the exit of a relay or proxy "
                           "that is open to anybody.",
                           hole.entry.to_string(), hole.port);
    }
    if (const auto* technique = verifier::find_technique(hole.technique)) return std::string{technique->explanation};
    return fmt::format("Anybody can send through it ({}).", hole.technique);
}

HostFacts read_facts(const ReadTxn& txn, const Address& address, Time now) {
    HostFacts facts;
    facts.address = address;
    facts.now = now;
    facts.host = hosts::find(txn, address);
    facts.exclusion = exclusions::covering(txn, address, now);
    facts.shut_down = notices::shutdown(txn).has_value();
    facts.covers = listing_unit::covered(txn, address);
    if (!facts.host) return facts;
    for (auto& scan : hosts::scans(txn, address, ledger::kept_scans)) {
        if (scan.state == ScanState::finished) {
            facts.last_visit = std::move(scan);
            break;
        }
    }
    if (facts.host->running_scan != 0) facts.next_visit = hosts::scan(txn, address, facts.host->running_scan);
    if (!facts.next_visit && facts.host->queued_scan != 0)
        facts.next_visit = hosts::scan(txn, address, facts.host->queued_scan);
    return facts;
}

json::value describe(Time time) {
    if (time == Time{}) return nullptr;
    return json::value(to_string(time));
}

json::object describe(const ManualListing& entry) {
    return {{"class", to_string(entry.cls)},
            {"reason", as_utf8(entry.reason)},
            {"since", describe(entry.since)},
            {"until", describe(entry.until)},
            {"proof", nullptr}};
}

json::array describe(const std::vector<ManualListing>& entries) {
    json::array rows;
    for (const auto& entry : entries) rows.emplace_back(describe(entry));
    return rows;
}

json::object describe(const Notice& notice) {
    json::object object{{"notice", notice.id},
                        {"at", describe(notice.at)},
                        {"kind", to_string(notice.kind)},
                        {"text", as_utf8(notice.text)}};
    if (notice.kind == NoticeKind::purge) object["delisted"] = notice.delisted;
    return object;
}

json::array describe(ClassSet classes) {
    json::array names;
    for (const auto cls : all_listing_classes) {
        if (classes.contains(cls)) names.emplace_back(to_string(cls));
    }
    return names;
}

json::object describe(const HostFacts& facts, const Context& context) {
    const auto host = facts.host.value_or(Host{});
    json::array holes;
    for (const auto& hole : host.holes) {
        holes.emplace_back(json::object{{"technique", as_utf8(hole.technique)},
                                        {"class", to_string(hole.cls)},
                                        {"entry", hole.entry.to_string()},
                                        {"port", hole.port},
                                        {"explanation", explain(hole)},
                                        {"first_proven", describe(hole.first_proven)},
                                        {"last_proven", describe(hole.last_proven)},
                                        {"evidence", hole.ordinal}});
    }
    const auto path = "/v1/hosts/" + encode_segment(facts.address.to_string());
    json::object object{
        {"address", facts.address.to_string()},
        {"now", describe(facts.now)},
        {"listed", facts.listed()},
        {"classes", describe(facts.classes())},
        {"since", facts.listed() ? describe(host.listed_since) : json::value{}},
        {"case", host.case_id == 0 ? json::value{} : json::value(host.case_id)},
        {"delisted_at", describe(host.delisted_at)},
        {"test_entry", is_test_entry(facts.address, context)},
        {"covers", facts.covers.to_string()},
        {"shut_down", facts.shut_down},
        {"zones", zones_of(facts, context)},
        {"holes", std::move(holes)},
        {"manual", describe(host.manual)},
        {"software", shown(host.software, context)},
        {"visits", host.scans},
        {"relistings", host.relistings},
        {"last_visit", visit(facts.last_visit, context)},
        {"next_visit", visit(facts.next_visit, context)},
        {"exclusion", facts.exclusion ? json::value(describe(*facts.exclusion, facts.now)) : json::value{}},
        {"evidence", path + "/evidence"},
        {"history", path + "/history"}};
    return object;
}

json::object describe(const ScanStep& step, std::size_t number, const Context& context) {
    return {{"number", number},
            {"at", describe(step.at)},
            {"technique", as_utf8(step.technique)},
            {"target", step.target.to_string()},
            {"port", step.port},
            {"verdict", to_string(step.verdict)},
            {"detail", shown(step.detail, context)}};
}

json::object describe(const Scan& scan, const Context& context) {
    json::array steps;
    for (std::size_t i = 0; i < scan.steps.size(); ++i) steps.emplace_back(describe(scan.steps[i], i + 1, context));
    return {{"scan", scan.id},
            {"address", scan.host.to_string()},
            {"kind", to_string(scan.kind)},
            {"state", to_string(scan.state)},
            {"requested", describe(scan.requested)},
            {"due", describe(scan.due)},
            {"started", describe(scan.started)},
            {"finished", describe(scan.finished)},
            {"steps", std::move(steps)},
            {"outcome", shown(scan.outcome, context)}};
}

json::object describe(const CaseEvidence& evidence, const Context& context) {
    const auto open = redact(evidence, context.mint);
    return {{"case", open.case_id},
            {"number", open.ordinal},
            {"technique", as_utf8(open.technique)},
            {"class", to_string(open.cls)},
            {"entry", open.entry.to_string()},
            {"exit", open.exit.to_string()},
            {"sink_port", open.sink_port},
            {"sent", describe(open.sent)},
            {"arrived", describe(open.arrived)},
            {"software", as_utf8(open.software)},
            {"repeat", as_utf8(open.repeat)},
            {"transcript", as_utf8(open.transcript)},
            {"message", as_utf8(open.message)}};
}

json::object describe(const Change& change, const Context& context) {
    return {{"sequence", change.sequence},        {"at", describe(change.at)},
            {"before", describe(change.before)},  {"after", describe(change.after)},
            {"reason", to_string(change.reason)}, {"case", change.case_id},
            {"actor", as_utf8(change.actor)},     {"note", shown(change.note, context)}};
}

json::object describe(const LifeLine& line, const Context& context) {
    return {{"at", describe(line.at)},
            {"journal", line.journal == 0 ? json::value{} : json::value(line.journal)},
            {"what", line.what},
            {"actor", as_utf8(line.actor)},
            {"cause", shown(line.cause, context)}};
}

json::object describe(const Exclusion& exclusion, Time now) {
    return {{"prefix", exclusion.prefix.to_string()},
            {"reason", as_utf8(exclusion.reason)},
            {"created", describe(exclusion.created)},
            {"until", describe(exclusion.until)},
            {"in_force", exclusion.until == Time{} || exclusion.until > now}};
}

json::object describe_to_operator(const Exclusion& exclusion, Time now) {
    auto object = describe(exclusion, now);
    object["by"] = as_utf8(exclusion.by);
    return object;
}

} // namespace provenbl::tools::api
