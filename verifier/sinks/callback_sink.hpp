// The callback sink: where tunnels lead; for datagrams it is datagram_sink.hpp. It answers a token with a word that
// only the key's holder can compute, so that what comes back through the suspect can't be an echo or a page for every
// request.
//
// Two ways to say the token: an HTTP request of any method (for proxies that only speak HTTP), or a line
// such as `NOOP <token>`. A client that stays silent is greeted once: some proxies wait for the server.
// When it is full or can't record, it says so (`421 busy`; in HTTP a 503 with that body), so that the probe
// takes our own trouble for no answer of the suspect.
// Executor: one thread runs it.
#pragma once

#include "verifier/receiver.hpp"
#include "verifier/settings.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <memory>
#include <vector>

namespace provenbl::verifier {

class CallbackSink {
public:
    static constexpr std::size_t head_limit = 8 * 1024;
    static constexpr Duration greet_after = std::chrono::seconds(1);

    CallbackSink(const boost::asio::any_io_executor& executor, Receiver& receiver, const Clock& clock,
                 const CallbackSinkSettings& settings);
    ~CallbackSink();
    Result<> start(); // binds; see Listener
    void stop();      // on the executor, or when nothing runs it
    [[nodiscard]] std::vector<Endpoint> bound() const;

private:
    struct Impl;
    std::shared_ptr<Impl> impl_; // sessions share it
};

} // namespace provenbl::verifier
