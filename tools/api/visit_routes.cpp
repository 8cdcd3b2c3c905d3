// Asking for a look at a host: the owner's way out, and the self-test of whoever wants to know how he stands.
//
// Nobody may have a stranger visited: what is not listed is visited for its own address alone, which is where the
// connection comes from (or what a trusted proxy says, client_address.hpp), and never for a page of another site.
#include "store/hosts.hpp"
#include "store/ledger.hpp"
#include "tools/api/describe.hpp"
#include "tools/api/problem.hpp"
#include "tools/api/request_body.hpp"
#include "tools/api/router.hpp"
#include "tools/api/same_site.hpp"
#include "verifier/policy.hpp"

#include <fmt/format.h>

#include <memory>

namespace provenbl::tools::api::routes {
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

// A visit of `address`, for its owner. Of what is listed anybody may ask for one.
Answer ask_for_visit(const Context& context, const Request& request, const Address& address) {
    if (sent_by_another_site(request))
        return problem(403, "cross-site", "another site's page sent this; open this address's own page and ask there");
    const auto refuse_stranger = !request.is_operator && (request.client != address || request.client_is_proxy);
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

} // namespace

Answer rescan(const Context& context, const Request& request, const Address& address) {
    return ask_for_visit(context, request, address);
}

Answer self_test(const Context& context, const Request& request) {
    if (request.is_operator || !request.client)
        return problem(400, "invalid",
                       "a self-test is of the address that asks over HTTP, and the socket has none: use "
                       "/v1/hosts/ADDRESS/rescan");
    const auto body = parse_body(request.body.empty() ? "{}" : request.body, {"address"});
    if (!body) return problem(body.error());
    const auto text = text_member(*body, "address", 64, false);
    if (!text) return problem(text.error());
    if (request.client_is_proxy)
        return problem(403, "not-allowed",
                       "the proxy in front of this server does not say who you are; its operator has to set that up "
                       "(api.forwarded_header)");
    if (!text->empty()) {
        const auto wanted = Address::parse(*text);
        if (!wanted) return problem(wanted.error());
        if (*wanted != *request.client)
            return problem(403, "not-allowed",
                           fmt::format("you ask from {}, so only {} can be tested: nobody has a stranger visited",
                                       request.client->to_string(), request.client->to_string()));
    }
    return ask_for_visit(context, request, *request.client);
}

} // namespace provenbl::tools::api::routes
