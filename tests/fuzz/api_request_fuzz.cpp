// The API and the pages: whatever a client sends, each request is answered, by the rules (api_rules.hpp), also in what
// requests before it have left behind.
//
// The first octet says who asks (1: the operator) and in which form (2: the rest is a stream of HTTP/1.1). Else the
// rest is requests, of seven fields that each end with a zero octet: method, target, Accept, Origin, Host,
// Authorization, body.
#include "tests/fuzz/api_rules.hpp"
#include "tests/fuzz/api_world.hpp"
#include "tools/api/client_address.hpp"
#include "tools/api/request_reader.hpp"

#include <algorithm>
#include <cstdlib>
#include <unistd.h>

namespace {

using namespace provenbl;
using namespace provenbl::tools;

constexpr int most_requests = 8;
constexpr std::size_t body_limit = 4096;

std::string field(std::string_view& rest) {
    const std::string cut{rest.substr(0, rest.find('\0'))};
    rest.remove_prefix(std::min(cut.size() + 1, rest.size()));
    return cut;
}

void ask_fields(fuzz::World& world, std::string_view rest, bool is_operator) {
    for (int i = 0; i < most_requests && !rest.empty(); ++i) {
        api::Request request;
        request.method = field(rest);
        request.target = field(rest);
        request.accept = field(rest);
        for (const char* name : {"origin", "host"}) {
            if (auto value = field(rest); !value.empty()) request.headers.emplace_back(name, std::move(value));
        }
        request.authorization = field(rest);
        request.body = field(rest);
        request.is_operator = is_operator;
        if (!is_operator) request.client = Address::v4(5, 6, 7, 8);
        world.ask(request);
    }
}

// In two pieces, as a network might deliver it.
void ask_stream(fuzz::World& world, std::string_view rest, bool is_operator) {
    const auto& settings = world.configuration.api;
    api::RequestReader reader{body_limit};
    auto state = reader.feed(rest.substr(0, rest.size() / 2));
    if (state == api::RequestReader::State::more) {
        (void)reader.wants_leave();
        state = reader.feed(rest.substr(rest.size() / 2));
        rest = {};
    } else {
        rest.remove_prefix(rest.size() / 2);
    }
    for (int i = 0; i < most_requests && state == api::RequestReader::State::complete; ++i) {
        auto request = reader.take();
        fuzz::require(request.body.size() <= body_limit, "a body has its bound");
        request.is_operator = is_operator;
        const auto from = api::client_address(Address::v4(10, 0, 0, 1), request.header("x-forwarded-for"),
                                              settings.forwarded_header, settings.trusted_proxies);
        fuzz::require(from.is_proxy == settings.trusted_proxies.front().contains(from.address),
                      "nobody but a proxy is one");
        if (!is_operator) request.client = from.address;
        request.client_is_proxy = from.is_proxy;
        world.ask(request);
        state = reader.feed(rest);
        rest = {};
    }
    if (state == api::RequestReader::State::fault) fuzz::check(reader.fault(), {});
}

fuzz::World& world() {
    // Commits that no disk has to take.
    if (::access("/dev/shm", W_OK) == 0) ::setenv("TMPDIR", "/dev/shm", 0);
    static fuzz::World only;
    return only;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const bool is_operator = (data[0] & 1U) != 0;
    const std::string_view rest{reinterpret_cast<const char*>(data) + 1, size - 1};
    world().renew();
    if ((data[0] & 2U) != 0)
        ask_stream(world(), rest, is_operator);
    else
        ask_fields(world(), rest, is_operator);
    return 0;
}
