#include "tools/api/problem.hpp"

#include "tools/api/plain_text.hpp"

#include <boost/json.hpp>

#include <algorithm>

namespace provenbl::tools::api {
namespace {

unsigned status_of(Errc code) {
    switch (code) {
    case Errc::invalid:
        return 400;
    case Errc::not_allowed:
        return 403;
    case Errc::not_found:
        return 404;
    case Errc::conflict:
        return 409;
    case Errc::expired:
        return 410;
    case Errc::limit:
        return 422;
    case Errc::busy:
    case Errc::disk_full:
    case Errc::read_only:
        return 503;
    default:
        return 500;
    }
}

} // namespace

std::string_view reason_phrase(unsigned status) {
    switch (status) {
    case 200:
        return "OK";
    case 201:
        return "Created";
    case 202:
        return "Accepted";
    case 204:
        return "No Content";
    case 303:
        return "See Other";
    case 304:
        return "Not Modified";
    case 400:
        return "Bad Request";
    case 401:
        return "Unauthorized";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 408:
        return "Request Timeout";
    case 409:
        return "Conflict";
    case 410:
        return "Gone";
    case 413:
        return "Content Too Large";
    case 414:
        return "URI Too Long";
    case 417:
        return "Expectation Failed";
    case 422:
        return "Unprocessable Content";
    case 429:
        return "Too Many Requests";
    case 431:
        return "Request Header Fields Too Large";
    case 501:
        return "Not Implemented";
    case 503:
        return "Service Unavailable";
    case 505:
        return "HTTP Version Not Supported";
    default:
        return "Internal Server Error";
    }
}

std::span<const ProblemType> problem_types() {
    static constexpr ProblemType all[]{
        {"invalid", "The request is malformed", "The detail says which part, and what was expected there."},
        {"unauthorized", "No valid key", "Send 'Authorization: Bearer KEY' with a reporter's key that is in force."},
        {"not-allowed", "The rules forbid it",
         "The address may not be visited or listed, or it is not for you to ask: the detail says which rule."},
        {"operator-only", "Only for the operator", "This route is open on the operator's Unix socket alone."},
        {"cross-site", "Not from another site",
         "A browser sent this for a page of another site; a visit is asked for from our own pages or by a program."},
        {"not-found", "Nothing there", "No such path, or nothing is known under it."},
        {"method", "Wrong method", "The Allow header says which methods the path takes."},
        {"timeout", "Too slow", "The request did not arrive whole within api.request_timeout. Send it again."},
        {"conflict", "In conflict with what is there", "It exists already, is in use, or was changed meanwhile."},
        {"letters-off", "Letters are off", "The operator has not set letters up."},
        {"expired", "No longer valid", "It was valid once; the detail says what to do."},
        {"limit", "Too large", "A size limit was passed; the detail says which. Send less."},
        {"too-soon", "Too soon",
         "This host was asked for a moment ago. Retry-After says when the next request counts."},
        {"too-many", "Too many requests", "You asked too often. Retry-After says when there is room again."},
        {"busy", "Busy", "A bound was reached. Try again after Retry-After."},
        {"disk-full", "No room on the server", "Nothing can be written until its operator makes room; reading works."},
        {"read-only", "Read-only", "The server can't write just now; reading works."},
        {"no-key", "No signing key", "This server can't sign receipts yet."},
        {"trouble", "The server is in trouble", "It can't write; its operator finds the cause in the detail."},
        {"io", "The server failed", "A fault on its side; its log says more."},
    };
    return all;
}

const ProblemType* find_problem_type(std::string_view code) {
    for (const auto& type : problem_types()) {
        if (type.code == code) return &type;
    }
    return nullptr;
}

Response problem(unsigned status, std::string_view code, std::string_view detail) {
    const auto* const type = find_problem_type(code);
    Response response;
    response.status = status;
    response.content_type = "application/problem+json";
    // Without an entry of its own it is what its status says (RFC 9457 4.2.1).
    response.body = boost::json::serialize(boost::json::object{
        {"type", type != nullptr ? "/v1/problems/" + std::string{code} : std::string{"about:blank"}},
        {"title", type != nullptr ? type->title : reason_phrase(status)},
        {"status", status},
        {"code", code},
        {"detail", as_utf8(detail)}});
    return response;
}

Response problem(const Error& error) {
    auto response = problem(status_of(error.code), to_string(error.code), error.message);
    if (error.code == Errc::busy) response.headers.emplace_back("Retry-After", "5");
    return response;
}

void note_instance(Response& response, std::string_view target) {
    constexpr std::size_t shown = 256;
    if (response.content_type != "application/problem+json" || !response.body.ends_with('}')) return;
    const auto path = target.substr(0, std::min(target.find('?'), shown));
    if (!path.starts_with('/')) return;
    response.body.pop_back();
    response.body += ",\"instance\":" + boost::json::serialize(boost::json::value(as_utf8(path))) + "}\n";
}

} // namespace provenbl::tools::api
