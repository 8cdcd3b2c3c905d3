// Judgement: what an error or a reply says about a host. Pure.
//
// Only an explicit no in the protocol is `refused`. Silence, resets and 421 are `unreachable`, that is
// unknown; "later" is `inconclusive`; and a fault of our own is never held against or for the host.
#pragma once

#include "store/result.hpp"
#include "verifier/technique.hpp"
#include "verifier/wire/smtp_reply.hpp"

#include <string_view>

namespace provenbl::verifier::techniques {

// Details that begin so have a meaning to the policy.
inline constexpr std::string_view try_later = "try again later: ";
inline constexpr std::string_view nothing_arrived = "accepted, but nothing has arrived";
inline constexpr std::string_view message_arrived = "the message has arrived at our mail sink";
inline constexpr std::string_view not_tried = "not tried: ";

// What our sinks say, as a line's beginning, when they are full or can't record (sinks/callback_sink.hpp).
inline constexpr std::string_view sink_is_busy = "421 ";

// From connect().
[[nodiscard]] ProbeResult judge_connect(const Error& error);
// From a conversation that spoke `protocol` ("SMTP").
[[nodiscard]] ProbeResult judge_conversation(const Error& error, std::string_view protocol);
// We could not do our part (no token could be written, no sink is configured).
[[nodiscard]] ProbeResult judge_own_trouble(const Error& error);

// The proxy took our request and failed behind it, as `reply` says: it may be open for others.
[[nodiscard]] ProbeResult judge_unreached_sink(std::string_view reply);
// Does a line of what came from behind the proxy begin with sink_is_busy?
[[nodiscard]] bool holds_busy_line(std::string_view heard);
[[nodiscard]] ProbeResult judge_busy_sink();

// A reply that is not the wished one; `stage` is what it answered ("RCPT TO").
[[nodiscard]] ProbeResult judge_smtp(const wire::SmtpReply& reply, std::string_view stage);

// The better known of two: open, inconclusive, refused, unreachable, closed port.
[[nodiscard]] bool outranks(Verdict a, Verdict b);

} // namespace provenbl::verifier::techniques
