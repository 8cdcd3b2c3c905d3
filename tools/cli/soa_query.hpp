// What a name server says is a zone's serial: one SOA question over UDP, asked again when nothing comes back.
#pragma once

#include "store/address.hpp"
#include "store/entropy.hpp"
#include "store/result.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace provenbl::tools::cli {

// The question as octets. Error invalid: `zone` is no domain name.
[[nodiscard]] Result<std::vector<std::uint8_t>> soa_question(const std::string& zone, std::uint16_t id);
// The serial in an answer to it. Errors: protocol (it is no answer to this question), not_allowed (another RCODE than
// NOERROR, or an answer without authority or without the record: the server does not serve the zone).
[[nodiscard]] Result<std::uint32_t> soa_serial(std::span<const std::uint8_t> answer,
                                               std::span<const std::uint8_t> question);

// Asks three times, a second apart. Errors: those of soa_serial; timeout, unreachable.
[[nodiscard]] Result<std::uint32_t> ask_serial(const Endpoint& server, const std::string& zone);

} // namespace provenbl::tools::cli
