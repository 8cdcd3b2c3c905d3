// Transfers over real sockets, with a real store behind: who may, what comes over TCP and over UDP, and what a client
// that does not read can hold up.
#include "client.hpp"
#include "dnsbl/server.hpp"
#include "dnsbl/wire/tsig.hpp"
#include "ixfr_question.hpp"
#include "secondary.hpp"
#include "served_zones.hpp"
#include "store/mirrors.hpp"
#include "tests/support/store_fixture.hpp"

#include <gmock/gmock.h>
#include <ldns/ldns.h>

#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <thread>

namespace provenbl::dnsbl::testing {
namespace {

using namespace std::chrono_literals;

constexpr auto key_name = "m1.mirror.bl.example";
const std::string secret(32, 's');
constexpr auto secret_base64 = "c3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3M=";

class TransferServerTest : public test::StoreFixture {
protected:
    ServerSettings settings_{.listen = {{at("127.0.0.1"), 0}}, .workers = 1, .identity = "dns-1"};
    std::vector<Prefix> allow_unsigned_{Prefix::parse("127.0.0.0/8").value()};
    std::optional<zones::Follower> follower_;
    std::unique_ptr<transfer::MirrorRing> mirrors_;
    std::unique_ptr<Server> server_;

    void start() {
        follower_->start();
        mirrors_ = std::make_unique<transfer::MirrorRing>(*store, allow_unsigned_);
        mirrors_->start();
        server_ = std::make_unique<Server>(served_zones(), *follower_, settings_, nullptr, mirrors_.get());
        const auto started = server_->start();
        ASSERT_TRUE(started) << started.error().message;
    }
    void TearDown() override {
        if (server_) server_->stop();
        if (mirrors_) mirrors_->stop();
        follower_->stop();
    }
    Endpoint endpoint() const { return server_->endpoints().at(0); }
    static Bytes axfr(const char* zone = "bl.example") { return question(zone, wire::type::axfr); }

    TransferServerTest() {
        map_size = std::size_t{1} << 28U; // one transaction lists many
        reopen();
        follower_.emplace(*store);
    }
    // By hand, in one transaction.
    void list(std::uint32_t count, const std::function<Address(std::uint32_t)>& which) {
        const auto done = store->write([&](WriteTxn& txn) -> Result<> {
            for (std::uint32_t i = 0; i < count; ++i) {
                const auto listed = ledger::list_manually(
                    txn, which(i), {ListingClass::relay, "a test", "bob", clock.now(), clock.now() + 1h});
                if (!listed) return listed.error();
            }
            return {};
        });
        ASSERT_TRUE(done) << done.error().message;
    }
    void list(std::uint32_t first, std::uint32_t count) {
        list(count, [first](std::uint32_t i) { return Address::v4(first + i); });
    }
    // IPv6, with little in common.
    void list_scattered(std::uint32_t count) {
        list(count, [](std::uint32_t i) {
            std::array<std::uint8_t, 16> bytes{0x2a};
            for (unsigned at = 0; at < 4; ++at) bytes[1 + at] = static_cast<std::uint8_t>(i * 2'654'435'761U >> 8 * at);
            bytes[15] = 1;
            return Address::v6(bytes);
        });
    }
    void unlist(std::uint32_t address) {
        const auto done = store->write([&](WriteTxn& txn) -> Result<> {
            const auto ended = ledger::end_manual(txn, Address::v4(address), "a mistake", "bob");
            if (!ended) return ended.error();
            return {};
        });
        ASSERT_TRUE(done) << done.error().message;
    }
    // The server has seen all that the store has.
    void seen() {
        const auto last = store->read([](const ReadTxn& txn) { return journal::last(txn); });
        const auto patience = std::chrono::steady_clock::now() + 30s;
        while (follower_->snapshot()->sequence < last && std::chrono::steady_clock::now() < patience)
            std::this_thread::yield();
        ASSERT_EQ(follower_->snapshot()->sequence, last);
    }

    static bool is_soa(const std::string& line) { return line.find(" IN SOA ") != std::string::npos; }
    // All messages of one answer: to its last SOA, or the one message that has none.
    static std::vector<Bytes> stream(const TcpClient& client) {
        std::vector<Bytes> all;
        std::size_t soas = 0;
        std::size_t records = 0;
        bool difference = false;
        while (true) {
            auto message = client.answer();
            if (!message) throw std::runtime_error("the server hung up after " + std::to_string(all.size()));
            const auto read = read_with_ldns(*message);
            all.push_back(std::move(*message));
            if (read.answers.empty()) return all;
            for (const auto& line : read.answers) {
                ++records;
                soas += is_soa(line) ? 1 : 0;
                difference = difference || (records == 2 && is_soa(line));
            }
            const bool alone = all.size() == 1 && records == 1 && soas == 1 && read.answers.size() == 1;
            if (soas == (difference ? 4U : 2U) || (alone && !expects_more(all[0]))) return all;
        }
    }
    // A SOA alone answers an IXFR; it begins an AXFR.
    static bool expects_more(const Bytes& message) {
        return read_with_ldns(message).questions.at(0).find("AXFR") != std::string::npos;
    }
    Secondary whole(const char* zone = "bl.example") const {
        const TcpClient client(endpoint());
        client.send(framed(axfr(zone)));
        Secondary secondary(zone);
        secondary.take(stream(client));
        return secondary;
    }
};

TEST_F(TransferServerTest, AWholeZoneOverTcp) {
    list(0x05060000, 1000);
    start();
    const auto secondary = whole();
    EXPECT_EQ(secondary.serial(), 1000U);
    EXPECT_EQ(secondary.at("255.1.6.5.bl.example").size(), 2U);
    EXPECT_EQ(whole("probe.example").at("mx.probe.example").size(), 2U);
}

TEST_F(TransferServerTest, ADifferenceOverTcp) {
    list(0x05060000, 500);
    start();
    auto secondary = whole();
    unlist(0x05060007);
    list(0x05070000, 3);
    seen();
    const TcpClient client(endpoint());
    client.send(framed(ixfr("bl.example", secondary.serial())));
    secondary.take(stream(client));
    EXPECT_TRUE(secondary.was_incremental());
    EXPECT_EQ(secondary.records(), whole().records());
    EXPECT_TRUE(secondary.at("7.0.6.5.bl.example").empty());
    // On the same connection: nothing is new; then a serial that the journal does not know.
    client.send(framed(ixfr("bl.example", secondary.serial())));
    secondary.take(stream(client));
    EXPECT_TRUE(secondary.was_current());
    client.send(framed(ixfr("bl.example", secondary.serial() + 0x80000000U)));
    secondary.take(stream(client));
    EXPECT_FALSE(secondary.was_current() || secondary.was_incremental());
    EXPECT_EQ(secondary.records(), whole().records());
}

TEST_F(TransferServerTest, ALargeDifferenceIsReadInPieces) {
    start();
    list(0x05060000, 10);
    seen();
    auto secondary = whole();
    list(0x05070000, 6000);
    for (std::uint32_t i = 0; i < 10; ++i) unlist(0x05060000 + i);
    list(0x05080000, 3000);
    seen();
    const TcpClient client(endpoint());
    client.send(framed(ixfr("bl.example", secondary.serial())));
    secondary.take(stream(client));
    EXPECT_FALSE(secondary.was_incremental()) << "more than a third of the list";
    list(0x05090000, 2500);
    seen();
    client.send(framed(ixfr("bl.example", secondary.serial())));
    secondary.take(stream(client));
    EXPECT_TRUE(secondary.was_incremental());
    EXPECT_EQ(secondary.records(), whole().records());
}

// RFC 1995 section 2.
TEST_F(TransferServerTest, OverUdpADifferenceThatFits) {
    list(0x05060000, 100);
    start();
    auto secondary = whole();
    unlist(0x05060007);
    list(0x05070000, 2);
    seen();
    const UdpClient client(endpoint());
    const auto asked = with_opt(ixfr("bl.example", secondary.serial()));
    const std::vector<Bytes> fits{client.ask(asked)};
    secondary.take(fits);
    EXPECT_TRUE(secondary.was_incremental());
    EXPECT_EQ(secondary.records(), whole().records());

    list(0x05080000, 30);
    seen();
    const std::vector<Bytes> alone{client.ask(with_opt(ixfr("bl.example", secondary.serial())))};
    EXPECT_LE(alone[0].size(), 1232U);
    const auto read = read_with_ldns(alone[0]);
    EXPECT_FALSE(read.tc);
    EXPECT_THAT(read.answers, ::testing::ElementsAre(::testing::HasSubstr("SOA ns1.bl.example. hostmaster.bl.example. "
                                                                          "133 ")))
        << "our serial: come over TCP";
    const std::vector<Bytes> current{client.ask(ixfr("bl.example", 133))};
    secondary.take(current);
    EXPECT_TRUE(secondary.was_current());
    EXPECT_EQ(read_with_ldns(client.ask(axfr())).rcode, 5U) << "AXFR is not defined over UDP (RFC 5936 4.2)";
}

TEST_F(TransferServerTest, SeveralOnOneConnectionKeepTheirOrder) {
    list(0x05060000, 1000);
    start();
    const TcpClient client(endpoint());
    Bytes all;
    for (const auto& asked : {axfr(), question("bl.example", wire::type::soa), ixfr("bl.example", 1000),
                              axfr("relay.bl.example"), question("2.0.0.127.bl.example", wire::type::a)})
        append(all, framed(asked));
    client.send(all);
    Secondary list("bl.example");
    list.take(stream(client));
    EXPECT_GT(list.records().size(), 2000U);
    EXPECT_EQ(read_with_ldns(client.answer().value()).answers.size(), 1U);
    list.take(stream(client));
    EXPECT_TRUE(list.was_current());
    Secondary sublist("relay.bl.example");
    sublist.take(stream(client));
    EXPECT_GT(sublist.records().size(), 2000U);
    EXPECT_EQ(read_with_ldns(client.answer().value()).answers,
              std::vector<std::string>{"2.0.0.127.bl.example. 120 IN A 127.0.0.2"});
}

TEST_F(TransferServerTest, WhoMayNotIsRefused) {
    allow_unsigned_ = {Prefix::parse("192.0.2.0/24").value()};
    start();
    for (const auto& asked : {with_opt(axfr()), with_opt(ixfr("bl.example", 1))}) {
        for (const auto& answer : {UdpClient(endpoint()).ask(asked), TcpClient(endpoint()).ask(asked).value()}) {
            const auto read = read_with_ldns(answer);
            EXPECT_EQ(read.rcode, 5U);
            EXPECT_EQ(read.extended_error, 18U);
            EXPECT_TRUE(read.answers.empty());
        }
    }
}

TEST_F(TransferServerTest, WhatIsNoZoneOrNoRequestIsAnError) {
    start();
    const TcpClient client(endpoint());
    const auto rcode = [&](const Bytes& asked) { return read_with_ldns(client.ask(asked).value()).rcode; };
    EXPECT_EQ(rcode(axfr("2.0.0.127.bl.example")), 9U) << "NOTAUTH: of no zone";
    EXPECT_EQ(rcode(axfr("elsewhere.example")), 5U);
    EXPECT_EQ(rcode(question("bl.example", wire::type::ixfr)), 1U) << "no SOA";
    EXPECT_EQ(rcode(ixfr("bl.example", 1, wire_name("relay.bl.example"))), 1U) << "another zone's SOA";
    EXPECT_EQ(rcode(with_authority(ixfr("bl.example", 1),
                                   record(wire_name("bl.example"), wire::type::soa, wire::cls::in, soa_data(1)))),
              1U)
        << "two";
    EXPECT_TRUE(client.ask(question("bl.example", wire::type::soa)));
}

// Each message is signed, and ldns believes each.
TEST_F(TransferServerTest, ASignedRequestGetsEveryMessageSigned) {
    allow_unsigned_.clear();
    Mirror mirror;
    mirror.name = "m1";
    mirror.key_name = key_name;
    mirror.algorithm = "hmac-sha256";
    mirror.secret = secret;
    ASSERT_TRUE(store->write([&](WriteTxn& txn) -> Result<> {
        const auto added = mirrors::add(txn, mirror);
        if (!added) return added.error();
        return {};
    }));
    list(0x05060000, 1000);
    start();
    wire::TsigKey key;
    key.name = zones::DomainName::parse(key_name).value();
    key.secret.assign(secret.begin(), secret.end());
    const auto verify = [&](const std::vector<Bytes>& messages, const wire::Mac& request) {
        Bytes field;
        put16(field, request.size);
        field.insert(field.end(), request.bytes().begin(), request.bytes().end());
        auto* before = ldns_rdf_new_frm_data(LDNS_RDF_TYPE_INT16_DATA, field.size(), field.data());
        for (std::size_t i = 0; i < messages.size(); ++i) {
            ldns_pkt* read = nullptr;
            ASSERT_EQ(ldns_wire2pkt(&read, messages[i].data(), messages[i].size()), LDNS_STATUS_OK);
            const std::unique_ptr<ldns_pkt, decltype(&ldns_pkt_free)> packet(read, &ldns_pkt_free);
            ASSERT_NE(ldns_pkt_tsig(read), nullptr) << i;
            EXPECT_TRUE(ldns_pkt_tsig_verify_next(read, messages[i].data(), messages[i].size(), key_name, secret_base64,
                                                  before, i == 0 ? 0 : 1))
                << i;
            ldns_rdf_deep_free(before);
            before = ldns_rdf_clone(ldns_rr_rdf(ldns_pkt_tsig(read), 3));
        }
        ldns_rdf_deep_free(before);
    };
    for (const bool edns : {false, true}) {
        const TcpClient client(endpoint());
        auto asked = edns ? with_opt(axfr()) : axfr();
        const auto mac = wire::sign_request(asked, key, SystemClock().now());
        client.send(framed(asked));
        const auto messages = stream(client);
        EXPECT_GT(messages.size(), 3U);
        for (const auto& message : messages) EXPECT_LE(message.size(), 16384U);
        verify(messages, mac);
        Secondary secondary("bl.example");
        secondary.take(messages);
        EXPECT_EQ(secondary.serial(), 1000U);
    }
    unlist(0x05060007);
    seen();
    auto asked = with_opt(ixfr("bl.example", 1000));
    const auto mac = wire::sign_request(asked, key, SystemClock().now());
    const std::vector<Bytes> answer{UdpClient(endpoint()).ask(asked)};
    EXPECT_GT(read_with_ldns(answer[0]).answers.size(), 4U);
    verify(answer, mac);
    EXPECT_EQ(read_with_ldns(TcpClient(endpoint()).ask(axfr()).value()).rcode, 5U) << "unsigned";
}

// Some megabytes: more than all buffers between here and there take.
constexpr std::uint32_t too_many_to_buffer = 50'000;
constexpr std::size_t entries_in_a_message = 150; // at most, of IPv6

TEST_F(TransferServerTest, AClientThatDoesNotReadHoldsUpNobodyAndEnds) {
    settings_.transfers.limits = {.total = 1, .per_client = 1, .message_timeout = 1s, .timeout = 1h};
    list_scattered(too_many_to_buffer);
    start();
    const TcpClient greedy(endpoint());
    greedy.send(framed(axfr()));
    const auto first = greedy.answer();
    ASSERT_TRUE(first);
    const TcpClient other(endpoint());
    EXPECT_EQ(read_with_ldns(other.ask(question("2.0.0.127.bl.example", wire::type::a)).value()).answers.size(), 1U);
    const auto busy = read_with_ldns(other.ask(with_opt(axfr())).value());
    EXPECT_EQ(busy.rcode, 2U) << "one at a time";
    EXPECT_TRUE(busy.answers.empty());
    EXPECT_EQ(read_with_ldns(other.ask(ixfr("bl.example", too_many_to_buffer)).value()).answers.size(), 1U)
        << "this needs no transfer";
    // Once the greedy one has been hung up on, there is room again.
    const auto patience = std::chrono::steady_clock::now() + 60s;
    while (read_with_ldns(other.ask(axfr("probe.example")).value()).rcode == 2) {
        ASSERT_LT(std::chrono::steady_clock::now(), patience);
        std::this_thread::sleep_for(20ms);
    }
    std::size_t messages = 1;
    while (greedy.answer()) ++messages;
    EXPECT_LT(messages, too_many_to_buffer / entries_in_a_message) << "it did not get all of it";
}

TEST_F(TransferServerTest, ATransferThatTakesTooLongEnds) {
    settings_.transfers.limits.timeout = 1ms;
    list_scattered(too_many_to_buffer);
    start();
    const TcpClient slow(endpoint());
    slow.send(framed(axfr()));
    std::size_t messages = 0;
    while (slow.answer()) ++messages;
    EXPECT_LT(messages, too_many_to_buffer / entries_in_a_message);
}

} // namespace
} // namespace provenbl::dnsbl::testing
