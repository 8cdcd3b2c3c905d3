// Where SOCKS5 proxies usually are, likeliest first.
#pragma once

#include <array>
#include <cstdint>

namespace provenbl::verifier::techniques {

inline constexpr std::array<std::uint16_t, 7> socks5_ports{1080, 1081, 1085, 4145, 7890, 9050, 10808};

} // namespace provenbl::verifier::techniques
