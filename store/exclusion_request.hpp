// The record of somebody's wish to be left alone, and what became of it. What changes it is exclusion_requests.hpp.
#pragma once

#include "store/address.hpp"
#include "store/clock.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace provenbl {

// As stored; a request that waits too long is over by its time alone.
enum class ExclusionRequestState : std::uint8_t { waiting = 0, accepted = 1, refused = 2 };

struct ExclusionRequest {
    std::uint64_t id = 0; // from 1
    std::string code;     // who has it may see the request; random
    Prefix prefix = Prefix::of(Address{}, 32);
    Address requester;   // whence it came
    std::string contact; // a mail address; may be empty where he asked for his own address
    std::string text;    // why, in the requester's words: the operator's to read
    Time received{};
    Time expires{}; // while it waits
    ExclusionRequestState state = ExclusionRequestState::waiting;
    Time decided{};
    std::string answer; // for the requester: why it was refused, or the reason of the exclusion
    std::string by;     // which operator: nobody else's business
    Time until{};       // of the exclusion that was made; never, when it does not end
    bool operator==(const ExclusionRequest&) const = default;

    [[nodiscard]] bool waits(Time now) const { return state == ExclusionRequestState::waiting && now < expires; }
};
// "waiting", "accepted", "refused", "expired".
[[nodiscard]] std::string_view state_of(const ExclusionRequest& request, Time now);

} // namespace provenbl
