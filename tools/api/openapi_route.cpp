// The API's own description: docs/openapi.json, as it was compiled in.
#include "store/sha256.hpp"
#include "tools/api/router.hpp"
#include "tools/embedded_text.hpp"

#include <fmt/format.h>

namespace provenbl::tools::api {

std::span<const EmbeddedText> documents(); // written at build time

namespace routes {

Response openapi() {
    static const Response whole = [] {
        Response response;
        response.body = documents().front().text;
        Sha256 hash;
        hash.update(response.body);
        response.headers = {{"ETag", fmt::format("\"{}\"", hash.hex().substr(0, 32))},
                            {"Cache-Control", "public, max-age=3600"}};
        return response;
    }();
    return whole;
}

} // namespace routes
} // namespace provenbl::tools::api
