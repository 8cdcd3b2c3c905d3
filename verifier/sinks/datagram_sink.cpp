// A loop for each socket. Behind a wildcard address the answer has to leave from the address that was asked: relays
// take no other, so both are read from and written into the control messages (IP_PKTINFO, RFC 3542 section 6).
#include "verifier/sinks/datagram_sink.hpp"

#include "store/log.hpp"
#include "verifier/endpoints.hpp"
#include "verifier/sinks/listener.hpp"
#include "verifier/wire/callback_request.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <array>
#include <cerrno>
#include <cstring>
#include <exception>
#include <netinet/in.h>
#include <optional>
#include <sys/socket.h>
#include <utility>

namespace provenbl::verifier {

namespace asio = boost::asio;
using asio::ip::udp;

namespace {

constexpr std::string_view busy = "421 busy";
constexpr std::size_t sent_at_once = 64; // datagrams between waits, so that a flood leaves the others their turn

// One datagram as it came, with what is needed to answer from where it was sent to.
class Datagram {
public:
    // False when nothing waits.
    bool receive(int socket) {
        size_ = 0;
        iovec part{bytes_.data(), bytes_.size()};
        msghdr message{};
        message.msg_name = from_.data();
        message.msg_namelen = static_cast<socklen_t>(from_.capacity());
        message.msg_iov = &part;
        message.msg_iovlen = 1;
        message.msg_control = control_.data();
        message.msg_controllen = control_.size();
        ssize_t size = 0;
        do {
            size = ::recvmsg(socket, &message, MSG_DONTWAIT);
        } while (size < 0 && errno == EINTR);
        if (size < 0) return false;
        from_.resize(message.msg_namelen);
        control_size_ = keep_destination(message);
        if ((message.msg_flags & MSG_TRUNC) == 0) size_ = static_cast<std::size_t>(size);
        return true;
    }
    void answer(int socket, std::string_view text) {
        if (text.size() > size_) return; // never more than was sent
        iovec part{const_cast<char*>(text.data()), text.size()};
        msghdr message{};
        message.msg_name = from_.data();
        message.msg_namelen = static_cast<socklen_t>(from_.size());
        message.msg_iov = &part;
        message.msg_iovlen = 1;
        message.msg_control = control_size_ == 0 ? nullptr : control_.data();
        message.msg_controllen = control_size_;
        (void)::sendmsg(socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL); // a datagram may be lost
    }
    [[nodiscard]] std::string_view text() const { return {bytes_.data(), size_}; }
    [[nodiscard]] Address from() const { return from_asio(from_).address; }

private:
    // Leaves in control_ what makes an answer leave from the address that was asked; returns its size.
    std::size_t keep_destination(msghdr& message) {
        for (auto* control = CMSG_FIRSTHDR(&message); control != nullptr; control = CMSG_NXTHDR(&message, control)) {
            if (control->cmsg_level == IPPROTO_IP && control->cmsg_type == IP_PKTINFO) {
                in_pktinfo info{};
                std::memcpy(&info, CMSG_DATA(control), sizeof info);
                info.ipi_ifindex = 0; // the route decides
                info.ipi_spec_dst = info.ipi_addr;
                return put_control(IPPROTO_IP, IP_PKTINFO, &info, sizeof info);
            }
            if (control->cmsg_level == IPPROTO_IPV6 && control->cmsg_type == IPV6_PKTINFO) {
                in6_pktinfo info{};
                std::memcpy(&info, CMSG_DATA(control), sizeof info);
                return put_control(IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof info);
            }
        }
        return 0;
    }
    std::size_t put_control(int level, int type, const void* info, std::size_t size) {
        control_.fill(0);
        auto* const header = reinterpret_cast<cmsghdr*>(control_.data());
        header->cmsg_level = level;
        header->cmsg_type = type;
        header->cmsg_len = CMSG_LEN(size);
        std::memcpy(CMSG_DATA(header), info, size);
        return CMSG_SPACE(size);
    }

    std::array<char, DatagramSink::datagram_limit> bytes_{};
    std::size_t size_ = 0;
    udp::endpoint from_;
    alignas(cmsghdr) std::array<std::uint8_t, 256> control_{};
    std::size_t control_size_ = 0;
};

} // namespace

struct DatagramSink::State {
    asio::any_io_executor executor;
    Receiver& receiver;
    const Clock& clock;
    ListenerSettings names; // for messages
    std::vector<udp::socket> sockets;
    bool stopping = false;

    State(asio::any_io_executor executor_, Receiver& receiver_, const Clock& clock_)
        : executor(std::move(executor_)), receiver(receiver_), clock(clock_) {}

    Result<> open(const Endpoint& where) {
        const auto endpoint = to_asio<udp>(where);
        boost::system::error_code error;
        udp::socket socket(executor);
        socket.open(endpoint.protocol(), error);
        if (!error && where.address.is_v6()) socket.set_option(asio::ip::v6_only(true), error);
        if (!error) {
            const int on = 1;
            const bool v4 = where.address.is_v4();
            ::setsockopt(socket.native_handle(), v4 ? IPPROTO_IP : IPPROTO_IPV6, v4 ? IP_PKTINFO : IPV6_RECVPKTINFO,
                         &on, sizeof on);
        }
        if (!error) socket.bind(endpoint, error);
        if (!error) socket.non_blocking(true, error);
        if (error) return bind_error(names, where, error);
        sockets.push_back(std::move(socket));
        return {};
    }

    // What is said to the datagram; empty for nothing.
    Awaitable<std::string> reply_to(std::string_view text, Address from, std::uint16_t port) {
        const auto id = receiver.examine(wire::datagram_token(text, TokenMint::text_size), SinkKind::datagram);
        if (!id) co_return std::string{};
        Arrival arrival{clock.now(), from, port, std::string(text)};
        const auto recorded = co_await receiver.accept(*id, std::move(arrival));
        if (recorded) co_return receiver.answer_to(*id);
        if (blames_token(recorded.error())) co_return std::string{};
        co_return std::string(busy);
    }

    static Awaitable<void> loop(std::shared_ptr<State> state, std::size_t index) {
        auto& socket = state->sockets[index];
        const auto port = socket.local_endpoint().port();
        asio::steady_timer pause(state->executor);
        Datagram datagram;
        while (!state->stopping) {
            const auto [error] =
                co_await socket.async_wait(udp::socket::wait_read, asio::as_tuple(asio::use_awaitable));
            if (state->stopping) break;
            if (error) { // no reason is known; but no loop may spin
                pause.expires_after(std::chrono::milliseconds(100));
                co_await pause.async_wait(asio::as_tuple(asio::use_awaitable));
                continue;
            }
            for (std::size_t i = 0; i < sent_at_once && !state->stopping && datagram.receive(socket.native_handle());
                 ++i) {
                try {
                    const std::string reply = co_await state->reply_to(datagram.text(), datagram.from(), port);
                    if (!reply.empty() && !state->stopping) datagram.answer(socket.native_handle(), reply);
                } catch (const std::exception& fault) {
                    log::of("verifier")
                        ->error("{}: a datagram of {} ended with: {}", state->names.name, log::client(datagram.from()),
                                fault.what());
                }
            }
        }
    }
};

DatagramSink::DatagramSink(asio::any_io_executor executor, Receiver& receiver, const Clock& clock,
                           const CallbackSinkSettings& settings)
    : state_(std::make_shared<State>(std::move(executor), receiver, clock)) {
    state_->names.name = "callback sink for datagrams";
    state_->names.setting = "callback_sink.listen";
    state_->names.listen = settings.listen;
}

DatagramSink::~DatagramSink() {
    stop();
}

Result<> DatagramSink::start() {
    for (const auto& where : state_->names.listen) {
        if (auto opened = state_->open(where); !opened) {
            state_->sockets.clear();
            return opened;
        }
    }
    for (std::size_t i = 0; i < state_->sockets.size(); ++i)
        asio::co_spawn(state_->executor, State::loop(state_, i), asio::detached);
    return {};
}

void DatagramSink::stop() {
    if (state_->stopping) return;
    state_->stopping = true;
    boost::system::error_code ignored;
    for (auto& socket : state_->sockets) socket.close(ignored);
}

std::vector<Endpoint> DatagramSink::bound() const {
    std::vector<Endpoint> all;
    for (const auto& socket : state_->sockets) {
        boost::system::error_code error;
        const auto endpoint = socket.local_endpoint(error);
        if (!error) all.push_back(from_asio(endpoint));
    }
    return all;
}

} // namespace provenbl::verifier
