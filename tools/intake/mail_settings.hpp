// What an operator can set about reports by mail: docs/reporting.md.
#pragma once

#include "store/address.hpp"
#include "store/clock.hpp"

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace provenbl::tools::intake {

// An address that reports can be mailed to.
struct MailAddress {
    std::string address;           // name@domain, in lower case
    std::string reporter = "mail"; // whose word it is: limits and standing are his
    bool spam = false;             // the mail is the spam, and not a report of it
};

struct MailSettings {
    std::filesystem::path socket; // LMTP; empty: none
    unsigned socket_mode = 0660;
    std::vector<Endpoint> listen; // LMTP over TCP, on this machine alone
    std::vector<MailAddress> addresses;
    // Our own mail servers, whose Received lines are believed.
    std::vector<std::string> trusted_names;
    std::vector<Prefix> trusted_networks;
    std::size_t message_limit = std::size_t{1024} * 1024;
    std::size_t connection_limit = 16;
    Duration timeout = std::chrono::seconds(60);         // for the next line
    Duration session_timeout = std::chrono::minutes(10); // for a whole connection
    bool bounce = true;                                  // refuse what makes no report; else it is only logged

    [[nodiscard]] bool on() const { return !socket.empty() || !listen.empty(); }
};

} // namespace provenbl::tools::intake
