// Signed messages: RFC 8945, with hmac-sha256, hmac-sha384 and hmac-sha512 (RFC 4635).
//
// Bytes in, bytes out: keys and time come as arguments. What comes in is hostile: a key is found by its name and
// algorithm together, codes are compared in constant time, nothing is allocated for a message whose key is not known,
// and a truncated code is refused (RFC 8945 section 5.2.2.1 lets us). Times are Unix seconds of 48 bits.
#pragma once

#include "dnsbl/wire/hmac.hpp"
#include "dnsbl/wire/protocol.hpp"
#include "store/clock.hpp"
#include "zones/domain_name.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace provenbl::dnsbl::wire {

[[nodiscard]] std::string_view to_string(TsigAlgorithm algorithm); // "hmac-sha256"
[[nodiscard]] std::optional<TsigAlgorithm> parse_tsig_algorithm(std::string_view name);

struct TsigKey {
    zones::DomainName name;
    TsigAlgorithm algorithm = TsigAlgorithm::hmac_sha256;
    std::vector<std::uint8_t> secret; // never empty
};

// The keys in force. Pointers into it live as long as it does.
class TsigKeys {
public:
    TsigKeys() = default;
    explicit TsigKeys(std::vector<TsigKey> keys);
    // `name`: in wire form, lower-case. Null when there is no key of this name and algorithm.
    [[nodiscard]] const TsigKey* find(std::span<const std::uint8_t> name, TsigAlgorithm algorithm) const;
    [[nodiscard]] std::span<const TsigKey> all() const { return keys_; }

private:
    std::vector<TsigKey> keys_; // by name
};

enum class TsigState : std::uint8_t {
    none,      // not signed
    valid,     // signed by `key`, and in time
    badkey,    // a key, or an algorithm of it, that we don't know: NOTAUTH, BADKEY, unsigned
    badsig,    // the code is not that of the message: NOTAUTH, BADSIG, unsigned
    badtrunc,  // the code is right, but cut short: NOTAUTH, BADTRUNC, signed
    badtime,   // the code is right, but too old or of the future: NOTAUTH, BADTIME, signed, with our time
    malformed, // FORMERR
};

inline constexpr std::uint16_t tsig_fudge =
    300; // seconds that clocks may differ, of what we sign (RFC 8945 section 10)

// What a message in which a TSIG was looked for has of it.
struct TsigCheck {
    TsigState state = TsigState::none;
    const TsigKey* key = nullptr; // for valid, badsig, badtrunc, badtime
    Mac mac;                      // of the request
    std::uint16_t original_id = 0;
    std::uint64_t time_signed = 0;
    std::uint16_t fudge = 0;
    // As they came, in lower case; an answer tells them again, known or not.
    std::array<std::uint8_t, longest_name> key_name{};
    std::array<std::uint8_t, longest_name> algorithm_name{};
    std::uint8_t key_name_size = 0;
    std::uint8_t algorithm_name_size = 0;

    [[nodiscard]] bool valid() const { return state == TsigState::valid; }
};

// The RCODE that answers a request in this state: NOERROR, FORMERR or NOTAUTH (RFC 8945 section 5.2).
[[nodiscard]] Rcode rcode_of(TsigState state);

// `message`: a whole request, as it came. `keys` must outlive what is given.
[[nodiscard]] TsigCheck check_tsig(std::span<const std::uint8_t> message, const TsigKeys& keys, Time now);

// The answers to one request, which need not outlive this. Of a stream, every message is signed, though RFC 8945
// section 5.3.1 asks for one in a hundred: BIND takes nothing else. The first covers the request's code, each later one
// the code before it. For a request that is not signed, or malformed, nothing is signed.
class TsigSigner {
public:
    explicit TsigSigner(const TsigCheck& request);
    // Octets that `sign` adds, at most.
    [[nodiscard]] std::size_t room() const { return room_; }
    // Adds the record to a finished message, the last record of which it becomes.
    void sign(std::vector<std::uint8_t>& message, Time now);
    // The same in a buffer that has `room()` octets more than `size`; returns the new size.
    [[nodiscard]] std::size_t sign(std::span<std::uint8_t> buffer, std::size_t size, Time now);

private:
    [[nodiscard]] std::vector<std::uint8_t> record(std::span<const std::uint8_t> message, Time now);
    TsigState state_;
    std::vector<std::uint8_t> key_name_;
    std::vector<std::uint8_t> algorithm_name_;
    std::optional<Hmac> hmac_; // none: what is sent is not signed
    Mac before_;               // of the request, then of the message before
    bool first_ = true;
    std::uint64_t client_time_ = 0;
    std::size_t room_ = 0;
};

// A request of our own: signs it, and gives the code that its answer must cover.
[[nodiscard]] Mac sign_request(std::vector<std::uint8_t>& message, const TsigKey& key, Time now);
// The answer to it: valid, none (not signed), badkey (another key), badsig, badtime, or malformed.
[[nodiscard]] TsigState check_tsig_answer(std::span<const std::uint8_t> message, const TsigKey& key, const Mac& request,
                                          Time now);

} // namespace provenbl::dnsbl::wire
