// web/page: scripts on a web server that fetch any page for their visitor. Each of the usual forms is asked once, and
// only our sink's answer in the page that comes back is proof: a redirect to the page is none.
#include "verifier/techniques/http_dialogue.hpp"
#include "verifier/techniques/http_fetch.hpp"
#include "verifier/techniques/repeat.hpp"
#include "verifier/techniques/verdicts.hpp"
#include "verifier/wire/http_request.hpp"

#include <fmt/format.h>

#include <array>
#include <optional>

namespace provenbl::verifier::techniques {
namespace {

constexpr std::array<std::uint16_t, 2> ports{80, 8080};

// {} is the page's address, percent-encoded as a value of a query; CGIProxy takes it as a path.
constexpr std::string_view query_forms[]{
    "/?url={}",             // home-made and miniProxy-like
    "/?q={}",               // PHProxy
    "/index.php?q={}",      // PHProxy below its own name
    "/browse.php?u={}&b=4", // Glype
    "/proxy?url={}",        // node's and Python's usual examples
    "/?{}",                 // miniProxy
};

std::string in_query(const Endpoint& sink) {
    std::string text;
    for (const char c : fmt::format("http://{}/TOKEN", sink.to_string())) {
        const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '.';
        text += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return text;
}

Awaitable<Attempt> try_path(ProbeContext& context, const Technique& technique, const Target& sink, std::string path) {
    std::string request = wire::http_page(context.target(), path, user_agent(context.identity()));
    std::string repeat = curl_page(context.target(), path);
    return fetch_answer(context, technique, sink, std::move(request), std::move(repeat));
}

Awaitable<Attempt> try_forms(ProbeContext& context, const Technique& technique, const Target& sink) {
    std::optional<Attempt> best;
    for (const auto form : query_forms) {
        std::string path = fmt::format(fmt::runtime(form), in_query(sink.sink));
        Attempt made = co_await try_path(context, technique, sink, std::move(path));
        const bool speaks_http = made.result.hint == Hint::speaks || made.result.hint == Hint::promising;
        if (made.result.verdict == Verdict::open)
            made.result.detail += fmt::format(" by {}", form.substr(0, form.find('{')));
        if (made.result.verdict == Verdict::open || !speaks_http) {
            made.final = true;
            co_return made;
        }
        if (!best || outranks(made.result.verdict, best->result.verdict)) best = std::move(made);
    }
    best->final = true; // a script that fetches pages asks for no port
    co_return std::move(*best);
}

Awaitable<void> run(ProbeContext& context, std::span<const Technique* const> techniques,
                    std::span<ProbeResult> results) {
    results[0] = co_await try_targets(context, *techniques[0], not_mail, try_forms);
}

constexpr std::array techniques{
    Technique{"web/page", ListingClass::web, ports,
              "A script on the web server fetches any page for any visitor: strangers can hide behind the address of "
              "this host, and reach what only it can reach.",
              1, run},
};

} // namespace

std::span<const Technique> web_page() {
    return techniques;
}

} // namespace provenbl::verifier::techniques
