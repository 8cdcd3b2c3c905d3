// UDP to one address as a Connection: a write is one datagram, a read is one too, and what does not fit is cut off.
//
// Only the address that it was opened to is spoken to and heard. The limits are a connection's (network.hpp); there is
// no TLS.
#pragma once

#include "verifier/network.hpp"
#include "verifier/settings.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <memory>

namespace provenbl::verifier {

[[nodiscard]] Result<std::unique_ptr<Connection>> open_datagrams(const boost::asio::any_io_executor& executor,
                                                                 const Endpoint& target, const ProbeSettings& settings);

} // namespace provenbl::verifier
