// Which request gets which answer. Knows neither sockets nor HTTP syntax; server.cpp is its shell.
//
//   public                                      operator (Unix socket) only
//   GET  /v1/hosts/A                            POST /v1/reports (without a key)
//   GET  /v1/hosts/A/evidence, /history, /why         GET, POST /v1/exclusions
//   GET  /v1/hosts/A/fix, /receipt; /v1/receipts/key
//   POST /v1/hosts/A/rescan                     DELETE /v1/exclusions/PREFIX
//   GET  /v1/hosts/A/scans/N  (?follow=1)       GET  /v1/status
//   GET  /healthz, /readyz, /A (the page)       GET, POST /v1/reporters
//   POST /v1/reports (with a reporter's key)    PATCH, DELETE /v1/reporters/NAME
//   GET  /v1/notices                            GET, POST /v1/purges, /v1/purges/preview, /N/step
//                                               POST /v1/shutdown, /v1/resume
//                                               POST /v1/manual, /v1/manual/A/end
//                                               GET  /v1/dns/statistics
//                                               GET, POST /v1/keys; DELETE /v1/keys/NAME
//                                               GET, POST /v1/mirrors; GET, DELETE /v1/mirrors/NAME
//                                               GET  /v1/serials/N
//   GET, POST /v1/letters/opt-out/TOKEN         GET, POST /v1/hosts/A/letter; GET /v1/letters; POST
//   /v1/letters/opt-outs
#pragma once

#include "tools/api/context.hpp"
#include "tools/api/message.hpp"
#include "tools/api/request_target.hpp"

namespace provenbl::tools::api {

class Router {
public:
    explicit Router(const Context& context) : context_(context) {}

    // Reads happen now; a write is returned to be performed.
    [[nodiscard]] Answer handle(const Request& request) const;

private:
    const Context& context_;
};

// ---- the routes, by what they are about (*_routes.cpp) --------------------------------------------------

namespace routes {

[[nodiscard]] Response host(const Context& context, const Request& request, const Address& address);
[[nodiscard]] Response evidence(const Context& context, const Address& address);
[[nodiscard]] Response history(const Context& context, const Request& request, const Address& address);
[[nodiscard]] Response why(const Context& context, const Address& address);
[[nodiscard]] Response page(const Context& context, const Address& address);
[[nodiscard]] Response fix(const Context& context, const Address& address, const RequestTarget& target);
[[nodiscard]] Response receipt(const Context& context, const Address& address, const RequestTarget& target);
[[nodiscard]] Response receipt_key(const Context& context);
[[nodiscard]] Answer scan(const Context& context, const Request& request, const Address& address,
                          const RequestTarget& target);
[[nodiscard]] Answer rescan(const Context& context, const Request& request, const Address& address);
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
[[nodiscard]] Response serial_age(const Context& context, const std::string& text);
[[nodiscard]] Response status(const Context& context);
[[nodiscard]] Response dns_statistics(const Context& context);
[[nodiscard]] Response ready(const Context& context);

} // namespace routes

[[nodiscard]] Response json_response(const boost::json::value& value, unsigned status = 200);

} // namespace provenbl::tools::api
