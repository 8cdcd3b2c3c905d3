// The commands, one function each. Arguments have been parsed by syntax/; what comes back is the exit status.
#pragma once

#include "store/address.hpp"
#include "tools/cli/session.hpp"
#include "tools/config/configuration.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace provenbl::tools::cli {

// ---- clients of the API ---------------------------------------------------------------------------------

[[nodiscard]] Exit lookup(Session& session, const Address& address);
// A line for each; listed when one of them is.
[[nodiscard]] Exit lookup_many(Session& session, const std::vector<Address>& addresses);
[[nodiscard]] Exit show_evidence(Session& session, const Address& address, bool with_message);
[[nodiscard]] Exit show_history(Session& session, const Address& address);
[[nodiscard]] Exit why(Session& session, const Address& address);

struct FixRequest {
    Address address;
    std::string software; // empty: what was seen there
    std::string language; // empty: English
};
[[nodiscard]] Exit fix(Session& session, const FixRequest& request);

struct ReceiptRequest {
    Address address;
    std::string at;  // a time (RFC 3339); empty: now
    std::string out; // a file; empty: to the terminal
};
[[nodiscard]] Exit receipt(Session& session, const ReceiptRequest& request);

struct ReportRequest {
    Address address;
    std::vector<std::uint16_t> ports;
    std::string comment;
    bool follow = false;
};
[[nodiscard]] Exit report(Session& session, const ReportRequest& request);
[[nodiscard]] Exit delist(Session& session, const Address& address);
// Of the address that the server sees us come from.
[[nodiscard]] Exit self_test(Session& session);

struct ExcludeRequest {
    std::string prefix; // empty: list
    std::string reason;
    std::string until;
    std::string by;
    bool remove = false;
};
[[nodiscard]] Exit exclude(Session& session, const ExcludeRequest& request);

// The operator's answer to a request for exclusion.
struct DecideRequest {
    std::uint64_t id = 0;
    std::string reason;
    std::string until; // of the exclusion; empty: for good
    std::string by;
};
// Those that wait; or all that are kept.
[[nodiscard]] Exit list_exclusion_requests(Session& session, bool all);
[[nodiscard]] Exit accept_exclusion(Session& session, const DecideRequest& request);
[[nodiscard]] Exit refuse_exclusion(Session& session, const DecideRequest& request);

struct KeyRequest {
    std::string name;
    std::uint32_t per_second = 0; // 0: no limit
    std::uint64_t per_day = 0;
    std::string note;
};
[[nodiscard]] Exit add_key(Session& session, const KeyRequest& request);
[[nodiscard]] Exit list_keys(Session& session);
[[nodiscard]] Exit revoke_key(Session& session, const std::string& name);
[[nodiscard]] Exit status(Session& session);

struct LetterRequest {
    Address address;
    std::string language;
    std::string contact; // of a preview
    bool whole = false;  // the message as it is sent
    bool again = false;
};
[[nodiscard]] Exit preview_letter(Session& session, const LetterRequest& request);
[[nodiscard]] Exit send_letter(Session& session, const LetterRequest& request);
[[nodiscard]] Exit list_letters(Session& session);

struct OptOutRequest {
    std::string contact; // an address, or @domain
    std::string note;
    bool remove = false;
};
[[nodiscard]] Exit opt_out(Session& session, const OptOutRequest& request);

// ---- in this process ------------------------------------------------------------------------------------

// Complains of every problem and gives nothing when there is one.
[[nodiscard]] std::optional<Configuration> configuration_or_complaints(Terminal& terminal, const std::string& file,
                                                                       Role role);
[[nodiscard]] Exit check_config(Terminal& terminal, const std::string& file, Role role, bool json);
// Every setting of a configuration file.
[[nodiscard]] Exit show_reference(Terminal& terminal, bool json);

struct VerifyRequest {
    std::string file;
    std::string key; // base64, hexadecimal digits, or a file with it
};
[[nodiscard]] Exit verify_receipt(Terminal& terminal, const VerifyRequest& request, bool as_json);

struct ProbeCommand {
    std::string file;
    Address address;
    std::vector<std::uint16_t> ports;
    std::vector<std::string> techniques;
};
[[nodiscard]] Exit probe(Terminal& terminal, const ProbeCommand& command, bool json);

} // namespace provenbl::tools::cli
