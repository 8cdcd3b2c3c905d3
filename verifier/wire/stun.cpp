// type(2) length(2) cookie(4) id(12), then attributes: type(2) length(2) value, filled up to four bytes.
#include "verifier/wire/stun.hpp"

#include "verifier/wire/printable.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>

namespace provenbl::verifier::wire {
namespace {

constexpr std::size_t head_size = 20;
constexpr std::array<std::uint8_t, 4> cookie{0x21, 0x12, 0xa4, 0x42};
constexpr std::size_t text_limit = 256; // of what is kept of reason and software

enum : std::uint16_t {
    error_code = 0x0009,
    lifetime = 0x000d,
    xor_peer_address = 0x0012,
    data = 0x0013,
    xor_relayed_address = 0x0016,
    requested_address_family = 0x0017,
    requested_transport = 0x0019,
    software = 0x8022,
};

std::uint8_t byte_at(std::string_view bytes, std::size_t i) {
    return static_cast<std::uint8_t>(bytes[i]);
}
std::uint16_t number_at(std::string_view bytes, std::size_t i) {
    return static_cast<std::uint16_t>(byte_at(bytes, i) << 8 | byte_at(bytes, i + 1));
}
void append_number(std::string& out, std::size_t value) {
    out += static_cast<char>(value >> 8 & 0xff);
    out += static_cast<char>(value & 0xff);
}

// The class stands in two bits among those of the method (RFC 8489 section 5).
std::uint16_t type_of(StunMethod method, StunClass cls) {
    const auto m = static_cast<unsigned>(method);
    const auto c = static_cast<unsigned>(cls);
    return static_cast<std::uint16_t>((m & 0xfU) | (m & 0x70U) << 1 | (m & 0xf80U) << 2 | (c & 1U) << 4 |
                                      (c & 2U) << 7);
}

class Writer {
public:
    Writer(StunMethod method, StunClass cls, const StunId& id) : id_(id) {
        append_number(message_, type_of(method, cls));
        append_number(message_, 0); // the length, at the end
        for (const auto byte : cookie) message_ += static_cast<char>(byte);
        for (const auto byte : id) message_ += static_cast<char>(byte);
    }
    Writer& put(std::uint16_t type, std::string_view value) {
        append_number(message_, type);
        append_number(message_, value.size());
        message_ += value;
        while (message_.size() % 4 != 0) message_ += '\0';
        return *this;
    }
    // 00 family port^ address^ (RFC 8489 14.2)
    Writer& put(std::uint16_t type, const Endpoint& endpoint) {
        std::string value{0, static_cast<char>(endpoint.address.is_v4() ? 1 : 2)};
        append_number(value, endpoint.port ^ 0x2112U);
        std::size_t i = 0;
        for (const auto byte : endpoint.address.bytes()) {
            value += static_cast<char>(byte ^ (i < cookie.size() ? cookie[i] : id_[i - cookie.size()]));
            ++i;
        }
        return put(type, value);
    }
    std::string take() {
        const auto length = message_.size() - head_size;
        message_[2] = static_cast<char>(length >> 8);
        message_[3] = static_cast<char>(length & 0xff);
        return std::move(message_);
    }

private:
    StunId id_;
    std::string message_;
};

std::optional<Endpoint> xor_address(std::string_view value, const StunId& id) {
    if (value.size() < 8) return std::nullopt;
    const std::size_t size = byte_at(value, 1) == 1 ? 4 : byte_at(value, 1) == 2 ? 16 : 0;
    if (size == 0 || value.size() < 4 + size) return std::nullopt;
    std::array<std::uint8_t, 16> bytes{};
    for (std::size_t i = 0; i < size; ++i)
        bytes[i] = byte_at(value, 4 + i) ^ (i < cookie.size() ? cookie[i] : id[i - cookie.size()]);
    return Endpoint{Address::from_bytes(std::span(bytes).first(size)),
                    static_cast<std::uint16_t>(number_at(value, 2) ^ 0x2112U)};
}

void take_attribute(StunMessage& message, std::uint16_t type, std::string_view value) {
    switch (type) {
    case error_code: // 00 00 class number reason
        if (value.size() < 4) return;
        message.error = (byte_at(value, 2) & 7) * 100 + byte_at(value, 3) % 100;
        message.reason = value.substr(4, text_limit);
        return;
    case xor_relayed_address:
        message.relayed = xor_address(value, message.id);
        return;
    case xor_peer_address:
        message.peer = xor_address(value, message.id);
        return;
    case data:
        message.data = value;
        return;
    case software:
        message.software = value.substr(0, text_limit);
        return;
    default:
        return;
    }
}

// Of what is there of the head: the size of the whole message, or nothing yet.
Result<std::optional<std::size_t>> size_of(std::string_view bytes) {
    const Error not_stun{Errc::protocol, fmt::format("not a STUN message: \"{}\"", printable(bytes.substr(0, 60)))};
    if (!bytes.empty() && (byte_at(bytes, 0) & 0xc0U) != 0) return not_stun;
    for (std::size_t i = 4; i < std::min<std::size_t>(8, bytes.size()); ++i)
        if (byte_at(bytes, i) != cookie[i - 4]) return not_stun;
    if (bytes.size() < 4) return std::optional<std::size_t>{};
    const auto size = head_size + number_at(bytes, 2);
    if (size % 4 != 0) return not_stun;
    if (size > stun_limit) return Error{Errc::limit, fmt::format("a STUN message of more than {} bytes", stun_limit)};
    return std::optional{size};
}

// A whole message.
StunMessage read(std::string_view bytes) {
    StunMessage message;
    const auto type = number_at(bytes, 0);
    message.method = static_cast<std::uint16_t>((type & 0xfU) | (type >> 1 & 0x70U) | (type >> 2 & 0xf80U));
    message.cls = static_cast<StunClass>((type >> 4 & 1U) | (type >> 7 & 2U));
    for (std::size_t i = 0; i < message.id.size(); ++i) message.id[i] = byte_at(bytes, 8 + i);
    bytes.remove_prefix(head_size);
    while (bytes.size() >= 4) {
        const auto length = std::size_t{number_at(bytes, 2)};
        if (length > bytes.size() - 4) break; // cut short
        take_attribute(message, number_at(bytes, 0), bytes.substr(4, length));
        bytes.remove_prefix(std::min(bytes.size(), 4 + (length + 3) / 4 * 4));
    }
    return message;
}

} // namespace

std::string turn_allocate(const StunId& id, bool for_ipv6, std::string_view name) {
    using namespace std::string_view_literals;
    Writer message(StunMethod::allocate, StunClass::request, id);
    message.put(requested_transport, "\x11\0\0\0"sv); // UDP
    if (for_ipv6) message.put(requested_address_family, "\x02\0\0\0"sv);
    message.put(software, name.substr(0, text_limit));
    return message.take();
}

std::string turn_permission(const StunId& id, const Endpoint& peer) {
    return Writer(StunMethod::permission, StunClass::request, id).put(xor_peer_address, peer).take();
}

std::string turn_send(const StunId& id, const Endpoint& peer, std::string_view payload) {
    return Writer(StunMethod::send, StunClass::indication, id).put(xor_peer_address, peer).put(data, payload).take();
}

std::string turn_release(const StunId& id) {
    using namespace std::string_view_literals;
    return Writer(StunMethod::refresh, StunClass::request, id).put(lifetime, "\0\0\0\0"sv).take();
}

std::string StunMessage::quote() const {
    return printable(fmt::format("{} {}", error, reason));
}

Result<std::optional<StunMessage>> take_stun(std::string& buffer) {
    const auto size = size_of(buffer);
    if (!size) return size.error();
    if (!*size || buffer.size() < **size) return std::optional<StunMessage>{};
    auto message = read(std::string_view(buffer).substr(0, **size));
    buffer.erase(0, **size);
    return std::optional{std::move(message)};
}

Result<StunMessage> parse_stun(std::string_view datagram) {
    const auto size = size_of(datagram);
    if (!size) return size.error();
    if (!*size || datagram.size() < **size) return Error{Errc::protocol, "a STUN message that is cut short"};
    return read(datagram.substr(0, **size));
}

} // namespace provenbl::verifier::wire
