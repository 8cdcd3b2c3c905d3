// The records of advisory letters: what is owed to the owner of a listed host, and what became of it. What changes them
// is letters.hpp.
#pragma once

#include "store/address.hpp"
#include "store/clock.hpp"
#include "store/records.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace provenbl {

enum class LetterState : std::uint8_t {
    queued = 0,    // waits for its time
    sending = 1,   // being handed over; after a crash nobody knows whether it was taken
    sent = 2,      // a mail server has taken it
    stopped = 3,   // nobody is left to write to, or the contact wants none
    withdrawn = 4, // the listing ended before it was sent
};
[[nodiscard]] std::string_view to_string(LetterState state);

// One for each host and listing episode (case).
struct Letter {
    Address host;
    std::uint64_t case_id = 0;
    LetterState state = LetterState::queued;
    Time queued{};
    Time due{};
    Time changed{};
    std::string contact;            // where it goes, or went; empty until it was looked up
    std::vector<std::string> tried; // contacts that could not be reached
    TokenId mail{};                 // the mail that it is, or was, part of
    std::string message_id;         // of that mail; made of host and case, so the same whenever it is made again
    std::string language;           // asked for; empty: as the contact's country suggests
    std::string note;               // why it waits or was stopped
    std::uint32_t attempts = 0;     // in which no mail server took it
    bool operator==(const Letter&) const = default;
};

struct LetterHost {
    Address host;
    std::uint64_t case_id = 0;
    bool operator==(const LetterHost&) const = default;
};

// One mail: letters to one contact, put together. Found by the token in its envelope sender and opt-out link.
struct LetterMail {
    TokenId id{};
    std::string contact;
    std::vector<LetterHost> hosts;
    Time begun{};
    Time sent{};
    Time bounced{};
    bool operator==(const LetterMail&) const = default;
};

// Who is written to. A whole domain is "@example.net".
struct LetterContact {
    std::string address; // in lower case
    Time last_sent{};
    std::uint32_t sent = 0; // mails
    Time opted_out{};       // never, while letters are welcome
    Time bounced{};
    std::string note; // who opted out, and how
    bool operator==(const LetterContact&) const = default;
};

} // namespace provenbl
