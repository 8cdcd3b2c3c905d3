// The one way in which verifying limits how long it waits (Boost 1.81 has no cancel_after).
//
// When with_deadline returns, the operation has ended: by itself, or cancelled at the deadline. What it
// achieved is in what the caller gave it to fill, so bytes that arrive together with the deadline are not
// lost. Operations must complete with as_tuple (or catch): an exception counts as an end like any other.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <chrono>

namespace provenbl::verifier {

boost::asio::awaitable<void> with_deadline(std::chrono::steady_clock::time_point deadline,
                                           boost::asio::awaitable<void> operation);

} // namespace provenbl::verifier
