// Requests out of a stream of bytes (HTTP/1.1, RFC 9112), within bounds. No sockets: bytes in, requests or refusals
// out.
//
// One request at a time: what a client sends ahead of it (pipelining) waits unread, so nobody makes the buffer grow.
// What can't be read is refused with the status that fits, and ends the connection: where the next request would begin
// is not known any more. Beast's parser does the syntax; what two servers could read in two ways is refused here (RFC
// 9112 6.1, 11.2: a length and a transfer coding, two hosts).
#pragma once

#include "tools/api/message.hpp"

#include <memory>
#include <string_view>

namespace provenbl::tools::api {

inline constexpr std::size_t header_limit = std::size_t{8} * 1024; // bytes of request line and header

class RequestReader {
public:
    explicit RequestReader(std::size_t body_limit);
    ~RequestReader();

    enum class State : std::uint8_t {
        more,     // feed() what comes next
        complete, // take() it
        fault,    // answer with fault(), then close
    };
    State feed(std::string_view bytes);
    // Something of a request has come that is not complete.
    [[nodiscard]] bool begun() const;
    // The client waits for leave to send the body ("Expect: 100-continue"); once true.
    [[nodiscard]] bool wants_leave();

    // The complete request, without who asks. Then feed("") goes on with what has come behind it.
    [[nodiscard]] Request take();
    [[nodiscard]] bool keep_alive() const; // of the request that was taken last
    [[nodiscard]] const Response& fault() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace provenbl::tools::api
