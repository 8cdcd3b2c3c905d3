// The page about one address, to which TXT records point: plain HTML without scripts, complete in itself.
#pragma once

#include "tools/api/context.hpp"
#include "tools/api/describe.hpp"
#include "tools/api/message.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace provenbl::tools::api {

// For text and for quoted attributes.
[[nodiscard]] std::string escape_html(std::string_view text);

// `refusal` says why the address is never probed; empty when it may be.
[[nodiscard]] Response case_page(const HostFacts& facts, const std::vector<CaseEvidence>& evidence,
                                 std::string_view refusal, const Context& context);

} // namespace provenbl::tools::api
