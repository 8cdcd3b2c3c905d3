// A tunnel over HTTP/2 under any bytes of its host. The first byte cuts them into pieces; behind each piece we say what
// we have to say, as over a connection. Bounded, and an error is for good.
#include "verifier/wire/http2_tunnel.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>

namespace {

using namespace provenbl;
using namespace provenbl::verifier::wire;

void require(bool holds) {
    if (!holds) std::abort();
}

void talk(std::string_view bytes, std::size_t piece) {
    Http2Tunnel tunnel({Address::v4(198, 51, 100, 9), 25}, "provenbl");
    require(tunnel.say().starts_with("PRI * HTTP/2.0"));
    tunnel.send("NOOP token\r\n");
    std::size_t heard = 0;
    while (!bytes.empty()) {
        const auto taken = tunnel.take(bytes.substr(0, piece));
        bytes.remove_prefix(std::min(piece, bytes.size()));
        heard = std::max(heard, tunnel.heard().size());
        // PING and SETTINGS are answered with what they are as long as; all else of ours is small.
        require(tunnel.say().size() <= 64 * 1024);
        if (!taken) {
            require(!tunnel.take("x"));
            break;
        }
    }
    if (const auto& head = tunnel.head()) {
        require(head->status >= 200);
        std::size_t size = 0;
        for (const auto& [name, value] : head->fields) size += name.size() + value.size();
        require(size <= Http2Tunnel::fields_limit);
    }
    (void)http2_error_name(tunnel.end_code());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    talk(bytes, std::max<std::size_t>(1, data[0]));
    // With the beginning that an honest host has, so that frames are reached at once.
    talk(std::string("\0\0\0\4\0\0\0\0\0", 9) + std::string(bytes), std::max<std::size_t>(1, data[0]));
    return 0;
}
