#include "dnsbl/watch/dnstap_stream.hpp"

#include "store/log.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>
#include <vector>

namespace provenbl::dnsbl::watch {
namespace {

constexpr timeval patience{1, 0};
constexpr unsigned mode = 0640;

// Frame Streams: a data frame is its length and its content; a control frame begins with a length of 0.
bool is_data(const iovec& first) {
    std::uint32_t length = 0;
    if (first.iov_len != sizeof length) return false;
    std::memcpy(&length, first.iov_base, sizeof length);
    return length != 0;
}

} // namespace

fstrm_rdwr* DnstapStream::make_rdwr() {
    auto* const rdwr = fstrm_rdwr_init(this);
    fstrm_rdwr_set_open(rdwr, &DnstapStream::open);
    fstrm_rdwr_set_close(rdwr, &DnstapStream::close);
    fstrm_rdwr_set_write(rdwr, &DnstapStream::write);
    if (!settings_.socket.empty()) fstrm_rdwr_set_read(rdwr, &DnstapStream::read);
    return rdwr;
}

bool DnstapStream::open_socket() {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const auto path = settings_.socket.string();
    if (path.size() >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        return false;
    }
    std::copy(path.begin(), path.end(), address.sun_path);
    fd_ = Descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience); // also of connect
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    return ::connect(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

// A stream can't be continued: what another run wrote is kept beside it, and what this one could not go on with (the
// disk is full) is left as it is.
bool DnstapStream::open_file() {
    if (begun_) {
        errno = EEXIST;
        return false;
    }
    const auto& file = settings_.file;
    struct stat about {};
    if (::stat(file.c_str(), &about) == 0 && S_ISREG(about.st_mode) && about.st_size > 0)
        ::rename(file.c_str(), (file.string() + ".old").c_str());
    fd_ = Descriptor(::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NONBLOCK, mode));
    begun_ = fd_.get() >= 0;
    return begun_;
}

fstrm_res DnstapStream::open(void* self) {
    auto& stream = *static_cast<DnstapStream*>(self);
    if (!(stream.settings_.socket.empty() ? stream.open_file() : stream.open_socket())) {
        stream.say_failed("can't be opened");
        stream.fd_ = Descriptor();
        return fstrm_res_failure;
    }
    stream.connected_ = true;
    return fstrm_res_success;
}

fstrm_res DnstapStream::close(void* self) {
    auto& stream = *static_cast<DnstapStream*>(self);
    stream.connected_ = false;
    stream.fd_ = Descriptor();
    return fstrm_res_success;
}

fstrm_res DnstapStream::read(void* self, void* data, std::size_t size) {
    auto& stream = *static_cast<DnstapStream*>(self);
    auto* at = static_cast<std::uint8_t*>(data);
    while (size > 0) {
        const auto count = ::recv(stream.fd_.get(), at, size, 0);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) {
            if (count == 0) errno = ECONNRESET;
            stream.say_failed("does not answer as a dnstap collector");
            return fstrm_res_failure;
        }
        at += count;
        size -= static_cast<std::size_t>(count);
    }
    return fstrm_res_success;
}

fstrm_res DnstapStream::write(void* self, const iovec* pieces, int count) {
    auto& stream = *static_cast<DnstapStream*>(self);
    std::vector<iovec> left(pieces, pieces + count);
    auto first = left.begin();
    while (first != left.end()) {
        msghdr message{};
        message.msg_iov = &*first;
        message.msg_iovlen = static_cast<std::size_t>(left.end() - first);
        auto done = stream.settings_.socket.empty()
                        ? ::writev(stream.fd_.get(), &*first, static_cast<int>(message.msg_iovlen))
                        : ::sendmsg(stream.fd_.get(), &message, MSG_NOSIGNAL);
        if (done < 0 && errno == EINTR) continue;
        if (done < 0) {
            stream.say_failed("can't be written to");
            stream.connected_ = false;
            return fstrm_res_failure;
        }
        for (; first != left.end() && static_cast<std::size_t>(done) >= first->iov_len; ++first)
            done -= static_cast<ssize_t>(first->iov_len);
        if (first == left.end()) break;
        first->iov_base = static_cast<std::uint8_t*>(first->iov_base) + done;
        first->iov_len -= static_cast<std::size_t>(done);
    }
    if (count > 0 && is_data(pieces[0])) {
        stream.written_.add(static_cast<std::uint64_t>(count) / 2);
        if (stream.failing_) log::of("dns")->info("dnstap is written again");
        stream.failing_ = false;
    }
    return fstrm_res_success;
}

void DnstapStream::say_failed(const char* what) {
    const int why = errno;
    if (!failing_) {
        log::of("dns")->error(
            "dnstap: {} {}: {}; it is tried again, and messages are dropped until then: does the collector "
            "run (dns.dnstap)?",
            (settings_.socket.empty() ? settings_.file : settings_.socket).string(), what, std::strerror(why));
    }
    failing_ = true;
}

} // namespace provenbl::dnsbl::watch
