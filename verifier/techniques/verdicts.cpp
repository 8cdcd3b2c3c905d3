// Rules 5, 6 and 10 of probing: later is not no, the first digit and the stage count, silence is not secured.
#include "verifier/techniques/verdicts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace provenbl::verifier::techniques {

ProbeResult judge_connect(const Error& error) {
    switch (error.code) {
    case Errc::closed:
        return {Verdict::closed_port, error.message};
    case Errc::unreachable:
    case Errc::timeout:
        return {Verdict::unreachable, error.message};
    default:
        return judge_own_trouble(error);
    }
}

ProbeResult judge_conversation(const Error& error, std::string_view protocol) {
    switch (error.code) {
    case Errc::protocol:
        return {Verdict::refused, fmt::format("does not speak {}: {}", protocol, error.message)};
    case Errc::limit:
        return {Verdict::inconclusive, "talks without end: " + error.message};
    case Errc::closed:
    case Errc::unreachable:
    case Errc::timeout:
        return {Verdict::unreachable, error.message};
    default:
        return judge_own_trouble(error);
    }
}

ProbeResult judge_own_trouble(const Error& error) {
    return {Verdict::inconclusive, fmt::format("{}{}", not_tried, error.message)};
}

ProbeResult judge_unreached_sink(std::string_view reply) {
    return {Verdict::inconclusive, fmt::format("the proxy tried and could not reach our sink: {}", reply)};
}

bool holds_busy_line(std::string_view heard) {
    for (auto at = heard.find(sink_is_busy); at != heard.npos; at = heard.find(sink_is_busy, at + 1))
        if (at == 0 || heard[at - 1] == '\n') return true;
    return false;
}

ProbeResult judge_busy_sink() {
    return judge_own_trouble({Errc::limit, "our sink was reached and was too busy to record it"});
}

ProbeResult judge_smtp(const wire::SmtpReply& reply, std::string_view stage) {
    if (reply.code == 421) return {Verdict::unreachable, fmt::format("{}: {}", stage, reply.quote())};
    if (reply.kind() == 4) return {Verdict::inconclusive, fmt::format("{}{}: {}", try_later, stage, reply.quote())};
    if (reply.kind() == 5) return {Verdict::refused, fmt::format("{}: {}", stage, reply.quote())};
    return {Verdict::inconclusive, fmt::format("unexpected answer to {}: {}", stage, reply.quote())};
}

bool outranks(Verdict a, Verdict b) {
    static constexpr std::array order{Verdict::open, Verdict::inconclusive, Verdict::refused, Verdict::unreachable,
                                      Verdict::closed_port};
    return std::find(order.begin(), order.end(), a) < std::find(order.begin(), order.end(), b);
}

} // namespace provenbl::verifier::techniques
