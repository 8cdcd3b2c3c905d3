// By what it is known that the files of a TLS server are others than those that were read.
//
// Taken before the files are read: what is replaced in between is then seen at the next look. The time of the last
// change of the inode is part of it, since a file that is renamed into its place, or copied with its times, may have
// the size and the time of the one before.
#pragma once

#include "dnsbl/tls/settings.hpp"

#include <array>
#include <cstdint>

namespace provenbl::dnsbl::tls {

struct FileStamp {
    std::int64_t size = -1;    // -1: there is none
    std::int64_t modified = 0; // ns since 1970
    std::int64_t changed = 0;  // likewise, of the inode
    std::uint64_t inode = 0;
    std::uint64_t device = 0;
    bool operator==(const FileStamp&) const = default;
};

using FileStamps = std::array<FileStamp, 3>; // certificate, key, client_ca

[[nodiscard]] FileStamps stamps_of(const TlsSettings& settings);

} // namespace provenbl::dnsbl::tls
