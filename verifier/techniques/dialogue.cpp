// Reads in pieces of 1 KiB: replies are short, a flood is cut off by the connection, and very many hosts may keep us
// waiting at once, each with a piece.
#include "verifier/techniques/dialogue.hpp"

#include <array>

namespace provenbl::verifier::techniques {

Awaitable<Result<>> Dialogue::more(Duration patience) {
    std::array<char, 1024> chunk; // NOLINT(cppcoreguidelines-pro-type-member-init): filled by the read
    const Result<std::size_t> size = co_await connection_->read_some(chunk, patience);
    if (!size) co_return size.error();
    unread_.append(chunk.data(), *size);
    co_return Result<>{};
}

} // namespace provenbl::verifier::techniques
