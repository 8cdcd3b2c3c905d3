// What a client command works with, and how it asks: errors are complained of once, here, and become an exit status.
#pragma once

#include "store/address.hpp"
#include "tools/cli/client.hpp"
#include "tools/cli/exit_code.hpp"
#include "tools/cli/terminal.hpp"

#include <boost/json.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace provenbl::tools::cli {

struct Session {
    Client& client;
    Terminal& terminal;
    bool json = false;
};

// The value of a 2xx reply; otherwise the complaint has been made, and `exit` says how to leave.
struct Asked {
    std::optional<boost::json::object> value;
    Exit exit = Exit::done;
    unsigned status = 0; // of HTTP; 0: no answer came
};
[[nodiscard]] Asked ask(Session& session, std::string_view method, const std::string& target,
                        const std::string& body = {});

// A Reply that is no success: complains of its detail.
[[nodiscard]] Exit complain_of(Session& session, const Reply& reply);
[[nodiscard]] Exit complain_of(Session& session, const Error& error);

// One JSON line: the object, with "event" in front.
void emit(Session& session, std::string_view event, const boost::json::object& data);

[[nodiscard]] std::string host_path(const Address& address, std::string_view rest = "");

// Members of what the server sent; empty, 0 or false where they are missing or of another type.
[[nodiscard]] std::string text_of(const boost::json::object& object, std::string_view name); // printable
[[nodiscard]] std::int64_t number_of(const boost::json::object& object, std::string_view name);
[[nodiscard]] bool flag_of(const boost::json::object& object, std::string_view name);
[[nodiscard]] const boost::json::object& object_of(const boost::json::object& object, std::string_view name);
[[nodiscard]] const boost::json::array& array_of(const boost::json::object& object, std::string_view name);
[[nodiscard]] std::string joined(const boost::json::array& names); // "relay, socks"

} // namespace provenbl::tools::cli
