// Errors as RFC 9457 problem details: `detail` says what to do, `code` is stable for programs, and `type` is where
// GET /v1/problems/CODE explains it. The router adds `instance`.
#pragma once

#include "store/result.hpp"
#include "tools/api/message.hpp"

#include <span>
#include <string_view>

namespace provenbl::tools::api {

// A kind of problem. One code may come with several statuses ("invalid" is 400 or 414).
struct ProblemType {
    std::string_view code;
    std::string_view title; // the same for every occurrence (RFC 9457 3.1.3)
    std::string_view meaning;
};
[[nodiscard]] std::span<const ProblemType> problem_types();
[[nodiscard]] const ProblemType* find_problem_type(std::string_view code);

[[nodiscard]] Response problem(unsigned status, std::string_view code, std::string_view detail);
// The status that fits the error: 400 invalid, 403 not-allowed, 404, 409 conflict, 503 busy or disk full ...
[[nodiscard]] Response problem(const Error& error);
[[nodiscard]] std::string_view reason_phrase(unsigned status);

// Says which request it was (RFC 9457 3.1.5): the path alone, because a query may hold what is nobody else's business.
void note_instance(Response& response, std::string_view target);

} // namespace provenbl::tools::api
