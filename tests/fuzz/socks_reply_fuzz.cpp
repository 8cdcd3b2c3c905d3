// The SOCKS reply parsers under any bytes: nothing is taken before a reply is whole, and a reply does not
// depend on what follows it.
#include "verifier/wire/socks.hpp"

#include <cstdint>
#include <cstdlib>

namespace {

using namespace provenbl::verifier::wire;

void require(bool holds) {
    if (!holds) std::abort();
}

template <class Parse> void check(Parse parse, std::string_view bytes) {
    std::string whole(bytes);
    const auto at_once = parse(whole);
    std::string buffer;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        buffer += bytes[i];
        const auto reply = parse(buffer);
        if (!reply) {
            require(!at_once);
            return;
        }
        if (*reply) {
            require(buffer.empty() && at_once && *at_once);
            require(whole == bytes.substr(i + 1));
            require((*reply)->meaning() == (**at_once).meaning());
            return;
        }
        require(buffer.size() == i + 1);
    }
    require(at_once && !*at_once);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size < 1024 ? size : 1024);
    check(parse_socks4_reply, bytes);
    check(parse_socks5_method, bytes);
    check(parse_socks5_reply, bytes);
    if (const auto payload = parse_socks5_datagram(bytes)) {
        require(payload->size() <= bytes.size() - 7 && bytes.ends_with(*payload)); // the shortest head: an empty name
        require(bytes[2] == 0);
    }
    return 0;
}
