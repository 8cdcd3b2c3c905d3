// A file that lines are appended to, and that may be taken away meanwhile: rotated, deleted, or without room.
#pragma once

#include "dnsbl/sockets.hpp"
#include "store/result.hpp"

#include <string>
#include <string_view>
#include <sys/types.h>

namespace provenbl::dnsbl::watch {

class LogFile {
public:
    // An absolute path, or "stderr".
    explicit LogFile(std::string place) : place_(std::move(place)) {}

    // Opens it, also anew where the path has come to mean another file (logrotate, with or without 'create'). True
    // when what is open now is not what was open before.
    [[nodiscard]] Result<bool> follow();
    // How many octets were taken: fewer when there is no more room, which is an error only when none were.
    [[nodiscard]] Result<std::size_t> write(std::string_view text) const;

private:
    std::string place_;
    Descriptor file_;
    dev_t device_ = 0;
    ino_t inode_ = 0;
};

} // namespace provenbl::dnsbl::watch
