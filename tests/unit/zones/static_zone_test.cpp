// A static zone: whose SOA, NS and TTL count, what several sets say together, and what random sets say one by one.
#include "tests/unit/zones/static_world.hpp"
#include "zones/static/scan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

namespace provenbl::zones::statics::testing {
namespace {

std::shared_ptr<const DataSet> set_of(SetType type, std::string_view text) {
    return parse_text(type, text).set;
}

StaticNode node_at(const StaticZone& zone, std::string_view name) {
    const auto wire = wire_name(name).value();
    const std::vector<std::uint8_t> octets(wire.begin(), wire.end());
    return zone.find(octets, {true, true, true});
}

constexpr auto with_authority = "$SOA 1h ns.bl.example host\\.master.bl.example 7 2h 30m 1w 5m\n"
                                "$NS 1d ns.bl.example ns2.elsewhere.example -gone.example\n"
                                "$TTL 10m\n10.1.2.3\n";

TEST(StaticZone, TakesItsAuthorityFromTheFiles) {
    const auto zone = zone_of({set_of(SetType::ip4set, with_authority),
                               set_of(SetType::generic, "$SOA 1 x.example y.example 9 1 1 1 1\nns A 192.0.2.53\n")});
    EXPECT_EQ(zone->serial(), 7U);
    EXPECT_EQ(zone->authority().soa_mname().to_string(), "ns.bl.example");
    EXPECT_EQ(zone->authority().soa_rname().to_string(), "host\\.master.bl.example");
    EXPECT_EQ(zone->authority().soa().negative_ttl, 300U);
    EXPECT_EQ(zone->authority().soa().ttl, 3600U);
    ASSERT_EQ(zone->authority().name_servers().size(), 2U);
    EXPECT_EQ(zone->authority().name_servers()[1].to_string(), "ns2.elsewhere.example");
    const auto host = wire_name("ns").value();
    const auto glue = zone->authority().find(std::vector<std::uint8_t>(host.begin(), host.end()), Index{});
    ASSERT_EQ(glue.addresses.size(), 1U);
    EXPECT_EQ(glue.addresses[0].to_string(), "192.0.2.53");
    EXPECT_EQ(node_at(*zone, "3.2.1.10").a.ttl, 600U);
}

TEST(StaticZone, WhatTheConfigurationSaysOutweighsTheFiles) {
    auto as = definition();
    as.ttl = 77;
    as.soa.emplace();
    as.soa->mname = "primary.example";
    as.soa->negative_ttl = 11;
    as.name_servers = {{"own.example", {}}};
    const auto zone = zone_of({set_of(SetType::ip4set, with_authority)}, as);
    EXPECT_EQ(zone->serial(), 7U);
    EXPECT_EQ(zone->authority().soa_mname().to_string(), "primary.example");
    EXPECT_EQ(zone->authority().soa().negative_ttl, 11U);
    ASSERT_EQ(zone->authority().name_servers().size(), 1U);
    EXPECT_EQ(zone->authority().name_servers()[0].to_string(), "own.example");
    EXPECT_EQ(node_at(*zone, "3.2.1.10").a.ttl, 77U);
}

TEST(StaticZone, WithoutASerialTheNewestFileIsIt) {
    auto a = parse_text(SetType::ip4set, "10.1.2.3\n").set;
    auto b = parse_text(SetType::ip4set, "$SOA 0 a.example b.example 0 2h 30m 1w 5m\n").set;
    a->newest = 100;
    b->newest = 90;
    const auto zone = zone_of({a, b});
    EXPECT_EQ(zone->serial(), 100U);
    EXPECT_EQ(zone->authority().soa().ttl, definition().fallback.soa.ttl);
    EXPECT_EQ(node_at(*zone, "3.2.1.10").a.ttl, definition().fallback.ttl);
}

TEST(StaticZone, SomebodyMustNameANameServer) {
    auto as = definition();
    as.fallback.name_servers.clear();
    const auto made = StaticZone::make(as, 0, {set_of(SetType::ip4set, "10.1.2.3\n")});
    ASSERT_FALSE(made);
    EXPECT_THAT(made.error().message, ::testing::HasSubstr("give name_servers, or $NS in a file"));
}

TEST(StaticZone, SetsAreAskedOneByOneAndAddUp) {
    const auto zone = zone_of({set_of(SetType::ip4set, "$TTL 300\n10.1/16 :3:a\n!10.1.2.3\n"),
                               set_of(SetType::ip4trie, "$TTL 60\n10.1.2/24 :4:b\n10.1.3/24 :3:b\n")});
    EXPECT_EQ(ask(*zone, "3.2.1.10"), "'b' 127.0.0.4");
    EXPECT_EQ(ask(*zone, "4.2.1.10"), "'a' 'b' 127.0.0.3 127.0.0.4");
    EXPECT_EQ(ask(*zone, "4.3.1.10"), "'a' 'b' 127.0.0.3");
    EXPECT_EQ(node_at(*zone, "4.2.1.10").a.ttl, 60U); // RFC 2181 5.2
    EXPECT_TRUE(node_at(*zone, "4.2.1.10").listed);
}

TEST(StaticZone, ExpiresByItsEarliestTimestamp) {
    const auto zone = zone_of({set_of(SetType::ip4set, "$TIMESTAMP 2025-01-01 2025-06-01:12\n10.1.2.3\n"),
                               set_of(SetType::ip4set, "$TIMESTAMP 20250101 +400d\n")});
    const auto end = Time{std::chrono::seconds{1748779200}}; // 2025-06-01 12:00
    EXPECT_FALSE(zone->expired(end - Duration{1}));
    EXPECT_TRUE(zone->expired(end));
}

// Addresses of a small world, so that random ranges overlap often.
struct World {
    std::mt19937_64 random{20261128};

    Key4 address() { return 0x0a000000U | static_cast<Key4>(random() % 0x30000); }

    struct Entry {
        Key4 first;
        Key4 last;
        unsigned bits;
        bool excluded;
        unsigned code;
    };
    Entry prefix() {
        const auto bits = 14 + static_cast<unsigned>(random() % 19);
        const auto first = address() & mask4(bits);
        return {first, first | ~mask4(bits), bits, random() % 5 == 0, 2 + static_cast<unsigned>(random() % 4)};
    }
    static std::string line(const Entry& entry) {
        return std::string(entry.excluded ? "!" : "") + text_of(entry.first) + "/" + std::to_string(entry.bits) + " :" +
               std::to_string(entry.code) + ":\n";
    }
};

std::string name_of(Key4 address) {
    return reversed(text_of(address).c_str());
}

// The answers of a trie, entry by entry.
TEST(StaticZone, ATrieAnswersAsItsMostSpecificEntrySays) {
    World world;
    for (int round = 0; round < 20; ++round) {
        std::map<std::pair<unsigned, Key4>, World::Entry> entries; // of equals the first
        std::string text;
        for (int i = 0; i < 200; ++i) {
            const auto entry = world.prefix();
            entries.emplace(std::pair{entry.bits, entry.first}, entry);
            text += World::line(entry);
        }
        const auto zone = zone_of(SetType::ip4trie, text);
        for (int i = 0; i < 500; ++i) {
            const auto address = world.address();
            std::string expected = "NXDOMAIN";
            for (const auto& [key, entry] : entries) { // the longest comes last
                if (address < entry.first || address > entry.last) continue;
                expected = entry.excluded ? "NXDOMAIN" : "127.0.0." + std::to_string(entry.code);
            }
            ASSERT_EQ(ask(*zone, name_of(address)), expected) << text_of(address) << "\n" << text;
        }
    }
}

// The same for ip4set: ranges are cut at octets, and all that is on the most specific level counts.
TEST(StaticZone, ASetAnswersAsItsPiecesSay) {
    World world;
    for (int round = 0; round < 20; ++round) {
        std::vector<World::Entry> entries;
        std::string text;
        for (int i = 0; i < 60; ++i) {
            World::Entry entry = world.prefix();
            if (world.random() % 2 == 0) {
                auto last = world.address();
                if (entry.first > last) std::swap(entry.first, last);
                entry.last = last;
                text += std::string(entry.excluded ? "!" : "") + text_of(entry.first) + "-" + text_of(entry.last) +
                        " :" + std::to_string(entry.code) + ":\n";
            } else {
                text += World::line(entry);
            }
            entries.push_back(entry);
        }
        const auto zone = zone_of(SetType::ip4set, text);
        for (int i = 0; i < 300; ++i) {
            const auto address = world.address();
            // The size of the piece that holds the address: the largest aligned block inside the range, by octets.
            const auto level_of = [&](const World::Entry& entry) {
                for (const unsigned bits : {8U, 16U, 24U}) {
                    const auto first = address & mask4(bits);
                    if (first >= entry.first && (first | ~mask4(bits)) <= entry.last) return bits;
                }
                return 32U;
            };
            unsigned level = 0;
            for (const auto& entry : entries) {
                if (address >= entry.first && address <= entry.last) level = std::max(level, level_of(entry));
            }
            std::set<std::string> codes;
            bool excluded = false;
            for (const auto& entry : entries) {
                if (address < entry.first || address > entry.last || level_of(entry) != level) continue;
                excluded = excluded || entry.excluded;
                codes.insert("127.0.0." + std::to_string(entry.code));
            }
            std::string expected;
            for (const auto& code : codes) expected += (expected.empty() ? "" : " ") + code;
            if (codes.empty() || excluded) expected = "NXDOMAIN";
            ASSERT_EQ(ask(*zone, name_of(address)), expected) << text_of(address) << "\n" << text;
        }
    }
}

// Whatever is listed, every ancestor of it exists; and what does not exist has nothing below it.
TEST(StaticZone, AncestorsOfWhatExistsExist) {
    World world;
    std::string text;
    for (int i = 0; i < 100; ++i) text += World::line(world.prefix());
    const auto zone = zone_of(SetType::ip4trie, text);
    for (int i = 0; i < 2000; ++i) {
        const auto address = world.address();
        const auto name = name_of(address);
        bool exists = ask(*zone, name) != "NXDOMAIN";
        for (auto rest = name; rest.find('.') != std::string::npos;) {
            rest = rest.substr(rest.find('.') + 1);
            const bool above = ask(*zone, rest) != "NXDOMAIN";
            ASSERT_TRUE(above || !exists) << rest << " is above " << name;
            exists = above;
        }
    }
}

} // namespace
} // namespace provenbl::zones::statics::testing
