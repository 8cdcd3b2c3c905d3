#include "tools/api/problem.hpp"

#include "tools/api/plain_text.hpp"

#include <boost/json.hpp>

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
    case 409:
        return "Conflict";
    case 410:
        return "Gone";
    case 413:
        return "Content Too Large";
    case 422:
        return "Unprocessable Content";
    case 429:
        return "Too Many Requests";
    case 503:
        return "Service Unavailable";
    default:
        return "Internal Server Error";
    }
}

Response problem(unsigned status, std::string_view code, std::string_view detail) {
    Response response;
    response.status = status;
    response.content_type = "application/problem+json";
    response.body = boost::json::serialize(boost::json::object{{"type", "about:blank"},
                                                               {"title", reason_phrase(status)},
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

} // namespace provenbl::tools::api
