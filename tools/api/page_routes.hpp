// The pages for people: which path is which page. What they look like is tools/pages.
//
//   GET  /              look an address up          GET  /criteria, /use, /statistics, /mirrors
//   GET  /lookup?address=A   to its page            GET  /assets/NAME, /robots.txt, /favicon.ico
//   GET  /A  (?visit=N)      its page
//   POST /A/rescan           the button: a visit, and back to the page
//   GET, POST /exclusion     the form to be left alone    GET  /exclusion/NUMBER   what became of it
#pragma once

#include "tools/api/context.hpp"
#include "tools/api/message.hpp"
#include "tools/api/request_target.hpp"
#include "tools/pages/page.hpp"

#include <functional>
#include <optional>

namespace provenbl::tools::api {

// Nothing when the path is no page's.
[[nodiscard]] std::optional<Answer> page_routes(const Context& context, const Request& request,
                                                const RequestTarget& target);

// A problem as a page, for those who ask for HTML outside of /v1; anything else stays as it is.
[[nodiscard]] Answer for_people(const Context& context, const Request& request, Answer answer);

[[nodiscard]] Response html_response(const Context& context, const pages::Page& page, unsigned status = 200);
// What a route of the API answers, as a page: at once, or when it is committed. A Response or a Write.
[[nodiscard]] Answer shown(Answer answer, std::function<Response(const Response&)> as_page);

// case_routes.cpp
namespace routes {

[[nodiscard]] Response case_page(const Context& context, const Address& address, const RequestTarget& target);
[[nodiscard]] Answer rescan_by_button(const Context& context, const Request& request, const Address& address);

// exclusion_pages.cpp
[[nodiscard]] Response exclusion_form(const Context& context, const Request& request);
[[nodiscard]] Answer exclusion_by_form(const Context& context, const Request& request);
// Nothing when no request has this number.
[[nodiscard]] std::optional<Response> exclusion_state(const Context& context, const std::string& number);

} // namespace routes
} // namespace provenbl::tools::api
