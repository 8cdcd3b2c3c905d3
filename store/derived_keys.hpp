// Keys of derived tables, made of the records that they are derived from. Inside store/ only.
#pragma once

#include "store/keys.hpp"
#include "store/letter.hpp"
#include "store/records.hpp"

#include <string>

namespace provenbl {

// due: of a visit that is queued.
inline std::string due_key(ScanKind kind, Time due, const Address& host) {
    return static_cast<char>(kind) + keys::number(static_cast<std::uint64_t>(due.time_since_epoch().count())) +
           keys::address(host);
}

// manual: of a listing by hand.
inline std::string end_key(const Address& host, const ManualListing& entry) {
    return keys::number(static_cast<std::uint64_t>(entry.until.time_since_epoch().count())) + keys::address(host);
}

// exclusions, and sweeps
inline std::string exclusion_key(const Prefix& prefix) {
    return keys::address(prefix.base()) + static_cast<char>(prefix.length());
}

// token_expiry
inline std::string expiry_key(const PendingProbe& probe) {
    return keys::number(static_cast<std::uint64_t>(probe.expires.time_since_epoch().count())) +
           std::string(probe.id.begin(), probe.id.end());
}

// letter_due: of a letter that is queued.
inline std::string due_key(const Letter& letter) {
    return keys::number(static_cast<std::uint64_t>(letter.due.time_since_epoch().count())) +
           keys::address(letter.host) + keys::number(letter.case_id);
}

} // namespace provenbl
