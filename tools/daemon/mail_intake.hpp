// Reports by mail, in the role that has the API: what LMTP brings is read (tools/intake/mail) and filed like any other
// report (verifier/report_filing.hpp), with the limits and the standing of the reporter that its address stands for.
#pragma once

#include "tools/api/context.hpp"
#include "tools/intake/feed.hpp"
#include "tools/intake/lmtp/lmtp_server.hpp"
#include "tools/intake/mail/reading.hpp"
#include "tools/intake/mail_counts.hpp"
#include "verifier/report_filing.hpp"

#include <boost/asio/awaitable.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace provenbl::tools {

class MailIntake {
public:
    explicit MailIntake(const api::Context& context); // intake.mail is on
    ~MailIntake();                                    // stops
    MailIntake(const MailIntake&) = delete;
    MailIntake& operator=(const MailIntake&) = delete;

    Result<> start();
    void stop();
    [[nodiscard]] std::vector<std::string> places() const; // "unix:/run/provenbl/lmtp.sock", "127.0.0.1:24"
    [[nodiscard]] std::vector<intake::MailCount> counts() const { return counts_.all(); }

    // What becomes of a mail, for each recipient. Durable when it says 250.
    boost::asio::awaitable<std::vector<intake::LmtpReply>> deliver(std::vector<std::string> recipients,
                                                                   std::string message);

private:
    [[nodiscard]] const intake::MailAddress* known(std::string_view address) const;
    boost::asio::awaitable<intake::LmtpReply> take(const intake::MailAddress& address, std::string_view message);
    boost::asio::awaitable<intake::Filed> file(const intake::MailAddress& address, const intake::Entry& entry);
    [[nodiscard]] intake::LmtpReply answer(std::size_t kind, intake::MailOutcome outcome, std::string_view text);

    const api::Context& context_;
    const intake::MailSettings& settings_;
    intake::mail::Rules rules_;
    verifier::ReportWay way_{verifier::ReportWay::Kind::mail, {}};
    intake::MailCounts counts_;
    intake::LmtpServer server_; // last: it calls deliver()
};

} // namespace provenbl::tools
