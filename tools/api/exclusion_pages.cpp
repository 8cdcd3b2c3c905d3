// The form with which an owner asks to be left alone, and the page on which he sees what became of it.
#include "tools/api/exclusion_requests.hpp"
#include "tools/api/form_body.hpp"
#include "tools/api/page_routes.hpp"
#include "tools/api/plain_text.hpp"
#include "tools/api/problem.hpp"
#include "tools/api/router.hpp"
#include "tools/pages/exclusion_page.hpp"

#include <boost/json.hpp>

namespace provenbl::tools::api::routes {
namespace {

pages::ExclusionForm empty_form(const Context& context, const Request& request) {
    pages::ExclusionForm form;
    if (request.client && !request.client_is_proxy && context.gate.check(*request.client))
        form.prefix = request.client->to_string();
    return form;
}

Response not_to_be_kept(Response response) {
    response.headers.emplace_back("Cache-Control", "no-store");
    return response;
}

} // namespace

Response exclusion_form(const Context& context, const Request& request) {
    return html_response(context, pages::exclusion_form_page(empty_form(context, request)));
}

Answer exclusion_by_form(const Context& context, const Request& request) {
    const auto fields = parse_form(request.body);
    auto form = empty_form(context, request);
    if (!fields) {
        form.mistake = fields.error().message;
        return html_response(context, pages::exclusion_form_page(form), 400);
    }
    const auto field = [&](const char* name) {
        const auto found = fields->find(name);
        return found == fields->end() ? std::string{} : as_utf8(found->second);
    };
    form.prefix = field("prefix");
    form.contact = field("contact");
    form.text = field("text");
    auto asked = request;
    asked.body = boost::json::serialize(
        boost::json::object{{"prefix", form.prefix}, {"contact", form.contact}, {"text", form.text}});
    auto answer = ask_for_exclusion(context, asked);
    const auto show = [&context, form](const Response& done) {
        const auto said = boost::json::parse(done.body).as_object();
        if (done.status == 201) {
            Response to;
            to.status = 303;
            to.headers.emplace_back("Location", "/exclusion/" + std::string{said.at("number").as_string()});
            return to;
        }
        auto again = form;
        again.mistake = std::string{said.at("detail").as_string()};
        auto page = html_response(context, pages::exclusion_form_page(again), done.status);
        for (const auto& header : done.headers) page.headers.push_back(header);
        return page;
    };
    return shown(std::move(answer), show);
}

std::optional<Response> exclusion_state(const Context& context, const std::string& number) {
    const auto found = find_request(context, number);
    if (!found) return std::nullopt;
    return not_to_be_kept(
        html_response(context, pages::exclusion_state_page(*found, number_of(*found), context.clock.now())));
}

} // namespace provenbl::tools::api::routes
