// Reports: from the operator over his socket, from those who have a key, and (where that is allowed) from anybody.
#include "store/reporters.hpp"
#include "tools/api/describe.hpp"
#include "tools/api/problem.hpp"
#include "tools/api/reporter_key.hpp"
#include "tools/api/request_body.hpp"
#include "tools/api/request_target.hpp"
#include "tools/api/router.hpp"
#include "verifier/report_filing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

namespace provenbl::tools::api::routes {
namespace json = boost::json;
namespace {

constexpr std::size_t comment_limit = 1000;

Result<Report> read_report(const Request& request) {
    const auto body = parse_body(request.body, {"address", "ports", "comment"});
    if (!body) return body.error();
    const auto text = text_member(*body, "address", 64, true);
    if (!text) return text.error();
    const auto address = Address::parse(*text);
    if (!address) return address.error();
    const auto ports = port_members(*body, "ports");
    if (!ports) return ports.error();
    const auto comment = text_member(*body, "comment", comment_limit, false);
    if (!comment) return comment.error();
    Report report;
    report.host = *address;
    report.ports = *ports;
    report.comment = *comment;
    return report;
}

Response unauthorized(std::string_view detail) {
    auto response = problem(401, "unauthorized", detail);
    response.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"reports\"");
    return response;
}

// Who reports, as far as the request alone says.
struct Sender {
    bool is_operator = false;
    std::string key_hash; // empty: nobody that we know
};

Result<Sender> sender_of(const Request& request, const verifier::PolicyRules& rules) {
    Sender sender;
    if (!request.authorization.empty()) {
        const auto key = bearer_key(request.authorization);
        if (!key) return Error{Errc::not_allowed, "the Authorization header is not 'Bearer KEY'"};
        sender.key_hash = hash_reporter_key(*key);
    } else if (request.is_operator) {
        sender.is_operator = true;
    } else if (!rules.anonymous_reports) {
        return Error{Errc::not_allowed, "reports need a key ('Authorization: Bearer KEY'); ask the operator for one"};
    }
    return sender;
}

struct Outcome : verifier::FiledReport {
    bool unknown_key = false;
};

// The reporter's record; nothing for a key that is worth nothing.
std::optional<Reporter> reporter_of(const ReadTxn& txn, const Sender& sender, const verifier::PolicyRules& rules) {
    if (!sender.key_hash.empty()) return reporters::by_key(txn, sender.key_hash);
    if (!sender.is_operator) return reporters::anonymous(txn, rules.anonymous_per_hour, rules.anonymous_per_day);
    Reporter himself;
    himself.id = reporters::operator_id;
    himself.name = reporters::operator_name;
    return himself;
}

Result<> take(WriteTxn& txn, const Context& context, const Sender& sender, Report report, Outcome& outcome) {
    outcome = {};
    const auto& rules = context.configuration.verifier.policy;
    const auto reporter = reporter_of(txn, sender, rules);
    if (!reporter) {
        outcome.unknown_key = true;
        return Error{Errc::not_allowed, "this key is unknown, or was revoked; ask the operator for another"};
    }
    return verifier::file_report(txn, context.gate, rules, *reporter, std::move(report), outcome);
}

Response taken(const Outcome& outcome) {
    const auto address = outcome.report.named.to_string();
    json::object object{{"report", outcome.report.id}, {"address", address}, {"count", outcome.report.count}};
    if (!outcome.decision.why.empty()) object["detail"] = outcome.decision.why;
    if (outcome.report.scan_id == 0) {
        object["state"] = "waiting";
        return json_response(object, 202);
    }
    const auto path = fmt::format("/v1/hosts/{}/scans/{}", encode_segment(address), outcome.report.scan_id);
    object["state"] = "queued";
    object["due"] = describe(outcome.decision.due);
    object["scan"] = outcome.report.scan_id;
    object["follow"] = path + "?follow=1";
    auto response = json_response(object, 201);
    response.headers.emplace_back("Location", path);
    return response;
}

} // namespace

Answer report(const Context& context, const Request& request) {
    const auto sender = sender_of(request, context.configuration.verifier.policy);
    if (!sender) return unauthorized(sender.error().message);
    auto read = read_report(request);
    if (!read) return problem(read.error());
    auto outcome = std::make_shared<Outcome>();
    Write write;
    write.work = [&context, sender = *sender, report = std::move(*read), outcome](WriteTxn& txn) {
        return take(txn, context, sender, report, *outcome);
    };
    write.respond = [outcome, &context](const Result<>& committed) {
        if (committed) return taken(*outcome);
        if (outcome->unknown_key) return unauthorized(committed.error().message);
        if (!outcome->next) return problem(committed.error());
        auto response = problem(429, "too-many", committed.error().message);
        const auto wait = std::chrono::ceil<std::chrono::seconds>(*outcome->next - context.clock.now()).count();
        response.headers.emplace_back("Retry-After", fmt::format("{}", std::max<std::int64_t>(1, wait)));
        return response;
    };
    return write;
}

} // namespace provenbl::tools::api::routes
