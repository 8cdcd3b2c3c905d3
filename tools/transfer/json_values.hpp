// Single values of records as JSON, and back. A value that is none of its kind throws WrongValue. Inside
// tools/transfer/.
#pragma once

#include "store/records.hpp"

#include <boost/json.hpp>

#include <concepts>
#include <stdexcept>
#include <string>
#include <type_traits>

namespace provenbl::tools::transfer {

class WrongValue : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

[[nodiscard]] boost::json::value show(const std::string& text);
[[nodiscard]] boost::json::value show(const Time& time);
[[nodiscard]] boost::json::value show(const Address& address);
[[nodiscard]] boost::json::value show(const Endpoint& endpoint);
[[nodiscard]] boost::json::value show(const Prefix& prefix);
[[nodiscard]] boost::json::value show(const ClassSet& classes);
[[nodiscard]] boost::json::value show(const TokenId& token);
[[nodiscard]] boost::json::value show(const bool& flag);

void read(const boost::json::value& from, std::string& text);
void read(const boost::json::value& from, Time& time);
void read(const boost::json::value& from, Address& address);
void read(const boost::json::value& from, Endpoint& endpoint);
void read(const boost::json::value& from, Prefix& prefix);
void read(const boost::json::value& from, ClassSet& classes);
void read(const boost::json::value& from, TokenId& token);
void read(const boost::json::value& from, bool& flag);

// Enumerations by their names (to_string).
template <class T>
requires std::is_enum_v<T> boost::json::value show(const T& value) {
    return boost::json::string(to_string(value));
}
template <class T>
requires std::is_enum_v<T>
void read(const boost::json::value& from, T& value) {
    if (from.is_string()) {
        for (unsigned i = 0; i < 64; ++i) {
            const auto name = to_string(static_cast<T>(i));
            if (name != "unknown" && name == std::string_view(from.get_string())) {
                value = static_cast<T>(i);
                return;
            }
        }
    }
    throw WrongValue("is none of the names that are known here");
}

template <std::unsigned_integral T> boost::json::value show(const T& value) {
    return boost::json::value(static_cast<std::uint64_t>(value));
}
template <std::unsigned_integral T> void read(const boost::json::value& from, T& value) {
    boost::json::error_code failed;
    value = from.to_number<T>(failed);
    if (failed) throw WrongValue("is no whole number in range");
}

} // namespace provenbl::tools::transfer
