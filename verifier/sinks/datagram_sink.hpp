// The callback sink for datagrams: where relays of UDP lead. On the same addresses and ports as the callback sink.
//
// A datagram is a token, perhaps behind `NOOP `; its answer is the word that only the key's holder can compute, and is
// never longer than what asked for it, so that nobody is flooded through us. The token is checked before anything else
// is done, and whatever holds none gets no answer. A source can be forged: the answer goes to the one address that the
// store keeps as the exit, so that whoever brings the answer back was heard from there (tokens.hpp).
// When it can't record, it says `421 busy`, as the callback sink does.
// Executor: one thread runs it. One datagram of a socket is worked on at a time; the kernel's buffer is the queue.
#pragma once

#include "verifier/receiver.hpp"
#include "verifier/settings.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <memory>
#include <vector>

namespace provenbl::verifier {

class DatagramSink {
public:
    static constexpr std::size_t datagram_limit = 512; // longer ones are cut, and are no token then

    DatagramSink(boost::asio::any_io_executor executor, Receiver& receiver, const Clock& clock,
                 const CallbackSinkSettings& settings);
    ~DatagramSink();
    DatagramSink(const DatagramSink&) = delete;
    DatagramSink& operator=(const DatagramSink&) = delete;

    // Binds everything or nothing. Errors as Listener::start.
    Result<> start();
    void stop(); // on the executor, or when nothing runs it
    [[nodiscard]] std::vector<Endpoint> bound() const;

private:
    struct State; // shared with the loops
    std::shared_ptr<State> state_;
};

} // namespace provenbl::verifier
