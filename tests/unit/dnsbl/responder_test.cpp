// The rules of the protocol, a row each, read back by ldns.
#include "dnsbl/responder.hpp"
#include "ldns_oracle.hpp"
#include "question.hpp"
#include "served_zones.hpp"

#include <gtest/gtest.h>

#include <random>

namespace provenbl::dnsbl::testing {
namespace {

using Lines = std::vector<std::string>;

constexpr auto soa = "bl.example. 60 IN SOA ns1.bl.example. hostmaster.bl.example. 77 300 60 1209600 60";

class ResponderTest : public ::testing::Test {
protected:
    Responder responder_{served_zones(), {.edns_size = 1232, .identity = "dns-1"}};
    zones::Snapshot snapshot_ = served_snapshot();

    Bytes respond(const Bytes& message, Transport transport = Transport::udp) const {
        Bytes out(wire::longest_message);
        out.resize(responder_.respond(message, {transport, {}}, snapshot_, out).size);
        return out;
    }
    OracleAnswer ask(const Bytes& message, Transport transport = Transport::udp) const {
        return read_with_ldns(respond(message, transport));
    }
    OracleAnswer ask(const std::string& name, unsigned type) const { return ask(question(name, type)); }
};

struct Row {
    const char* rule;
    std::string name;
    unsigned type;
    unsigned rcode;
    Lines answers;
    Lines authorities = {};
    Lines additionals = {};
};

TEST_F(ResponderTest, AnswersByNameAndType) {
    namespace t = wire::type;
    const std::string v4 = "99.2.0.192.bl.example";
    const std::string v6 = listed6() + ".bl.example";
    const std::string apex_soa = "bl.example. 3600 IN SOA ns1.bl.example. hostmaster.bl.example. 77 300 60 1209600 60";
    const std::string probe_soa =
        "probe.example. 60 IN SOA ns1.bl.example. hostmaster.bl.example. 77 300 60 1209600 60";
    const Lines ns{"bl.example. 3600 IN NS ns1.bl.example.", "bl.example. 3600 IN NS ns.elsewhere.example."};
    const Lines glue{"ns1.bl.example. 3600 IN A 192.0.2.53", "ns1.bl.example. 3600 IN AAAA 2001:db8::53"};
    const Lines v4_a{v4 + ". 120 IN A 127.0.0.2", v4 + ". 120 IN A 127.0.0.9"};
    const std::string v4_txt = v4 + ". 120 IN TXT \"relay, http: https://bl.example/192.0.2.99\"";
    const Lines mx_addresses{"mx.probe.example. 300 IN A 192.0.2.25", "mx.probe.example. 300 IN AAAA 2001:db8::25"};
    const std::string test6 = "8.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.bl.example";
    const std::vector<Row> table{
        // RFC 5782 2.1
        {"A of a listed host: a value for each class", v4, t::a, 0, v4_a},
        {"TXT of a listed host: one record", v4, t::txt, 0, {v4_txt}},
        {"ANY: all of it (RFC 8482 allows it)", v4, t::any, 0, {v4_a[0], v4_a[1], v4_txt}},
        {"AAAA of a listed host: NODATA", v4, t::aaaa, 0, {}, {soa}},
        {"MX of a listed host: NODATA", v4, t::mx, 0, {}, {soa}},
        {"SOA below the apex: NODATA", v4, t::soa, 0, {}, {soa}},
        {"an unknown type (RFC 3597): NODATA", v4, 65280, 0, {}, {soa}},
        {"an unlisted host: NXDOMAIN", "98.2.0.192.bl.example", t::a, 3, {}, {soa}},
        {"an unlisted host, TXT", "98.2.0.192.bl.example", t::txt, 3, {}, {soa}},
        {"an unlisted host, ANY", "98.2.0.192.bl.example", t::any, 3, {}, {soa}},
        {"leading zeros", "099.2.0.192.bl.example", t::a, 3, {}, {soa}},
        {"an octet over 255", "355.2.0.192.bl.example", t::a, 3, {}, {soa}},
        {"below an entry", "x." + v4, t::a, 3, {}, {soa}},
        {"rspamd's random label", "wqe-y_8.bl.example", t::a, 3, {}, {soa}},
        // RFC 5782 2.4
        {"A of a listed IPv6 host", v6, t::a, 0, {v6 + ". 120 IN A 127.0.0.10"}},
        {"TXT of a listed IPv6 host",
         v6,
         t::txt,
         0,
         {v6 + ". 120 IN TXT \"chain: https://bl.example/2001:db8:1:2:3:4:567:89ab\""}},
        // RFC 8020
        {"an ancestor: NODATA", "2.0.192.bl.example", t::a, 0, {}, {soa}},
        {"an ancestor at the top", "192.bl.example", t::ns, 0, {}, {soa}},
        {"an IPv6 ancestor", v6.substr(40), t::a, 0, {}, {soa}},
        // RFC 5782 5
        {"127.0.0.2", "2.0.0.127.bl.example", t::a, 0, {"2.0.0.127.bl.example. 120 IN A 127.0.0.2"}},
        {"127.0.0.2, TXT",
         "2.0.0.127.bl.example",
         t::txt,
         0,
         {"2.0.0.127.bl.example. 120 IN TXT \"relay: https://bl.example/127.0.0.2\""}},
        {"127.0.0.8 for the value 127.0.0.8",
         "8.0.0.127.bl.example",
         t::any,
         0,
         {"8.0.0.127.bl.example. 120 IN A 127.0.0.8",
          "8.0.0.127.bl.example. 120 IN TXT \"socks: https://bl.example/127.0.0.8\""}},
        {"::ffff:127.0.0.8", test6, t::a, 0, {test6 + ". 120 IN A 127.0.0.8"}},
        {"127.0.0.1", "1.0.0.127.bl.example", t::a, 3, {}, {soa}},
        {"::ffff:127.0.0.1", "1" + test6.substr(1), t::a, 3, {}, {soa}},
        // the apex
        {"SOA", "bl.example", t::soa, 0, {apex_soa}},
        {"NS, with addresses of those inside", "bl.example", t::ns, 0, ns, {}, glue},
        {"ANY at the apex", "bl.example", t::any, 0, {apex_soa, ns[0], ns[1]}, {}, glue},
        {"A at the apex: NODATA", "bl.example", t::a, 0, {}, {soa}},
        {"TXT at the apex: NODATA", "bl.example", t::txt, 0, {}, {soa}},
        {"MX at the apex of a list: NODATA", "bl.example", t::mx, 0, {}, {soa}},
        {"a name server's A", "ns1.bl.example", t::a, 0, {glue[0]}},
        {"a name server's AAAA", "ns1.bl.example", t::aaaa, 0, {glue[1]}},
        {"a name server's TXT: NODATA", "ns1.bl.example", t::txt, 0, {}, {soa}},
        // RFC 5782 2.3; RFC 2308 5: the negative TTL is the smaller of SOA TTL and minimum
        {"a sublist has its own TTL",
         "99.2.0.192.relay.bl.example",
         t::a,
         0,
         {"99.2.0.192.relay.bl.example. 60 IN A 127.0.0.2"}},
        {"a sublist hides other classes",
         "7.100.51.198.relay.bl.example",
         t::a,
         3,
         {},
         {"relay.bl.example. 30 IN SOA ns1.bl.example. hostmaster.bl.example. 77 300 60 1209600 60"}},
        {"DS at a cut of ours: the parent's NODATA (RFC 4035 3.1.4.1)", "relay.bl.example", t::ds, 0, {}, {soa}},
        {"DS at the top of ours", "bl.example", t::ds, 0, {}, {soa}},
        // the probe domain
        {"MX leads to the sink",
         "probe.example",
         t::mx,
         0,
         {"probe.example. 300 IN MX 0 mx.probe.example."},
         {},
         mx_addresses},
        {"the sink's A", "mx.probe.example", t::a, 0, {mx_addresses[0]}},
        {"the sink's AAAA", "mx.probe.example", t::aaaa, 0, {mx_addresses[1]}},
        {"A at the probe domain: NODATA", "probe.example", t::a, 0, {}, {probe_soa}},
        {"NS of the probe domain", "probe.example", t::ns, 0, {"probe.example. 3600 IN NS ns1.bl.example."}},
        {"any other name there", "www.probe.example", t::a, 3, {}, {probe_soa}},
        {"test entries only in lists", "2.0.0.127.probe.example", t::a, 3, {}, {probe_soa}},
    };
    for (const auto& row : table) {
        const auto answer = ask(row.name, row.type);
        EXPECT_EQ(answer.rcode, row.rcode) << row.rule;
        EXPECT_EQ(answer.answers, row.answers) << row.rule;
        EXPECT_EQ(answer.authorities, row.authorities) << row.rule;
        EXPECT_EQ(answer.additionals, row.additionals) << row.rule;
        // AA right, RD copied, RA, AD and CD clear.
        EXPECT_EQ(answer.flags(), "qr aa rd") << row.rule;
        EXPECT_EQ(answer.id, 0x1234U) << row.rule;
        EXPECT_EQ(answer.questions.size(), 1U) << row.rule;
        EXPECT_FALSE(answer.edns) << row.rule;
    }
}

struct Refusal {
    const char* rule;
    Bytes message;
    unsigned rcode;
    std::optional<unsigned> extended_error = {};
    bool question_kept = true;
};

Bytes with_opcode(Bytes bytes, unsigned opcode) {
    bytes[2] = static_cast<std::uint8_t>((bytes[2] & 0x87U) | opcode << 3U);
    return bytes;
}

TEST_F(ResponderTest, WhatIsNotAnswered) {
    namespace t = wire::type;
    const auto ours = question("2.0.0.127.bl.example", t::a);
    auto trailing = with_opt(ours);
    trailing.push_back(0);
    auto none = question("", t::a);
    none.resize(12);
    none[5] = 0;
    auto two = ours;
    two[5] = 2;
    auto tsig = wire_name("key");
    put16(tsig, t::tsig);
    append(tsig, {0, 255, 0, 0, 0, 0, 0, 0});
    const std::vector<Refusal> table{
        {"a name outside our zones", question("2.0.0.127.other.example", t::a), 5},
        {"... with EDNS: 20, Not Authoritative", with_opt(question("2.0.0.127.other.example", t::a)), 5, 20},
        {"a name that only ends alike", with_opt(question("xbl.example", t::a)), 5, 20},
        {"the name above", with_opt(question("example", t::soa)), 5, 20},
        {"the root", with_opt(question("", t::ns)), 5, 20},
        {"AXFR: 18, Prohibited", with_opt(question("bl.example", t::axfr)), 5, 18},
        {"IXFR", with_opt(question("bl.example", t::ixfr)), 5, 18},
        {"AXFR of what is not ours", with_opt(question("other.example", t::axfr)), 5, 20},
        {"another class", with_opt(question("bl.example", t::a, 4)), 5, 20},
        {"class ANY", question("bl.example", t::a, 255), 5},
        {"NOTIFY, politely", with_opcode(question("bl.example", t::soa), 4), 5},
        {"NOTIFY with EDNS", with_opcode(with_opt(question("bl.example", t::soa)), 4), 5, 18},
        {"IQUERY", with_opcode(ours, 1), 4},
        {"STATUS", with_opcode(ours, 2), 4},
        {"UPDATE", with_opcode(ours, 5), 4},
        {"DSO", with_opcode(ours, 6), 4},
        {"an unknown opcode", with_opcode(ours, 15), 4},
        {"an unknown opcode without a question", with_opcode(none, 15), 4, {}, false},
        {"MAILA", question("bl.example", t::maila), 4},
        {"MAILB", question("bl.example", t::mailb), 4},
        {"TKEY", question("bl.example", t::tkey), 4},
        {"OPT as a question", question("bl.example", t::opt), 1},
        {"TSIG as a question", question("bl.example", t::tsig), 1},
        {"no question", none, 1, {}, false},
        {"two questions", two, 1, {}, false},
        {"trailing octets", trailing, 1},
        {"two OPTs", with_opt(with_opt(ours)), 1},
        {"a TSIG without its data", with_additional(ours, tsig), 1},
        {"EDNS version 1: BADVERS", with_opt(ours, {.version = 1}), 16},
        {"EDNS version 255", with_opt(ours, {.version = 255}), 16},
    };
    for (const auto& row : table) {
        const auto answer = ask(row.message);
        EXPECT_EQ(answer.rcode, row.rcode) << row.rule;
        EXPECT_EQ(answer.extended_error, row.extended_error) << row.rule;
        EXPECT_TRUE(answer.answers.empty() && answer.authorities.empty() && answer.additionals.empty()) << row.rule;
        EXPECT_EQ(answer.flags(), "qr rd") << row.rule;
        EXPECT_EQ(answer.id, 0x1234U) << row.rule;
        EXPECT_EQ(answer.questions.size(), row.question_kept ? 1U : 0U) << row.rule;
        EXPECT_EQ(answer.opcode, row.message[2] >> 3U & 0xfU) << row.rule;
        EXPECT_EQ(answer.edns_version, 0U) << row.rule;
    }
}

TEST_F(ResponderTest, ResponsesAndShortMessagesAreDropped) {
    auto message = question("2.0.0.127.bl.example", wire::type::a);
    message[2] |= 0x80U;
    EXPECT_TRUE(respond(message).empty());
    EXPECT_TRUE(respond(message, Transport::tcp).empty());
    EXPECT_TRUE(respond({}).empty());
    EXPECT_TRUE(respond(Bytes(11, 0)).empty());
}

// 0x20: the question comes back as it was sent, and its case does not matter.
TEST_F(ResponderTest, KeepsTheCaseOfTheQuestion) {
    const std::string name = "8.0.0.0.0.0.F.7.f.F.f.F.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.Bl.exAMPLE";
    const auto sent = question(name, wire::type::a);
    const auto received = respond(sent);
    ASSERT_GT(received.size(), sent.size());
    EXPECT_TRUE(std::equal(sent.begin() + 12, sent.end(), received.begin() + 12));
    EXPECT_EQ(read_with_ldns(received).answers, Lines{name + ". 120 IN A 127.0.0.8"});
}

TEST_F(ResponderTest, FlagsAreCopiedOrCleared) {
    auto message = question("2.0.0.127.bl.example", wire::type::a);
    message[2] = 0x00; // no RD
    EXPECT_EQ(ask(message).flags(), "qr aa");
    message[2] = 0x07; // AA, TC, RD: ours are our own
    message[3] = 0xf0; // RA, Z, AD, CD
    const auto answer = ask(message);
    EXPECT_EQ(answer.flags(), "qr aa rd");
    EXPECT_EQ(respond(message)[3], 0);
}

TEST_F(ResponderTest, AnOptAnswersAnOpt) {
    const auto sent = question("2.0.0.127.bl.example", wire::type::a);
    auto answer = ask(with_opt(sent, {.udp_size = 4096, .dnssec_ok = true}));
    EXPECT_TRUE(answer.edns);
    EXPECT_EQ(answer.edns_size, 1232U);
    EXPECT_EQ(answer.edns_version, 0U);
    EXPECT_TRUE(answer.dnssec_ok); // RFC 3225 3: copied
    EXPECT_FALSE(answer.nsid);
    EXPECT_FALSE(answer.extended_error);
    // RFC 5001: only when asked for.
    answer = ask(with_opt(sent, {.options = {0, 3, 0, 0}}));
    EXPECT_FALSE(answer.dnssec_ok);
    EXPECT_EQ(answer.nsid, "dns-1");
}

TEST_F(ResponderTest, ChaosClass) {
    const auto chaos = [&](const char* name, unsigned type) { return ask(question(name, type, wire::cls::chaos)); };
    EXPECT_EQ(chaos("version.bind", wire::type::txt).answers, Lines{"version.bind. 0 CH TXT \"provenbl\""});
    EXPECT_EQ(chaos("VERSION.server", wire::type::any).answers, Lines{"VERSION.server. 0 CH TXT \"provenbl\""});
    EXPECT_EQ(chaos("id.server", wire::type::txt).answers, Lines{"id.server. 0 CH TXT \"dns-1\""});
    EXPECT_EQ(chaos("hostname.bind", wire::type::txt).answers, Lines{"hostname.bind. 0 CH TXT \"dns-1\""});
    EXPECT_EQ(chaos("version.bind", wire::type::a).rcode, 0U);
    EXPECT_TRUE(chaos("version.bind", wire::type::a).answers.empty());
    EXPECT_EQ(chaos("authors.bind", wire::type::txt).rcode, 5U);
    EXPECT_EQ(chaos("bl.example", wire::type::txt).rcode, 5U);
    const Responder anonymous(served_zones(), {});
    Bytes out(wire::longest_message);
    out.resize(anonymous.respond(question("id.server", wire::type::txt, wire::cls::chaos), {}, snapshot_, out).size);
    EXPECT_EQ(read_with_ldns(out).rcode, 5U);
}

TEST_F(ResponderTest, TcOnUdpWhereTcpAnswersInFull) {
    auto set = served_zones();
    auto& servers = set.zones[0].name_servers;
    servers.clear();
    for (char c = 'a'; c <= 'z'; ++c) servers.push_back({std::string(40, c) + ".name-server.elsewhere.example", {}});
    const Responder responder(set, {.edns_size = 1232, .identity = ""});
    const auto answer = [&](const Bytes& message, Transport transport) {
        Bytes out(wire::longest_message);
        out.resize(responder.respond(message, {transport, {}}, snapshot_, out).size);
        EXPECT_LE(out.size(), transport == Transport::udp ? 1232U : wire::longest_message);
        return read_with_ldns(out);
    };
    const auto sent = question("bl.example", wire::type::ns);
    for (const auto& message : {sent, with_opt(sent, {.udp_size = 0}), with_opt(sent, {.udp_size = 65535})}) {
        const auto udp = answer(message, Transport::udp);
        EXPECT_EQ(udp.flags(), "qr aa tc rd");
        EXPECT_TRUE(udp.answers.empty());
        EXPECT_EQ(udp.questions.size(), 1U);
        const auto tcp = answer(message, Transport::tcp);
        EXPECT_EQ(tcp.flags(), "qr aa rd");
        EXPECT_EQ(tcp.answers.size(), 26U);
    }
}

// RFC 6891 6.2.3: the client's size counts, within ours; without EDNS 512.
TEST_F(ResponderTest, TheClientsSizeDecidesWhatIsTruncated) {
    auto set = served_zones();
    auto& servers = set.zones[0].name_servers;
    servers.clear();
    for (char c = 'a'; c <= 'l'; ++c) servers.push_back({std::string(40, c) + ".elsewhere.example", {}});
    const Responder responder(set, {.edns_size = 1232, .identity = ""});
    const auto truncated = [&](const Bytes& message) {
        Bytes out(wire::longest_message);
        out.resize(responder.respond(message, {}, snapshot_, out).size);
        return read_with_ldns(out).tc;
    };
    const auto sent = question("bl.example", wire::type::ns);
    EXPECT_TRUE(truncated(sent));
    EXPECT_TRUE(truncated(with_opt(sent, {.udp_size = 700})));
    EXPECT_FALSE(truncated(with_opt(sent, {.udp_size = 1232})));
    EXPECT_FALSE(truncated(with_opt(sent, {.udp_size = 4096})));
}

// The SOA's serial is the snapshot's place in the journal.
TEST_F(ResponderTest, TheSerialIsTheSnapshots) {
    snapshot_.sequence = 0x1'0000'0005;
    EXPECT_EQ(ask("bl.example", wire::type::soa).answers,
              Lines{"bl.example. 3600 IN SOA ns1.bl.example. hostmaster.bl.example. 5 300 60 1209600 60"});
}

TEST_F(ResponderTest, ADelistingIsSeenInTheNextSnapshot) {
    const std::string name = "99.2.0.192.bl.example";
    EXPECT_EQ(ask(name, wire::type::a).answers.size(), 2U);
    const zones::IndexChange change{at("192.0.2.99"), {}};
    snapshot_.index = snapshot_.index.with_changes({&change, 1});
    EXPECT_EQ(ask(name, wire::type::a).rcode, 3U);
    EXPECT_EQ(ask("0.192.bl.example", wire::type::a).rcode, 3U);
}

// Mutated queries: every answer keeps to its limit, is read by ldns, and never answers a response.
TEST_F(ResponderTest, EveryAnswerToMutatedQueriesIsWellFormed) {
    std::mt19937 random(3);
    const auto number = [&](std::size_t below) {
        return std::uniform_int_distribution<std::size_t>(0, below - 1)(random);
    };
    const std::vector<Bytes> seeds{question("99.2.0.192.bl.example", wire::type::any),
                                   with_opt(question(listed6() + ".bl.example", wire::type::txt)),
                                   with_opt(question("bl.example", wire::type::ns), {.options = {0, 3, 0, 0}}),
                                   with_opt(question("x.other.example", wire::type::a)),
                                   question("version.bind", wire::type::txt, 3)};
    std::size_t answered = 0;
    for (int round = 0; round < 20'000; ++round) {
        auto message = seeds[number(seeds.size())];
        for (auto left = number(4); left > 0; --left) {
            switch (number(3)) {
            case 0:
                message[number(message.size())] = static_cast<std::uint8_t>(number(256));
                break;
            case 1:
                message.resize(1 + number(message.size()));
                break;
            default:
                message.insert(message.begin() + static_cast<std::ptrdiff_t>(number(message.size())),
                               static_cast<std::uint8_t>(number(256)));
            }
        }
        Bytes out(Responder::smallest_buffer);
        out.resize(responder_.respond(message, {}, snapshot_, out).size);
        const bool expected = message.size() >= 12 && (message[2] & 0x80U) == 0;
        ASSERT_EQ(!out.empty(), expected);
        if (out.empty()) continue;
        ++answered;
        ASSERT_TRUE(out[0] == message[0] && out[1] == message[1] && (out[2] & 0x80U) != 0);
        ASSERT_EQ(out[2] & 0x79U, message[2] & 0x79U); // opcode and RD
        // ldns can't print what is no name, such as labels of odd octets; it must still read the message.
        static_cast<void>(read_with_ldns(out));
        if (HasFailure()) break;
    }
    EXPECT_GT(answered, 10'000U);
}

} // namespace
} // namespace provenbl::dnsbl::testing
