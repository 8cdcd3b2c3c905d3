#include "dnsbl/tcp_server.hpp"

#include "dnsbl/static_view.hpp"
#include "dnsbl/tcp_connections.hpp"
#include "dnsbl/tcp_stream.hpp"
#include "dnsbl/tls/keeper.hpp"
#include "dnsbl/transfer/slots.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <array>
#include <exception>
#include <future>
#include <optional>
#include <thread>
#include <utility>

namespace provenbl::dnsbl {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Clock = std::chrono::steady_clock;

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t length_size = 2;
constexpr std::size_t usual_message = 512;
// Answers that are gathered before they are written; more questions wait meanwhile.
constexpr std::size_t gather_limit = 16'384;
constexpr auto retry_accept = std::chrono::milliseconds(50);
// How soon a certificate that was renewed is seen.
constexpr auto look_every = std::chrono::seconds(1);

struct Connection final : TcpSlot {
    explicit Connection(tcp::socket socket) : stream(std::move(socket)) {}
    void close() { stream.close(); }
    TcpStream stream;
    Asker asker{Transport::tcp, {}};
    Endpoint server; // our side
    std::vector<std::uint8_t> received = std::vector<std::uint8_t>(length_size + usual_message);
    std::size_t have = 0; // octets in `received`
    std::vector<std::uint8_t> answers;
    std::size_t answer_count = 0; // in `answers`
    // What comes behind the answers, before the next question is looked at.
    struct Granted {
        transfer::Order order;
        transfer::Slots::Slot slot;
        std::shared_ptr<const Serving> serving; // that granted it
    };
    std::optional<Granted> transfer;
};

Endpoint endpoint_of(const tcp::endpoint& from) {
    const auto address = from.address();
    return {address.is_v4() ? Address::v4(address.to_v4().to_uint()) : Address::v6(address.to_v6().to_bytes()),
            from.port()};
}

std::size_t message_size(const Connection& connection) {
    return static_cast<std::size_t>(connection.received[0] << 8U | connection.received[1]);
}

struct Timeouts {
    explicit Timeouts(const ServerSettings& from)
        : message_timeout(from.tcp_message_timeout), idle_timeout(from.tcp_idle_timeout),
          handshake_timeout(from.tls.handshake_timeout), transfers(from.transfers.limits) {}
    std::chrono::milliseconds message_timeout;
    std::chrono::milliseconds idle_timeout;
    std::chrono::milliseconds handshake_timeout; // from the connection to its end
    transfer::Limits transfers;
};

} // namespace

struct TcpServer::Impl {
    Impl(std::shared_ptr<const Serving> with, const zones::Follower& follower, const guard::KeyRing* keys,
         const transfer::MirrorRing* mirrors, std::size_t recorder_place, tls::Keeper* keeper)
        : serving(std::move(with)), keeper(keeper), recorder_place(recorder_place), snapshots(follower), keys(keys),
          mirrors(mirrors), settings(serving->settings), statics(serving->responder.statics()),
          recorder(serving->recorders.at(recorder_place)), transfers(settings.transfers), connections(limits()),
          sweep_every(std::clamp(std::min(settings.message_timeout, settings.idle_timeout) / 4,
                                 std::chrono::milliseconds(5), std::chrono::milliseconds(250))) {}

    [[nodiscard]] TcpLimits limits() const {
        const auto& from = serving->settings;
        return keeper != nullptr ? TcpLimits{from.tls.connections, from.tls.per_client}
                                 : TcpLimits{from.tcp_connections, from.tcp_per_client};
    }

    // Nothing that answers waits in the middle of an answer, so this is between two.
    void take_up(std::shared_ptr<const Serving> next) {
        serving = std::move(next);
        settings = Timeouts(serving->settings);
        statics = StaticReader(serving->responder.statics());
        recorder = serving->recorders.at(recorder_place);
        connections.limit(limits());
    }

    void spawn(asio::awaitable<void> work) {
        // The coroutines treat errors as values; what still throws (no memory) ends one of them, not the server.
        asio::co_spawn(io, std::move(work), [](const std::exception_ptr&) {});
    }

    asio::awaitable<void> accept(tcp::acceptor& acceptor) {
        asio::steady_timer pause(io);
        while (true) {
            auto [error, socket] = co_await acceptor.async_accept(as_result);
            if (error == asio::error::operation_aborted) co_return;
            if (error) {
                // A client that went at once; or no file is left, and then the oldest connection has to make room.
                if (error == asio::error::no_descriptors) {
                    if (const auto gone = connections.evict_oldest()) static_cast<Connection&>(*gone).close();
                }
                pause.expires_after(retry_accept);
                co_await pause.async_wait(as_result);
                continue;
            }
            try {
                take_in(std::move(socket));
            } catch (const std::exception&) {
                // No memory for this one; the next may find some.
            }
        }
    }

    void take_in(tcp::socket socket) {
        boost::system::error_code error;
        const auto peer = socket.remote_endpoint(error);
        if (error) return;
        socket.set_option(tcp::no_delay(true), error);
        const auto client = endpoint_of(peer);
        const auto* rule = serving->responder.access().find(client.address);
        if (rule != nullptr && rule->action == guard::AccessAction::drop) return; // closes it
        auto connection = std::make_shared<Connection>(std::move(socket));
        connection->asker.client = client;
        const auto local = connection->stream.socket().local_endpoint(error);
        if (!error) connection->server = endpoint_of(local);
        connection->client = TcpConnections::client_of(connection->asker.client.address);
        connection->deadline = Clock::now() + (keeper != nullptr ? settings.handshake_timeout : idle_grace());
        for (const auto& gone : connections.admit(connection)) static_cast<Connection&>(*gone).close();
        asio::co_spawn(io, serve(*connection), [this, connection](const std::exception_ptr&) {
            connection->close();
            connections.remove(connection);
        });
    }

    // `connection` is kept alive by the completion above.
    asio::awaitable<void> serve(Connection& connection) {
        if (keeper != nullptr) {
            const auto failed = co_await connection.stream.secure(*keeper);
            if (failed) co_return;
            connection.deadline = Clock::now() + idle_grace();
        }
        auto& received = connection.received;
        while (true) {
            const auto room = asio::buffer(received.data() + connection.have, received.size() - connection.have);
            const auto [error, count] = co_await connection.stream.read_some(room);
            if (error == asio::error::eof) {
                connection.deadline = Clock::now() + settings.message_timeout;
                co_await connection.stream.say_goodbye();
            }
            if (error) co_return;
            const auto began = Clock::now();
            if (connection.have == 0) connection.deadline = began + settings.message_timeout;
            connection.have += count;
            while (answer_some(connection)) {
                if (!connection.answers.empty()) {
                    connection.deadline = Clock::now() + settings.message_timeout;
                    const auto all = asio::const_buffer(asio::buffer(connection.answers));
                    const auto [failed, written] = co_await connection.stream.write(all);
                    if (failed) co_return;
                    connection.answers.clear();
                    recorder->took(Clock::now() - began, std::exchange(connection.answer_count, 0));
                }
                if (connection.transfer) {
                    const bool sent = co_await send_transfer(connection);
                    if (!sent) co_return;
                }
                if (connection.have == 0) connection.deadline = Clock::now() + idle_grace();
            }
            if (garbage(connection)) co_return;
            make_room(connection);
        }
    }

    // Written down whatever becomes of it: also where the server stops, which destroys the coroutine.
    struct Record {
        explicit Record(const transfer::Desk& desk, const transfer::Order& order) : desk(desk) {
            served.mirror = order.mirror;
            served.zone = order.contents->zone().apex().to_string();
            served.client = order.client;
            served.complete = false;
        }
        ~Record() {
            served.took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - began);
            try {
                desk.book().served(served, SystemClock().now());
            } catch (const std::exception&) {
                // No memory for the sum; the transfer was what it was.
            }
        }
        Record(const Record&) = delete;
        Record& operator=(const Record&) = delete;
        void add(const std::vector<std::uint8_t>& message) {
            ++served.messages;
            served.octets += message.size();
            served.records += transfer::records_in(message);
        }
        const transfer::Desk& desk;
        const Clock::time_point began = Clock::now();
        transfer::Served served;
    };

    // Every message of it. False when the connection is of no more use.
    asio::awaitable<bool> send_transfer(Connection& connection) {
        auto granted = std::move(*connection.transfer);
        connection.transfer.reset();
        auto& order = granted.order;
        Record record(granted.serving->desk, order);
        const auto end = Clock::now() + settings.transfers.timeout;
        auto difference = co_await read_difference(connection, granted.serving->desk, order);
        record.served.whole = !difference;
        transfer::Transfer transfer(*order.contents, order.snapshot, order.head, std::move(difference));
        std::vector<std::uint8_t> message;
        std::array<std::uint8_t, length_size> length{};
        while (!transfer.over()) {
            if (Clock::now() > end || !transfer.next(message, order.room())) co_return false;
            order.signer.sign(message, SystemClock().now());
            length = {static_cast<std::uint8_t>(message.size() >> 8U), static_cast<std::uint8_t>(message.size())};
            const std::array both{asio::const_buffer(asio::buffer(length)), asio::const_buffer(asio::buffer(message))};
            connection.deadline = Clock::now() + settings.transfers.message_timeout;
            const auto [failed, written] = co_await connection.stream.write(both);
            if (failed) co_return false;
            record.add(message);
            if (connection.present) connections.progress(*connection.place);
        }
        record.served.complete = true;
        connection.deadline = Clock::now() + settings.message_timeout;
        co_return true;
    }

    // In pieces, so that others are answered in between. Nothing where the whole zone is to be sent.
    asio::awaitable<std::optional<transfer::Difference>>
    read_difference(Connection& connection, const transfer::Desk& desk, const transfer::Order& order) {
        using Progress = zones::DeltaReader::Progress;
        auto reader = desk.difference(order);
        if (!reader) co_return std::nullopt;
        auto progress = Progress::more;
        while (progress == Progress::more) {
            connection.deadline = Clock::now() + settings.transfers.message_timeout;
            try {
                progress = desk.read(*reader);
            } catch (const std::exception&) {
                progress = Progress::untold; // the store can't be read: the zone goes whole, from memory
            }
            co_await asio::post(io, asio::use_awaitable);
        }
        if (progress == Progress::untold) co_return std::nullopt;
        co_return transfer::Difference{*order.client_serial, reader->take()};
    }

    // A client that was told to leave has the time of a message to do so itself (it may have sent one already).
    [[nodiscard]] std::chrono::milliseconds idle_grace() const {
        const auto told = connections.idle_timeout(settings.idle_timeout);
        return std::max(told, std::min(settings.message_timeout, settings.idle_timeout));
    }

    // A message shorter than a header: this is not DNS.
    static bool garbage(const Connection& connection) {
        return connection.have >= length_size && message_size(connection) < wire::header_size;
    }

    static void make_room(Connection& connection) {
        auto& received = connection.received;
        const auto size = connection.have >= length_size ? message_size(connection) : usual_message;
        const auto wanted = length_size + std::max(size, usual_message);
        if (received.size() == wanted) return;
        received.resize(wanted);
        received.shrink_to_fit();
    }

    // Answers the whole messages that are there, up to gather_limit; true when there is something to write.
    bool answer_some(Connection& connection) {
        auto& received = connection.received;
        std::size_t at = 0;
        bool whole = false;
        while (!connection.transfer && connection.answers.size() < gather_limit &&
               connection.have - at >= length_size) {
            const auto size = static_cast<std::size_t>(received[at] << 8U | received[at + 1]);
            if (size < wire::header_size || connection.have - at - length_size < size) break;
            answer(connection, {received.data() + at + length_size, size});
            at += length_size + size;
            whole = true;
        }
        std::copy(received.begin() + static_cast<std::ptrdiff_t>(at),
                  received.begin() + static_cast<std::ptrdiff_t>(connection.have), received.begin());
        connection.have -= at;
        if (whole) {
            if (connection.present) connections.progress(*connection.place);
            // What is left is the beginning of the next message.
            const auto timeout = connection.have > 0 ? settings.message_timeout : idle_grace();
            connection.deadline = Clock::now() + timeout;
        }
        return !connection.answers.empty() || connection.transfer;
    }

    void answer(Connection& connection, std::span<const std::uint8_t> message) {
        connection.asker.now = SystemClock().now();
        connection.asker.channel = connection.stream.channel(keeper);
        connection.asker.keys = keys.get();
        connection.asker.mirrors = mirrors.get();
        connection.asker.idle_timeout = connections.idle_timeout(settings.idle_timeout);
        connection.asker.transfers_full = !transfers.has_room(connection.client);
        connection.asker.statics = statics.get();
        const auto outcome = serving->responder.respond(message, connection.asker, snapshots.get(), scratch);
        recorder->count(outcome);
        const auto size = outcome.size;
        if (recorder->watched()) {
            const auto now = std::chrono::system_clock::now();
            const auto answer = std::span<const std::uint8_t>(scratch).first(size);
            recorder->observe({connection.asker, connection.server, message, outcome, answer, now, now});
        }
        if (size == 0) return;
        if (outcome.refusal != Refusal::none) serving->desk.refused(message, connection.asker, outcome);
        if (outcome.transfer != TransferDue::none) {
            auto order = serving->desk.take(message, outcome, std::span(scratch).first(size), snapshots.share(),
                                            connection.asker);
            connection.transfer.emplace(
                Connection::Granted{std::move(order), transfers.take(connection.client), serving});
            return;
        }
        ++connection.answer_count;
        connection.answers.push_back(static_cast<std::uint8_t>(size >> 8U));
        connection.answers.push_back(static_cast<std::uint8_t>(size));
        connection.answers.insert(connection.answers.end(), scratch.begin(),
                                  scratch.begin() + static_cast<std::ptrdiff_t>(size));
    }

    asio::awaitable<void> sweep() {
        asio::steady_timer timer(io);
        while (true) {
            timer.expires_after(sweep_every);
            const auto [error] = co_await timer.async_wait(as_result);
            if (error) co_return;
            try {
                if (keeper != nullptr) look_at_certificate();
                for (const auto& late : connections.expire(Clock::now())) static_cast<Connection&>(*late).close();
                static_cast<void>(statics.get()); // lets an old one go
                snapshots.get();                  // likewise
            } catch (const std::exception&) {
                // No memory for the list of those that are late: the next look may find some.
            }
        }
    }

    void look_at_certificate() {
        if (Clock::now() < next_look) return;
        next_look = Clock::now() + look_every;
        keeper->look(SystemClock().now());
    }

    std::shared_ptr<const Serving> serving;
    tls::Keeper* const keeper;        // null: nothing is encrypted
    const std::size_t recorder_place; // in Serving::recorders
    zones::SnapshotReader snapshots;
    guard::KeyReader keys;
    transfer::AccessReader mirrors;
    Timeouts settings;
    StaticReader statics;
    watch::Recorder* recorder;
    transfer::Slots transfers;
    std::vector<std::uint8_t> scratch = std::vector<std::uint8_t>(wire::longest_message);
    // Coroutines that are under way when the server stops are destroyed with `io`, after all that follows it.
    asio::io_context io{1};
    TcpConnections connections;
    const std::chrono::milliseconds sweep_every;
    Clock::time_point next_look{}; // at the certificate
    std::vector<std::unique_ptr<tcp::acceptor>> acceptors;
    std::thread thread;
};

TcpServer::TcpServer(std::shared_ptr<const Serving> serving, const zones::Follower& follower,
                     const guard::KeyRing* keys, const transfer::MirrorRing* mirrors, std::size_t recorder,
                     tls::Keeper* keeper)
    : impl_(std::make_unique<Impl>(std::move(serving), follower, keys, mirrors, recorder, keeper)) {}

TcpServer::~TcpServer() {
    stop();
}

void TcpServer::add(Descriptor socket, bool v4) {
    impl_->acceptors.push_back(
        std::make_unique<tcp::acceptor>(impl_->io, v4 ? tcp::v4() : tcp::v6(), socket.release()));
}

void TcpServer::start() {
    for (auto& acceptor : impl_->acceptors) impl_->spawn(impl_->accept(*acceptor));
    impl_->spawn(impl_->sweep());
    impl_->thread = std::thread([impl = impl_.get()] { impl->io.run(); });
}

void TcpServer::use(std::shared_ptr<const Serving> next) {
    std::promise<void> taken;
    asio::post(impl_->io, [&] {
        impl_->take_up(std::move(next));
        taken.set_value();
    });
    taken.get_future().wait();
}

void TcpServer::stop() {
    impl_->io.stop();
    if (impl_->thread.joinable()) impl_->thread.join();
    impl_->acceptors.clear();
    for (const auto& open : impl_->connections.expire(Clock::time_point::max()))
        static_cast<Connection&>(*open).close();
}

} // namespace provenbl::dnsbl
