// What all relays of datagrams share: once one is granted, the token goes through it to our sink, and only the sink's
// answer, brought back and confirmed, is proof. Datagrams are lost, so the token is said up to three times.
#pragma once

#include "verifier/technique.hpp"
#include "verifier/techniques/targets.hpp"

#include <string>
#include <string_view>

namespace provenbl::verifier::techniques {

// A relay that has been granted, towards one target.
class DatagramPath {
public:
    virtual ~DatagramPath() = default;
    virtual Awaitable<Result<>> say(std::string_view payload) = 0;
    // The payload that came next. What is no datagram of this relay is Errc::protocol, and may be passed over.
    virtual Awaitable<Result<std::string>> hear(Duration patience) = 0;
};

inline constexpr int datagram_tries = 3;

// Issues the token, says it, proves. `repeat` is the command that repeats it, with TOKEN.
Awaitable<Attempt> prove_by_datagram(ProbeContext& context, const Technique& technique, const Endpoint& target,
                                     DatagramPath& path, std::string repeat);

} // namespace provenbl::verifier::techniques
