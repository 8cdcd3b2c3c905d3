#include "tools/cli/soa_query.hpp"

#include "dnsbl/sockets.hpp"
#include "dnsbl/wire/protocol.hpp"
#include "dnsbl/wire/reader.hpp"
#include "store/ascii.hpp"
#include "zones/domain_name.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <netinet/in.h>
#include <poll.h>

namespace provenbl::tools::cli {
namespace {

namespace wire = dnsbl::wire;
using SteadyClock = std::chrono::steady_clock;

constexpr unsigned tries = 3;
constexpr std::chrono::milliseconds patience{1000}; // of one try
constexpr std::size_t longest_answer = 4096;

void put16(std::vector<std::uint8_t>& out, unsigned value) {
    out.push_back(static_cast<std::uint8_t>(value >> 8U));
    out.push_back(static_cast<std::uint8_t>(value));
}

// Passes over a name; true at its end.
bool skip_name(wire::Reader& reader) {
    while (!reader.failed()) {
        const auto length = reader.u8();
        if (length == 0) return !reader.failed();
        if (length >= 0xc0) {
            reader.u8();
            return !reader.failed();
        }
        if (length > wire::longest_label) return false;
        reader.take(length);
    }
    return false;
}

bool same_question(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](auto x, auto y) { return lower(x) == lower(y); });
}

std::string rcode_name(unsigned rcode) {
    constexpr std::array names{"NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"};
    return rcode < names.size() ? names[rcode] : fmt::format("RCODE {}", rcode);
}

Error system_error(std::string_view what, const Endpoint& server) {
    return {Errc::unreachable, fmt::format("{} {}: {}", what, server.to_string(), std::strerror(errno))};
}

Result<dnsbl::Descriptor> connect_to(const Endpoint& server) {
    const bool v4 = server.address.is_v4();
    dnsbl::Descriptor socket(::socket(v4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    const auto bytes = server.address.bytes();
    sockaddr_in to4{};
    sockaddr_in6 to6{};
    to4.sin_family = AF_INET;
    to6.sin6_family = AF_INET6;
    to4.sin_port = to6.sin6_port = htons(server.port);
    std::memcpy(v4 ? static_cast<void*>(&to4.sin_addr) : static_cast<void*>(&to6.sin6_addr), bytes.data(),
                bytes.size());
    const auto* const to = v4 ? reinterpret_cast<const sockaddr*>(&to4) : reinterpret_cast<const sockaddr*>(&to6);
    // A connected socket takes datagrams from this server alone.
    if (socket.get() < 0 || ::connect(socket.get(), to, v4 ? sizeof to4 : sizeof to6) != 0)
        return system_error("can't send to", server);
    return socket;
}

} // namespace

Result<std::vector<std::uint8_t>> soa_question(const std::string& zone, std::uint16_t id) {
    const auto name = zones::DomainName::parse(zone);
    if (!name) return name.error();
    std::vector<std::uint8_t> message;
    put16(message, id);
    for (const auto word : {0U, 1U, 0U, 0U, 0U}) put16(message, word);
    message.insert(message.end(), name->wire().begin(), name->wire().end());
    put16(message, wire::type::soa);
    put16(message, wire::cls::in);
    return message;
}

Result<std::uint32_t> soa_serial(std::span<const std::uint8_t> answer, std::span<const std::uint8_t> question) {
    const Error foreign{Errc::protocol, "what came back is no answer to the question"};
    wire::Reader reader(answer);
    const auto id = reader.u16();
    const unsigned flags = reader.u16();
    const unsigned questions = reader.u16();
    const unsigned answers = reader.u16();
    reader.take(4);
    const auto asked = question.subspan(wire::header_size);
    const auto echoed = reader.take(asked.size());
    if (reader.failed() || id != (question[0] << 8U | question[1]) || (flags & wire::flag::response) == 0 ||
        questions != 1 || !same_question(asked, echoed))
        return foreign;
    if ((flags & 0xfU) != 0) return Error{Errc::not_allowed, "it says " + rcode_name(flags & 0xfU)};
    if ((flags & wire::flag::authoritative) == 0)
        return Error{Errc::not_allowed, "it answers without authority: it does not serve the zone"};
    for (unsigned i = 0; i < answers; ++i) {
        if (!skip_name(reader)) return foreign;
        const auto type = reader.u16();
        reader.take(6);
        const auto rdata = reader.take(reader.u16());
        if (reader.failed()) return foreign;
        if (type != wire::type::soa) continue;
        wire::Reader soa(rdata);
        if (!skip_name(soa) || !skip_name(soa)) return foreign;
        const auto serial = soa.u32();
        if (soa.failed()) return foreign;
        return serial;
    }
    return Error{Errc::not_allowed, "it has no SOA: it does not serve the zone"};
}

Result<std::uint32_t> ask_serial(const Endpoint& server, const std::string& zone) {
    std::array<std::uint8_t, 2> random{};
    SystemEntropy().fill(random);
    const auto question = soa_question(zone, static_cast<std::uint16_t>(random[0] << 8U | random[1]));
    if (!question) return question.error();
    const auto socket = connect_to(server);
    if (!socket) return socket.error();
    std::array<std::uint8_t, longest_answer> buffer{};
    for (unsigned i = 0; i < tries; ++i) {
        if (::send(socket->get(), question->data(), question->size(), 0) < 0)
            return system_error("can't send to", server);
        const auto end = SteadyClock::now() + patience;
        while (true) {
            const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - SteadyClock::now());
            if (left.count() <= 0) break;
            pollfd waiting{socket->get(), POLLIN, 0};
            if (::poll(&waiting, 1, static_cast<int>(left.count())) <= 0) continue;
            const auto count = ::recv(socket->get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
            if (count < 0) {
                if (errno == EAGAIN || errno == EINTR) continue;
                return system_error("nothing answers at", server);
            }
            auto serial = soa_serial({buffer.data(), static_cast<std::size_t>(count)}, *question);
            // Somebody else's datagram, or a late one: ours may still come.
            if (!serial && serial.error().code == Errc::protocol) continue;
            return serial;
        }
    }
    return Error{Errc::timeout, fmt::format("no answer from {} to {} questions", server.to_string(), tries)};
}

} // namespace provenbl::tools::cli
