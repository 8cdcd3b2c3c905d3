// Each format octet by octet, for a zone with everything that is awkward: several classes, IPv6, quotes and dollars in
// the TXT, what must never be listed, what belongs to no class of the zone, a zone further down.
#include "zones/export/format.hpp"
#include "zones/export/prefixes.hpp"
#include "zones/export/presentation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <set>
#include <sstream>

namespace provenbl::zones::exports {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

Address at(const char* text) {
    return Address::parse(text).value();
}

ZoneSet zone_set() {
    ZoneSet set;
    ZoneDefinition all;
    all.apex = "bl.example";
    all.classes = {ListingClass::relay, ListingClass::socks, ListingClass::http};
    all.codes = default_codes();
    all.txt = R"("{classes}" \ $5, {address})";
    all.soa.rname = "host.master@bl.example";
    all.name_servers = {{"ns1.bl.example", {at("192.0.2.53"), at("2001:db8::53")}}, {"ns.other.example", {}}};
    set.zones.push_back(all);
    auto relay = all;
    relay.apex = "relay.bl.example";
    relay.classes = {ListingClass::relay};
    relay.name_servers = {{"ns.relay.bl.example", {at("192.0.2.54")}}};
    set.zones.push_back(relay);
    ProbeDomain probe;
    probe.apex = "probe.example";
    probe.mail_exchanger = "mx.probe.example";
    probe.addresses = {at("192.0.2.25")};
    probe.name_servers = all.name_servers;
    set.probe_domains.push_back(probe);
    return set;
}

Snapshot snapshot_of(unsigned ipv6_bits) {
    Index::Builder builder(ipv6_bits);
    builder.add(at("127.0.0.1"), {ListingClass::relay}); // never
    builder.add(at("127.0.0.8"), {ListingClass::relay}); // a test entry first
    builder.add(at("192.0.2.98"), {ListingClass::socks});
    builder.add(at("192.0.2.99"), {ListingClass::relay, ListingClass::http, ListingClass::web});
    builder.add(at("203.0.113.5"), {ListingClass::web}); // no class of the zone
    if (ipv6_bits == 64) {
        builder.add(at("2001:db8:0:2::"), {ListingClass::relay, ListingClass::socks});
        builder.add(at("2001:db8:0:3::"), {ListingClass::relay});
    } else {
        builder.add(at("2001:db8::1:0:0:1"), {ListingClass::relay, ListingClass::socks});
        builder.add(at("2001:db8:1:2:3:4:567:89ab"), {ListingClass::http});
    }
    return {builder.build(), 17};
}

class ExportFormats : public testing::Test {
protected:
    std::string text(Format format, const Snapshot& snapshot, const char* zone = "bl.example",
                     const Options& options = {}) {
        const auto apex = DomainName::parse(zone).value();
        std::string all;
        const auto done = write({table_, *table_.find(apex.wire()), snapshot}, format, options,
                                [&](std::string_view piece) -> Result<> {
                                    all += piece;
                                    return {};
                                });
        EXPECT_TRUE(done) << done.error().message;
        if (done) {
            EXPECT_EQ(done->bytes, all.size());
            entries_ = done->entries;
        }
        return all;
    }

    ZoneSet set_ = zone_set();
    ZoneTable table_{set_};
    const Snapshot addresses_ = snapshot_of(128);
    const Snapshot networks_ = snapshot_of(64);
    const Snapshot shut_down_{Index::shut_down(), 18};
    std::uint64_t entries_ = 0;
};

TEST_F(ExportFormats, Rbldnsd) {
    EXPECT_EQ(text(Format::rbldnsd, addresses_), R"(# bl.example, serial 17
$SOA 3600 ns1.bl.example host\046master.bl.example 17 300 60 1209600 60
$NS 3600 ns1.bl.example ns.other.example
$TTL 120
$DATASET generic:hosts @
ns1 3600 A 192.0.2.53
$DATASET ip4set:ipv4 @
:127.0.0.2:"relay" \ $$5, $
127.0.0.2
:127.0.0.8:"socks" \ $$5, $
127.0.0.8
:127.0.0.9:"http" \ $$5, $
127.0.0.9
:127.0.0.8:"socks" \ $$5, $
192.0.2.98
:127.0.0.2:"relay, http" \ $$5, $
192.0.2.99
192.0.2.99 :127.0.0.9:
$DATASET ip6trie:ipv6-1 @
:127.0.0.2:"relay, socks" \ $$5, $
2001:db8::1:0:0:1
:127.0.0.9:"http" \ $$5, $
2001:db8:1:2:3:4:567:89ab
$DATASET ip6trie:ipv6-2 @
2001:db8::1:0:0:1 :127.0.0.8:
)");
    EXPECT_EQ(entries_, 4U);
    EXPECT_THAT(text(Format::rbldnsd, networks_), HasSubstr(R"($DATASET ip6trie:ipv6-1 @
:127.0.0.2:"relay, socks" \ $$5, $
2001:db8:0:2::/64
:127.0.0.2:"relay" \ $$5, $
2001:db8:0:3::/64
$DATASET ip6trie:ipv6-2 @
2001:db8:0:2::/64 :127.0.0.8:
)"));
}

TEST_F(ExportFormats, Bind) {
    EXPECT_EQ(text(Format::bind, addresses_), R"(; bl.example, serial 17
$ORIGIN bl.example.
$TTL 120
@ 3600 IN SOA ns1 host\046master 17 300 60 1209600 60
@ 3600 IN NS ns1
@ 3600 IN NS ns.other.example.
ns1 3600 IN A 192.0.2.53
ns1 3600 IN AAAA 2001:db8::53
relay 3600 IN NS ns.relay
ns.relay 3600 IN A 192.0.2.54
2.0.0.127	A	127.0.0.2
	TXT	"\"relay\" \\ $5, 127.0.0.2"
2.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0	A	127.0.0.2
	TXT	"\"relay\" \\ $5, 127.0.0.2"
8.0.0.127	A	127.0.0.8
	TXT	"\"socks\" \\ $5, 127.0.0.8"
8.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0	A	127.0.0.8
	TXT	"\"socks\" \\ $5, 127.0.0.8"
9.0.0.127	A	127.0.0.9
	TXT	"\"http\" \\ $5, 127.0.0.9"
9.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0	A	127.0.0.9
	TXT	"\"http\" \\ $5, 127.0.0.9"
98.2.0.192	A	127.0.0.8
	TXT	"\"socks\" \\ $5, 192.0.2.98"
99.2.0.192	A	127.0.0.2
	A	127.0.0.9
	TXT	"\"relay, http\" \\ $5, 192.0.2.99"
1.0.0.0.0.0.0.0.0.0.0.0.1.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2	A	127.0.0.2
	A	127.0.0.8
	TXT	"\"relay, socks\" \\ $5, 2001:db8::1:0:0:1"
b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2	A	127.0.0.9
	TXT	"\"http\" \\ $5, 2001:db8:1:2:3:4:567:89ab"
)");
    EXPECT_THAT(text(Format::bind, networks_),
                HasSubstr("\n*.2.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2\tA\t127.0.0.2\n\tA\t127.0.0.8\n"
                          "\tTXT\t\"\\\"relay, socks\\\" \\\\ $5, 2001:db8:0:2::\"\n"));
}

TEST_F(ExportFormats, Rpz) {
    EXPECT_EQ(text(Format::rpz, addresses_), R"(; bl.example, serial 17; nxdomain of client-ip
$TTL 120
@ 3600 IN SOA ns1.bl.example. host\046master.bl.example. 17 300 60 1209600 60
@ 3600 IN NS localhost.
32.98.2.0.192.rpz-client-ip	CNAME	.
32.99.2.0.192.rpz-client-ip	CNAME	.
128.1.0.0.1.zz.db8.2001.rpz-client-ip	CNAME	.
128.89ab.567.4.3.2.1.db8.2001.rpz-client-ip	CNAME	.
)");
    Options options;
    options.rpz_action = rpz::Action::passthru;
    options.rpz_trigger = rpz::Trigger::response_ip;
    EXPECT_THAT(text(Format::rpz, networks_, "bl.example", options),
                HasSubstr("\n64.zz.2.0.db8.2001.rpz-ip\tCNAME\trpz-passthru.\n"));
}

TEST_F(ExportFormats, Cidr) {
    EXPECT_EQ(text(Format::cidr, addresses_), "# bl.example, serial 17\n192.0.2.98/31\n2001:db8::1:0:0:1/128\n"
                                              "2001:db8:1:2:3:4:567:89ab/128\n");
    EXPECT_EQ(text(Format::cidr, networks_), "# bl.example, serial 17\n192.0.2.98/31\n2001:db8:0:2::/63\n");
    EXPECT_EQ(entries_, 4U);
    // Where 127.0.0.8 is no test entry, and DNS says the same.
    EXPECT_EQ(text(Format::cidr, addresses_, "relay.bl.example"),
              "# relay.bl.example, serial 17\n127.0.0.8/32\n192.0.2.99/32\n2001:db8::1:0:0:1/128\n");
}

TEST_F(ExportFormats, Postfix) {
    EXPECT_EQ(text(Format::postfix, networks_), R"(# bl.example, serial 17
192.0.2.98	REJECT "socks" \ $5, 192.0.2.98
192.0.2.99	REJECT "relay, http" \ $5, 192.0.2.99
2001:db8:0:2::/64	REJECT "relay, socks" \ $5, 2001:db8:0:2::
2001:db8:0:3::/64	REJECT "relay" \ $5, 2001:db8:0:3::
)");
}

TEST_F(ExportFormats, Nftables) {
    EXPECT_EQ(text(Format::nftables, networks_), R"(# bl.example, serial 17
add table inet provenbl
add set inet provenbl bl_example_4 { type ipv4_addr; flags interval; }
flush set inet provenbl bl_example_4
add set inet provenbl bl_example_6 { type ipv6_addr; flags interval; }
flush set inet provenbl bl_example_6
add element inet provenbl bl_example_4 {
192.0.2.98,
192.0.2.99,
}
add element inet provenbl bl_example_6 {
2001:db8:0:2::/64,
2001:db8:0:3::/64,
}
)");
}

TEST_F(ExportFormats, Ipset) {
    Options options;
    options.set = "bad";
    EXPECT_EQ(text(Format::ipset, networks_, "bl.example", options), R"(# bl.example, serial 17
create bad_4 hash:ip family inet maxelem 16777216 -exist
create bad_4.new hash:ip family inet maxelem 16777216 hashsize 1024 -exist
flush bad_4.new
create bad_6 hash:net family inet6 maxelem 16777216 -exist
create bad_6.new hash:net family inet6 maxelem 16777216 hashsize 1024 -exist
flush bad_6.new
add bad_4.new 192.0.2.98
add bad_4.new 192.0.2.99
add bad_6.new 2001:db8:0:2::/64
add bad_6.new 2001:db8:0:3::/64
swap bad_4.new bad_4
destroy bad_4.new
swap bad_6.new bad_6
destroy bad_6.new
)");
    EXPECT_THAT(text(Format::ipset, addresses_), HasSubstr("create bl_example_6 hash:ip family inet6 "));
}

TEST_F(ExportFormats, Json) {
    EXPECT_EQ(text(Format::json, networks_), R"({"type":"zone","zone":"bl.example","serial":17,"shut_down":false}
{"type":"listed","address":"192.0.2.98","classes":["socks"],"codes":["127.0.0.8"],"text":"\"socks\" \\ $5, 192.0.2.98"}
{"type":"listed","address":"192.0.2.99","classes":["relay","http"],"codes":["127.0.0.2","127.0.0.9"],"text":"\"relay, http\" \\ $5, 192.0.2.99"}
{"type":"listed","address":"2001:db8:0:2::/64","classes":["relay","socks"],"codes":["127.0.0.2","127.0.0.8"],"text":"\"relay, socks\" \\ $5, 2001:db8:0:2::"}
{"type":"listed","address":"2001:db8:0:3::/64","classes":["relay"],"codes":["127.0.0.2"],"text":"\"relay\" \\ $5, 2001:db8:0:3::"}
)");
}

TEST_F(ExportFormats, Csv) {
    EXPECT_EQ(text(Format::csv, networks_), "address,classes,codes,text\r\n"
                                            "192.0.2.98,socks,127.0.0.8,\"\"\"socks\"\" \\ $5, 192.0.2.98\"\r\n"
                                            "192.0.2.99,relay http,127.0.0.2 127.0.0.9,"
                                            "\"\"\"relay, http\"\" \\ $5, 192.0.2.99\"\r\n"
                                            "2001:db8:0:2::/64,relay socks,127.0.0.2 127.0.0.8,"
                                            "\"\"\"relay, socks\"\" \\ $5, 2001:db8:0:2::\"\r\n"
                                            "2001:db8:0:3::/64,relay,127.0.0.2,"
                                            "\"\"\"relay\"\" \\ $5, 2001:db8:0:3::\"\r\n");
}

TEST_F(ExportFormats, AListThatIsShutDownIsEmptyAndNeverTheWorld) {
    for (const auto format : all_formats) {
        const auto whole = text(format, shut_down_);
        EXPECT_EQ(entries_, 0U) << to_string(format);
        for (const char* never : {"192.0.2.9", "2001:db8:", "127.0.0.2\n", "0.0.0.0", "/0", "2.0.0.127"}) {
            if (std::string_view(never) == "2001:db8:" && format == Format::bind) continue; // our name server's
            EXPECT_THAT(whole, Not(HasSubstr(never))) << to_string(format);
        }
        const char* const says =
            format == Format::json ? R"("shut_down":true)" : "the list is shut down, so this is empty";
        if (format == Format::csv) continue; // which has no comments
        EXPECT_THAT(whole, HasSubstr(says)) << to_string(format);
    }
}

TEST_F(ExportFormats, AnEmptyListIsAFileToo) {
    const Snapshot empty{Index{}, 1};
    for (const auto format : all_formats) {
        EXPECT_FALSE(text(format, empty).empty());
        EXPECT_EQ(entries_, 0U);
    }
    // nft takes no empty list of elements.
    EXPECT_THAT(text(Format::nftables, empty), Not(HasSubstr("element")));
    EXPECT_THAT(text(Format::rbldnsd, empty), HasSubstr("\n127.0.0.2\n"));
}

TEST_F(ExportFormats, WhatCannotBeWrittenIsRefusedWithAWayOut) {
    const auto refused = [&](const char* zone, Format format, const Options& options) {
        const auto apex = DomainName::parse(zone).value();
        const auto done = check(*table_.find(apex.wire()), format, options);
        return done ? std::string("nothing") : done.error().message;
    };
    EXPECT_THAT(refused("probe.example", Format::json, {}), HasSubstr("lists nothing"));
    EXPECT_THAT(refused("bl.example", Format::ipset, {}), HasSubstr("nothing"));
    Options options;
    options.set = std::string(26, 'x');
    EXPECT_THAT(refused("bl.example", Format::ipset, options), HasSubstr("at most 25 characters"));
    EXPECT_EQ(refused("bl.example", Format::nftables, options), "nothing");
    for (const char* bad : {"9x", "a b", "a;flush ruleset", "a-b", "a\nb"}) {
        options.set = bad;
        EXPECT_THAT(refused("bl.example", Format::nftables, options), HasSubstr("no name of a set")) << bad;
        EXPECT_EQ(refused("bl.example", Format::json, options), "nothing");
    }
}

TEST_F(ExportFormats, TheFirstErrorOfTheSinkEndsIt) {
    Index::Builder builder;
    for (std::uint32_t i = 0; i < 50'000; ++i) builder.add(Address::v4(0x05000000 + 7 * i), {ListingClass::relay});
    const Snapshot many{builder.build(), 1};
    const auto apex = DomainName::parse("bl.example").value();
    for (const auto format : all_formats) {
        int asked = 0;
        std::size_t largest = 0;
        const auto done =
            write({table_, *table_.find(apex.wire()), many}, format, {}, [&](std::string_view piece) -> Result<> {
                largest = std::max(largest, piece.size());
                if (++asked == 2) return Error{Errc::disk_full, "full"};
                return {};
            });
        ASSERT_FALSE(done) << to_string(format);
        EXPECT_EQ(done.error().code, Errc::disk_full);
        EXPECT_EQ(asked, 2) << to_string(format);
        EXPECT_LT(largest, Output::piece_size + 2048) << to_string(format);
    }
}

// ---- parts -----------------------------------------------------------------------------------------------

TEST(PrefixMerger, CoversWhatWasAddedWithAsFewAsPossible) {
    std::mt19937 dice(7);
    for (int round = 0; round < 60; ++round) {
        const bool v4 = round % 3 != 0;
        const unsigned unit = v4 ? 32 : round % 2 == 0 ? 64 : 128;
        const auto share = dice() % 10;
        std::set<Address> listed;
        for (std::uint32_t i = 0; i < 300; ++i) {
            if (dice() % 10 < share) continue;
            std::array<std::uint8_t, 16> bytes{0x20, 0x01};
            bytes[unit / 8 - 2] = static_cast<std::uint8_t>(i >> 8U);
            bytes[unit / 8 - 1] = static_cast<std::uint8_t>(i);
            listed.insert(v4 ? Address::v4(0x05'06'00'00 + i) : Address::v6(bytes));
        }
        std::vector<Prefix> prefixes;
        PrefixMerger merger([&](const Prefix& prefix) { prefixes.push_back(prefix); });
        for (const auto& address : listed) merger.add(Prefix::of(address, unit));
        merger.finish();
        std::uint64_t covered = 0;
        for (std::size_t i = 0; i < prefixes.size(); ++i) {
            covered += std::uint64_t{1} << (unit - prefixes[i].length());
            if (i == 0) continue;
            EXPECT_LT(prefixes[i - 1].base(), prefixes[i].base());
            // No two that one could stand for.
            const auto parent = Prefix::of(prefixes[i].base(), prefixes[i].length() - 1);
            EXPECT_FALSE(prefixes[i - 1].length() == prefixes[i].length() && parent.contains(prefixes[i - 1].base()));
        }
        EXPECT_EQ(covered, listed.size());
        for (const auto& address : listed) {
            const auto holds = [&](const Prefix& prefix) { return prefix.contains(address); };
            EXPECT_EQ(std::count_if(prefixes.begin(), prefixes.end(), holds), 1) << address.to_string();
        }
    }
}

TEST(PrefixMerger, TheWholeOfAFamilyIsOnePrefix) {
    std::vector<std::string> prefixes;
    PrefixMerger merger([&](const Prefix& prefix) { prefixes.push_back(prefix.to_string()); });
    merger.add(Prefix::parse("0.0.0.0/1").value());
    merger.add(Prefix::parse("128.0.0.0/1").value());
    merger.add(Prefix::parse("::/1").value());
    merger.add(Prefix::parse("8000::/1").value());
    merger.finish();
    EXPECT_THAT(prefixes, ElementsAre("0.0.0.0/0", "::/0"));
}

TEST(Presentation, NamesAndTextsAreEscaped) {
    const auto odd = DomainName::parse_mailbox(R"(a.b"c;d(e)$f@bl.example)").value();
    EXPECT_EQ(master_name(odd.wire()), R"(a\046b\034c\059d\040e\041\036f.bl.example.)");
    const auto apex = DomainName::parse("bl.example").value();
    EXPECT_EQ(master_name(apex, apex), "@");
    EXPECT_EQ(master_name(DomainName{}.wire()), ".");
    EXPECT_EQ(master_text("a\"b\\c\x01\xff"), R"("a\"b\\c\001\255")");
    EXPECT_EQ(json_text("a\"b\\c\x01\xe9"), R"("a\"b\\c\u0001\u00e9")");
    EXPECT_EQ(csv_field("plain"), "plain");
    EXPECT_EQ(csv_field("a,\"b\""), R"("a,""b""")");
}

TEST(Rpz, OwnersAreSpelledAsResolversWantThem) {
    const auto owner = [](const char* prefix) {
        return rpz::owner(Prefix::parse(prefix).value(), rpz::Trigger::client_ip);
    };
    EXPECT_EQ(owner("192.0.2.0/24"), "24.0.2.0.192.rpz-client-ip");
    EXPECT_EQ(owner("::/0"), "0.zz.rpz-client-ip");
    EXPECT_EQ(owner("2001:db8::/32"), "32.zz.db8.2001.rpz-client-ip");
    // The first of the longest runs, and no run of one.
    EXPECT_EQ(owner("2001:0:0:1:0:0:1:1/128"), "128.1.1.0.0.1.zz.2001.rpz-client-ip");
    EXPECT_EQ(owner("2001:db8:0:1:1:1:1:1/128"), "128.1.1.1.1.1.0.db8.2001.rpz-client-ip");
    EXPECT_EQ(owner("2001:db8::1/128"), "128.1.zz.db8.2001.rpz-client-ip");
}

TEST(Rpz, NamesOfActionsAndTriggersReadBack) {
    for (const auto action : rpz::all_actions) EXPECT_EQ(rpz::parse_action(to_string(action)), action);
    for (const auto trigger : rpz::all_triggers) EXPECT_EQ(rpz::parse_trigger(to_string(trigger)), trigger);
    EXPECT_EQ(rpz::parse_action("list-the-world"), std::nullopt);
    EXPECT_EQ(rpz::target(rpz::Action::nodata), "*.");
    EXPECT_EQ(rpz::target(rpz::Action::drop), "rpz-drop.");
}

} // namespace
} // namespace provenbl::zones::exports
