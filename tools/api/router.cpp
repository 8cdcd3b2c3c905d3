#include "tools/api/router.hpp"

#include "store/sha256.hpp"
#include "tools/api/page_routes.hpp"
#include "tools/api/problem.hpp"
#include "tools/api/reporter_key.hpp"
#include "tools/api/route_table.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace provenbl::tools::api {
namespace {

Response not_found() {
    return problem(404, "not-found", "there is nothing here; hosts are at /v1/hosts/ADDRESS, their pages at /ADDRESS");
}

Response operator_only() {
    return problem(403, "operator-only", "this is the operator's: ask over the Unix socket (api.socket)");
}

// What stands at the path for this client: of each method at most one route.
struct Found {
    std::vector<const Route*> routes;
    bool of_operator = false; // there is something, but not for him
    std::optional<Error> bad_address;
    std::optional<Address> address;
};

Found find(const Request& request, const RequestTarget& target) {
    Found found;
    std::string_view path; // only of one form: "/healthz" is no "/{address}"
    for (const auto& route : all_routes()) {
        if (!path.empty() && path != route.path) continue;
        if (!fits(route, target)) continue;
        if (route.who == Who::the_operator && !request.is_operator) {
            found.of_operator = true;
            continue;
        }
        if (const auto place = address_place(route.path); place && !found.address) {
            const auto address = Address::parse(target.segments[*place]);
            if (!address && target.segments.size() == 1) continue; // "/favicon.ico"
            if (address)
                found.address = *address;
            else
                found.bad_address = address.error();
        }
        path = route.path;
        found.routes.push_back(&route);
    }
    return found;
}

std::string allowed_methods(const Found& found) {
    std::string methods;
    for (const auto* const route : found.routes) {
        methods += fmt::format("{}{}", methods.empty() ? "" : ", ", route->method);
        if (route->method == "GET") methods += ", HEAD";
    }
    return methods + ", OPTIONS";
}

Response wrong_method(const Found& found) {
    const auto methods = allowed_methods(found);
    auto response = problem(405, "method", fmt::format("this path takes {}", methods));
    response.headers.emplace_back("Allow", methods);
    return response;
}

void allow_any_site(Response& response) {
    response.headers.emplace_back("Access-Control-Allow-Origin", "*");
    response.headers.emplace_back("Access-Control-Expose-Headers",
                                  "ETag, Location, Retry-After, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset");
}

// OPTIONS (RFC 9110 9.3.7), and the question of a browser that asks for another site's page (CORS preflight).
Response options(const Found& found, const Request& request) {
    Response response;
    response.status = 204;
    response.content_type.clear();
    response.headers.emplace_back("Allow", allowed_methods(found));
    auto wanted = request.header("access-control-request-method");
    if (wanted == "HEAD") wanted = "GET";
    const auto open = std::find_if(found.routes.begin(), found.routes.end(), [&](const Route* route) {
        return route->method == wanted && route->who == Who::any_site;
    });
    if (open == found.routes.end()) return response;
    response.headers.emplace_back("Access-Control-Allow-Origin", "*");
    response.headers.emplace_back("Access-Control-Allow-Methods", wanted == "GET" ? "GET, HEAD" : wanted);
    response.headers.emplace_back("Access-Control-Allow-Headers", "Accept, Content-Type, If-None-Match");
    response.headers.emplace_back("Access-Control-Max-Age", "3600");
    return response;
}

void tell(const Allowance& allowance, Response& response) {
    if (allowance.limit == 0) return;
    response.headers.emplace_back("RateLimit-Limit", fmt::format("{}", allowance.limit));
    response.headers.emplace_back("RateLimit-Remaining", fmt::format("{}", allowance.remaining));
    response.headers.emplace_back("RateLimit-Reset", fmt::format("{}", allowance.reset.count()));
}

// Does the client have it already? Tags are compared weakly (RFC 9110 8.8.3.2).
bool has_it(std::string_view if_none_match, std::string_view tag) {
    const auto opaque = [](std::string_view one) {
        while (!one.empty() && (one.front() == ' ' || one.front() == '\t')) one.remove_prefix(1);
        while (!one.empty() && (one.back() == ' ' || one.back() == '\t')) one.remove_suffix(1);
        return one.starts_with("W/") ? one.substr(2) : one;
    };
    while (!if_none_match.empty()) {
        const auto end = std::min(if_none_match.find(','), if_none_match.size()); // our tags hold no comma
        const auto one = opaque(if_none_match.substr(0, end));
        if (one == "*" || one == opaque(tag)) return true;
        if_none_match.remove_prefix(std::min(end + 1, if_none_match.size()));
    }
    return false;
}

void leave_out_what_is_known(Response& response, const Request& request) {
    const auto condition = request.header("if-none-match");
    if (condition.empty() || response.status != 200 || request.method != "GET") return;
    for (const auto& [name, value] : response.headers) {
        if (name != "ETag" || !has_it(condition, value)) continue;
        response.status = 304;
        response.content_type.clear();
        response.body.clear();
        return;
    }
}

// Whatever was answered, as it leaves.
Answer finished(Answer answer, const Request& request, bool any_site, const Allowance& allowance) {
    const auto finish = [target = request.target, any_site, allowance](Response& response) {
        note_instance(response, target);
        if (any_site) allow_any_site(response);
        tell(allowance, response);
    };
    if (auto* const response = std::get_if<Response>(&answer)) {
        leave_out_what_is_known(*response, request);
        finish(*response);
    } else if (auto* const write = std::get_if<Write>(&answer)) {
        write->respond = [respond = std::move(write->respond), finish](const Result<>& committed) {
            auto response = respond(committed);
            finish(response);
            return response;
        };
    }
    return answer;
}

} // namespace

Response json_response(const boost::json::value& value, unsigned status) {
    Response response;
    response.status = status;
    response.body = boost::json::serialize(value) + "\n";
    return response;
}

Response tagged_response(const boost::json::object& object) {
    auto response = json_response(object);
    const bool weak = object.contains("now");
    auto stands_for = object;
    stands_for.erase("now");
    Sha256 hash;
    hash.update(boost::json::serialize(stands_for));
    response.headers.emplace_back("ETag", fmt::format("{}\"{}\"", weak ? "W/" : "", hash.hex().substr(0, 32)));
    response.headers.emplace_back("Cache-Control", "no-cache");
    return response;
}

std::optional<Response> refusal_of(const Allowance& allowance) {
    if (allowance.allowed) return std::nullopt;
    auto response = problem(
        429, "too-many", fmt::format("you ask too often; there is room again in {} s", allowance.retry_after.count()));
    response.headers.emplace_back("Retry-After", fmt::format("{}", allowance.retry_after.count()));
    return response;
}

Answer Router::handle(const Request& request) const {
    if (request.method == "HEAD") { // the same, of which the body is not sent
        auto same = request;
        same.method = "GET";
        return handle(same);
    }
    const auto target = parse_target(request.target);
    if (!target && target.error().code == Errc::limit)
        return finished(problem(414, "limit", target.error().message), request, false, {});
    if (!target) return finished(problem(target.error()), request, false, {});

    const auto found = find(request, *target);
    const auto& method = request.method;
    const auto route =
        std::find_if(found.routes.begin(), found.routes.end(), [&](const Route* one) { return one->method == method; });
    const bool exists = route != found.routes.end();
    const bool any_site = !request.is_operator && exists && (*route)->who == Who::any_site;

    Allowance allowance;
    if (!request.is_operator && request.client) {
        const auto counts_as = exists             ? (*route)->counts_as
                               : method == "POST" ? Limited::rescans // the button of a page
                                                  : Limited::lookups;
        const auto key = counts_as == Limited::reports ? bearer_key(request.authorization) : std::nullopt;
        allowance = state_->limiter.take(counts_as, *request.client, key ? hash_reporter_key(*key) : std::string{},
                                         context_.clock.now());
        if (auto refusal = refusal_of(allowance)) return finished(std::move(*refusal), request, any_site, allowance);
    }
    const auto answered = [&]() -> Answer {
        if (found.bad_address) return problem(*found.bad_address);
        if (found.routes.empty()) {
            if (auto page = page_routes(context_, request, *target)) return std::move(*page);
            return found.of_operator ? operator_only() : not_found();
        }
        if (method == "OPTIONS") return options(found, request);
        if (!exists) return wrong_method(found);
        return (*route)->answer({context_, request, *target, *state_, found.address});
    };
    try {
        return finished(for_people(context_, request, answered()), request, any_site, allowance);
    } catch (const std::exception& fault) {
        // A fault of the database: this request fails, the next may not.
        auto fail =
            problem(500, "io", fmt::format("the store can't be read: {}; look at the server's log", fault.what()));
        return finished(std::move(fail), request, any_site, allowance);
    }
}

} // namespace provenbl::tools::api
