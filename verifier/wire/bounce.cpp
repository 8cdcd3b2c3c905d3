#include "verifier/wire/bounce.hpp"

#include "verifier/wire/smtp_command.hpp"

namespace provenbl::verifier::wire {
namespace {

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r')) text.remove_suffix(1);
    return text;
}

} // namespace

bool is_final_failure(std::string_view envelope_sender, std::string_view message) {
    if (!envelope_sender.empty()) return false;
    bool in_header = true;
    bool has_status = false;
    bool auto_replied = false;
    while (!message.empty()) {
        const auto end = message.find('\n');
        const auto line = trimmed(message.substr(0, end));
        message.remove_prefix(end == std::string_view::npos ? message.size() : end + 1);
        if (line.empty()) in_header = false;
        const auto colon = line.find(':');
        if (colon == std::string_view::npos) continue;
        const auto name = line.substr(0, colon);
        const auto value = trimmed(line.substr(colon + 1));
        // Delivery reports and vacation notices both call themselves that (RFC 3834); only the former have a status.
        if (in_header && equal_folded(name, "auto-submitted") && equal_folded(value.substr(0, 12), "auto-replied"))
            auto_replied = true;
        if (in_header || !equal_folded(name, "action")) continue;
        has_status = true;
        if (equal_folded(value.substr(0, 6), "failed")) return true;
    }
    return !has_status && !auto_replied;
}

} // namespace provenbl::verifier::wire
