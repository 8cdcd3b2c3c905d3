// What coordinator and worker say to each other, inside signed envelopes: values, and their JSON. Pure.
//
// An order stands in the queue of NATS and names a visit. The worker that gets it takes the visit with a request, and
// is told all of it under a lease; each further request names the lease and counts up, so that none can be said twice.
// The result closes the lease. Lists and texts are bounded here; whether a value is right is judged by who uses it.
#pragma once

#include "store/records.hpp"
#include "store/result.hpp"
#include "verifier/carried_steps.hpp"
#include "verifier/visit_books.hpp"
#include "verifier/visitor.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace provenbl::tools::workers {

struct Order {
    std::uint64_t scan = 0;
    Time until{}; // after that nobody need take it
};

// ---- requests ----

struct Take { // answered by Taken
    std::uint64_t scan = 0;
    std::uint64_t delivery = 0; // of the order, counted by NATS
};
struct Alive {}; // nothing new: the worker is there still
struct Issue {   // answered by Issued
    std::string technique;
    Endpoint target;
    SinkKind sink = SinkKind::mail;
    std::string software;
};
struct Arrived { // answered by Seen
    TokenId token{};
    Duration patience{}; // at most longest_patience
};
struct Confirm {
    TokenId token{};
};
struct Steps {               // for those who follow the visit live
    std::uint64_t first = 0; // its place among all steps of the visit
    std::vector<ScanStep> steps;
    verifier::VisitBooks::Talk talk;
};
inline constexpr Duration longest_patience = std::chrono::seconds(5);

struct Request {
    std::string lease; // of Take: words of the worker's own, that the answer repeats
    std::uint64_t count = 0;
    std::variant<Take, Alive, Issue, Arrived, Confirm, Steps> what;
};

// ---- answers ----

struct Taken {
    std::string lease;
    Duration ack_wait{};
    verifier::Errand errand;
};
struct Issued {
    TokenId token{};
    std::string text;
    std::string answer; // that our sink will give
};
struct Seen {
    bool arrived = false;
};
struct Done {};

struct Answer {
    std::string to; // the lease of the request, and its count: an answer fits one question
    std::uint64_t count = 0;
    std::variant<Done, Error, Taken, Issued, Seen> what;
};

// ---- the end ----

struct ResultMessage {
    std::string lease;
    std::vector<ScanStep> steps; // all of them
    std::string software;
};

inline constexpr std::size_t most_steps = verifier::most_carried_steps; // of a visit
inline constexpr std::size_t most_tokens = 64;                          // of a conversation
inline constexpr std::size_t longest_text = 4096;
inline constexpr std::size_t longest_transcript = std::size_t{40} * 1024;

[[nodiscard]] std::string encode(const Order& order);
[[nodiscard]] std::string encode(const Request& request);
[[nodiscard]] std::string encode(const Answer& answer);
[[nodiscard]] std::string encode(const ResultMessage& result);

// Error invalid: no such message, a member missing or unknown, a value out of bounds.
[[nodiscard]] Result<Order> decode_order(std::string_view body);
[[nodiscard]] Result<Request> decode_request(std::string_view body);
[[nodiscard]] Result<Answer> decode_answer(std::string_view body);
[[nodiscard]] Result<ResultMessage> decode_result(std::string_view body);

} // namespace provenbl::tools::workers
