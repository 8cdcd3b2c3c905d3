#include "tools/api/page_routes.hpp"

#include "store/journal.hpp"
#include "store/mirrors.hpp"
#include "store/notices.hpp"
#include "tools/api/journal_reader.hpp"
#include "tools/api/problem.hpp"
#include "tools/api/router.hpp"
#include "tools/origins/counter.hpp"
#include "tools/pages/assets.hpp"
#include "tools/pages/client_files.hpp"
#include "tools/pages/criteria_page.hpp"
#include "tools/pages/front_page.hpp"
#include "tools/pages/mirrors_page.hpp"
#include "tools/pages/statistics_page.hpp"
#include "tools/pages/use_page.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace provenbl::tools::api {
namespace {

// What every page says to browsers: nothing from anywhere else, nothing inline, in nobody's frame.
void add_security_headers(Response& response) {
    response.headers = {
        {"Content-Security-Policy",
         "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
         "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"},
        // Not no-referrer: with that, a browser sends 'Origin: null' with our own forms, too (same_site.hpp).
        {"Referrer-Policy", "same-origin"},
        {"Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"},
        {"Cross-Origin-Opener-Policy", "same-origin"},
        {"Cross-Origin-Resource-Policy", "same-origin"},
        {"Cross-Origin-Embedder-Policy", "require-corp"}};
}

Response wrong_method(std::string_view allowed) {
    auto response = problem(405, "method", fmt::format("use {} here", allowed));
    response.headers.emplace_back("Allow", allowed);
    return response;
}

Response redirect(std::string to) {
    Response response;
    response.status = 303;
    response.headers.emplace_back("Location", std::move(to));
    return response;
}

// `name` is of the file or with its hash; only the latter never changes.
Response asset_response(const Request& request, std::string_view name) {
    const auto* const asset = pages::find_asset(name);
    if (asset == nullptr) return problem(404, "not-found", "there is no such file here");
    Response response;
    add_security_headers(response);
    response.headers.emplace_back("ETag", asset->etag);
    response.headers.emplace_back("Cache-Control", name == asset->hashed ? "public, max-age=31536000, immutable"
                                                                         : "public, max-age=3600");
    response.content_type = asset->content_type;
    if (request.header("if-none-match").find(asset->etag) != std::string::npos)
        response.status = 304;
    else
        response.body = asset->content;
    return response;
}

// The settings of one program as a file: /use/postfix.cf, or with ?zone=relay.bl.example for another zone than the
// first.
Response client_settings(const Context& context, const RequestTarget& target) {
    const auto* zone = pages::main_zone(context.configuration);
    if (const auto wanted = target.query.find("zone"); wanted != target.query.end()) {
        const auto& zones = context.configuration.zones.zones;
        const auto found = std::find_if(zones.begin(), zones.end(),
                                        [&](const zones::ZoneDefinition& one) { return one.apex == wanted->second; });
        zone = found == zones.end() ? nullptr : &*found;
    }
    auto lines = zone == nullptr ? std::nullopt : pages::client_file(target.segments[1], *zone);
    if (!lines) return problem(404, "not-found", "there is no such file or zone; /use names those that there are");
    Response response;
    add_security_headers(response);
    response.content_type = "text/plain; charset=utf-8";
    response.headers.emplace_back("Cache-Control", "public, max-age=3600");
    response.body = std::move(*lines);
    return response;
}

// Addresses change hands, and what was said of one is no search result.
Response robots() {
    Response response;
    response.content_type = "text/plain; charset=utf-8";
    response.body = "User-agent: *\nAllow: /$\nAllow: /criteria\nAllow: /use\nAllow: /statistics\nAllow: /mirrors\n"
                    "Allow: /exclusion$\n"
                    "Allow: /assets/\nDisallow: /\n";
    response.headers.emplace_back("Cache-Control", "public, max-age=3600");
    return response;
}

// Who asks, when his address may be looked at: behind a proxy it would be the proxy's.
std::optional<Address> visitor(const Context& context, const Request& request) {
    if (request.client && context.gate.check(*request.client)) return request.client;
    return std::nullopt;
}

Response look_up(const Context& context, const Request& request, const RequestTarget& target) {
    const auto found = target.query.find("address");
    std::string text = found == target.query.end() ? std::string{} : found->second;
    const auto first = text.find_first_not_of(" \t\r\n[");
    const auto last = text.find_last_not_of(" \t\r\n]");
    text = first == std::string::npos ? std::string{} : text.substr(first, last - first + 1);
    const auto address = Address::parse(text);
    if (address) return redirect("/" + encode_segment(address->to_string()));
    pages::FrontView view;
    view.visitor = visitor(context, request);
    view.asked = text;
    view.mistake = text.empty() ? "Please enter an address." : address.error().message;
    return html_response(context, pages::front_page(pages::site_of(context.configuration), context.configuration, view),
                         400);
}

Response front(const Context& context, const Request& request) {
    pages::FrontView view;
    view.visitor = visitor(context, request);
    return html_response(context,
                         pages::front_page(pages::site_of(context.configuration), context.configuration, view));
}

Response statistics(const Context& context) {
    pages::StatisticsView view;
    view.now = context.clock.now();
    if (context.journal != nullptr) {
        auto reading = context.journal->reading();
        view.position = reading.position;
        view.last = reading.last;
        if (reading.counted) view.tally = reading.tally;
    }
    if (context.origins != nullptr) {
        view.origins = context.origins->last();
        view.credit = context.origins->credit();
    }
    return html_response(context,
                         pages::statistics_page(pages::site_of(context.configuration), context.configuration, view));
}

// Aggregates only, unless mirrors.public says otherwise: which mirrors there are is nobody else's business.
Response mirrors(const Context& context) {
    auto view = context.store.read([](const ReadTxn& txn) {
        pages::MirrorsView read;
        const auto last = journal::last(txn);
        read.serial = static_cast<std::uint32_t>(last);
        if (last > 0) {
            journal::walk(txn, last - 1, [&](const Change& change) {
                read.last_change = change.at;
                return true;
            });
        }
        provenbl::mirrors::walk(txn, [&](const Mirror& mirror) {
            read.mirrors += mirror.removed == Time{} ? 1U : 0U;
            return true;
        });
        read.shut_down = notices::shutdown(txn).has_value();
        return read;
    });
    view.now = context.clock.now();
    if (context.configuration.mirrors.is_public && context.mirror_lags)
        view.standings = standings(context.mirror_lags());
    return html_response(context,
                         pages::mirrors_page(pages::site_of(context.configuration), context.configuration, view));
}

} // namespace

Response html_response(const Context& context, const pages::Page& page, unsigned status) {
    Response response;
    response.status = status;
    response.content_type = "text/html; charset=utf-8";
    add_security_headers(response);
    response.body = pages::render(pages::site_of(context.configuration), page);
    return response;
}

Answer shown(Answer answer, std::function<Response(const Response&)> as_page) {
    if (auto* write = std::get_if<Write>(&answer)) {
        write->respond = [as_page = std::move(as_page), respond = std::move(write->respond)](
                             const Result<>& committed) { return as_page(respond(committed)); };
        return answer;
    }
    return as_page(std::get<Response>(answer));
}

std::optional<Answer> page_routes(const Context& context, const Request& request, const RequestTarget& target) {
    const auto& path = target.segments;
    const bool get = request.method == "GET";
    const auto only_get = [&](auto make) -> Answer {
        if (!get) return wrong_method("GET");
        return make();
    };
    if (path.empty()) return only_get([&] { return front(context, request); });
    const auto& what = path[0];
    if (path.size() == 1) {
        if (what == "lookup") return only_get([&] { return look_up(context, request, target); });
        const auto& configuration = context.configuration;
        if (what == "criteria")
            return only_get([&] {
                return html_response(context, pages::criteria_page(pages::site_of(configuration), configuration));
            });
        if (what == "use")
            return only_get(
                [&] { return html_response(context, pages::use_page(pages::site_of(configuration), configuration)); });
        if (what == "statistics") return only_get([&] { return statistics(context); });
        if (what == "mirrors") return only_get([&] { return mirrors(context); });
        if (what == "robots.txt") return only_get([&] { return robots(); });
        if (what == "favicon.ico") return only_get([&] { return asset_response(request, "icon.svg"); });
        if (what == "exclusion" && request.method == "POST") return routes::exclusion_by_form(context, request);
        if (what == "exclusion") {
            if (!get) return Answer{wrong_method("GET, POST")};
            return routes::exclusion_form(context, request);
        }
        if (const auto address = Address::parse(what))
            return only_get([&] { return routes::case_page(context, *address, target); });
        return std::nullopt;
    }
    if (path.size() != 2) return std::nullopt;
    if (what == "assets") return only_get([&] { return asset_response(request, path[1]); });
    if (what == "use") return only_get([&] { return client_settings(context, target); });
    if (what == "exclusion") {
        if (!get) return Answer{wrong_method("GET")};
        if (auto page = routes::exclusion_state(context, path[1])) return std::move(*page);
        return std::nullopt;
    }
    if (path[1] == "rescan") {
        const auto address = Address::parse(what);
        if (!address) return std::nullopt;
        if (request.method != "POST") return Answer{wrong_method("POST")};
        return routes::rescan_by_button(context, request, *address);
    }
    return std::nullopt;
}

Answer for_people(const Context& context, const Request& request, Answer answer) {
    const auto* const response = std::get_if<Response>(&answer);
    if (response == nullptr || response->content_type != "application/problem+json") return answer;
    if (request.target.starts_with("/v1/") || request.accept.find("text/html") == std::string::npos) return answer;
    const auto detail = boost::json::parse(response->body).at("detail").as_string();
    auto page = html_response(context,
                              pages::error_page(response->status, reason_phrase(response->status),
                                                std::string_view{detail.data(), detail.size()}),
                              response->status);
    for (const auto& header : response->headers) page.headers.push_back(header);
    return page;
}

} // namespace provenbl::tools::api
