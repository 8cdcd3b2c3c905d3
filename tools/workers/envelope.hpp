// A signed message between coordinator and worker: whoever is in between, the NATS server too, can hold it back or say
// it twice, and not change it.
//
// Five octets "PBLW1", one for the purpose, 32 of the signer's public key, 64 of the signature (Ed25519, RFC 8032, over
// the first six octets and the body), then the body. Hostile until its signer has been asked for.
#pragma once

#include "tools/signing/signing_key.hpp"

#include <string>
#include <string_view>

namespace provenbl::tools::workers {

// What a message is for is signed with it: none can stand in another's place.
enum class Purpose : char {
    order = 'o',   // coordinator: a visit waits
    request = 'q', // worker: may I, and what came of it
    answer = 'a',  // coordinator, to a request
    result = 'r',  // worker: the visit is over
};

inline constexpr std::size_t envelope_size = 5 + 1 + 32 + 64;
inline constexpr std::size_t largest_message = std::size_t{1} << 20U; // as NATS takes by default

struct Opened {
    signing::PublicKey signer;
    std::string_view body; // of the message that was opened
};

[[nodiscard]] std::string seal(const signing::SigningKey& key, Purpose purpose, std::string_view body);
// Checks form and signature; the caller decides about the signer. Errors: limit, invalid.
[[nodiscard]] Result<Opened> open(Purpose purpose, std::string_view message);

} // namespace provenbl::tools::workers
