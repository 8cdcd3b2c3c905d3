// One tunnel by CONNECT over HTTP/2, as a client asks for it (RFC 9113 section 8.5). The frames are nghttp2's business.
//
// Pure: bytes of the host in, bytes for it out. Bounds: 16 KiB of header fields in all (more is Errc::limit); what is
// heard through the tunnel is kept until it is taken, so the connection's own limit bounds it; a host that asks for
// answers without end (PING, SETTINGS) is Errc::limit. What does not begin with a SETTINGS frame is Errc::protocol.
#pragma once

#include "store/address.hpp"
#include "store/result.hpp"
#include "verifier/wire/http_reply.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace provenbl::verifier::wire {

class Http2Tunnel {
public:
    static constexpr std::size_t fields_limit = 16'384;

    // `agent` goes into user-agent.
    Http2Tunnel(const Endpoint& target, std::string_view agent);
    ~Http2Tunnel();
    Http2Tunnel(const Http2Tunnel&) = delete;
    Http2Tunnel& operator=(const Http2Tunnel&) = delete;

    // What the host sent. After an error the tunnel is of no more use.
    Result<> take(std::string_view bytes);
    // What is to be written now; empty for nothing.
    [[nodiscard]] std::string say();
    // Puts bytes into the tunnel; say() gives them out, as far as the host lets us.
    void send(std::string_view bytes);

    // The final response, once its head is whole; its status line is "HTTP/2 403".
    [[nodiscard]] const std::optional<HttpHead>& head() const;
    // What came through the tunnel (or as the page of a refusal) and has not been taken.
    [[nodiscard]] std::string& heard();
    // The stream, or all of the connection, has ended.
    [[nodiscard]] bool ended() const;
    // With this code (RFC 9113 section 7) in RST_STREAM or GOAWAY; 0 in good order.
    [[nodiscard]] std::uint32_t end_code() const;

private:
    struct State; // nghttp2's callbacks hold on to it
    std::unique_ptr<State> state_;
};

// "CONNECT_ERROR"; the number when it has no name.
[[nodiscard]] std::string http2_error_name(std::uint32_t code);

} // namespace provenbl::verifier::wire
