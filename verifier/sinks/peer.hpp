// One client of a sink: a socket that keeps its own bounds of time and bytes.
//
// Whoever connects is a suspect, something behind one, or a stranger: nothing here waits or reads without
// an end. Executor: the listener's, which one thread runs.
#pragma once

#include "store/address.hpp"
#include "store/result.hpp"
#include "verifier/network.hpp"
#include "verifier/watchdog.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <span>
#include <string_view>

namespace provenbl::verifier {

struct PeerLimits {
    Duration total = std::chrono::minutes(5);
    std::size_t bytes = 64 * 1024; // read in all
};

class Peer {
public:
    Peer(boost::asio::ip::tcp::socket socket, const Endpoint& local, const Endpoint& remote, const PeerLimits& limits);

    [[nodiscard]] const Endpoint& local() const { return local_; }
    [[nodiscard]] const Endpoint& remote() const { return remote_; }

    // At least one byte. Errors: timeout (of this read; the peer may still be spoken to), closed, limit, io.
    Awaitable<Result<std::size_t>> read_some(std::span<char> into, Duration patience);
    Awaitable<Result<>> write(std::string_view bytes);
    // Ends the sending side, and reads on for a moment: closing over unread bytes would reset the connection
    // and could destroy what we said last.
    Awaitable<void> finish();
    // From the listener's stop(): whatever waits ends with an error.
    void close();

private:
    using SteadyTime = std::chrono::steady_clock::time_point;
    Awaitable<Result<std::size_t>> read_until(SteadyTime deadline, std::span<char> into);
    boost::asio::ip::tcp::socket socket_;
    Endpoint local_;
    Endpoint remote_;
    SteadyTime end_;
    std::size_t bytes_left_;
    Watchdog watchdog_; // last: its cancel() uses the socket
};

} // namespace provenbl::verifier
