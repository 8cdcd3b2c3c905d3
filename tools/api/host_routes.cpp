// Reading what is known of a host, and asking for another look at it.
#include "store/hosts.hpp"
#include "store/ledger.hpp"
#include "tools/api/case_page.hpp"
#include "tools/api/describe.hpp"
#include "tools/api/plain_text.hpp"
#include "tools/api/problem.hpp"
#include "tools/api/public_view.hpp"
#include "tools/api/router.hpp"
#include "tools/api/timeline.hpp"
#include "tools/api/why.hpp"
#include "verifier/policy.hpp"

#include <fmt/format.h>

#include <charconv>
#include <memory>

namespace provenbl::tools::api::routes {
namespace json = boost::json;
namespace {

std::string scan_path(const Address& address, std::uint64_t id) {
    return fmt::format("/v1/hosts/{}/scans/{}", encode_segment(address.to_string()), id);
}

std::optional<Scan> last_owner_request(const ReadTxn& txn, const Address& address) {
    for (auto& scan : hosts::scans(txn, address, ledger::kept_scans)) {
        if (scan.kind == ScanKind::owner) return std::move(scan);
    }
    return std::nullopt;
}

struct TooSoon {
    std::string message;
    Time next{};
};

Response too_many(const TooSoon& refusal, Time now) {
    auto response = problem(429, "too-soon", refusal.message);
    const auto wait = std::chrono::ceil<std::chrono::seconds>(refusal.next - now).count();
    response.headers.emplace_back("Retry-After", fmt::format("{}", std::max<std::int64_t>(1, wait)));
    return response;
}

} // namespace

Response host(const Context& context, const Request& request, const Address& address) {
    const auto now = context.clock.now();
    const auto facts = context.store.read([&](const ReadTxn& txn) { return read_facts(txn, address, now); });
    auto object = describe(seen_by(reader_of(request.is_operator), facts), context);
    // Whether it would be probed at all, so that nobody waits for a visit that never comes.
    const auto allowed = context.gate.check(address);
    object["may_be_probed"] = allowed.has_value();
    if (!allowed) object["refusal"] = as_utf8(allowed.error().message);
    return json_response(object);
}

Response evidence(const Context& context, const Address& address) {
    struct View {
        HostFacts facts;
        std::vector<CaseEvidence> evidence;
    };
    const auto now = context.clock.now();
    const auto view = context.store.read([&](const ReadTxn& txn) {
        View read{read_facts(txn, address, now), {}};
        if (read.facts.host && read.facts.host->case_id != 0)
            read.evidence = hosts::evidence(txn, address, read.facts.host->case_id);
        return read;
    });
    const auto manual = view.facts.host ? view.facts.host->manual : std::vector<ManualListing>{};
    if (view.evidence.empty() && manual.empty())
        return problem(404, "not-found",
                       fmt::format("{} was never proven open: there is no evidence", address.to_string()));
    json::array items;
    for (const auto& item : view.evidence) items.emplace_back(describe(item, context));
    return json_response({{"address", address.to_string()},
                          {"listed", view.facts.listed()},
                          {"case", view.facts.host->case_id},
                          {"evidence", std::move(items)},
                          {"manual", describe(manual)}});
}

Response history(const Context& context, const Request& request, const Address& address) {
    const auto now = context.clock.now();
    const auto life = context.store.read([&](const ReadTxn& txn) { return read_life(txn, address, now); });
    json::array events;
    const auto reader = reader_of(request.is_operator);
    for (const auto& line : timeline(life, reader)) events.emplace_back(describe(line, context));
    json::array changes;
    for (const auto& change : life.changes) changes.emplace_back(describe(change, context));
    json::array visits;
    for (const auto& scan : life.visits) visits.emplace_back(describe(seen_by(reader, scan), context));
    return json_response({{"address", address.to_string()},
                          {"events", std::move(events)},
                          {"older_not_shown", life.cut},
                          {"changes", std::move(changes)},
                          {"visits", std::move(visits)}});
}

Response why(const Context& context, const Address& address) {
    const auto now = context.clock.now();
    const auto facts = context.store.read([&](const ReadTxn& txn) { return read_why_facts(txn, address, now); });
    const auto text = api::why(facts, context.configuration.verifier.policy);
    return json_response({{"address", address.to_string()},
                          {"listed", facts.host.listed()},
                          {"reason", as_utf8(text.reason)},
                          {"way_out", as_utf8(text.way_out)}});
}

Response page(const Context& context, const Address& address) {
    struct View {
        HostFacts facts;
        std::vector<CaseEvidence> evidence;
    };
    const auto now = context.clock.now();
    const auto view = context.store.read([&](const ReadTxn& txn) {
        View read{read_facts(txn, address, now), {}};
        if (read.facts.listed()) read.evidence = hosts::evidence(txn, address, read.facts.host->case_id);
        return read;
    });
    const auto allowed = context.gate.check(address);
    return case_page(seen_by(Reader::everybody, view.facts), view.evidence,
                     allowed ? std::string_view{} : std::string_view{allowed.error().message}, context);
}

Answer scan(const Context& context, const Request& request, const Address& address, const RequestTarget& target) {
    std::uint64_t id = 0;
    const auto& text = target.segments[4];
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), id);
    if (code != std::errc{} || end != text.data() + text.size())
        return problem(400, "invalid", fmt::format("'{}' is not the number of a scan", text.substr(0, 40)));
    const auto found = context.store.read([&](const ReadTxn& txn) { return hosts::scan(txn, address, id); });
    if (!found)
        return problem(404, "not-found",
                       fmt::format("there is no scan {} of {}; only the newest are kept", id, address.to_string()));
    const auto follow = target.query.find("follow");
    if (request.accept.find("text/event-stream") != std::string::npos ||
        (follow != target.query.end() && follow->second == "1"))
        return Follow{address, id, request.is_operator};
    return json_response(describe(seen_by(reader_of(request.is_operator), *found), context));
}

Answer rescan(const Context& context, const Request& request, const Address& address) {
    const auto refuse_stranger = !request.is_operator && request.client != address;
    const bool browser = request.accept.find("text/html") != std::string::npos;
    struct Outcome {
        Scan scan;
        std::optional<TooSoon> too_soon;
    };
    auto outcome = std::make_shared<Outcome>();
    Write write;
    write.work = [&context, address, refuse_stranger, outcome](WriteTxn& txn) -> Result<> {
        *outcome = {};
        if (const auto allowed = context.gate.check(txn, address); !allowed) return allowed.error();
        const auto host = hosts::find(txn, address);
        if (refuse_stranger && !(host && host->listed()))
            return Error{Errc::not_allowed,
                         fmt::format("{} is not listed, and only its owner may have it looked at: ask from "
                                     "that address itself",
                                     address.to_string())};
        const auto& rules = context.configuration.verifier.policy;
        const auto last = last_owner_request(txn, address);
        if (const auto allowed = verifier::owner_may_ask(host, last, rules, txn.now); !allowed) {
            outcome->too_soon = TooSoon{allowed.error().message, verifier::owner_may_ask_at(host, last, rules)};
            return allowed.error();
        }
        auto scan = ledger::request_scan(txn, address, ScanKind::owner, txn.now, {});
        if (!scan) return scan.error();
        outcome->scan = std::move(*scan);
        return {};
    };
    write.respond = [&context, address, browser, outcome](const Result<>& committed) {
        if (!committed)
            return outcome->too_soon ? too_many(*outcome->too_soon, context.clock.now()) : problem(committed.error());
        const auto path = scan_path(address, outcome->scan.id);
        if (browser) { // the button of the page: back to the page
            Response response;
            response.status = 303;
            response.headers.emplace_back("Location", "/" + encode_segment(address.to_string()));
            return response;
        }
        auto response = json_response({{"scan", outcome->scan.id},
                                       {"address", address.to_string()},
                                       {"state", to_string(outcome->scan.state)},
                                       {"due", describe(outcome->scan.due)},
                                       {"follow", path + "?follow=1"}},
                                      202);
        response.headers.emplace_back("Location", path);
        return response;
    };
    return write;
}

} // namespace provenbl::tools::api::routes
