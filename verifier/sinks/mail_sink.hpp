// The mail sink: a real SMTP server for mail to tokens (RFC 5321), and nothing else.
//
// It commits before it says 250, so a mail that it took is proof even if the power fails. It keeps who
// connected (the exit), on which port, and the message as it arrived. Executor: one thread runs it.
#pragma once

#include "verifier/receiver.hpp"
#include "verifier/settings.hpp"
#include "verifier/trap_reports.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <memory>
#include <vector>

namespace provenbl::verifier {

class MailSink {
public:
    MailSink(const boost::asio::any_io_executor& executor, Receiver& receiver, const Clock& clock,
             const MailSinkSettings& settings, const Identity& identity, TrapReports* traps = nullptr);
    ~MailSink();
    Result<> start(); // binds; see Listener
    void stop();      // on the executor, or when nothing runs it
    [[nodiscard]] std::vector<Endpoint> bound() const;

private:
    struct Impl;
    std::shared_ptr<Impl> impl_; // sessions share it
};

} // namespace provenbl::verifier
