// How a static zone stands: what is served, and what is wrong with its files. A plain value.
#pragma once

#include "store/clock.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace provenbl::zones::statics {

struct ZoneState {
    std::string apex;
    std::size_t entries = 0;
    std::uint32_t serial = 0;
    Time taken_in{};           // when what is served was read
    Time expires{};            // by $TIMESTAMP; Time{}: never
    std::size_t notes = 0;     // what is odd about the files that are served
    std::size_t bad_lines = 0; // left out, where that is allowed
    std::string trouble;       // "FILE:LINE: what": the files are not served as they are; empty when all is well
};

} // namespace provenbl::zones::statics
