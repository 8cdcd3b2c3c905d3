// The TCP path (RFC 7766, RFC 7828): one thread, a coroutine for each connection, pipelined queries.
//
// Answers may come in any order (RFC 7766 section 6.2.1.1); each is computed at once, so ours keep the questions'
// order. A transfer is a stream of messages, each of which is made when the one before has been taken; questions behind
// it on the same connection wait, those of other connections come in between.
//
// A message has a deadline from its first octet to its last, and so has an answer that the client does not
// take; an idle connection ends after the idle timeout, which shrinks as connections fill. Which connection makes room
// for a new one is tcp_connections.hpp. The heavy includes stay in the .cpp file.
#pragma once

#include "dnsbl/guard/key_ring.hpp"
#include "dnsbl/responder.hpp"
#include "dnsbl/sockets.hpp"
#include "dnsbl/tcp_connections.hpp"
#include "dnsbl/transfer/desk.hpp"
#include "dnsbl/transfer/mirror_ring.hpp"
#include "dnsbl/transfer/slots.hpp"
#include "dnsbl/watch/watch.hpp"
#include "zones/follower.hpp"

#include <chrono>
#include <memory>

namespace provenbl::dnsbl {

struct TcpSettings {
    TcpLimits limits;
    std::chrono::milliseconds message_timeout{2000};
    std::chrono::milliseconds idle_timeout{10000};
    transfer::Limits transfers = {};
};

class TcpServer {
public:
    TcpServer(const Responder& responder, const zones::Follower& follower, const guard::KeyRing* keys,
              const transfer::MirrorRing* mirrors, const transfer::Desk& desk, const TcpSettings& settings,
              watch::Watch& watch);
    ~TcpServer(); // stops

    // A listening socket; before start.
    void add(Descriptor socket, bool v4);
    void start();
    void stop();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace provenbl::dnsbl
