#include "tools/letters/xarf.hpp"

#include "store/sha256.hpp"
#include "tools/api/plain_text.hpp"
#include "tools/letters/mime.hpp"

#include <fmt/format.h>

namespace provenbl::tools::letters {
namespace json = boost::json;
namespace {

constexpr std::string_view service_of(ListingClass cls) {
    switch (cls) {
    case ListingClass::relay:
        return "open-mail-relay";
    case ListingClass::socks:
        return "open-socks-proxy";
    case ListingClass::http:
        return "open-http-proxy";
    case ListingClass::chain:
        return "exit-of-open-relay-or-proxy";
    case ListingClass::wingate:
        return "open-telnet-gateway";
    case ListingClass::router:
        return "open-router";
    case ListingClass::web:
        return "open-web-page-proxy";
    }
    return "open-service";
}

std::string sha256(std::string_view bytes) {
    Sha256 hash;
    hash.update(bytes);
    return hash.hex();
}

// The form of a version 4 UUID (RFC 9562); the same for the same letter, so that a receiver knows it again.
std::string report_id(const Draft& draft, const ListedHost& host, std::size_t number) {
    const auto hex = sha256(fmt::format("{} {} {}", draft.message_id, host.address.to_string(), number));
    return fmt::format("{}-{}-4{}-a{}-{}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(12, 3), hex.substr(15, 3),
                       hex.substr(18, 12));
}

} // namespace

json::object xarf_report(const Draft& draft, const ListedHost& host, std::size_t number) {
    const auto& way = host.evidence.front();
    const json::object who{{"org", draft.author.organization.empty() ? draft.author.list : draft.author.organization},
                           {"contact", draft.author.from},
                           {"domain", draft.author.domain}};
    const auto proof = evidence_text(host);
    json::object report{
        {"xarf_version", "4.0.0"},
        {"report_id", report_id(draft, host, number)},
        {"timestamp", to_string(way.arrived)},
        {"reporter", who},
        {"sender", who},
        {"source_identifier", host.address.to_string()},
        {"source_port", way.entry.port},
        {"category", "vulnerability"},
        {"type", "open_service"},
        {"evidence_source", "vulnerability_scan"},
        {"confidence", 1.0},
        {"service", service_of(way.cls)},
        {"service_port", way.entry.port},
        {"protocol", "tcp"},
        {"description", "A secret that we sent through this host came back to our own receiver: anybody can send "
                        "through it."},
        {"evidence", json::array{json::object{{"content_type", "text/plain"},
                                              {"description", "The conversation, and what arrived; secrets removed"},
                                              {"payload", mime::base64(proof)},
                                              {"hash", "sha256:" + sha256(proof)},
                                              {"size", proof.size()}}}},
        {"remediation",
         json::array{"Accept mail for others, or connections to others, only from networks or users that "
                     "you know",
                     fmt::format("Steps for the software that was seen: {}", host.page),
                     "Ask for another look on that page; the listing ends within seconds when it is "
                     "closed"}},
        {"remediation_url", host.page}};
    if (!way.software.empty()) report["service_software"] = api::as_utf8(way.software);
    return report;
}

} // namespace provenbl::tools::letters
