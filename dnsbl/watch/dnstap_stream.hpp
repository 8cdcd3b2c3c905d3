// Where dnstap goes: a Unix socket or a file, as libfstrm's writer wants it. Used by libfstrm's thread alone, but for
// what says so.
//
// Reads and writes end after a second: a collector that has stopped taking is hung up on, so that neither the queues
// nor the end of the program wait for it.
#pragma once

#include "dnsbl/sockets.hpp"
#include "dnsbl/watch/counter.hpp"
#include "dnsbl/watch/settings.hpp"

#include <atomic>
#include <fstrm.h>

namespace provenbl::dnsbl::watch {

class DnstapStream {
public:
    explicit DnstapStream(const DnstapSettings& settings) : settings_(settings) {}
    DnstapStream(const DnstapStream&) = delete;
    DnstapStream& operator=(const DnstapStream&) = delete;

    // Owned by the caller; the stream outlives it. A socket is read as well: that makes libfstrm shake hands.
    [[nodiscard]] fstrm_rdwr* make_rdwr();

    // Any thread.
    [[nodiscard]] bool connected() const { return connected_.load(std::memory_order_relaxed); }
    [[nodiscard]] std::uint64_t written() const { return written_.get(); } // messages

private:
    static fstrm_res open(void* self);
    static fstrm_res close(void* self);
    static fstrm_res read(void* self, void* data, std::size_t size);
    static fstrm_res write(void* self, const iovec* pieces, int count);
    [[nodiscard]] bool open_socket();
    [[nodiscard]] bool open_file();
    void say_failed(const char* what);

    const DnstapSettings settings_;
    Descriptor fd_;
    bool failing_ = false;
    bool begun_ = false; // the file
    std::atomic<bool> connected_{false};
    Counter written_;
};

} // namespace provenbl::dnsbl::watch
