// The API over HTTP/1.1: a Unix socket for the operator, TCP and TLS for the public routes. One thread, coroutines.
// transport.hpp moves the bytes, request_reader.hpp and response_text.hpp know the syntax, router.hpp the answers.
//
// Bounds: connections in total and of one client, bytes of header and body, time for a request and for its
// answer, followers of scans. The operator's connections are counted apart, so that a crowd of others can't
// lock him out. Owns its thread and the socket's file; the context outlives it.
#pragma once

#include "store/address.hpp"
#include "tools/api/context.hpp"

#include <memory>
#include <vector>

namespace provenbl::tools::api {

class Server {
public:
    explicit Server(const Context& context);
    ~Server(); // stops
    // Before start: sockets that listen already, which somebody else has bound and keeps: a Unix socket for the
    // operator and TCP for the public. They are used in the place of those that the configuration names; ours are
    // copies.
    void adopt(std::vector<int> sockets);
    // Binds and starts. Errors name the endpoint and what to do.
    Result<> start();
    // From the next request on, everybody is answered from this. Where is listened does not change. Requests under way
    // end with what they began with, and keep it until then.
    void use(std::shared_ptr<const Context> next);
    void stop();
    // As bound: where port 0 was asked for, the port that the system gave.
    [[nodiscard]] std::vector<Endpoint> public_endpoints() const;
    [[nodiscard]] std::vector<Endpoint> tls_endpoints() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace provenbl::tools::api
