#include "store/entropy.hpp"

#include <cerrno>
#include <sys/random.h>
#include <system_error>

namespace provenbl {

void SystemEntropy::fill(std::span<std::uint8_t> bytes) {
    while (!bytes.empty()) {
        const auto got = getrandom(bytes.data(), bytes.size(), 0);
        if (got < 0) {
            if (errno == EINTR) continue;
            throw std::system_error(errno, std::generic_category(), "getrandom");
        }
        bytes = bytes.subspan(static_cast<std::size_t>(got));
    }
}

} // namespace provenbl
