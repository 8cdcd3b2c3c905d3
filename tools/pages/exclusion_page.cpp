#include "tools/pages/exclusion_page.hpp"

#include "store/exclusion_requests.hpp"
#include "tools/api/span_text.hpp"

#include <fmt/format.h>

namespace provenbl::tools::pages {
namespace {

namespace limits = exclusion_requests;

// A label, a hint, and what it is of.
Html field(const std::string& id, std::string_view label, std::string_view hint, const Html& input) {
    return element("label", {{"for", id}}, label) + element("p", {{"id", id + "-hint"}, {"class", "quiet"}}, hint) +
           element("div", {{"class", "row"}}, input);
}

Html text_input(const std::string& id, const std::string& value, std::size_t longest, const std::string& completes) {
    Attributes input{{"type", "text"},
                     {"id", id},
                     {"name", id},
                     {"maxlength", std::to_string(longest)},
                     {"autocomplete", completes},
                     {"autocapitalize", "none"},
                     {"spellcheck", "false"},
                     {"aria-describedby", id + "-hint"}};
    if (!value.empty()) input.push_back({"value", value.substr(0, longest)});
    return element("input", input);
}

Html form_of(const ExclusionForm& form) {
    Html inside;
    if (!form.mistake.empty())
        inside += element("p", {{"id", "mistake"}, {"class", "state listed"}, {"role", "alert"}},
                          excerpt(form.mistake, 1000));
    inside +=
        field("prefix", "Address or network",
              fmt::format("For example 192.0.2.25, 192.0.2.0/24 or 2001:db8::/48; at most a /{} or, of IPv6, a /{}.",
                          limits::widest_v4, limits::widest_v6),
              text_input("prefix", form.prefix, 64, "off"));
    inside += field("contact", "Your mail address",
                    "Needed unless you ask for the very address that you come from. Only the operator sees it.",
                    text_input("contact", form.contact, limits::longest_contact, "email"));
    inside += field("text", "Why it should be left alone",
                    fmt::format("In a few words, at most {} bytes. Only the operator reads it.", limits::longest_text),
                    element("textarea",
                            {{"id", "text"},
                             {"name", "text"},
                             {"rows", "5"},
                             {"required", ""},
                             {"maxlength", std::to_string(limits::longest_text)},
                             {"aria-describedby", "text-hint"}},
                            excerpt(form.text, 6 * limits::longest_text)));
    inside += tag("p", element("button", {{"type", "submit"}}, "Ask to be left alone"));
    return element("form", {{"id", "exclusion-form"}, {"method", "post"}, {"action", "/exclusion"}}, inside);
}

} // namespace

Page exclusion_form_page(const ExclusionForm& form) {
    Page page;
    page.title = "Ask to be left alone";
    page.content = tag("h1", "Ask to be left alone");
    page.content +=
        tag("p", "What the operator excludes is never visited, and never listed. Who wants to be removed from the list "
                 "needs nothing of this: close what is open and press the button on the page of the address.");
    page.content += tag("p",
                        "A person decides. You get a number, with which you see what became of your request; "
                        "after ",
                        api::in_words(limits::waits_for),
                        " without an answer it is void. Nothing is charged, and what you write is forgotten ",
                        api::in_words(limits::kept_for), " after the answer.");
    page.content += form_of(form);
    return page;
}

Page exclusion_state_page(const ExclusionRequest& request, std::string_view number, Time now) {
    Page page;
    page.title = fmt::format("Request {}", request.id);
    page.indexed = false;
    const auto state = state_of(request, now);
    page.content = tag("h1", fmt::format("Your request to leave {} alone", request.prefix.to_string()));
    Html said;
    if (state == "waiting") {
        said += tag("p", "It waits for the operator's answer, until ", when(request.expires), ".");
    } else if (state == "expired") {
        said += tag("p", "Nobody answered until ", when(request.expires), ": it is void. You can ask again.");
    } else if (state == "accepted") {
        said += tag("p", "Accepted at ", when(request.decided), ": it is neither visited nor listed",
                    request.until == Time{} ? Html{"."} : Html{" until "} + when(request.until) + Html{"."});
    } else {
        said += tag("p", "Refused at ", when(request.decided), ".");
    }
    if (!request.answer.empty()) said += tag("p", "The operator says: ", excerpt(request.answer, 6000));
    page.content +=
        element("div", {{"class", state == "accepted" ? "state clean" : "state"}, {"id", "request-state"}}, said);
    page.content += tag("p", "Sent at ", when(request.received), ". Its number is ", tag("code", number),
                        ": keep the address of this page, there is no other way to find it.");
    return page;
}

} // namespace provenbl::tools::pages
