// The TCP path (RFC 7766, RFC 7828): one thread, a coroutine for each connection, pipelined queries.
//
// Answers may come in any order (RFC 7766 section 6.2.1.1); each is computed at once, so ours keep the questions'
// order. A transfer is a stream of messages, each of which is made when the one before has been taken; questions behind
// it on the same connection wait, those of other connections come in between.
//
// With TLS settings it is the server of DNS over TLS (RFC 7858, RFC 9103): the same in all else, and a server of its
// own, with its own thread and its own bounds, so that handshakes, which cost more than answers, hold up no plain
// connection.
//
// A message has a deadline from its first octet to its last, and so has an answer that the client does not
// take; an idle connection ends after the idle timeout, which shrinks as connections fill. Which connection makes room
// for a new one is tcp_connections.hpp. The heavy includes stay in the .cpp file.
#pragma once

#include "dnsbl/guard/key_ring.hpp"
#include "dnsbl/serving.hpp"
#include "dnsbl/sockets.hpp"
#include "dnsbl/transfer/mirror_ring.hpp"
#include "zones/follower.hpp"

#include <memory>

namespace provenbl::dnsbl {

namespace tls {
class Keeper;
}

class TcpServer {
public:
    // `recorder`: its place in Serving::recorders. With a keeper, which must outlive this, all that is said goes
    // through TLS, and the limits are those of dns.tls.
    TcpServer(std::shared_ptr<const Serving> serving, const zones::Follower& follower, const guard::KeyRing* keys,
              const transfer::MirrorRing* mirrors, std::size_t recorder = 0, tls::Keeper* keeper = nullptr);
    ~TcpServer(); // stops

    // A listening socket; before start.
    void add(Descriptor socket, bool v4);
    void start();
    // Between two messages: from now on answers are made with this, on connections that are there already, too. A
    // transfer that is under way ends as it began. Returns when it is so.
    void use(std::shared_ptr<const Serving> next);
    void stop();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace provenbl::dnsbl
