// Any octets as the options of an OPT in an otherwise good query, below an access key or not: what is malformed is
// FORMERR, a cookie comes back in front of one of ours, and whatever the client shows as a server cookie, only ours
// passes the rate limit. The first octet chooses the transport, and whether the limit is reached.
#include "dnsbl/guard/key_table.hpp"
#include "dnsbl/responder.hpp"
#include "tests/unit/dnsbl/question.hpp"
#include "tests/unit/dnsbl/served_zones.hpp"

#include <algorithm>
#include <cstdlib>

namespace {

using namespace provenbl;
using namespace provenbl::dnsbl;

constexpr std::string_view key = "abcdefghijklmnopqrst";

void require(bool holds) {
    if (!holds) std::abort();
}

const Responder& responder() {
    static const Responder made(testing::served_zones(),
                                {.edns_size = 1232, .identity = "fuzz", .cookie_secrets = {wire::SipKey{7}}});
    return made;
}

const guard::KeyTable& keys() {
    static const guard::KeyTable made = [] {
        guard::KeyEntry entry;
        entry.hash = access_keys::hash_label({reinterpret_cast<const std::uint8_t*>(key.data()), key.size()});
        entry.id = 1;
        entry.usage = std::make_shared<guard::KeyUsage>();
        return guard::KeyTable({entry});
    }();
    return made;
}

// The options as they should be read, by other means than the server's.
struct Options {
    bool whole = true;
    bool told_time = false; // in a keepalive option
    std::vector<std::uint8_t> cookie;

    explicit Options(std::span<const std::uint8_t> bytes) {
        bool seen = false;
        while (whole && !bytes.empty()) {
            const auto size = bytes.size() < 4 ? 0 : static_cast<std::size_t>(bytes[2]) * 256 + bytes[3];
            whole = bytes.size() >= 4 + size;
            if (!whole) return;
            const auto code = bytes[0] * 256 + bytes[1];
            const auto data = bytes.subspan(4, size);
            if (code == 10 && !seen) {
                seen = true;
                whole = size == 8 || (size >= 16 && size <= 40);
                cookie.assign(data.begin(), data.end());
            }
            if (code == 11 && size > 0) told_time = true;
            bytes = bytes.subspan(4 + size);
        }
    }
};

void check(std::span<const std::uint8_t> bytes, const std::string& name, Transport transport, bool limited) {
    static const auto snapshot = testing::served_snapshot();
    Asker asker;
    asker.transport = transport;
    asker.client = {testing::at("192.0.2.1"), 53};
    asker.now = Time{std::chrono::seconds(1'800'000'000)};
    asker.keys = &keys();
    asker.limited = limited;
    const auto message =
        testing::with_opt(testing::question(name, wire::type::a), {.options = {bytes.begin(), bytes.end()}});
    std::vector<std::uint8_t> out(Responder::smallest_buffer);
    const auto outcome = responder().respond(message, asker, snapshot, out);
    require(outcome.size <= out.size());
    const Options options(bytes);
    const bool bad = !options.whole || (options.told_time && transport == Transport::tcp);
    const bool stopped = limited && transport == Transport::udp && !outcome.cookie;
    if (bad) {
        require(stopped ? outcome.size == 0 : outcome.rcode == wire::Rcode::formerr);
        return;
    }
    require(outcome.size > 0);
    if (!stopped) {
        require(outcome.rcode == wire::Rcode::noerror);
    } else if (options.cookie.empty()) {
        require(outcome.truncated);
    } else {
        require(outcome.rcode == wire::Rcode::badcookie);
    }
    // A server cookie that passes is ours, with a time; anything else is as good as none.
    if (outcome.cookie) require(options.cookie.size() == wire::server_cookie_size + wire::client_cookie_size);
    const auto end = out.begin() + static_cast<std::ptrdiff_t>(outcome.size);
    if (!options.cookie.empty()) {
        const auto client = std::span(options.cookie).first(wire::client_cookie_size);
        require(std::search(out.begin(), end, client.begin(), client.end()) != end);
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0 || size > 4096) return 0;
    const auto transport = (data[0] & 1U) != 0 ? Transport::tcp : Transport::udp;
    const bool limited = (data[0] & 2U) != 0;
    const std::span<const std::uint8_t> options(data + 1, size - 1);
    check(options, "2.0.0.127.bl.example", transport, limited);
    check(options, "2.0.0.127." + std::string(key) + ".bl.example", transport, limited);
    return 0;
}
