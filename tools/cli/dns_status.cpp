#include "tools/cli/dns_status.hpp"

#include <fmt/format.h>

namespace provenbl::tools::cli {
namespace json = boost::json;
namespace {

std::string duration(std::int64_t nanoseconds) {
    const auto value = static_cast<double>(nanoseconds);
    if (nanoseconds < 10'000) return fmt::format("{:.1f} µs", value / 1e3);
    if (nanoseconds < 1'000'000) return fmt::format("{:.0f} µs", value / 1e3);
    if (nanoseconds < 10'000'000) return fmt::format("{:.1f} ms", value / 1e6);
    return fmt::format("{:.0f} ms", value / 1e6);
}

void show_latency(Terminal& terminal, std::string_view transport, const json::object& latency) {
    if (number_of(latency, "count") == 0) return;
    terminal.line(fmt::format("  over {}: half answered within {}, 99 % within {}, 99.9 % within {}", transport,
                              duration(number_of(latency, "p50_ns")), duration(number_of(latency, "p99_ns")),
                              duration(number_of(latency, "p999_ns"))));
}

void show_zone(Terminal& terminal, const std::string& name, const json::object& zone) {
    const auto& results = object_of(zone, "results");
    const auto answers = number_of(zone, "answers");
    const auto listed = number_of(results, "listed");
    const auto absent = number_of(results, "nxdomain");
    const auto refused = number_of(results, "refused");
    terminal.line(fmt::format("  {:<30} {:>12} {:>12} {:>12} {:>12} {:>12}", name, answers, listed, absent, refused,
                              answers - listed - absent - refused));
}

// What a mirror said to the last NOTIFY (RFC 1996); whether it has followed is for `mirror status`.
void show_mirror(Terminal& terminal, const json::object& mirror) {
    const auto zones = number_of(mirror, "zones");
    const auto answered = number_of(mirror, "answered_zones");
    std::string words = fmt::format("told of serial {}", number_of(mirror, "notified"));
    if (const auto failures = number_of(mirror, "failures"); failures > 0)
        words += fmt::format(", NO ANSWER to the last {}", failures);
    else if (const auto rcode = number_of(mirror, "rcode"); rcode != 0)
        words += fmt::format(", answers with RCODE {}: its configuration does not know us", rcode);
    else
        words += fmt::format(", {} of {} zones answered", answered, zones);
    terminal.line(fmt::format("  mirror {} at {}: {}", text_of(mirror, "name"), text_of(mirror, "address"), words));
}

void show_static_zone(Terminal& terminal, const json::object& zone) {
    const auto left_out = number_of(zone, "bad_lines");
    terminal.line(fmt::format("  static zone {}: {} entries, serial {}, read at {}{}", text_of(zone, "apex"),
                              number_of(zone, "entries"), number_of(zone, "serial"), text_of(zone, "taken_in"),
                              left_out > 0 ? fmt::format(", {} bad lines left out", left_out) : ""));
    if (const auto trouble = text_of(zone, "trouble"); !trouble.empty())
        terminal.line(Colour::red, "    TROUBLE: " + printable(trouble));
}

} // namespace

void show_dns(Terminal& terminal, const json::object& dns) {
    const auto& latency = object_of(dns, "latency");
    show_latency(terminal, "UDP", object_of(latency, "udp"));
    show_latency(terminal, "TCP", object_of(latency, "tcp"));
    if (const auto& tls = object_of(dns, "tls"); !tls.empty()) {
        terminal.line(fmt::format("  TLS: {} handshakes, {} failed; the certificate ends at {}",
                                  number_of(tls, "handshakes"), number_of(tls, "failed"), text_of(tls, "expires")));
        if (const auto trouble = text_of(tls, "trouble"); !trouble.empty())
            terminal.line(Colour::red, "    TROUBLE: " + printable(trouble));
    }
    if (const auto& log = object_of(dns, "query_log"); !log.empty())
        terminal.line(
            fmt::format("  query log: {} lines, {} dropped", number_of(log, "written"), number_of(log, "dropped")));
    if (const auto& tap = object_of(dns, "dnstap"); !tap.empty())
        terminal.line(fmt::format("  dnstap: {}, {} messages, {} dropped",
                                  flag_of(tap, "connected") ? "connected" : "NOT CONNECTED", number_of(tap, "written"),
                                  number_of(tap, "dropped")));
    for (const auto& item : array_of(dns, "mirrors")) {
        if (item.is_object()) show_mirror(terminal, item.get_object());
    }
    for (const auto& item : array_of(dns, "static_zones")) {
        if (item.is_object()) show_static_zone(terminal, item.get_object());
    }
    const auto& zones = array_of(dns, "zones");
    if (zones.empty()) return;
    terminal.line(fmt::format("  {:<30} {:>12} {:>12} {:>12} {:>12} {:>12}", "answers by zone", "all", "listed",
                              "nxdomain", "refused", "other"));
    for (const auto& item : zones) {
        if (item.is_object()) show_zone(terminal, text_of(item.get_object(), "apex"), item.get_object());
    }
    if (const auto& elsewhere = object_of(dns, "elsewhere"); number_of(elsewhere, "answers") > 0)
        show_zone(terminal, "(none of our zones)", elsewhere);
}

} // namespace provenbl::tools::cli
