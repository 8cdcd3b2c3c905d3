// The shell around MailSession: reads, writes and commits for it.
#include "verifier/sinks/mail_sink.hpp"

#include "verifier/sinks/listener.hpp"
#include "verifier/sinks/mail_session.hpp"
#include "verifier/wire/smtp_command.hpp"

#include <fmt/format.h>

#include <array>
#include <optional>
#include <utility>

namespace provenbl::verifier {

struct MailSink::Impl {
    Receiver& receiver;
    const Clock& clock;
    MailSinkSettings settings;
    MailSessionRules rules;
    TrapReports* traps; // null: there are none
    std::optional<Listener> listener;

    Impl(Receiver& receiver_, const Clock& clock_, MailSinkSettings settings_, const Identity& identity,
         TrapReports* traps_)
        : receiver(receiver_), clock(clock_),
          settings(std::move(settings_)), rules{settings.hostname, identity.probe_domain, identity.contact,
                                                settings.message_limit, settings.command_limit},
          traps(traps_) {
        if (traps != nullptr) rules.traps = traps->addresses();
        if (!identity.mail_exchanger.empty()) rules.other_names.push_back(identity.mail_exchanger);
        for (const auto& address : identity.mail_addresses)
            rules.other_names.push_back(fmt::format("[{}{}]", address.is_v4() ? "" : "IPv6:", address.to_string()));
    }

    [[nodiscard]] Arrival arrival(const Peer& peer, std::string message) const {
        return {clock.now(), peer.remote().address, peer.local().port, std::move(message)};
    }

    Awaitable<MailSession::Step> deliver(const Peer& peer, MailSession& session, const wire::SmtpDataReader& data) {
        std::vector<Result<>> outcomes;
        if (!data.overlong()) {
            const auto tokens = session.recipients();
            for (const auto& token : tokens) {
                Arrival arrived = arrival(peer, data.message());
                arrived.sender = session.sender();
                auto outcome = co_await receiver.accept(token, std::move(arrived));
                outcomes.push_back(std::move(outcome));
            }
        }
        Result<> trapped;
        if (!data.overlong() && !session.trap().empty()) {
            auto sender = session.sender();
            auto trap = session.trap();
            trapped = co_await traps->report(peer.remote().address, std::move(sender), std::move(trap));
        }
        co_return session.delivered(outcomes, data.overlong(), trapped);
    }

    Awaitable<MailSession::Step> call_back(const Peer& peer, MailSession& session) {
        Arrival arrived = arrival(peer, {});
        const auto outcome = co_await receiver.accept(session.token(), std::move(arrived));
        co_return session.called_back(outcome, receiver.answer_to(session.token()));
    }

    Awaitable<void> serve(Peer& peer) {
        MailSession session(rules,
                            [this](std::string_view text, SinkKind sink) { return receiver.examine(text, sink); });
        wire::SmtpLineReader lines(settings.line_limit);
        std::optional<wire::SmtpDataReader> data; // while a message is read
        std::array<char, 4096> buffer{};
        std::string_view input;
        if (!co_await peer.write(session.greeting())) co_return;
        for (;;) {
            if (input.empty()) {
                const auto size = co_await peer.read_some(buffer, settings.command_timeout);
                if (!size) {
                    if (size.error().code == Errc::timeout)
                        (void)co_await peer.write("421 4.4.2 too slow, closing\r\n");
                    if (size.error().code == Errc::limit) (void)co_await peer.write("421 4.7.0 too much, closing\r\n");
                    break;
                }
                input = {buffer.data(), *size};
            }
            MailSession::Step step;
            if (data) {
                if (!data->take(input)) continue;
                step = co_await deliver(peer, session, *data);
                data.reset();
            } else {
                const auto line = lines.take(input);
                if (!line) continue;
                step = session.command(*line, lines.overlong());
            }
            if (step.next == MailSession::Next::callback) step = co_await call_back(peer, session);
            if (!co_await peer.write(step.reply)) co_return;
            if (step.next == MailSession::Next::close) break;
            if (step.next == MailSession::Next::message) data.emplace(settings.message_limit);
        }
        co_await peer.finish();
    }
};

MailSink::MailSink(const boost::asio::any_io_executor& executor, Receiver& receiver, const Clock& clock,
                   const MailSinkSettings& settings, const Identity& identity, TrapReports* traps)
    : impl_(std::make_shared<Impl>(receiver, clock, settings, identity, traps)) {
    ListenerSettings listener;
    listener.name = "mail sink";
    listener.setting = "mail_sink.listen";
    listener.listen = settings.listen;
    listener.connection_limit = settings.connection_limit;
    listener.connections_per_client = settings.connections_per_client;
    listener.too_many = "421 4.7.0 too many connections, try again later\r\n";
    listener.limits = {settings.session_timeout, settings.message_limit * 16};
    impl_->listener.emplace(executor, std::move(listener),
                            [impl = std::weak_ptr(impl_)](Peer& peer) -> Awaitable<void> {
                                if (const auto alive = impl.lock()) co_await alive->serve(peer);
                            });
}

MailSink::~MailSink() {
    stop();
}

Result<> MailSink::start() {
    return impl_->listener->start();
}
void MailSink::stop() {
    impl_->listener->stop();
}
std::vector<Endpoint> MailSink::bound() const {
    return impl_->listener->bound();
}

} // namespace provenbl::verifier
