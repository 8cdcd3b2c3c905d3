// Advisory letters: looked at, asked for and counted by the operator; ended by whoever got one.
#include "store/letters.hpp"
#include "tools/api/describe.hpp"
#include "tools/api/page_routes.hpp"
#include "tools/api/plain_text.hpp"
#include "tools/api/problem.hpp"
#include "tools/api/request_body.hpp"
#include "tools/api/router.hpp"
#include "tools/letters/desk.hpp"

#include <fmt/format.h>

#include <memory>

namespace provenbl::tools::api::routes {
namespace json = boost::json;
namespace {

constexpr std::size_t shown_letters = 10'000;
constexpr std::size_t shown_contacts = 10'000;
constexpr std::size_t name_limit = 254;

Response letters_are_off() {
    return problem(409, "letters-off", "letters are off: set letters.enabled in the configuration, and what it needs");
}

json::object describe_letter(const Letter& letter) {
    json::array tried;
    for (const auto& contact : letter.tried) tried.emplace_back(as_utf8(contact));
    return {{"address", letter.host.to_string()}, {"case", letter.case_id},      {"state", to_string(letter.state)},
            {"queued", describe(letter.queued)},  {"due", describe(letter.due)}, {"changed", describe(letter.changed)},
            {"contact", as_utf8(letter.contact)}, {"tried", std::move(tried)},   {"message_id", letter.message_id},
            {"attempts", letter.attempts},        {"note", as_utf8(letter.note)}};
}

// What the link in a letter leads to.
Response html(const Context& context, const pages::Html& body, unsigned status = 200) {
    pages::Page page;
    page.title = "Letters";
    page.indexed = false;
    page.content = pages::tag("h1", "Letters to owners") + body;
    return html_response(context, page, status);
}

} // namespace

Response preview_letter(const Context& context, const Address& address, const RequestTarget& target) {
    if (context.letters == nullptr) return letters_are_off();
    const auto given = [&](const char* name) {
        const auto found = target.query.find(name);
        return found == target.query.end() ? std::string{} : found->second;
    };
    const auto language = given("language");
    if (!language.empty() && !context.letters->templates().has(language))
        return problem(400, "invalid",
                       fmt::format("there is no letter in that language; there are: {}",
                                   fmt::join(context.letters->templates().languages(), ", ")));
    struct View {
        std::optional<letters::ListedHost> host;
        std::optional<Letter> letter;
    };
    const auto now = context.clock.now();
    auto view = context.store.read([&](const ReadTxn& txn) {
        View read{context.letters->listed_host(txn, address, 0), {}};
        if (read.host) read.letter = provenbl::letters::find(txn, read.host->address, read.host->case_id);
        return read;
    });
    if (!view.host)
        return problem(404, "not-found",
                       fmt::format("{} is not listed by proof: there is nothing to write about", address.to_string()));
    auto contact = given("contact");
    if (contact.empty() && view.letter) contact = view.letter->contact;
    // Whom it will go to is looked up when it is sent.
    if (contact.empty())
        contact = fmt::format("postmaster@[{}{}]", address.is_v4() ? "" : "IPv6:", address.to_string());
    std::vector<letters::ListedHost> hosts;
    hosts.push_back(std::move(*view.host));
    const auto wanted = !language.empty() ? language : view.letter ? view.letter->language : std::string{};
    const auto draft = context.letters->draft(std::move(hosts), contact, wanted, 0, std::nullopt, now);
    const auto& templates = context.letters->templates();
    return json_response({{"address", address.to_string()},
                          {"contact", as_utf8(contact)},
                          {"language", templates.in(draft.language).language()},
                          {"subject", as_utf8(letters::subject(templates, draft))},
                          {"text", as_utf8(letters::text(templates, draft))},
                          {"message", as_utf8(letters::message(templates, draft))},
                          {"letter", view.letter ? json::value(describe_letter(*view.letter)) : json::value(nullptr)}});
}

Answer send_letter(const Context& context, const Request& request, const Address& address) {
    if (context.letters == nullptr) return letters_are_off();
    const auto body = parse_body(request.body.empty() ? "{}" : request.body, {"language", "again"});
    if (!body) return problem(body.error());
    const auto language = text_member(*body, "language", 32, false);
    if (!language) return problem(language.error());
    if (!language->empty() && !context.letters->templates().has(*language))
        return problem(400, "invalid", "there is no letter in that language");
    const auto again = bool_member(*body, "again");
    if (!again) return problem(again.error());
    auto made = std::make_shared<Letter>();
    Write write;
    write.work = [address, language = *language, again = again->value_or(false), made](WriteTxn& txn) -> Result<> {
        auto letter = provenbl::letters::enqueue(txn, {address, txn.now, language, again});
        if (!letter) return letter.error();
        *made = std::move(*letter);
        return {};
    };
    write.respond = [made](const Result<>& committed) {
        return committed ? json_response(describe_letter(*made), 202) : problem(committed.error());
    };
    return write;
}

Response list_letters(const Context& context) {
    json::array rows;
    json::array out;
    json::object counts;
    context.store.read([&](const ReadTxn& txn) {
        provenbl::letters::walk(txn, [&](const Letter& letter) {
            auto& count = counts[to_string(letter.state)];
            count = (count.is_null() ? 0 : count.to_number<std::int64_t>()) + 1;
            if (rows.size() < shown_letters) rows.emplace_back(describe_letter(letter));
            return true;
        });
        provenbl::letters::walk_contacts(txn, [&](const LetterContact& contact) {
            if (contact.opted_out == Time{}) return true;
            out.emplace_back(json::object{{"contact", as_utf8(contact.address)},
                                          {"since", describe(contact.opted_out)},
                                          {"note", as_utf8(contact.note)}});
            return out.size() < shown_contacts;
        });
    });
    return json_response({{"enabled", context.letters != nullptr},
                          {"letters", std::move(rows)},
                          {"counts", std::move(counts)},
                          {"opted_out", std::move(out)}});
}

Answer opt_out_by_operator(const Request& request) {
    const auto body = parse_body(request.body, {"contact", "note", "remove"});
    if (!body) return problem(body.error());
    const auto contact = text_member(*body, "contact", name_limit, true);
    if (!contact) return problem(contact.error());
    const auto note = text_member(*body, "note", 1000, false);
    if (!note) return problem(note.error());
    const auto remove = bool_member(*body, "remove");
    if (!remove) return problem(remove.error());
    Write write;
    const bool back = remove->value_or(false);
    write.work = [contact = *contact, note = *note, back](WriteTxn& txn) {
        return back ? provenbl::letters::opt_in(txn, contact)
                    : provenbl::letters::opt_out(txn, contact, note.empty() ? "by the operator" : note);
    };
    write.respond = [contact = *contact, back](const Result<>& committed) {
        return committed ? json_response({{"contact", as_utf8(contact)}, {"opted_out", !back}})
                         : problem(committed.error());
    };
    return write;
}

// The link in a letter. Links are fetched by mail scanners, so only the button (or RFC 8058) does it.
Answer opt_out_by_link(const Context& context, const Request& request, const std::string& token) {
    const auto id = context.mint.check(token);
    const auto mail =
        id ? context.store.read([&](const ReadTxn& txn) { return provenbl::letters::find_mail(txn, *id); })
           : std::nullopt;
    using pages::element;
    using pages::tag;
    if (!mail)
        return html(context,
                    tag("p", "This link is of no letter of ours. To be left alone, answer to the letter that you got."),
                    404);
    if (request.method == "GET")
        return html(context,
                    tag("p", "No more letters to ", tag("strong", mail->contact),
                        "? Listings and their pages are not touched by it.") +
                        element("form",
                                {{"method", "post"}, {"action", "/v1/letters/opt-out/" + encode_segment(token)}},
                                element("button", {{"type", "submit"}}, "No more letters")));
    Write write;
    write.work = [address = mail->contact](WriteTxn& txn) {
        return provenbl::letters::opt_out(txn, address, "by the link in a letter");
    };
    write.respond = [&context, contact = mail->contact](const Result<>& committed) {
        return committed ? html(context, tag("p", "No more letters go to ", tag("strong", contact), "."))
                         : problem(committed.error());
    };
    return write;
}

} // namespace provenbl::tools::api::routes
