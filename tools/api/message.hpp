// Requests and answers of the API as plain values, so that routing needs no socket and no HTTP library.
//
// An Answer is one of three things: a response now, a write (work for the store's writer, and how its outcome
// becomes a response), or a scan to follow live. server.cpp performs them.
#pragma once

#include "store/address.hpp"
#include "store/clock.hpp"
#include "store/store.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace provenbl::tools::api {

struct Request {
    std::string method = "GET"; // upper case
    std::string target = "/";   // as it came: path and query, percent-encoded
    std::string accept;         // the Accept header
    std::string body;
    bool is_operator = false;       // it came over the Unix socket
    std::optional<Address> client;  // who asks, over TCP
    std::string authorization = {}; // the Authorization header
    // Further headers that routes ask for, with names in lower case; of one that came several times, all values joined.
    std::vector<std::pair<std::string, std::string>> headers = {};

    // The client is a trusted proxy that did not say for whom it asks: the address is nobody's own.
    bool client_is_proxy = false;

    [[nodiscard]] std::string_view header(std::string_view name) const {
        for (const auto& [key, value] : headers) {
            if (key == name) return value;
        }
        return {};
    }
};

struct Response {
    unsigned status = 200;
    std::string content_type = "application/json";
    std::string body;
    std::vector<std::pair<std::string, std::string>> headers = {};
};

// Performed by the writer; `respond` is called with what came of it.
struct Write {
    Store::Work work;
    std::function<Response(const Result<>&)> respond;
};

// Server-sent events of one scan (scan_feed.hpp).
struct Follow {
    Address host;
    std::uint64_t scan_id = 0;
    bool is_operator = false; // who follows
};

using Answer = std::variant<Response, Write, Follow>;

} // namespace provenbl::tools::api
