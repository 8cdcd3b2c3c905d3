// Expected failures as values.
//
// A Result holds either a value or an Error. Network trouble, bad input and refusals travel this way;
// exceptions are left for programming errors, start-up and LMDB faults. An Error's message says what
// happened and, where a person can act, what to do about it.
#pragma once

#include <boost/system/result.hpp>

#include <stdexcept>
#include <string>
#include <utility>

namespace provenbl {

enum class Errc {
    invalid,       // the input is malformed
    not_allowed,   // the rules forbid it (special-purpose address, exclusion, rate)
    not_found,     // nothing of that name or number
    conflict,      // already there, already used, in use
    busy,          // a bound was reached: try again later
    expired,       // was valid once
    unreachable,   // no connection could be made
    closed,        // the peer ended the connection
    timeout,       // a deadline passed
    limit,         // a size limit was passed
    protocol,      // the peer does not speak the protocol
    io,            // the operating system said no
    disk_full,     // no room left on the device
    read_only,     // the file or file system can't be written
    newer_version, // written by a newer provenbl
    corrupt,       // stored bytes can't be read
};

// "invalid", "not-allowed" ...: stable, for JSON and logs.
[[nodiscard]] const char* to_string(Errc code);

struct Error {
    Errc code;
    std::string message;
};

template <class T = void> using Result = boost::system::result<T, Error>;

// What Result<T>::value() throws when it holds an Error.
class BadResult : public std::runtime_error {
public:
    explicit BadResult(Error error) : std::runtime_error(error.message), error_(std::move(error)) {}
    [[nodiscard]] const Error& error() const { return error_; }

private:
    Error error_;
};

// Found by boost::system::result through argument-dependent lookup.
[[noreturn]] inline void throw_exception_from_error(Error const& error, boost::source_location const& /*where*/) {
    throw BadResult(error);
}

} // namespace provenbl
