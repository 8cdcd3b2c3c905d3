// Who asks, when proxies stand between: X-Forwarded-For, or Forwarded (RFC 7239), believed of trusted proxies alone.
//
// Every proxy appends the address that it was asked from. So the list is read from its right end, for as long as the
// hop that wrote the entry is one of ours; the first that is not ours is the client, and whatever it wrote further left
// is its own invention. Pure.
#pragma once

#include "store/address.hpp"
#include "tools/config/configuration.hpp"

#include <span>
#include <string_view>

namespace provenbl::tools::api {

struct ClientAddress {
    Address address;
    // A trusted proxy asked without saying for whom: the address is the proxy's, and nobody's own.
    bool is_proxy = false;
};

// `header`: the values of all lines of the one header that is configured, joined with commas; empty: there was none.
[[nodiscard]] ClientAddress client_address(const Address& peer, std::string_view header, ForwardedHeader kind,
                                           std::span<const Prefix> trusted);

} // namespace provenbl::tools::api
