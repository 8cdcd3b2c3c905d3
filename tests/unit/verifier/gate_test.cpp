// The gate: what is never probed nor listed, and that it says why.
#include "store/listing_unit.hpp"
#include "tests/support/store_fixture.hpp"
#include "verifier/gate.hpp"
#include "verifier/network_gate.hpp"

#include <gtest/gtest.h>

namespace provenbl::verifier {
namespace {

using test::ip;

Prefix prefix(const char* text) {
    return Prefix::parse(text).value();
}

class GateTest : public test::StoreFixture {
protected:
    void exclude(const char* where, const char* why, Time until = Time{}) {
        const Exclusion exclusion{prefix(where), why, "operator", clock.now(), until};
        const auto done = store->write([&](WriteTxn& txn) -> Result<> {
            auto entered = ledger::exclude(txn, exclusion);
            if (!entered) return entered.error();
            return {};
        });
        ASSERT_TRUE(done) << done.error().message;
    }
    static void expect_refused(const Result<>& result, const char* why) {
        ASSERT_FALSE(result);
        EXPECT_EQ(result.error().code, Errc::not_allowed);
        EXPECT_NE(result.error().message.find(why), std::string::npos) << result.error().message;
    }
};

TEST_F(GateTest, ordinary_addresses_pass) {
    const Gate gate(*store, clock, {});
    EXPECT_TRUE(gate.check(ip("8.8.8.8")));
    EXPECT_TRUE(gate.check(ip("2600::1")));
}

TEST_F(GateTest, special_purpose_addresses_are_refused_with_the_reason) {
    const Gate gate(*store, clock, {});
    expect_refused(gate.check(ip("127.0.0.1")), "Loopback");
    expect_refused(gate.check(ip("10.1.2.3")), "RFC 1918");
    expect_refused(gate.check(ip("192.0.2.1")), "Documentation");
    expect_refused(gate.check(ip("::1")), "Loopback");
    expect_refused(gate.check(ip("::ffff:127.0.0.1")), "Loopback");
    expect_refused(gate.check(ip("224.0.0.1")), "Multicast");
}

TEST_F(GateTest, the_lab_unlocks_only_what_it_names) {
    const Gate gate(*store, clock, {{prefix("127.0.5.0/24")}, {}});
    EXPECT_TRUE(gate.check(ip("127.0.5.1")));
    expect_refused(gate.check(ip("127.0.6.1")), "Loopback");
    expect_refused(gate.check(ip("10.0.0.1")), "RFC 1918");
}

TEST_F(GateTest, own_networks_are_refused_even_when_unlocked) {
    const Gate gate(*store, clock, {{prefix("127.0.0.0/8")}, {prefix("127.0.99.0/24"), prefix("8.8.8.0/24")}});
    EXPECT_TRUE(gate.check(ip("127.0.5.1")));
    expect_refused(gate.check(ip("127.0.99.1")), "127.0.99.0/24");
    expect_refused(gate.check(ip("8.8.8.8")), "own networks");
}

TEST_F(GateTest, exclusions_are_refused_with_their_reason) {
    const Gate gate(*store, clock, {});
    exclude("9.9.9.0/24", "asked by its owner");
    expect_refused(gate.check(ip("9.9.9.9")), "asked by its owner");
    EXPECT_TRUE(gate.check(ip("9.9.8.9")));
}

TEST_F(GateTest, an_exclusion_ends_at_its_time) {
    const Gate gate(*store, clock, {});
    exclude("9.9.9.9", "for a while", clock.now() + std::chrono::hours(1));
    expect_refused(gate.check(ip("9.9.9.9")), "for a while");
    clock.advance(std::chrono::hours(2));
    EXPECT_TRUE(gate.check(ip("9.9.9.9")));
}

TEST_F(GateTest, sees_what_its_own_transaction_has_written) {
    const Gate gate(*store, clock, {});
    const auto done = store->write([&](WriteTxn& txn) -> Result<> {
        auto entered = ledger::exclude(txn, {prefix("9.9.9.9"), "just now", "operator", txn.now, Time{}});
        if (!entered) return entered.error();
        expect_refused(gate.check(txn, ip("9.9.9.9")), "just now");
        return {};
    });
    EXPECT_TRUE(done);
}

TEST_F(GateTest, a_network_that_holds_one_of_our_own_machines_is_refused_where_networks_are_listed) {
    GateSettings settings;
    settings.own_networks = {prefix("2600:1:2:3::99/128")};
    const Gate gate(*store, clock, settings);
    EXPECT_TRUE(gate.check(ip("2600:1:2:3::1")));
    ASSERT_TRUE(store->write([](WriteTxn& txn) { return listing_unit::set(txn, 64); }));
    expect_refused(gate.check(ip("2600:1:2:3::1")), "2600:1:2:3::99/128");
    EXPECT_TRUE(gate.check(ip("2600:1:2:4::1")));
}

TEST_F(GateTest, a_network_is_refused_only_as_a_whole) {
    const GateSettings settings{{prefix("127.0.5.0/24")}, {prefix("8.8.8.0/24")}};
    expect_refused(check_network(prefix("8.8.8.0/24"), settings), "own networks");
    expect_refused(check_network(prefix("8.8.8.8"), settings), "own networks");
    EXPECT_TRUE(check_network(prefix("8.8.8.0/23"), settings));
    expect_refused(check_network(prefix("10.0.0.0/16"), settings), "RFC 1918");
    EXPECT_TRUE(check_network(prefix("127.0.0.0/16"), settings)) << "a part is unlocked";
    EXPECT_TRUE(check_network(prefix("127.0.5.0/25"), settings));
    expect_refused(check_network(prefix("127.1.0.0/16"), settings), "Loopback");
    EXPECT_TRUE(check_network(prefix("9.9.0.0/16"), settings));
}

} // namespace
} // namespace provenbl::verifier
