// The HTTP head parser under any bytes: bounded, and the same however the bytes are cut.
#include "verifier/fingerprint/proxy_software.hpp"
#include "verifier/wire/http_reply.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>

namespace {

using namespace provenbl::verifier::wire;

void require(bool holds) {
    if (!holds) std::abort();
}

struct Outcome {
    std::optional<HttpHead> head;
    std::string body;
    bool failed = false;
};

Outcome parse(std::string_view bytes, std::size_t step) {
    Outcome outcome;
    std::string buffer;
    std::size_t searched = 0;
    for (;;) {
        auto head = parse_http_head(buffer, searched);
        if (!head) {
            outcome.failed = true;
            break;
        }
        if (*head) {
            outcome.head = std::move(**head);
            outcome.body = buffer + std::string(bytes);
            break;
        }
        require(buffer.size() < http_head_limit);
        if (bytes.empty()) break;
        buffer += bytes.substr(0, step);
        bytes.remove_prefix(std::min(step, bytes.size()));
    }
    return outcome;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto whole = parse(bytes, size + 1);
    const auto pieces = parse(bytes, 1);
    require(whole.failed == pieces.failed && whole.head.has_value() == pieces.head.has_value());
    if (!whole.head) return 0;
    require(whole.head->status_line == pieces.head->status_line && whole.head->fields == pieces.head->fields);
    require(whole.body == pieces.body && whole.body.size() <= size);
    require(whole.head->status >= 100 && whole.head->status <= 999);
    require(provenbl::verifier::fingerprint::by_head(*whole.head, false).size() <= 67);
    (void)whole.head->quote();
    (void)body_complete(*whole.head, whole.body);
    return 0;
}
