#include "tools/api/metrics_listener.hpp"

#include "store/log.hpp"
#include "tools/api/acceptors.hpp"
#include "tools/api/place.hpp"
#include "tools/metrics/page.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>

#include <algorithm>
#include <thread>

namespace provenbl::tools::api {
namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace {

using namespace std::chrono_literals;
constexpr auto completion = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t header_limit = 8 * 1024;
constexpr std::size_t connection_limit = 32;
constexpr std::size_t requests_per_connection = 1000;
constexpr auto patience = 60s; // collectors ask every 15 seconds or so, and keep the connection

} // namespace

struct MetricsListener::Impl {
    Impl(const Endpoint& endpoint, std::function<std::string()> told) : where(endpoint), text(std::move(told)) {}

    const Endpoint where;
    const std::function<std::string()> text;
    std::size_t connections = 0;
    asio::io_context io{1}; // after the count, which conversations that end with it still lower
    std::optional<asio::ip::tcp::acceptor> acceptor;
    std::thread thread;

    http::response<http::string_body> answer(const http::request<http::empty_body>& request) const {
        http::response<http::string_body> response;
        response.version(11);
        response.set(http::field::server, "provenbl");
        response.set(http::field::content_type, "text/plain; charset=utf-8");
        const bool head = request.method() == http::verb::head;
        const auto path = request.target().substr(0, request.target().find('?'));
        if (path != "/metrics") {
            response.result(http::status::not_found);
            response.body() = "there is nothing here but /metrics\n";
        } else if (request.method() != http::verb::get && !head) {
            response.result(http::status::method_not_allowed);
            response.set(http::field::allow, "GET, HEAD");
            response.body() = "use GET here\n";
        } else {
            try {
                response.body() = text();
                response.result(http::status::ok);
                response.set(http::field::content_type,
                             beast::string_view{metrics::content_type.data(), metrics::content_type.size()});
            } catch (const std::exception& fault) {
                response.result(http::status::internal_server_error);
                response.body() = std::string{"the figures can't be read: "} + fault.what() + "\n";
            }
        }
        response.keep_alive(request.keep_alive());
        response.prepare_payload();
        if (head) response.body().clear(); // the length stays
        return response;
    }

    asio::awaitable<void> converse(beast::tcp_stream stream, Place /*place*/) {
        beast::flat_buffer buffer{header_limit};
        for (std::size_t i = 0; i < requests_per_connection; ++i) {
            http::request_parser<http::empty_body> parser;
            parser.header_limit(header_limit);
            stream.expires_after(patience);
            const auto [failed, size] = co_await http::async_read(stream, buffer, parser, completion);
            if (failed) break;
            const auto response = answer(parser.get());
            const auto [broken, written] = co_await http::async_write(stream, response, completion);
            if (broken || !response.keep_alive()) break;
        }
        boost::system::error_code ignored;
        stream.socket().shutdown(asio::socket_base::shutdown_send, ignored);
    }

    asio::awaitable<void> accept() {
        for (;;) {
            auto [failed, socket] = co_await acceptor->async_accept(completion);
            if (failed == asio::error::operation_aborted) co_return;
            if (failed) { // out of descriptors, most likely: wait for some to come back
                asio::steady_timer timer{io, 100ms};
                co_await timer.async_wait(completion);
                continue;
            }
            if (connections >= connection_limit) continue; // closes it
            asio::co_spawn(io, converse(beast::tcp_stream{std::move(socket)}, Place{connections}), asio::detached);
        }
    }
};

MetricsListener::MetricsListener(const Endpoint& endpoint, std::function<std::string()> text)
    : impl_(std::make_unique<Impl>(endpoint, std::move(text))) {}

MetricsListener::~MetricsListener() {
    impl_->io.stop();
    if (impl_->thread.joinable()) impl_->thread.join();
}

Result<> MetricsListener::start() {
    auto& impl = *impl_;
    auto& acceptor = impl.acceptor.emplace(impl.io);
    const auto where = "metrics " + impl.where.to_string() + " (metrics.listen)";
    if (auto listening = listen_at(acceptor, impl.where, where); !listening) return listening;
    asio::co_spawn(impl.io, impl.accept(), asio::detached);
    impl.thread = std::thread{[&impl] {
        while (!impl.io.stopped()) {
            try {
                impl.io.run();
            } catch (const std::exception& fault) {
                log::of("api")->error("metrics: {}", fault.what());
            }
        }
    }};
    return {};
}

Endpoint MetricsListener::endpoint() const {
    boost::system::error_code failed;
    const auto bound = impl_->acceptor->local_endpoint(failed);
    return {impl_->where.address, failed ? impl_->where.port : bound.port()};
}

} // namespace provenbl::tools::api
