// The dialogue of the callback sink.
#include "verifier/sinks/callback_sink.hpp"

#include "verifier/sinks/listener.hpp"
#include "verifier/wire/callback_request.hpp"

#include <fmt/format.h>

#include <array>
#include <optional>
#include <string_view>
#include <utility>

namespace provenbl::verifier {
namespace {

constexpr std::size_t connections_per_client = 64;
constexpr std::string_view busy = "421 busy";
constexpr Duration rest_within = std::chrono::seconds(5); // of a request that has begun

std::string busy_response(bool head_only) {
    return wire::http_answer("503 Service Unavailable", busy, head_only);
}

} // namespace

struct CallbackSink::Impl {
    Receiver& receiver;
    const Clock& clock;
    CallbackSinkSettings settings;
    std::optional<Listener> listener;

    Impl(Receiver& receiver_, const Clock& clock_, CallbackSinkSettings settings_)
        : receiver(receiver_), clock(clock_), settings(std::move(settings_)) {}

    // Reads until the client has said something whole, or has ended, or is silent after a greeting.
    Awaitable<std::string> listen_to(Peer& peer) {
        std::string said;
        std::array<char, 2048> buffer{};
        bool greeted = false;
        auto patience = greet_after;
        while (said.size() < head_limit) {
            const auto size = co_await peer.read_some(buffer, patience);
            if (size) {
                said.append(buffer.data(), *size);
                const auto form = wire::callback_form(said);
                if (form == wire::CallbackForm::http) break;
                // Something may stand before the token's line (a PROXY header, say).
                if (form == wire::CallbackForm::line && said.ends_with('\n') && receiver.mint().find(said)) break;
                patience = form == wire::CallbackForm::line ? greet_after : rest_within;
                continue;
            }
            if (size.error().code != Errc::timeout || greeted || !said.empty()) break;
            greeted = true;
            patience = settings.timeout;
            if (!co_await peer.write("220 provenbl callback\r\n")) break;
        }
        co_return said;
    }

    // The receiver's word on the token in what was said. What holds none counts as forged.
    Result<TokenId> examine(std::string_view said) {
        const auto id = receiver.mint().find(said);
        return receiver.examine(id ? receiver.mint().text_of(*id) : std::string(), SinkKind::callback);
    }

    Awaitable<void> serve(Peer& peer) {
        const auto said = co_await listen_to(peer);
        if (said.empty()) co_return; // a port scan, or a proxy that only tried
        const bool http = wire::callback_form(said) == wire::CallbackForm::http;
        const bool head_only = wire::is_head_request(said);
        const auto id = examine(said);
        Result<> recorded;
        if (!id) {
            recorded = id.error();
        } else {
            Arrival arrival{clock.now(), peer.remote().address, peer.local().port, said};
            recorded = co_await receiver.accept(*id, std::move(arrival));
        }
        std::string reply;
        if (recorded) {
            const auto answer = receiver.answer_to(*id);
            reply = http ? wire::http_answer("200 OK", answer, head_only) : fmt::format("250 {}\r\n", answer);
        } else if (!blames_token(recorded.error())) {
            reply = http ? busy_response(head_only) : fmt::format("{}\r\n", busy);
        } else if (http) {
            reply = wire::http_answer("404 Not Found", "no such token", head_only);
        }
        if (!reply.empty() && !co_await peer.write(reply)) co_return;
        co_await peer.finish();
    }
};

CallbackSink::CallbackSink(const boost::asio::any_io_executor& executor, Receiver& receiver, const Clock& clock,
                           const CallbackSinkSettings& settings)
    : impl_(std::make_shared<Impl>(receiver, clock, settings)) {
    ListenerSettings listener;
    listener.name = "callback sink";
    listener.setting = "callback_sink.listen";
    listener.listen = settings.listen;
    listener.connection_limit = settings.connection_limit;
    listener.connections_per_client = connections_per_client;
    // Nobody has heard yet whether this client speaks HTTP: the response's body is the line for all others.
    listener.too_many = busy_response(false);
    listener.limits = {settings.timeout, head_limit};
    impl_->listener.emplace(executor, std::move(listener),
                            [impl = std::weak_ptr(impl_)](Peer& peer) -> Awaitable<void> {
                                if (const auto alive = impl.lock()) co_await alive->serve(peer);
                            });
}

CallbackSink::~CallbackSink() {
    stop();
}

Result<> CallbackSink::start() {
    return impl_->listener->start();
}
void CallbackSink::stop() {
    impl_->listener->stop();
}
std::vector<Endpoint> CallbackSink::bound() const {
    return impl_->listener->bound();
}

} // namespace provenbl::verifier
