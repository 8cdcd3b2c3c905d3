#include "store/codec_bytes.hpp"

#include <zstd.h>

#include <memory>

namespace provenbl::codec {
namespace {

constexpr std::size_t pack_from = 256;                 // shorter texts are stored as they are
constexpr std::size_t unpack_limit = 16 * 1024 * 1024; // a damaged length can't make us allocate more

// The work space of zstd takes longer to allocate than an evidence to unpack: each thread keeps its own.
ZSTD_CCtx* packer() {
    thread_local const std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> own(ZSTD_createCCtx(), &ZSTD_freeCCtx);
    if (!own) throw std::bad_alloc();
    return own.get();
}
ZSTD_DCtx* unpacker() {
    thread_local const std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> own(ZSTD_createDCtx(), &ZSTD_freeDCtx);
    if (!own) throw std::bad_alloc();
    return own.get();
}

} // namespace

std::string pack(std::string_view text) {
    if (text.size() >= pack_from) {
        std::string packed(ZSTD_compressBound(text.size()) + 1, '\0');
        packed[0] = 'z';
        const auto size =
            ZSTD_compressCCtx(packer(), packed.data() + 1, packed.size() - 1, text.data(), text.size(), 3);
        if (ZSTD_isError(size) == 0 && size < text.size()) {
            packed.resize(size + 1);
            return packed;
        }
    }
    return "-" + std::string(text);
}

std::string unpack(std::string_view bytes) {
    if (bytes.empty()) throw CorruptRecord("a stored text is empty");
    const char how = bytes.front();
    bytes.remove_prefix(1);
    if (how == '-') return std::string(bytes);
    const auto size = ZSTD_getFrameContentSize(bytes.data(), bytes.size());
    if (how != 'z' || size > unpack_limit) throw CorruptRecord("a stored text can't be unpacked");
    std::string text(size, '\0');
    if (ZSTD_decompressDCtx(unpacker(), text.data(), text.size(), bytes.data(), bytes.size()) != size)
        throw CorruptRecord("a stored text does not unpack to its length");
    return text;
}

} // namespace provenbl::codec
