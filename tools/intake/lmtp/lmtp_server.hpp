// The shell around LmtpSession: sockets, deadlines, bounds. One thread, coroutines.
//
// A Unix socket, and TCP for what can't reach that; both for mail servers of this machine, nobody proves who he is.
// Owns its thread and the socket's file. Bounds: connections, time for a line and for a connection, and what the
// session bounds; a client that is one too many is told to come again.
#pragma once

#include "store/address.hpp"
#include "store/result.hpp"
#include "tools/intake/lmtp/lmtp_session.hpp"
#include "tools/intake/mail_settings.hpp"

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace provenbl::tools::intake {

class LmtpServer {
public:
    // One reply for each recipient. Runs on the server's thread; must not throw.
    using Deliver =
        std::function<boost::asio::awaitable<std::vector<LmtpReply>>(std::vector<std::string>, std::string message)>;

    LmtpServer(MailSettings settings, LmtpRules rules, Deliver deliver);
    ~LmtpServer(); // stops
    LmtpServer(const LmtpServer&) = delete;
    LmtpServer& operator=(const LmtpServer&) = delete;

    // Binds everything and starts, or nothing. Errors name the endpoint and what to do.
    Result<> start();
    // Ends the thread; a mail under way gets no reply, so its sender keeps it. What deliver() waits for may still come
    // back until the server is destroyed.
    void stop();
    [[nodiscard]] std::vector<Endpoint> bound() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace provenbl::tools::intake
