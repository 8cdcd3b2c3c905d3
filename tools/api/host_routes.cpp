// Reading what is known of a host.
#include "store/hosts.hpp"
#include "store/ledger.hpp"
#include "tools/api/describe.hpp"
#include "tools/api/plain_text.hpp"
#include "tools/api/problem.hpp"
#include "tools/api/public_view.hpp"
#include "tools/api/router.hpp"
#include "tools/api/timeline.hpp"
#include "tools/api/why.hpp"

#include <fmt/format.h>

#include <charconv>

namespace provenbl::tools::api::routes {
namespace json = boost::json;
Response host(const Context& context, const Request& request, const Address& address) {
    const auto now = context.clock.now();
    const auto facts = context.store.read([&](const ReadTxn& txn) { return read_facts(txn, address, now); });
    auto object = describe(seen_by(reader_of(request.is_operator), facts), context);
    // Whether it would be probed at all, so that nobody waits for a visit that never comes.
    const auto allowed = context.gate.check(address);
    object["may_be_probed"] = allowed.has_value();
    if (!allowed) object["refusal"] = as_utf8(allowed.error().message);
    return tagged_response(object);
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
    return tagged_response({{"address", address.to_string()},
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
    return tagged_response({{"address", address.to_string()},
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

} // namespace provenbl::tools::api::routes
