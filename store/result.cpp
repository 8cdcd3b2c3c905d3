#include "store/result.hpp"

namespace provenbl {

const char* to_string(Errc code) {
    switch (code) {
    case Errc::invalid:
        return "invalid";
    case Errc::not_allowed:
        return "not-allowed";
    case Errc::not_found:
        return "not-found";
    case Errc::conflict:
        return "conflict";
    case Errc::busy:
        return "busy";
    case Errc::expired:
        return "expired";
    case Errc::unreachable:
        return "unreachable";
    case Errc::closed:
        return "closed";
    case Errc::timeout:
        return "timeout";
    case Errc::limit:
        return "limit";
    case Errc::protocol:
        return "protocol";
    case Errc::io:
        return "io";
    case Errc::disk_full:
        return "disk-full";
    case Errc::read_only:
        return "read-only";
    case Errc::newer_version:
        return "newer-version";
    case Errc::corrupt:
        return "corrupt";
    }
    return "unknown";
}

} // namespace provenbl
