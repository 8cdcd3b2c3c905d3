// Where HTTP proxies usually are, likeliest first.
#pragma once

#include <array>
#include <cstdint>

namespace provenbl::verifier::techniques {

inline constexpr std::array<std::uint16_t, 13> http_proxy_ports{3128, 8080, 80, 8000, 8888, 8118, 8123,
                                                                6588, 808,  81, 8001, 8081, 1080};

// HTTP proxies that are themselves spoken to through TLS.
inline constexpr std::array<std::uint16_t, 3> https_proxy_ports{443, 8443, 3129};

} // namespace provenbl::verifier::techniques
