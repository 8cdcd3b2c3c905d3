#include "tools/api/router.hpp"

#include "tools/api/problem.hpp"

#include <fmt/format.h>

namespace provenbl::tools::api {
namespace {

Response not_found() {
    return problem(404, "not-found", "there is nothing here; hosts are at /v1/hosts/ADDRESS, their pages at /ADDRESS");
}

Response wrong_method(std::string_view allowed) {
    auto response = problem(405, "method", fmt::format("use {} here", allowed));
    response.headers.emplace_back("Allow", allowed);
    return response;
}

Response operator_only() {
    return problem(403, "operator-only", "this is the operator's: ask over the Unix socket (api.socket)");
}

Answer host_routes(const Context& context, const Request& request, const RequestTarget& target) {
    const auto& path = target.segments;
    const auto address = Address::parse(path[2]);
    if (!address) return problem(address.error());
    const auto what = path.size() > 3 ? std::string_view{path[3]} : std::string_view{};
    const bool get = request.method == "GET";
    if (path.size() == 3) return get ? routes::host(context, request, *address) : wrong_method("GET");
    if (path.size() == 4 && what == "evidence") return get ? routes::evidence(context, *address) : wrong_method("GET");
    if (path.size() == 4 && what == "history")
        return get ? routes::history(context, request, *address) : wrong_method("GET");
    if (path.size() == 4 && what == "why") return get ? routes::why(context, *address) : wrong_method("GET");
    if (path.size() == 4 && what == "fix") return get ? routes::fix(context, *address, target) : wrong_method("GET");
    if (path.size() == 4 && what == "receipt")
        return get ? routes::receipt(context, *address, target) : wrong_method("GET");
    if (path.size() == 4 && what == "letter") {
        if (!request.is_operator) return operator_only();
        if (get) return routes::preview_letter(context, *address, target);
        return request.method == "POST" ? routes::send_letter(context, request, *address) : wrong_method("GET, POST");
    }
    if (path.size() == 4 && what == "rescan") {
        if (request.method != "POST") return wrong_method("POST");
        return routes::rescan(context, request, *address);
    }
    if (path.size() == 5 && what == "scans") {
        if (!get) return wrong_method("GET");
        return routes::scan(context, request, *address, target);
    }
    return not_found();
}

Answer exclusion_routes(const Context& context, const Request& request, const RequestTarget& target) {
    if (!request.is_operator) return operator_only();
    if (target.segments.size() > 2) {
        if (request.method != "DELETE") return wrong_method("DELETE");
        return routes::remove_exclusion(context, target);
    }
    if (request.method == "GET") return routes::list_exclusions(context);
    if (request.method == "POST") return routes::add_exclusion(context, request);
    return wrong_method("GET, POST");
}

Answer reporter_routes(const Context& context, const Request& request, const RequestTarget& target) {
    const auto& path = target.segments;
    if (path.size() == 3) {
        if (request.method == "PATCH") return routes::change_reporter(context, request, path[2]);
        if (request.method == "DELETE") return routes::revoke_reporter(path[2]);
        return wrong_method("PATCH, DELETE");
    }
    if (request.method == "GET") return routes::list_reporters(context);
    if (request.method == "POST") return routes::add_reporter(context, request);
    return wrong_method("GET, POST");
}

Answer purge_routes(const Context& context, const Request& request, const RequestTarget& target) {
    const auto& path = target.segments;
    const bool post = request.method == "POST";
    if (path.size() == 2 && request.method == "GET") return routes::list_purges(context);
    if (!post) return wrong_method(path.size() == 2 ? "GET, POST" : "POST");
    if (path.size() == 2) return routes::begin_purge(request);
    if (path.size() == 3 && path[2] == "preview") return routes::preview_purge(context, request);
    if (path.size() == 4 && path[3] == "step") return routes::step_purge(path[2]);
    return not_found();
}

// What concerns the list as a whole; nothing when the path is of something else.
std::optional<Answer> list_routes(const Context& context, const Request& request, const RequestTarget& target) {
    const auto& path = target.segments;
    const auto& what = path[1];
    if (what != "reporters" && what != "purges" && what != "shutdown" && what != "resume" && what != "manual")
        return std::nullopt;
    if (!request.is_operator) return operator_only();
    if (what == "reporters" && path.size() <= 3) return reporter_routes(context, request, target);
    if (what == "purges") return purge_routes(context, request, target);
    const bool post = request.method == "POST";
    if (what == "shutdown" && path.size() == 2) return post ? routes::shut_down(request) : wrong_method("POST");
    if (what == "resume" && path.size() == 2) return post ? routes::resume(request) : wrong_method("POST");
    if (what == "manual" && path.size() == 2)
        return post ? routes::list_manually(context, request) : wrong_method("POST");
    if (what == "manual" && path.size() == 4 && path[3] == "end") {
        const auto address = Address::parse(path[2]);
        if (!address) return problem(address.error());
        return post ? routes::end_manual(request, *address) : wrong_method("POST");
    }
    return not_found();
}

Answer key_routes(const Context& context, const Request& request, const RequestTarget& target) {
    if (!request.is_operator) return operator_only();
    if (target.segments.size() == 3) {
        if (request.method != "DELETE") return wrong_method("DELETE");
        return routes::revoke_key(target.segments[2]);
    }
    if (target.segments.size() > 3) return not_found();
    if (request.method == "GET") return routes::list_keys(context);
    if (request.method == "POST") return routes::add_key(context, request);
    return wrong_method("GET, POST");
}

Answer mirror_routes(const Context& context, const Request& request, const RequestTarget& target) {
    const auto& path = target.segments;
    if (!request.is_operator) return operator_only();
    if (path.size() > 3) return not_found();
    if (path.size() == 3) {
        if (request.method == "GET") return routes::show_mirror(context, path[2]);
        if (request.method == "DELETE") return routes::remove_mirror(context, path[2]);
        return wrong_method("GET, DELETE");
    }
    if (request.method == "GET") return routes::list_mirrors(context);
    if (request.method == "POST") return routes::add_mirror(context, request);
    return wrong_method("GET, POST");
}

Answer letter_routes(const Context& context, const Request& request, const RequestTarget& target) {
    const auto& path = target.segments;
    const bool get = request.method == "GET";
    const bool post = request.method == "POST";
    if (path.size() == 4 && path[2] == "opt-out")
        return get || post ? routes::opt_out_by_link(context, request, path[3]) : wrong_method("GET, POST");
    if (!request.is_operator) return operator_only();
    if (path.size() == 2) return get ? routes::list_letters(context) : wrong_method("GET");
    if (path.size() == 3 && path[2] == "opt-outs")
        return post ? routes::opt_out_by_operator(request) : wrong_method("POST");
    return not_found();
}

Answer dispatch(const Context& context, const Request& request, const RequestTarget& target) {
    const auto& path = target.segments;
    const bool get = request.method == "GET";
    if (path.empty()) return not_found();
    if (path.size() == 1) {
        if (path[0] == "healthz") return get ? json_response({{"alive", true}}) : wrong_method("GET");
        if (path[0] == "readyz") return get ? routes::ready(context) : wrong_method("GET");
        const auto address = Address::parse(path[0]);
        if (!address) return not_found();
        return get ? routes::page(context, *address) : wrong_method("GET");
    }
    if (path[0] != "v1") return not_found();
    if (path[1] == "hosts" && path.size() >= 3) return host_routes(context, request, target);
    if (path[1] == "exclusions") return exclusion_routes(context, request, target);
    if (path[1] == "letters") return letter_routes(context, request, target);
    if (path[1] == "keys") return key_routes(context, request, target);
    if (path[1] == "mirrors") return mirror_routes(context, request, target);
    if (path.size() == 3 && path[1] == "serials") {
        if (!request.is_operator) return operator_only();
        return get ? routes::serial_age(context, path[2]) : wrong_method("GET");
    }
    if (path.size() == 2 && path[1] == "reports") {
        if (request.method != "POST") return wrong_method("POST");
        return routes::report(context, request);
    }
    if (path.size() == 3 && path[1] == "receipts" && path[2] == "key")
        return get ? routes::receipt_key(context) : wrong_method("GET");
    if (path.size() == 2 && path[1] == "notices") return get ? routes::list_notices(context) : wrong_method("GET");
    if (auto answer = list_routes(context, request, target)) return std::move(*answer);
    if (path.size() == 2 && path[1] == "status") {
        if (!request.is_operator) return operator_only();
        return get ? routes::status(context) : wrong_method("GET");
    }
    if (path.size() == 3 && path[1] == "dns" && path[2] == "statistics") {
        if (!request.is_operator) return operator_only();
        return get ? routes::dns_statistics(context) : wrong_method("GET");
    }
    return not_found();
}

} // namespace

Response json_response(const boost::json::value& value, unsigned status) {
    Response response;
    response.status = status;
    response.body = boost::json::serialize(value) + "\n";
    return response;
}

Answer Router::handle(const Request& request) const {
    const auto target = parse_target(request.target);
    if (!target) return problem(target.error());
    try {
        return dispatch(context_, request, *target);
    } catch (const std::exception& fault) {
        // A fault of the database: this request fails, the next may not.
        return problem(500, "io", fmt::format("the store can't be read: {}; look at the server's log", fault.what()));
    }
}

} // namespace provenbl::tools::api
