// A connection, and what has been read from it but not used yet. One protocol hands the rest to the next:
// what stands behind a proxy's grant is the first of the tunnel.
#pragma once

#include "verifier/network.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace provenbl::verifier::techniques {

class Dialogue {
public:
    explicit Dialogue(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}

    Awaitable<Result<>> send(std::string_view bytes) { return connection_->write(bytes); }
    // At least one byte more in unread().
    Awaitable<Result<>> more(Duration patience = Duration::zero());
    [[nodiscard]] std::string& unread() { return unread_; }
    [[nodiscard]] Connection& connection() { return *connection_; }
    // Goes on inside a protocol that runs over this connection: `make` is given it, and gives what is talked to from
    // now on. What was unread belongs to the protocol and must have been taken before.
    template <class Make> void enter(Make make) { connection_ = make(std::move(connection_)); }

    // Reads until `parse(std::string& unread)`, a Result<std::optional<T>>, gives a T or an Error.
    template <class T, class Parse> Awaitable<Result<T>> read(Parse parse) {
        for (;;) {
            Result<std::optional<T>> parsed = parse(unread_);
            if (!parsed) co_return parsed.error();
            if (parsed->has_value()) co_return std::move(**parsed);
            const Result<> read = co_await more();
            if (!read) co_return read.error();
        }
    }

private:
    std::unique_ptr<Connection> connection_;
    std::string unread_; // bounded by the connection's byte limit
};

} // namespace provenbl::verifier::techniques
