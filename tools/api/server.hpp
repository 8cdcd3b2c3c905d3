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
    // Binds and starts. Errors name the endpoint and what to do.
    Result<> start();
    void stop();
    // As bound: where port 0 was asked for, the port that the system gave.
    [[nodiscard]] std::vector<Endpoint> public_endpoints() const;
    [[nodiscard]] std::vector<Endpoint> tls_endpoints() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace provenbl::tools::api
