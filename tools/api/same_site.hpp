// Whether a request that changes something was sent by somebody else's page, in the browser of a visitor who never
// meant it.
//
// There are no cookies and no sessions here, but a visitor's address is a right of its own: who asks from an address
// may have it looked at. So a strange page must not press the button for him. Two headers tell, which no page can set
// and no old visit can replay, and nothing has to be kept for them:
//   - Sec-Fetch-Site (Fetch Metadata), sent by browsers over HTTPS: "same-origin", or "none" for what was typed;
//   - Origin (RFC 6454 7), sent with each POST: it has to name the host that was asked.
// A client that sends neither is no browser, and nobody's button can be pressed in it. Pure.
#pragma once

#include "tools/api/message.hpp"

namespace provenbl::tools::api {

[[nodiscard]] bool sent_by_another_site(const Request& request);

} // namespace provenbl::tools::api
