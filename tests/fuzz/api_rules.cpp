#include "tests/fuzz/api_rules.hpp"

#include "tests/unit/tools/pages_document.hpp"
#include "tools/api/problem.hpp"
#include "tools/api/response_text.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <set>

namespace provenbl::fuzz {
using tools::api::Request;
using tools::api::Response;
namespace {

constexpr std::string_view html = "text/html; charset=utf-8";
constexpr std::string_view problem = "application/problem+json";

std::string header(const Response& response, std::string_view name) {
    std::string found;
    for (const auto& [key, value] : response.headers) {
        if (key != name) continue;
        require(found.empty(), "a header comes twice", name);
        found = value;
    }
    return found;
}

void check_problem(const Response& response) {
    boost::json::error_code code;
    const auto parsed = boost::json::parse(response.body, code);
    require(!code && parsed.is_object(), "a problem is an object", response.body);
    const auto& object = parsed.as_object();
    require(response.status >= 400 && object.at("status") == response.status, "a problem has its status",
            response.body);
    for (const char* member : {"type", "title", "code", "detail"})
        require(!object.at(member).as_string().empty(), "a problem says what it is", response.body);
    require(tools::api::find_problem_type(object.at("code").as_string()) != nullptr, "a problem's code is explained",
            response.body);
}

// An element that pages do not use is somebody else's, however well it is closed.
void check_elements(std::string_view page) {
    static const std::set<std::string_view> ours{
        "a",        "aside",      "body",   "br",       "button", "caption", "code",  "del",  "details",
        "div",      "figcaption", "figure", "footer",   "form",   "h1",      "h2",    "h3",   "h4",
        "head",     "header",     "html",   "input",    "ins",    "label",   "li",    "line", "link",
        "main",     "meta",       "nav",    "noscript", "ol",     "p",       "path",  "pre",  "script",
        "section",  "span",       "strong", "summary",  "svg",    "table",   "tbody", "td",   "text",
        "textarea", "th",         "thead",  "time",     "title",  "tr",      "ul"};
    constexpr std::string_view doctype = "<!doctype html>";
    for (auto at = doctype.size(); (at = page.find('<', at)) != std::string_view::npos;) {
        const bool ends = page.substr(at + 1, 1) == "/";
        at += ends ? 2 : 1;
        const auto name = page.substr(at, page.find_first_of(" >", at) - at);
        require(ours.contains(name), "an element that no page of ours has", page.substr(at - 1, 80));
        require(name != "script" || ends || page.substr(at).starts_with("script src=\"/assets/"),
                "a script is a file of ours", page.substr(at - 1, 80));
    }
}

void check_page(const Response& response) {
    const auto policy = header(response, "Content-Security-Policy");
    require(policy.starts_with("default-src 'none';") && policy.find("unsafe") == std::string::npos &&
                policy.find("form-action 'self'") != std::string::npos &&
                policy.find("base-uri 'none'") != std::string::npos &&
                policy.find("frame-ancestors 'none'") != std::string::npos,
            "a page has its policy", policy);
    for (const char* name : {"Referrer-Policy", "Permissions-Policy", "Cross-Origin-Opener-Policy",
                             "Cross-Origin-Resource-Policy", "Cross-Origin-Embedder-Policy"})
        require(!header(response, name).empty(), "a page is guarded", name);
    const auto faults = tools::faults_of(response.body);
    require(faults.empty(), faults.empty() ? std::string_view{} : std::string_view{faults.front()}, response.body);
    check_elements(response.body);
}

// The head, line by line: as many lines as we wrote, each with a name, and none but ours.
void check_head(std::string_view head, std::size_t headers) {
    std::size_t lines = 0;
    while (!head.empty()) {
        const auto end = head.find("\r\n");
        require(end != std::string_view::npos, "a line of the head ends", head);
        const auto line = head.substr(0, end);
        require(std::none_of(line.begin(), line.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }),
                "a line of the head is plain", line);
        const auto name = line.substr(0, line.find(':'));
        require(lines == 0 ? line.starts_with("HTTP/1.1 ")
                           : name.size() < line.size() && !name.empty() && name.find(' ') == std::string_view::npos,
                "a line of the head has a name", line);
        ++lines;
        head.remove_prefix(end + 2);
    }
    require(lines <= headers, "the head holds only what we wrote");
}

void check_bytes(const Response& response, bool without_body) {
    const auto text = tools::api::response_text(response, {true, without_body, {}, {}});
    const auto end = text.find("\r\n\r\n");
    require(end != std::string::npos, "a head ends", text);
    check_head(std::string_view{text}.substr(0, end + 2), response.headers.size() + 8);
    require(text.find("\r\nX-Content-Type-Options: nosniff\r\n") < end, "nobody guesses what it is");
    const auto body = std::string_view{text}.substr(end + 4);
    const bool none = without_body || response.status == 204 || response.status == 304;
    require(body == (none ? std::string_view{} : std::string_view{response.body}), "the body is what was answered");
}

bool may_be_html(const Request& request) {
    // The page of a letter's link, and of the form to be left alone, is one whoever asks.
    return request.accept.find("text/html") != std::string::npos || request.target.starts_with("/v1/letters/opt-out") ||
           !request.target.starts_with("/v1/");
}

} // namespace

void require(bool holds, std::string_view what, std::string_view where) {
    if (holds) return;
    std::fprintf(stderr, "broken: %.*s\n%.*s\n", static_cast<int>(what.size()), what.data(),
                 static_cast<int>(where.size()), where.data());
    std::abort();
}

void check(const Response& response, const Request& request) {
    const auto status = std::to_string(response.status);
    require(response.status >= 200 && tools::api::reason_phrase(response.status) != "Internal Server Error",
            "a status that we know", status + " " + response.body);
    require(response.status < 500 || response.status == 501 || response.status == 505,
            "input alone is no trouble of the server", status + " " + response.body);
    const auto& type = response.content_type;
    if (response.status >= 400)
        require(type == problem || (type == html && may_be_html(request)), "an error is told as one",
                status + " " + type);
    if (type == problem) {
        check_problem(response);
    } else if (type == html) {
        check_page(response);
    } else if (response.body.empty()) {
        require(response.status == 204 || response.status == 303 || response.status == 304, "an answer says something",
                status);
    } else if (type == "application/json") {
        boost::json::error_code code;
        (void)boost::json::parse(response.body, code);
        require(!code, "JSON can be read", response.body);
    }
    if (response.status == 303) {
        const auto to = header(response, "Location");
        require(to.starts_with('/') && !to.starts_with("//"), "we lead nobody away", to);
    }
    check_bytes(response, request.method == "HEAD");
}

void check_events(std::string_view events) {
    while (!events.empty()) {
        const auto event = events.substr(0, events.find("\n\n"));
        require(event.size() < events.size() && event.starts_with("event: "), "an event has a name and an end", event);
        constexpr std::string_view mark = "\ndata: ";
        const auto data = event.find(mark);
        require(data != std::string_view::npos, "an event has data", event);
        const auto json = event.substr(data + mark.size());
        boost::json::error_code code;
        (void)boost::json::parse(json, code);
        require(!code && json.find_first_of("\r\n") == std::string_view::npos, "an event is one line of JSON", event);
        events.remove_prefix(event.size() + 2);
    }
}

} // namespace provenbl::fuzz
