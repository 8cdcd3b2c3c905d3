// A reporter's key: 160 random bits, "pbr-" and 32 characters of base32. The store keeps its SHA-256 alone.
#pragma once

#include "store/entropy.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace provenbl::tools::api {

[[nodiscard]] std::string make_reporter_key(Entropy& entropy);
[[nodiscard]] std::string hash_reporter_key(std::string_view key); // 32 bytes

// The key of "Bearer KEY" (RFC 6750 2.1); nothing for another scheme.
[[nodiscard]] std::optional<std::string> bearer_key(std::string_view authorization);

} // namespace provenbl::tools::api
