// What the hot path takes, what it leaves, and that it says what the general path says, octet for octet.
#include "dnsbl/fast_path.hpp"
#include "question.hpp"
#include "served_zones.hpp"

#include <gtest/gtest.h>

#include <random>

namespace provenbl::dnsbl::testing {
namespace {

namespace t = wire::type;

const char* const v4 = "99.2.0.192.bl.example";
const char* const unlisted4 = "98.2.0.192.bl.example";

std::string v6() {
    return listed6() + ".bl.example";
}

std::string unlisted6() {
    return reversed_name(at("2001:db8::1")) + ".bl.example";
}

Bytes with(Bytes message, std::size_t at, unsigned octet) {
    message[at] = static_cast<std::uint8_t>(octet);
    return message;
}

class FastPathTest : public ::testing::Test {
protected:
    struct Answered {
        Bytes message;
        Outcome outcome;
    };

    Answered generally(const Bytes& message) const {
        Answered answered{Bytes(Responder::smallest_buffer), {}};
        answered.outcome = responder_.respond(message, {Transport::udp, {}}, snapshot_, answered.message);
        answered.message.resize(answered.outcome.size);
        return answered;
    }
    std::optional<Answered> fast(const Bytes& message) const {
        Answered answered{Bytes(Responder::smallest_buffer, 0xee), {}};
        if (!fast_path_.try_respond(message, snapshot_, answered.message, answered.outcome)) return std::nullopt;
        answered.message.resize(answered.outcome.size);
        return answered;
    }
    // True when it was taken.
    bool agrees(const Bytes& message) const {
        const auto mine = fast(message);
        if (!mine) return false;
        const auto truth = generally(message);
        EXPECT_EQ(mine->message, truth.message);
        EXPECT_EQ(mine->outcome.size, truth.outcome.size);
        EXPECT_EQ(mine->outcome.rcode, truth.outcome.rcode);
        EXPECT_EQ(mine->outcome.type, truth.outcome.type);
        EXPECT_EQ(mine->outcome.zone, truth.outcome.zone);
        EXPECT_EQ(mine->outcome.listed, truth.outcome.listed);
        EXPECT_EQ(mine->outcome.truncated, truth.outcome.truncated);
        return true;
    }

    Responder responder_{served_zones(), {.edns_size = 1232, .identity = "dns-1"}};
    FastPath fast_path_{responder_};
    zones::Snapshot snapshot_ = served_snapshot();
};

TEST_F(FastPathTest, EveryListAndNoOtherZoneIsAnsweredHere) {
    EXPECT_EQ(fast_path_.zones(), 2U); // bl.example and relay.bl.example, not the probe domain
}

TEST_F(FastPathTest, TakesWhatMailServersAsk) {
    const std::vector<std::pair<const char*, Bytes>> table{
        {"A of a listed host", question(v4, t::a)},
        {"TXT of a listed host", question(v4, t::txt)},
        {"AAAA of a listed host", question(v4, t::aaaa)},
        {"MX of a listed host", question(v4, t::mx)},
        {"A of a host that is not listed", question(unlisted4, t::a)},
        {"TXT of a host that is not listed", question(unlisted4, t::txt)},
        {"the widest octets", question("255.254.253.252.bl.example", t::a)},
        {"zero octets that are no nibbles", question("0.0.0.10.bl.example", t::a)},
        {"a sublist", question("99.2.0.192.relay.bl.example", t::a)},
        {"listed, but not in the sublist", question("7.100.51.198.relay.bl.example", t::a)},
        {"case is kept", question("99.2.0.192.BL.eXaMple", t::a)},
        {"IPv6, listed", question(v6(), t::a)},
        {"IPv6, TXT", question(v6(), t::txt)},
        {"IPv6, not listed", question(unlisted6(), t::a)},
        {"IPv6 in upper case", question("B" + v6().substr(1), t::a)},
        {"no RD", with(question(v4, t::a), 2, 0)},
        {"CD and AD of a validating resolver", with(question(v4, t::a), 3, 0x30)},
        {"AA, TC and RA, which mean nothing in a query", with(with(question(v4, t::a), 2, 7), 3, 0xc0)},
        {"an OPT", with_opt(question(v4, t::a))},
        {"an OPT, TXT", with_opt(question(v4, t::txt))},
        {"an OPT, not listed", with_opt(question(unlisted4, t::a))},
        {"DO", with_opt(question(unlisted4, t::a), {.dnssec_ok = true})},
        {"a small UDP size means 512", with_opt(question(v4, t::a), {.udp_size = 0})},
        {"a large UDP size", with_opt(question(v4, t::txt), {.udp_size = 65535})},
        {"IPv6 with an OPT", with_opt(question(v6(), t::txt), {.dnssec_ok = true})},
    };
    for (const auto& [what, message] : table) {
        SCOPED_TRACE(what);
        EXPECT_TRUE(agrees(message));
    }
}

TEST_F(FastPathTest, LeavesTheRestToTheGeneralPath) {
    const std::vector<std::pair<const char*, Bytes>> table{
        {"nothing", {}},
        {"a header alone", with(question("", t::a), 5, 0)},
        {"a response", with(question(v4, t::a), 2, 0x80)},
        {"NOTIFY", with(question(v4, t::a), 2, 0x20)},
        {"two questions", with(question(v4, t::a), 5, 2)},
        {"an answer", with(question(v4, t::a), 7, 1)},
        {"an authority", with(question(v4, t::a), 9, 1)},
        {"an additional record that is missing", with(question(v4, t::a), 11, 1)},
        {"two additional records", with_opt(with_opt(question(v4, t::a)))},
        {"trailing octets",
         [] {
             auto m = question(v4, t::a);
             m.push_back(0);
             return m;
         }()},
        {"cut short",
         [] {
             auto m = question(v4, t::a);
             m.pop_back();
             return m;
         }()},
        {"an OPT with options", with_opt(question(v4, t::a), {.options = {0, 3, 0, 0}})},
        {"EDNS version 1", with_opt(question(v4, t::a), {.version = 1})},
        {"class CHAOS", question(v4, t::a, wire::cls::chaos)},
        {"ANY", question(v4, t::any)},
        {"AXFR", question(v4, t::axfr)},
        {"OPT as a question", question(v4, t::opt)},
        {"the apex", question("bl.example", t::soa)},
        {"the apex, long enough", question("bl.example", t::a)},
        {"a name server", question("ns1.bl.example", t::a)},
        {"an empty non-terminal", question("2.0.192.bl.example", t::a)},
        {"five labels", question("1.99.2.0.192.bl.example", t::a)},
        {"nibbles as octets", question("1.0.0.2.bl.example", t::a)},
        {"a leading zero", question("099.2.0.192.bl.example", t::a)},
        {"a zero before a zero", question("00.20.10.192.bl.example", t::a)},
        {"256", question("256.2.0.192.bl.example", t::a)},
        {"999", question("999.2.0.192.bl.example", t::a)},
        {"no digit", question("9a.2.0.192.bl.example", t::a)},
        {"below the digits", question("9/.2.0.192.bl.example", t::a)},
        {"a high octet", with(question(v4, t::a), 13, 0xb9)},
        {"a compression pointer", with(with(question(v4, t::a), 12, 0xc0), 13, 12)},
        {"a label of 64", with(question(v4, t::a), 12, 64)},
        {"the test entry", question("2.0.0.127.bl.example", t::a)},
        {"never listed", question("1.0.0.127.bl.example", t::a)},
        {"a mapped test entry",
         question("2.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.bl.example", t::a)},
        {"another zone", question("99.2.0.192.bl.example.org", t::a)},
        {"an apex's tail", question("99.2.0.192.example", t::a)},
        {"an apex of the same size", question("99.2.0.192.bl.examplf", t::a)},
        {"the apex in one label", with(question(v4, t::a), 25, 'x')},
        {"'@' is no upper case of '`'", question("99.2.0.192.bl.ex`mple", t::a)},
        {"the probe domain", question("99.2.0.192.probe.example", t::a)},
        {"31 nibbles", question(v6().substr(2), t::a)},
        {"33 nibbles", question("1." + v6(), t::a)},
        {"a nibble that is none", question("g" + v6().substr(1), t::a)},
    };
    for (const auto& [what, message] : table) {
        SCOPED_TRACE(what);
        EXPECT_FALSE(fast(message));
    }
}

TEST_F(FastPathTest, EveryClassSetAndSerialHasItsAnswer) {
    std::uint32_t serial = 0xfffffffe;
    for (std::uint16_t bits = 1; bits < 1U << all_listing_classes.size(); ++bits) {
        const std::array changes{zones::IndexChange{at("192.0.2.99"), ClassSet::from_bits(bits)}};
        snapshot_ = {zones::Index{}.with_changes(changes), serial++};
        for (const auto type : {t::a, t::txt, t::aaaa}) {
            for (const auto* name : {v4, unlisted4, "99.2.0.192.relay.bl.example"}) {
                EXPECT_TRUE(agrees(question(name, type))) << name << " as " << bits;
                EXPECT_TRUE(agrees(with_opt(question(name, type)))) << name << " as " << bits;
            }
        }
    }
}

// A name server called like an address would hide derived names.
TEST(FastPathZones, AZoneWithANumberedHostIsLeftAlone) {
    auto set = served_zones();
    set.zones[0].name_servers[0].name = "ns.7.bl.example";
    const Responder responder(set, {});
    EXPECT_EQ(FastPath(responder).zones(), 1U);
}

// Mutations of what is taken: the hot path answers like the general path or not at all.
// The samples that it learns from come from nobody, so no rule about clients is about them.
TEST(FastPathZones, AnAccessListDoesNotSwitchItOff) {
    for (const auto action : {guard::AccessAction::refuse, guard::AccessAction::drop}) {
        ResponderSettings settings;
        settings.access = guard::AccessList({{Prefix::parse("0.0.0.0/0").value(), action, {}}});
        const Responder responder(served_zones(), settings);
        EXPECT_EQ(FastPath(responder).zones(), 2U);
    }
}

TEST_F(FastPathTest, MutatedQuestionsAreAnsweredTheSameOrLeft) {
    std::mt19937 random(1);
    const std::vector<Bytes> seeds{question(v4, t::a), with_opt(question(unlisted4, t::txt)), question(v6(), t::txt),
                                   with_opt(question(v6(), t::a)), question("1.0.0.2.relay.bl.example", t::a)};
    std::size_t taken = 0;
    for (unsigned round = 0; round < 100'000; ++round) {
        auto message = seeds[random() % seeds.size()];
        for (unsigned changes = random() % 3; changes > 0; --changes) {
            const auto at = random() % message.size();
            message[at] = static_cast<std::uint8_t>(random() % 4 == 0 ? random() : message[at] ^ (1U << random() % 8));
        }
        if (random() % 16 == 0) message.resize(random() % (message.size() + 1));
        // In a buffer of its own size, so that reading past its end is seen.
        message.shrink_to_fit();
        taken += agrees(message) ? 1 : 0;
        if (HasFailure()) return;
    }
    EXPECT_GT(taken, 30'000U);
}

} // namespace
} // namespace provenbl::dnsbl::testing
