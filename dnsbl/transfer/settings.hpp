// What an operator sets about transfers and mirrors (`transfers` in the configuration).
#pragma once

#include "dnsbl/transfer/slots.hpp"
#include "store/address.hpp"
#include "store/clock.hpp"

#include <chrono>
#include <vector>

namespace provenbl::dnsbl::transfer {

struct TransferSettings {
    Limits limits;
    // Networks that may transfer what is open to all without a signature; mirrors need none of it.
    std::vector<Prefix> allow_unsigned;
    // One mirror is told of changes this often at most: what a secondary does for each costs it more than us.
    Duration notify_interval = std::chrono::seconds{1};
    // Where NOTIFY comes from, one IPv4 and one IPv6 address: mirrors take it from the address alone that they know as
    // primary. Default: the first of dns.listen of the family that is not "all addresses".
    std::vector<Address> notify_source;
    // No transfer but over TLS (RFC 9103), whoever asks. A mirror that was added with --tls has no other way in any
    // case.
    bool require_tls = false;
};

} // namespace provenbl::dnsbl::transfer
