// STUN messages under any bytes: bounded, the same however a stream is cut, and never more than what came.
#include "verifier/wire/stun.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <vector>

namespace {

using namespace provenbl::verifier::wire;

void require(bool holds) {
    if (!holds) std::abort();
}

struct Outcome {
    std::vector<StunMessage> messages;
    bool failed = false;
};

Outcome read(std::string_view bytes, std::size_t step) {
    Outcome outcome;
    std::string buffer;
    for (;;) {
        const auto taken = take_stun(buffer);
        if (!taken) {
            outcome.failed = true;
            return outcome;
        }
        if (*taken) {
            outcome.messages.push_back(**taken);
            continue;
        }
        require(buffer.size() < stun_limit);
        if (bytes.empty()) return outcome;
        buffer += bytes.substr(0, step);
        bytes.remove_prefix(std::min(step, bytes.size()));
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    // In pieces smaller than a message, so that what waits is bounded by one.
    const auto pieces = read(bytes, 1);
    const auto larger = read(bytes, 64);
    require(pieces.failed == larger.failed && pieces.messages.size() == larger.messages.size());
    std::size_t kept = 0;
    for (std::size_t i = 0; i < pieces.messages.size(); ++i) {
        const auto& message = pieces.messages[i];
        require(message.id == larger.messages[i].id && message.data == larger.messages[i].data);
        require(message.relayed == larger.messages[i].relayed && message.peer == larger.messages[i].peer);
        require(message.error >= 0 && message.error < 800);
        kept += message.data.size();
        (void)message.quote();
    }
    require(kept <= size);
    if (const auto alone = parse_stun(bytes); alone && !pieces.messages.empty())
        require(alone->id == pieces.messages[0].id && alone->data == pieces.messages[0].data);
    return 0;
}
