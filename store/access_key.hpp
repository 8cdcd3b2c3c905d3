// The record of an access key. What makes and revokes them is access_keys.hpp.
#pragma once

#include "store/clock.hpp"

#include <array>
#include <cstdint>
#include <string>

namespace provenbl {

using LabelHash = std::array<std::uint8_t, 16>;

// Who may ask below a key's label, and how much.
struct AccessKey {
    std::uint64_t id = 0;         // from 1
    LabelHash hash{};             // of the label, which is not kept
    std::string name;             // the operator's
    std::uint32_t per_second = 0; // 0: no limit
    std::uint64_t per_day = 0;    // of UTC; 0: no limit
    Time created{};
    Time revoked{}; // never, while it is in force
    std::string note;
    bool operator==(const AccessKey&) const = default;

    [[nodiscard]] bool in_force() const { return revoked == Time{}; }
};

} // namespace provenbl
