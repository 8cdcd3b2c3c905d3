#include "tools/cli/client.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <fmt/format.h>

#include <array>
#include <exception>

namespace provenbl::tools::cli {
namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace {

using Stream = beast::basic_stream<asio::generic::stream_protocol>;
constexpr auto completion = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t body_limit = 256U << 20U;

using Message = http::request<http::string_body>;
using Handler = std::function<Result<bool>(std::string_view bytes)>; // false: enough

std::string shown(const ServerAddress& server) {
    if (server.is_unix()) return "unix:" + server.socket;
    const bool v6 = server.host.find(':') != std::string::npos;
    return fmt::format("{}://{}{}{}:{}", server.tls ? "https" : "http", v6 ? "[" : "", server.host, v6 ? "]" : "",
                       server.port);
}

Error unreachable(const ServerAddress& server, const boost::system::error_code& code) {
    // What is at fault is not the same for the operator beside a socket and for an owner somewhere else.
    const auto* const advice =
        code == asio::error::access_denied
            ? "run as a user that may write to the socket (api.socket_mode), or name another server with --server"
        : server.is_unix() ? "start it with `provenbl run`, or name its address with --server or PROVENBL_SERVER"
        : code.category() == http::make_error_code(http::error::bad_version).category() &&
                code != http::error::end_of_stream && code != http::error::partial_message
            ? "what answers there does not speak HTTP: see that --server (or PROVENBL_SERVER) is the address that the "
              "list's operator publishes"
            : "see that --server (or PROVENBL_SERVER) is the address that the list's operator publishes, and that your "
              "network lets you out to it; else try again in a while";
    return {Errc::unreachable,
            fmt::format("can't reach the server at {}: {}; {}", shown(server), code.message(), advice)};
}

asio::awaitable<Result<>> connect(Stream& stream, const ServerAddress& server, Duration patience) {
    boost::system::error_code code;
    std::vector<asio::generic::stream_protocol::endpoint> endpoints;
    if (server.is_unix()) {
        endpoints.emplace_back(asio::local::stream_protocol::endpoint{server.socket});
    } else {
        asio::ip::tcp::resolver resolver{co_await asio::this_coro::executor};
        auto [resolved, found] = co_await resolver.async_resolve(server.host, server.port, completion);
        if (resolved) co_return unreachable(server, resolved);
        for (const auto& entry : found) endpoints.emplace_back(entry.endpoint());
    }
    for (const auto& endpoint : endpoints) {
        stream.expires_after(patience);
        std::tie(code) = co_await stream.async_connect(endpoint, completion);
        if (!code) co_return Result<>{};
        stream.socket().close();
    }
    co_return unreachable(server, code);
}

Error distrusted(const ServerAddress& server, const boost::system::error_code& code) {
    return {
        Errc::unreachable,
        fmt::format("no TLS with {}: {}; the certificate has to be valid for that name, and signed by who is in the "
                    "system's store or in the file that --ca names",
                    shown(server), code.message())};
}

// Sends, reads the answer. With `events`, a 200's body goes there piece by piece. `lowest` has the deadlines.
template <class AnyStream>
asio::awaitable<Result<Reply>> converse(AnyStream& stream, Stream& lowest, const ServerAddress& server,
                                        Message& message, const Handler* events, Duration patience) {
    lowest.expires_after(patience);
    if (const auto [code, size] = co_await http::async_write(stream, message, completion); code)
        co_return unreachable(server, code);

    beast::flat_buffer buffer;
    http::response_parser<http::buffer_body> parser;
    parser.body_limit(body_limit);
    if (const auto [code, size] = co_await http::async_read_header(stream, buffer, parser, completion); code)
        co_return unreachable(server, code);
    Reply reply;
    reply.status = parser.get().result_int();
    const bool streaming = events != nullptr && reply.status == 200;
    if (streaming) parser.body_limit(boost::none);
    std::array<char, 8192> chunk{};
    while (!parser.is_done()) {
        parser.get().body().data = chunk.data();
        parser.get().body().size = chunk.size();
        lowest.expires_after(patience);
        // What is there is handed on at once, not when the chunk is full.
        const auto [code, size] = co_await http::async_read_some(stream, buffer, parser, completion);
        const std::string_view bytes{chunk.data(), chunk.size() - parser.get().body().size};
        if (streaming) {
            const auto wanted = (*events)(bytes);
            if (!wanted) co_return wanted.error();
            if (!*wanted) co_return reply;
        } else {
            reply.body += bytes;
        }
        if (code && code != http::error::need_buffer && code != http::error::end_of_stream) {
            if (streaming && (code == http::error::partial_message || code == asio::ssl::error::stream_truncated))
                co_return reply;
            co_return unreachable(server, code);
        }
        if (code == http::error::end_of_stream) break;
    }
    co_return reply;
}

asio::awaitable<Result<Reply>> exchange(const ServerAddress& server, Message message, const Handler* events,
                                        Duration patience) {
    const auto executor = co_await asio::this_coro::executor;
    if (!server.tls) {
        Stream stream{executor};
        if (auto connected = co_await connect(stream, server, patience); !connected) co_return connected.error();
        co_return co_await converse(stream, stream, server, message, events, patience);
    }
    boost::system::error_code code;
    asio::ssl::context context{asio::ssl::context::tls_client};
    SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
    if (server.authorities.empty())
        context.set_default_verify_paths(code);
    else
        context.load_verify_file(server.authorities, code);
    if (code) {
        co_return Error{Errc::invalid,
                        fmt::format("can't read the certificates of {}: {}; give a PEM file",
                                    server.authorities.empty() ? "the system" : server.authorities, code.message())};
    }
    context.set_verify_mode(asio::ssl::verify_peer);
    beast::ssl_stream<Stream> stream{executor, context};
    // A name is told to the server (RFC 6066 3); an address is not.
    asio::ip::make_address(server.host, code);
    if (code) SSL_set_tlsext_host_name(stream.native_handle(), server.host.c_str());
    stream.set_verify_callback(asio::ssl::host_name_verification(server.host));
    auto& lowest = stream.next_layer();
    if (auto connected = co_await connect(lowest, server, patience); !connected) co_return connected.error();
    lowest.expires_after(patience);
    std::tie(code) = co_await stream.async_handshake(asio::ssl::stream_base::client, completion);
    if (code) co_return distrusted(server, code);
    co_return co_await converse(stream, lowest, server, message, events, patience);
}

Result<Reply> run(const ServerAddress& server, std::string_view method, const std::string& target,
                  const std::string& body, const Handler* events, Duration patience) {
    Message message;
    message.method_string({method.data(), method.size()});
    message.target({target.data(), target.size()});
    message.version(11);
    const bool v6 = server.host.find(':') != std::string::npos; // RFC 3986 3.2.2
    message.set(http::field::host, server.is_unix() ? std::string{"localhost"}
                                   : v6             ? "[" + server.host + "]"
                                                    : server.host);
    message.set(http::field::user_agent, "provenbl");
    message.set(http::field::accept, events != nullptr ? "text/event-stream" : "application/json");
    if (!body.empty()) message.set(http::field::content_type, "application/json");
    message.body() = body;
    message.prepare_payload();
    message.keep_alive(false);

    asio::io_context io{1};
    Result<Reply> result = Error{Errc::unreachable, "no answer"};
    asio::co_spawn(io, exchange(server, std::move(message), events, patience),
                   [&result](const std::exception_ptr& fault, Result<Reply> reply) {
                       if (fault) std::rethrow_exception(fault);
                       result = std::move(reply);
                   });
    io.run();
    return result;
}

} // namespace

Result<Reply> HttpClient::request(std::string_view method, const std::string& target, const std::string& body) {
    return run(server_, method, target, body, nullptr, patience_);
}

Result<Reply> HttpClient::follow(const std::string& target, const std::function<bool(const Event&)>& visit) {
    EventReader reader;
    const Handler handler = [&](std::string_view bytes) -> Result<bool> {
        const auto events = reader.feed(bytes);
        if (!events) return events.error();
        for (const auto& event : *events) {
            if (!visit(event)) return false;
        }
        return true;
    };
    return run(server_, "GET", target, "", &handler, patience_);
}

} // namespace provenbl::tools::cli
