// Requests to be left alone: sent by owners, seen by who sent them, decided by the operator.
//
// The number that the requester gets ends with a random code, and without it nobody sees the request: who wants to be
// left alone is nobody else's business. The operator names a request by its plain number.
#include "store/exclusion_requests.hpp"
#include "store/sweeps.hpp"
#include "tools/api/describe.hpp"
#include "tools/api/exclusion_requests.hpp"
#include "tools/api/plain_text.hpp"
#include "tools/api/problem.hpp"
#include "tools/api/request_body.hpp"
#include "tools/api/rfc3339.hpp"
#include "tools/api/router.hpp"
#include "tools/api/same_site.hpp"
#include "tools/config/values.hpp"
#include "verifier/network_gate.hpp"

#include <fmt/format.h>

#include <charconv>
#include <memory>

namespace provenbl::tools::api::routes {
namespace json = boost::json;
namespace {

constexpr std::size_t comment_limit = 1000;
constexpr std::size_t name_limit = 100;

// "17-abcdefghijklmnop", or "17".
struct Number {
    std::uint64_t id = 0;
    std::string_view code;
};
std::optional<Number> read_number(std::string_view text) {
    Number number;
    const auto* const last = text.data() + text.size();
    const auto [end, failed] = std::from_chars(text.data(), last, number.id);
    if (failed != std::errc{}) return std::nullopt;
    if (end == last) return number;
    if (*end != '-') return std::nullopt;
    number.code = text.substr(static_cast<std::size_t>(end - text.data()) + 1);
    return number;
}

json::object describe_request(const ExclusionRequest& request, Time now) {
    return {{"number", number_of(request)},         {"prefix", request.prefix.to_string()},
            {"state", state_of(request, now)},      {"received", describe(request.received)},
            {"expires", describe(request.expires)}, {"decided", describe(request.decided)},
            {"answer", as_utf8(request.answer)},    {"until", describe(request.until)}};
}

json::object describe_request_to_operator(const ExclusionRequest& request, Time now) {
    auto object = describe_request(request, now);
    object["id"] = request.id;
    object["requester"] = request.requester.to_string();
    object["contact"] = as_utf8(request.contact);
    object["text"] = as_utf8(request.text);
    object["by"] = as_utf8(request.by);
    return object;
}

Response no_such_request() {
    return problem(404, "not-found",
                   "no request has this number; it is shown once, when a request was sent, and forgotten some months "
                   "after the answer");
}

// What was sent, as far as it can be told without the store.
Result<ExclusionRequest> read_request(const Context& context, const Request& request) {
    const auto body = parse_body(request.body, {"prefix", "contact", "text"});
    if (!body) return body.error();
    ExclusionRequest wanted;
    wanted.requester = *request.client;
    const auto text = text_member(*body, "prefix", 64, false);
    if (!text) return text.error();
    const auto prefix = Prefix::parse(text->empty() ? request.client->to_string() : *text);
    if (!prefix) return prefix.error();
    wanted.prefix = *prefix;
    const auto contact = text_member(*body, "contact", exclusion_requests::longest_contact, false);
    if (!contact) return contact.error();
    if (!contact->empty()) {
        const auto address = parse_mail_address(*contact);
        if (!address) return Error{Errc::invalid, fmt::format("'contact': {}", address.error().message)};
    }
    wanted.contact = *contact;
    const auto why = text_member(*body, "text", exclusion_requests::longest_text, true);
    if (!why) return why.error();
    wanted.text = *why;
    // Of the whole network; exclusions are looked at where the request is entered.
    if (const auto visited = verifier::check_network(*prefix, context.configuration.verifier.gate); !visited)
        return Error{Errc::conflict, fmt::format("it is left alone anyway: {}", visited.error().message)};
    wanted.code = exclusion_requests::make_code(context.entropy);
    return wanted;
}

// The request that the operator names in the path, and the members of his answer.
struct Decision {
    std::uint64_t id = 0;
    std::string reason;
    std::string by;
    Time until{};
};
Result<Decision> read_decision(const Context& context, const Request& request, const std::string& number,
                               const std::vector<std::string_view>& members) {
    const auto named = read_number(number);
    if (!named) return Error{Errc::invalid, fmt::format("'{}' is no number of a request", number.substr(0, 40))};
    const auto body = parse_body(request.body.empty() ? "{}" : request.body, members);
    if (!body) return body.error();
    Decision decision;
    decision.id = named->id;
    const auto reason = text_member(*body, "reason", comment_limit, false);
    if (!reason) return reason.error();
    decision.reason = *reason;
    const auto by = text_member(*body, "by", name_limit, false);
    if (!by) return by.error();
    decision.by = by->empty() ? "operator" : *by;
    const auto now = context.clock.now();
    const auto until = time_member(*body, "until", now);
    if (!until) return until.error();
    if (*until != Time{} && *until <= now)
        return Error{Errc::invalid, fmt::format("'until' ({}) is past; expected a time to come", to_string(*until))};
    decision.until = *until;
    return decision;
}

} // namespace

std::string number_of(const ExclusionRequest& request) {
    return fmt::format("{}-{}", request.id, request.code);
}

std::optional<ExclusionRequest> find_request(const Context& context, std::string_view number) {
    const auto named = read_number(number);
    if (!named || named->code.empty()) return std::nullopt;
    auto found = context.store.read([&](const ReadTxn& txn) { return exclusion_requests::find(txn, named->id); });
    if (!found || found->code != named->code) return std::nullopt;
    return found;
}

Answer ask_for_exclusion(const Context& context, const Request& request) {
    if (sent_by_another_site(request))
        return problem(403, "cross-site", "another site's page sent this; open /exclusion here and ask there");
    if (request.is_operator || !request.client)
        return problem(400, "invalid",
                       "a request comes over HTTP from who makes it; the operator excludes at once: "
                       "POST /v1/exclusions");
    if (request.client_is_proxy)
        return problem(403, "not-allowed",
                       "the proxy in front of this server does not say who you are; its operator has to set that up "
                       "(api.forwarded_header)");
    auto wanted = read_request(context, request);
    if (!wanted) return problem(wanted.error());
    auto made = std::make_shared<ExclusionRequest>();
    Write write;
    write.work = [wanted = std::move(*wanted), made](WriteTxn& txn) -> Result<> {
        auto added = exclusion_requests::add(txn, wanted);
        if (!added) return added.error();
        *made = std::move(*added);
        return {};
    };
    write.respond = [made, &context](const Result<>& committed) {
        if (!committed) return problem(committed.error());
        auto response = json_response(describe_request(*made, context.clock.now()), 201);
        response.headers.emplace_back("Location", "/v1/exclusion-requests/" + number_of(*made));
        return response;
    };
    return write;
}

Response show_exclusion_request(const Context& context, const Request& request, const std::string& number) {
    const auto now = context.clock.now();
    if (const auto named = read_number(number); request.is_operator && named) {
        const auto found =
            context.store.read([&](const ReadTxn& txn) { return exclusion_requests::find(txn, named->id); });
        return found ? json_response(describe_request_to_operator(*found, now)) : no_such_request();
    }
    const auto found = find_request(context, number);
    if (!found) return no_such_request();
    auto response = json_response(describe_request(*found, now));
    response.headers.emplace_back("Cache-Control", "no-store");
    return response;
}

Response list_exclusion_requests(const Context& context) {
    const auto now = context.clock.now();
    json::array rows;
    std::size_t waiting = 0;
    context.store.read([&](const ReadTxn& txn) {
        exclusion_requests::walk(txn, [&](const ExclusionRequest& request) {
            waiting += request.waits(now) ? 1 : 0;
            rows.emplace_back(describe_request_to_operator(request, now));
            return true;
        });
    });
    return json_response({{"waiting", waiting}, {"requests", std::move(rows)}});
}

Answer accept_exclusion_request(const Context& context, const Request& request, const std::string& number) {
    const auto decision = read_decision(context, request, number, {"reason", "by", "until"});
    if (!decision) return problem(decision.error());
    struct Done {
        ExclusionRequest request;
        std::size_t delisted = 0;
        bool under_way = false;
    };
    auto done = std::make_shared<Done>();
    Write write;
    write.work = [decision = *decision, done](WriteTxn& txn) -> Result<> {
        auto accepted = exclusion_requests::accept(txn, decision.id, decision.reason, decision.by, decision.until);
        if (!accepted) return accepted.error();
        const bool under_way = sweeps::find(txn, accepted->request.prefix).has_value();
        *done = {std::move(accepted->request), accepted->delisted, under_way};
        return {};
    };
    write.respond = [done, &context](const Result<>& committed) {
        if (!committed) return problem(committed.error());
        auto object = describe_request_to_operator(done->request, context.clock.now());
        object["delisted"] = done->delisted;
        object["under_way"] = done->under_way;
        return json_response(object);
    };
    return write;
}

Answer refuse_exclusion_request(const Context& context, const Request& request, const std::string& number) {
    const auto decision = read_decision(context, request, number, {"reason", "by"});
    if (!decision) return problem(decision.error());
    auto done = std::make_shared<ExclusionRequest>();
    Write write;
    write.work = [decision = *decision, done](WriteTxn& txn) -> Result<> {
        auto refused = exclusion_requests::refuse(txn, decision.id, decision.reason, decision.by);
        if (!refused) return refused.error();
        *done = std::move(*refused);
        return {};
    };
    write.respond = [done, &context](const Result<>& committed) {
        if (!committed) return problem(committed.error());
        return json_response(describe_request_to_operator(*done, context.clock.now()));
    };
    return write;
}

} // namespace provenbl::tools::api::routes
