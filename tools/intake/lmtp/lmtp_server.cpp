#include "tools/intake/lmtp/lmtp_server.hpp"

#include "store/log.hpp"
#include "tools/api/acceptors.hpp"
#include "tools/api/place.hpp"
#include "tools/api/transport.hpp"
#include "verifier/endpoints.hpp"
#include "verifier/wire/smtp_command.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <thread>
#include <utility>

namespace provenbl::tools::intake {
namespace asio = boost::asio;
namespace wire = verifier::wire;
namespace {

using namespace std::chrono_literals;
constexpr auto completion = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t line_limit = 2048;
constexpr Duration farewell = 2s;

} // namespace

struct LmtpServer::Impl {
    Impl(MailSettings settings_, LmtpRules rules_, Deliver deliver_)
        : settings(std::move(settings_)), rules(std::move(rules_)), deliver(std::move(deliver_)) {}

    const MailSettings settings;
    const LmtpRules rules;
    const Deliver deliver;
    std::size_t connections = 0;
    asio::io_context io{1}; // after the count: conversations that end with it still count down
    std::vector<asio::ip::tcp::acceptor> acceptors;
    std::optional<asio::local::stream_protocol::acceptor> local;
    std::thread thread;

    asio::awaitable<LmtpSession::Step> take(LmtpSession& session, const wire::SmtpDataReader& data) const {
        if (data.overlong()) co_return session.too_long();
        auto recipients = session.recipients();
        std::string message = data.message();
        const auto replies = co_await deliver(std::move(recipients), std::move(message));
        co_return session.delivered(replies);
    }

    asio::awaitable<void> converse(std::unique_ptr<api::Transport> transport, api::Place /*place*/) {
        LmtpSession session{rules};
        wire::SmtpLineReader lines{line_limit};
        std::optional<wire::SmtpDataReader> data; // while a message is read
        std::array<char, 16384> buffer{};
        std::string_view input;
        const auto end = std::chrono::steady_clock::now() + settings.session_timeout;
        const auto wait = [&] {
            const auto left = std::chrono::duration_cast<Duration>(end - std::chrono::steady_clock::now());
            transport->expires_after(std::clamp<Duration>(left, Duration::zero(), settings.timeout));
        };
        wait();
        if (!co_await transport->write(session.greeting())) co_return;
        for (;;) {
            if (input.empty()) {
                wait();
                const auto size = co_await transport->read_some(buffer);
                if (size == 0) {
                    if (!transport->late()) co_return;
                    transport->expires_after(farewell);
                    (void)co_await transport->write("421 4.4.2 too slow, closing\r\n");
                    break;
                }
                input = {buffer.data(), size};
            }
            LmtpSession::Step step;
            if (data) {
                if (!data->take(input)) continue;
                transport->expires_never(); // a commit takes as long as the disk takes
                step = co_await take(session, *data);
                data.reset();
            } else {
                const auto line = lines.take(input);
                if (!line) continue;
                step = session.command(*line, lines.overlong());
            }
            wait();
            if (!co_await transport->write(step.reply)) co_return;
            if (step.next == LmtpSession::Next::close) break;
            if (step.next == LmtpSession::Next::message) data.emplace(rules.message_limit);
        }
        transport->expires_after(farewell);
        co_await transport->finish(true);
    }

    asio::awaitable<void> turn_away(std::unique_ptr<api::Transport> transport, api::Place /*place*/) {
        transport->expires_after(farewell);
        (void)co_await transport->write("421 4.3.2 too many connections, try again later\r\n");
        co_await transport->finish(false);
    }

    template <class Acceptor> asio::awaitable<void> accept(Acceptor& acceptor) {
        for (;;) {
            auto [code, socket] = co_await acceptor.async_accept(completion);
            if (code == asio::error::operation_aborted) co_return;
            if (code) { // out of descriptors, most likely: wait for some to come back
                asio::steady_timer timer{io, 100ms};
                co_await timer.async_wait(completion);
                continue;
            }
            asio::generic::stream_protocol::socket plain{std::move(socket)};
            auto transport = api::plain_transport(std::move(plain));
            if (connections >= 2 * settings.connection_limit) continue; // closes it without a word
            if (connections >= settings.connection_limit) {
                asio::co_spawn(io, turn_away(std::move(transport), api::Place{connections}), asio::detached);
                continue;
            }
            asio::co_spawn(io, converse(std::move(transport), api::Place{connections}), asio::detached);
        }
    }

    Result<> listen_at(const Endpoint& endpoint) {
        return api::listen_at(acceptors.emplace_back(io), endpoint, endpoint.to_string() + " (intake.mail.listen)");
    }

    Result<> listen_locally() {
        return api::listen_at(local, io, settings.socket, settings.socket_mode, "intake.mail.socket");
    }

    void close() {
        acceptors.clear();
        if (!local) return;
        local.reset();
        std::error_code ignored;
        std::filesystem::remove(settings.socket, ignored);
    }

    Result<> listen() {
        acceptors.reserve(settings.listen.size()); // the coroutines keep references
        Result<> listening;
        if (!settings.socket.empty()) listening = listen_locally();
        for (const auto& endpoint : settings.listen) {
            if (listening) listening = listen_at(endpoint);
        }
        if (!listening) close();
        return listening;
    }

    void run() {
        // A fault in one conversation ends that conversation; the others go on.
        while (!io.stopped()) {
            try {
                io.run();
            } catch (const std::exception& fault) {
                log::of("intake")->error("{}", fault.what());
            }
        }
    }
};

LmtpServer::LmtpServer(MailSettings settings, LmtpRules rules, Deliver deliver)
    : impl_(std::make_unique<Impl>(std::move(settings), std::move(rules), std::move(deliver))) {}

LmtpServer::~LmtpServer() {
    stop();
}

Result<> LmtpServer::start() {
    auto& impl = *impl_;
    if (auto listening = impl.listen(); !listening) return listening;
    if (impl.local) asio::co_spawn(impl.io, impl.accept(*impl.local), asio::detached);
    for (auto& acceptor : impl.acceptors) asio::co_spawn(impl.io, impl.accept(acceptor), asio::detached);
    impl.thread = std::thread{[&impl] { impl.run(); }};
    return {};
}

void LmtpServer::stop() {
    impl_->io.stop();
    if (impl_->thread.joinable()) impl_->thread.join();
    impl_->close();
}

std::vector<Endpoint> LmtpServer::bound() const {
    std::vector<Endpoint> endpoints;
    for (const auto& acceptor : impl_->acceptors) {
        boost::system::error_code code;
        const auto where = acceptor.local_endpoint(code);
        if (!code) endpoints.push_back(verifier::from_asio(where));
    }
    return endpoints;
}

} // namespace provenbl::tools::intake
