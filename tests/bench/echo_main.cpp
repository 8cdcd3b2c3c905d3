// bench_echo: sends back what it gets with the QR bit set, in batches of 32: the least that a server on
// sockets can cost, and so the floor that servers are measured against.
#include "tests/bench/udp_socket.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <exception>
#include <sys/socket.h>
#include <system_error>

namespace {

constexpr std::size_t batch = 32;

[[noreturn]] void serve(int fd) {
    std::array<std::array<unsigned char, 512>, batch> buffers{};
    std::array<sockaddr_storage, batch> names{};
    std::array<iovec, batch> vectors{};
    std::array<mmsghdr, batch> messages{};
    for (;;) {
        for (std::size_t i = 0; i < batch; ++i) {
            vectors[i] = {buffers[i].data(), buffers[i].size()};
            messages[i].msg_hdr = {&names[i], sizeof names[i], &vectors[i], 1, nullptr, 0, 0};
        }
        const int got = ::recvmmsg(fd, messages.data(), batch, MSG_WAITFORONE, nullptr);
        if (got < 0) {
            if (errno == EINTR) continue;
            throw std::system_error(errno, std::generic_category(), "receiving");
        }
        for (std::size_t i = 0; i < static_cast<std::size_t>(got); ++i) {
            buffers[i][2] |= 0x80U;
            vectors[i].iov_len = messages[i].msg_len;
        }
        for (int sent = 0; sent < got;) {
            const int more = ::sendmmsg(fd, messages.data() + sent, static_cast<unsigned>(got - sent), 0);
            sent += more > 0 ? more : 1; // one that can't be sent is dropped
        }
    }
}

} // namespace

int main(int argc, char** argv) {
    using namespace provenbl;
    std::string listen = "127.0.0.1:5300";
    int core = -1;
    CLI::App app{"Sends back what it gets with the QR bit set."};
    app.add_option("listen", listen, "address:port");
    app.add_option("--core", core, "the core to run on");
    CLI11_PARSE(app, argc, argv);
    try {
        const auto socket = bench::UdpSocket::bound(Endpoint::parse(listen).value());
        if (core >= 0) bench::pin_to_core(static_cast<unsigned>(core));
        fmt::print("listening on {}\n", socket.local().to_string());
        std::fflush(stdout);
        serve(socket.fd());
    } catch (const std::exception& error) {
        fmt::print(stderr, "bench_echo: {}\n", error.what());
        return 1;
    }
}
