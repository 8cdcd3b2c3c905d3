// The one file of letters that knows HTTP (Beast).
#include "store/special_purpose.hpp"
#include "tools/letters/rdap.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/url.hpp>
#include <fmt/format.h>

#include <exception>
#include <optional>

namespace provenbl::tools::letters {
namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace {

constexpr auto completion = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t longest_answer = std::size_t{1} << 20U;
constexpr int most_redirects = 4;

struct Place {
    bool tls = true;
    std::string host;
    std::string port;
    std::string target;
};

Result<Place> parse_place(std::string_view text) {
    const auto parsed = boost::urls::parse_uri({text.data(), text.size()});
    if (!parsed || (parsed->scheme() != "https" && parsed->scheme() != "http") || parsed->encoded_host().empty())
        return Error{Errc::protocol, "an RDAP server's URL is neither http nor https"};
    Place place;
    place.tls = parsed->scheme() == "https";
    place.host = parsed->host_address();
    place.port = parsed->has_port() ? std::string{parsed->port()} : place.tls ? "443" : "80";
    place.target = std::string{parsed->encoded_target()};
    if (!place.target.starts_with('/')) place.target.insert(0, "/");
    return place;
}

struct Reply {
    unsigned status = 0;
    std::string location;
    std::string body;
};

template <class Stream>
asio::awaitable<Result<Reply>> exchange(Stream& stream, beast::tcp_stream& lowest, Place place, Duration timeout) {
    http::request<http::empty_body> request{http::verb::get, place.target, 11};
    request.set(http::field::host, place.host);
    request.set(http::field::user_agent, "provenbl");
    request.set(http::field::accept, "application/rdap+json, application/json");
    request.keep_alive(false);
    lowest.expires_after(timeout);
    if (const auto [code, size] = co_await http::async_write(stream, request, completion); code)
        co_return Error{Errc::unreachable, fmt::format("{}: {}", place.host, code.message())};
    beast::flat_buffer buffer{longest_answer};
    http::response_parser<http::string_body> parser;
    parser.body_limit(longest_answer);
    lowest.expires_after(timeout);
    if (const auto [code, size] = co_await http::async_read(stream, buffer, parser, completion); code)
        co_return Error{code == http::error::body_limit ? Errc::limit : Errc::unreachable,
                        fmt::format("{}: {}", place.host, code.message())};
    Reply reply;
    reply.status = parser.get().result_int();
    const auto location = parser.get()[http::field::location];
    reply.location.assign(location.data(), location.size());
    reply.body = std::move(parser.get().body());
    co_return reply;
}

asio::awaitable<Result<Reply>> get(Place place, bool trusted, Duration timeout) {
    const auto executor = co_await asio::this_coro::executor;
    asio::ip::tcp::resolver resolver{executor};
    auto [unresolved, found] = co_await resolver.async_resolve(place.host, place.port, completion);
    if (unresolved) co_return Error{Errc::unreachable, fmt::format("{}: {}", place.host, unresolved.message())};
    std::vector<asio::ip::tcp::endpoint> endpoints;
    for (const auto& entry : found) {
        const auto address = Address::parse(entry.endpoint().address().to_string());
        if (trusted || (address && !special_purpose(*address))) endpoints.push_back(entry.endpoint());
    }
    if (endpoints.empty()) co_return Error{Errc::not_allowed, fmt::format("{} is no public address", place.host)};
    asio::ssl::context context{asio::ssl::context::tls_client};
    context.set_default_verify_paths();
    context.set_verify_mode(asio::ssl::verify_peer);
    beast::ssl_stream<beast::tcp_stream> stream{executor, context};
    auto& lowest = beast::get_lowest_layer(stream);
    lowest.expires_after(timeout);
    if (const auto [code, at] = co_await lowest.async_connect(endpoints, completion); code)
        co_return Error{Errc::unreachable, fmt::format("{}: {}", place.host, code.message())};
    if (!place.tls) co_return co_await exchange(lowest, lowest, std::move(place), timeout);
    SSL_set_tlsext_host_name(stream.native_handle(), place.host.c_str());
    stream.set_verify_callback(asio::ssl::host_name_verification(place.host));
    lowest.expires_after(timeout);
    if (const auto [code] = co_await stream.async_handshake(asio::ssl::stream_base::client, completion); code)
        co_return Error{Errc::unreachable, fmt::format("{}: {}", place.host, code.message())};
    co_return co_await exchange(stream, lowest, std::move(place), timeout);
}

asio::awaitable<Result<std::string>> follow(std::string url, Duration timeout) {
    const auto first = parse_place(url);
    if (!first) co_return first.error();
    Place place = *first;
    for (int redirects = 0; redirects <= most_redirects; ++redirects) {
        const bool trusted = place.host == first->host && place.port == first->port;
        Result<Reply> reply = co_await get(place, trusted, timeout);
        if (!reply) co_return reply.error();
        if (reply->status == 200) co_return std::move(reply->body);
        if (reply->status == 404) co_return Error{Errc::not_found, fmt::format("{} knows nothing of it", place.host)};
        if (reply->status < 300 || reply->status >= 400 || reply->location.empty())
            co_return Error{Errc::unreachable, fmt::format("{} answered with status {}", place.host, reply->status)};
        const auto next = parse_place(reply->location);
        if (!next) co_return next.error();
        const bool same = next->host == first->host && next->port == first->port;
        if (!next->tls && !same)
            co_return Error{Errc::not_allowed, fmt::format("{} leads to a server without TLS", place.host)};
        place = *next;
    }
    co_return Error{Errc::limit, "the RDAP servers lead in circles"};
}

} // namespace

Result<std::string> RdapClient::ask(const Address& host) const {
    auto url = base_;
    if (!url.ends_with('/')) url += '/';
    url += "ip/" + host.to_string();
    asio::io_context io{1};
    Result<std::string> answer = Error{Errc::unreachable, "no answer"};
    std::exception_ptr fault;
    asio::co_spawn(io, follow(url, timeout_), [&](const std::exception_ptr& failed, Result<std::string> got) {
        fault = failed;
        if (!failed) answer = std::move(got);
    });
    // Every step has its own deadline; name resolution has the system's.
    io.run_for(timeout_ * (most_redirects + 2) * 2);
    if (fault) {
        try {
            std::rethrow_exception(fault);
        } catch (const std::exception& error) {
            return Error{Errc::unreachable, error.what()};
        }
    }
    return answer;
}

} // namespace provenbl::tools::letters
