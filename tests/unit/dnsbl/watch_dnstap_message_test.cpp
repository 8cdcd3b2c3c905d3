// Decoded by what protoc-c makes of the schema.
#include "dnsbl/watch/dnstap_message.hpp"
#include "dnstap.pb-c.h"
#include "seen.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace provenbl::dnsbl::watch {
namespace {

using dnsbl::testing::at;
using dnsbl::testing::Bytes;
using dnsbl::testing::question;
using dnsbl::testing::Seen;
using dnsbl::testing::wire_name;

struct Free {
    void operator()(Provenbl__Dnstap__Dnstap* value) const { provenbl__dnstap__dnstap__free_unpacked(value, nullptr); }
};
using Decoded = std::unique_ptr<Provenbl__Dnstap__Dnstap, Free>;

Decoded decode(std::span<const std::uint8_t> bytes) {
    return Decoded{provenbl__dnstap__dnstap__unpack(nullptr, bytes.size(), bytes.data())};
}

Bytes bytes_of(const ProtobufCBinaryData& data) {
    return {data.data, data.data + data.len};
}

TEST(DnstapMessage, AResponseHoldsEverything) {
    const Seen seen(question("99.2.0.192.bl.example", wire::type::a));
    Bytes room(1000);
    const auto zone = wire_name("bl.example");
    const auto bytes =
        write_dnstap(room, DnstapType::auth_response, seen.observation(), zone, {"ns1.bl.example", "provenbl 0.1"});
    ASSERT_FALSE(bytes.empty());
    const auto decoded = decode(bytes);
    ASSERT_TRUE(decoded);
    EXPECT_EQ(decoded->type, PROVENBL__DNSTAP__DNSTAP__TYPE__MESSAGE);
    EXPECT_EQ(bytes_of(decoded->identity),
              (Bytes{'n', 's', '1', '.', 'b', 'l', '.', 'e', 'x', 'a', 'm', 'p', 'l', 'e'}));
    EXPECT_EQ(decoded->version.len, 12U);
    const auto& message = *decoded->message;
    EXPECT_EQ(message.type, PROVENBL__DNSTAP__MESSAGE__TYPE__AUTH_RESPONSE);
    EXPECT_EQ(message.socket_family, PROVENBL__DNSTAP__SOCKET_FAMILY__INET);
    EXPECT_EQ(message.socket_protocol, PROVENBL__DNSTAP__SOCKET_PROTOCOL__UDP);
    EXPECT_EQ(bytes_of(message.query_address), (Bytes{192, 0, 2, 77}));
    EXPECT_EQ(bytes_of(message.response_address), (Bytes{192, 0, 2, 53}));
    EXPECT_EQ(message.query_port, 4242U);
    EXPECT_EQ(message.response_port, 53U);
    EXPECT_EQ(message.query_time_sec, 1'800'000'000U);
    EXPECT_EQ(message.query_time_nsec, 123'456'789U);
    EXPECT_EQ(message.response_time_sec, 1'800'000'000U);
    EXPECT_EQ(message.response_time_nsec, 123'506'789U);
    EXPECT_EQ(bytes_of(message.query_message), seen.message());
    EXPECT_EQ(bytes_of(message.response_message), seen.answer());
    EXPECT_EQ(bytes_of(message.query_zone), zone);
}

TEST(DnstapMessage, AQuerySaysWhatIsKnown) {
    Seen seen(question("nowhere.example", wire::type::a), "2001:db8::1", Transport::tcp);
    seen.set_server({}); // on all addresses
    Bytes room(1000);
    const auto decoded = decode(write_dnstap(room, DnstapType::auth_query, seen.observation(), {}, {}));
    ASSERT_TRUE(decoded);
    EXPECT_FALSE(decoded->has_identity);
    EXPECT_FALSE(decoded->has_version);
    const auto& message = *decoded->message;
    EXPECT_EQ(message.type, PROVENBL__DNSTAP__MESSAGE__TYPE__AUTH_QUERY);
    EXPECT_EQ(message.socket_family, PROVENBL__DNSTAP__SOCKET_FAMILY__INET6);
    EXPECT_EQ(message.socket_protocol, PROVENBL__DNSTAP__SOCKET_PROTOCOL__TCP);
    EXPECT_EQ(message.query_address.len, 16U);
    EXPECT_FALSE(message.has_response_address);
    EXPECT_FALSE(message.has_response_port);
    EXPECT_FALSE(message.has_query_zone);
    EXPECT_FALSE(message.has_response_message);
    EXPECT_FALSE(message.has_response_time_sec);
    EXPECT_EQ(bytes_of(message.query_message), seen.message());
}

// Whatever the room: the whole message or nothing, and never a byte outside.
TEST(DnstapMessage, TooLittleRoomGivesNothing) {
    const Seen seen(question("99.2.0.192.bl.example", wire::type::a));
    const auto write = [&](std::span<std::uint8_t> room) {
        return write_dnstap(room, DnstapType::auth_response, seen.observation(), wire_name("bl.example"),
                            {"identity", "version"});
    };
    Bytes enough(1000);
    const auto size = write(enough).size();
    ASSERT_LE(size, dnstap_overhead + 8 + 7 + 12 + seen.message().size() + seen.answer().size());
    for (std::size_t room = 0; room <= size; ++room) {
        Bytes guarded(room + 2, 0xee);
        EXPECT_EQ(write(std::span(guarded).subspan(1, room)).size(), room < size ? 0 : size);
        EXPECT_EQ(guarded.front(), 0xee);
        EXPECT_EQ(guarded.back(), 0xee);
    }
}

} // namespace
} // namespace provenbl::dnsbl::watch
