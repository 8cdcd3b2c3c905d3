// Which request gets which answer. Knows neither sockets nor HTTP syntax; server.cpp is its shell.
//
// The routes are data (route_table.cpp); what all of them share is here: errors name the request, clients have limits
// (rate_limit.hpp), public answers may be read by pages of other sites (CORS) and are not sent again to who has them
// (If-None-Match, RFC 9110 13.1.2). Used by one thread.
#pragma once

#include "tools/api/context.hpp"
#include "tools/api/message.hpp"
#include "tools/api/rate_limit.hpp"
#include "tools/api/request_target.hpp"

#include <array>
#include <memory>

namespace provenbl::tools::api {

// What the router remembers between requests.
struct RouterState {
    explicit RouterState(const ApiLimits& limits) : limiter(limits) {}
    RateLimiter limiter;
    struct Counts { // of listed hosts, by class; counted by walking the serving index
        Time at{};
        std::uint64_t serial = 0;
        std::array<std::uint64_t, all_listing_classes.size()> of{};
    } counts;
};

class Router {
public:
    // `state`: of a router before this one, with the same limits.
    explicit Router(const Context& context, std::shared_ptr<RouterState> state = nullptr)
        : context_(context),
          state_(state ? std::move(state) : std::make_shared<RouterState>(context.configuration.api.limits)) {}
    [[nodiscard]] std::shared_ptr<RouterState> state() const { return state_; }

    // Reads happen now; a write is returned to be performed.
    [[nodiscard]] Answer handle(const Request& request) const;

private:
    const Context& context_;
    std::shared_ptr<RouterState> state_;
};

// ---- the routes, by what they are about (*_routes.cpp) --------------------------------------------------

namespace routes {

[[nodiscard]] Response host(const Context& context, const Request& request, const Address& address);
[[nodiscard]] Response evidence(const Context& context, const Address& address);
[[nodiscard]] Response history(const Context& context, const Request& request, const Address& address);
[[nodiscard]] Response why(const Context& context, const Address& address);
[[nodiscard]] Response fix(const Context& context, const Address& address, const RequestTarget& target);
[[nodiscard]] Response receipt(const Context& context, const Address& address, const RequestTarget& target);
[[nodiscard]] Response receipt_key(const Context& context);
[[nodiscard]] Answer scan(const Context& context, const Request& request, const Address& address,
                          const RequestTarget& target);
[[nodiscard]] Answer rescan(const Context& context, const Request& request, const Address& address);
[[nodiscard]] Answer self_test(const Context& context, const Request& request);
[[nodiscard]] Response lookup(const Context& context, const Request& request, RouterState& state);
[[nodiscard]] Response criteria(const Context& context);
[[nodiscard]] Response statistics(const Context& context, RouterState& state);
[[nodiscard]] Response zones(const Context& context);
[[nodiscard]] Response problem_type(const std::string& code);
[[nodiscard]] Response list_problem_types();
[[nodiscard]] Response openapi();
[[nodiscard]] Answer report(const Context& context, const Request& request);
[[nodiscard]] Response list_reporters(const Context& context);
[[nodiscard]] Answer add_reporter(const Context& context, const Request& request);
[[nodiscard]] Answer change_reporter(const Context& context, const Request& request, const std::string& name);
[[nodiscard]] Answer revoke_reporter(const std::string& name);
[[nodiscard]] Response list_notices(const Context& context);
[[nodiscard]] Answer shut_down(const Request& request);
[[nodiscard]] Answer resume(const Request& request);
[[nodiscard]] Response list_purges(const Context& context);
[[nodiscard]] Answer begin_purge(const Request& request);
[[nodiscard]] Answer step_purge(const std::string& number);
[[nodiscard]] Response preview_purge(const Context& context, const Request& request);
[[nodiscard]] Answer list_manually(const Context& context, const Request& request);
[[nodiscard]] Answer end_manual(const Request& request, const Address& address);
[[nodiscard]] Response list_exclusions(const Context& context);
[[nodiscard]] Answer add_exclusion(const Context& context, const Request& request);
[[nodiscard]] Answer remove_exclusion(const Context& context, const RequestTarget& target);
[[nodiscard]] Answer ask_for_exclusion(const Context& context, const Request& request);
[[nodiscard]] Response show_exclusion_request(const Context& context, const Request& request,
                                              const std::string& number);
[[nodiscard]] Response list_exclusion_requests(const Context& context);
[[nodiscard]] Answer accept_exclusion_request(const Context& context, const Request& request,
                                              const std::string& number);
[[nodiscard]] Answer refuse_exclusion_request(const Context& context, const Request& request,
                                              const std::string& number);
[[nodiscard]] Response preview_letter(const Context& context, const Address& address, const RequestTarget& target);
[[nodiscard]] Answer send_letter(const Context& context, const Request& request, const Address& address);
[[nodiscard]] Response list_letters(const Context& context);
[[nodiscard]] Answer opt_out_by_operator(const Request& request);
[[nodiscard]] Answer opt_out_by_link(const Context& context, const Request& request, const std::string& token);
[[nodiscard]] Response list_keys(const Context& context);
[[nodiscard]] Answer add_key(const Context& context, const Request& request);
[[nodiscard]] Answer revoke_key(const std::string& name);
[[nodiscard]] Response list_mirrors(const Context& context);
[[nodiscard]] Answer add_mirror(const Context& context, const Request& request);
[[nodiscard]] Response show_mirror(const Context& context, const std::string& name);
[[nodiscard]] Answer remove_mirror(const Context& context, const std::string& name);
[[nodiscard]] Response mirror_lag(const Context& context, const Request& request);
[[nodiscard]] Response serial_age(const Context& context, const RequestTarget& target);
[[nodiscard]] Response status(const Context& context);
[[nodiscard]] Response dns_statistics(const Context& context);
[[nodiscard]] Response metrics(const Context& context);
[[nodiscard]] Response ready(const Context& context);

} // namespace routes

[[nodiscard]] Response json_response(const boost::json::value& value, unsigned status = 200);
// ... with an ETag and leave to keep it, if it is asked for again each time. "now" is no part of what the tag stands
// for.
[[nodiscard]] Response tagged_response(const boost::json::object& object);
// 429 for what was not allowed, else nothing. Adds nothing to other answers.
[[nodiscard]] std::optional<Response> refusal_of(const Allowance& allowance);

} // namespace provenbl::tools::api
