#include "dnsbl/watch/dnstap_message.hpp"

#include <cstring>

namespace provenbl::dnsbl::watch {
namespace {

// The wire types of Protocol Buffers that we use.
enum class Wire : std::uint8_t { varint = 0, bytes = 2, fixed32 = 5 };

// Writes from the end to the front; what is too much is remembered and writes nothing more.
class BackwardWriter {
public:
    explicit BackwardWriter(std::span<std::uint8_t> out)
        : begin_(out.data()), at_(out.data() + out.size()), end_(at_) {}

    void number(unsigned field, std::uint64_t value) {
        varint(value);
        tag(field, Wire::varint);
    }
    void fixed(unsigned field, std::uint32_t value) {
        if (!room(4)) return;
        for (unsigned i = 0; i < 4; ++i) at_[i] = static_cast<std::uint8_t>(value >> (8 * i));
        tag(field, Wire::fixed32);
    }
    void bytes(unsigned field, std::span<const std::uint8_t> value) {
        if (!room(value.size())) return;
        if (!value.empty()) std::memcpy(at_, value.data(), value.size());
        head(field, value.size());
    }
    void text(unsigned field, std::string_view value) {
        if (value.empty() || !room(value.size())) return;
        std::memcpy(at_, value.data(), value.size());
        head(field, value.size());
    }
    // Of something that has been written already.
    void head(unsigned field, std::size_t size) {
        varint(size);
        tag(field, Wire::bytes);
    }
    [[nodiscard]] std::size_t size() const { return static_cast<std::size_t>(end_ - at_); }
    [[nodiscard]] std::span<std::uint8_t> written() const {
        if (full_) return {};
        return {at_, size()};
    }

private:
    bool room(std::size_t count) {
        if (full_ || static_cast<std::size_t>(at_ - begin_) < count) {
            full_ = true;
            return false;
        }
        at_ -= count;
        return true;
    }
    void tag(unsigned field, Wire wire) {
        if (room(1)) *at_ = static_cast<std::uint8_t>(field << 3U | static_cast<unsigned>(wire)); // fields up to 15
    }
    void varint(std::uint64_t value) {
        std::size_t count = 1;
        for (auto rest = value >> 7U; rest != 0; rest >>= 7U) ++count;
        if (!room(count)) return;
        for (std::size_t i = 0; i < count; ++i, value >>= 7U)
            at_[i] = static_cast<std::uint8_t>((value & 0x7fU) | (i + 1 < count ? 0x80U : 0U));
    }

    std::uint8_t* const begin_;
    std::uint8_t* at_;
    std::uint8_t* const end_;
    bool full_ = false;
};

void write_time(BackwardWriter& out, unsigned field, WallTime time) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
    out.fixed(field + 1,
              static_cast<std::uint32_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(time - seconds).count()));
    out.number(field, static_cast<std::uint64_t>(seconds.time_since_epoch().count()));
}

} // namespace

std::span<std::uint8_t> write_dnstap(std::span<std::uint8_t> room, DnstapType type, const Observation& seen,
                                     std::span<const std::uint8_t> zone, const DnstapOrigin& origin) {
    BackwardWriter out(room);
    out.number(15, 1); // Dnstap.type: MESSAGE
    if (type == DnstapType::auth_response) {
        out.bytes(14, seen.answer);
        write_time(out, 12, seen.sent);
    }
    if (!zone.empty()) out.bytes(11, zone);
    out.bytes(10, seen.message);
    write_time(out, 8, seen.received);
    const auto& client = seen.asker.client;
    if (seen.server.port != 0) out.number(7, seen.server.port);
    out.number(6, client.port);
    if (seen.server.port != 0) out.bytes(5, seen.server.address.bytes());
    out.bytes(4, client.address.bytes());
    const unsigned over_tcp = seen.asker.channel == Channel::clear ? 2 : 3; // SocketProtocol: TCP, DOT
    out.number(3, seen.asker.transport == Transport::udp ? 1 : over_tcp);
    out.number(2, client.address.is_v4() ? 1 : 2);
    out.number(1, static_cast<std::uint64_t>(type));
    constexpr std::size_t type_field = 2; // what was written before the message
    out.head(14, out.size() - type_field);
    out.text(2, origin.version);
    out.text(1, origin.identity);
    return out.written();
}

} // namespace provenbl::dnsbl::watch
