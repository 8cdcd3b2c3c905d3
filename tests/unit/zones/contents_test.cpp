// What a holder of a zone's records holds: every name that the zone says, in an order that can be taken up anywhere.
#include "store/reversed_name.hpp"
#include "zones/contents.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <random>

namespace provenbl::zones {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Lines = std::vector<std::string>;

Address ip(const char* text) {
    return Address::parse(text).value();
}

ZoneDefinition list(const char* apex, ClassSet classes, std::vector<NameServer> servers) {
    ZoneDefinition made;
    made.apex = apex;
    made.classes = classes;
    made.codes = default_codes();
    made.txt = "{classes} {address}";
    made.name_servers = std::move(servers);
    return made;
}

// A combined list, a sublist with a name server of its own, one below that, and a probe domain.
ZoneSet set() {
    using enum ListingClass;
    ZoneSet made;
    made.zones.push_back(list("bl.example", {relay, socks}, {{"ns1.bl.example", {ip("192.0.2.53")}}}));
    made.zones.push_back(
        list("relay.bl.example", {relay},
             {{"ns.relay.bl.example", {ip("192.0.2.54"), ip("2001:db8::54")}}, {"ns1.bl.example", {}}}));
    made.zones.push_back(list("deep.relay.bl.example", {relay}, {{"ns.elsewhere.example", {}}}));
    ProbeDomain probe;
    probe.apex = "probe.example";
    probe.mail_exchanger = "mx.probe.example";
    probe.addresses = {ip("192.0.2.25")};
    probe.name_servers = {{"ns1.bl.example", {}}};
    made.probe_domains.push_back(probe);
    return made;
}

std::string name_of(std::span<const std::uint8_t> labels) {
    std::string text;
    for (auto rest = labels; !rest.empty(); rest = after_first_label(rest)) {
        if (!text.empty()) text += '.';
        text.append(rest.begin() + 1, rest.begin() + 1 + rest[0]);
    }
    return text.empty() ? "@" : text;
}

std::string line_of(const Content& content, const Zone& zone) {
    const auto owner = name_of(content.owner);
    switch (content.kind) {
    case ContentKind::name_server:
        return fmt::format("{} {} NS {}", owner, content.ttl, content.target->to_string());
    case ContentKind::mail_exchanger:
        return fmt::format("{} {} MX {}", owner, content.ttl, content.target->to_string());
    case ContentKind::address:
        return fmt::format("{} {} {} {}", owner, content.ttl, content.address.is_v4() ? "A" : "AAAA",
                           content.address.to_string());
    case ContentKind::alias:
    case ContentKind::pointer:
    case ContentKind::text:
        ADD_FAILURE() << "of policy zones and catalogs alone";
        break;
    case ContentKind::entry:
        break;
    }
    std::array<std::uint8_t, TextTemplate::longest_text> text{};
    const auto length = zone.text(content.node, text);
    auto line = fmt::format("{} {}", owner, content.ttl);
    for (const auto value : content.node.a_values()) line += " " + Address::v4(value).to_string();
    return line + " '" + std::string(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(length)) + "'";
}

Lines lines_of(const Contents& contents, const Index& index) {
    Lines all;
    Contents::Cursor cursor;
    EXPECT_TRUE(contents.walk(index, cursor, [&](const Content& content) {
        all.push_back(line_of(content, contents.zone()));
        return true;
    }));
    return all;
}

Index index_of(const std::vector<std::pair<Address, ClassSet>>& listed, unsigned ipv6_bits = 128) {
    Index::Builder builder(ipv6_bits);
    for (const auto& [address, classes] : listed) builder.add(address, classes);
    return builder.build();
}

class ZoneContents : public ::testing::Test {
protected:
    ZoneTable table_{set()};
    [[nodiscard]] Lines lines(std::size_t zone, const Index& index) const {
        return lines_of(Contents(table_, table_.zones()[zone]), index);
    }
    [[nodiscard]] static std::string mapped(const std::string& last) {
        return last + ".0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0";
    }
};

TEST_F(ZoneContents, AListThatIsShutDownHasApexHostsAndCutsAlone) {
    const auto closed = Index::shut_down();
    EXPECT_THAT(lines(0, closed), ElementsAre("@ 3600 NS ns1.bl.example", "ns1 3600 A 192.0.2.53",
                                              "relay 3600 NS ns.relay.bl.example", "relay 3600 NS ns1.bl.example",
                                              // On the way to the sublist these are needed (glue).
                                              "ns.relay 3600 A 192.0.2.54", "ns.relay 3600 AAAA 2001:db8::54"));
    EXPECT_THAT(lines(1, closed),
                ElementsAre("@ 3600 NS ns.relay.bl.example", "@ 3600 NS ns1.bl.example", "ns 3600 A 192.0.2.54",
                            "ns 3600 AAAA 2001:db8::54", "deep 3600 NS ns.elsewhere.example"));
    EXPECT_THAT(lines(2, closed), ElementsAre("@ 3600 NS ns.elsewhere.example"));
}

TEST_F(ZoneContents, TheProbeDomainHasItsMailExchangerAndNoEntries) {
    EXPECT_THAT(lines(3, index_of({{ip("5.6.7.8"), {ListingClass::relay}}})),
                ElementsAre("@ 3600 NS ns1.bl.example", "@ 300 MX mx.probe.example", "mx 300 A 192.0.2.25"));
}

TEST_F(ZoneContents, TestEntriesComeOnceAndInBothForms) {
    auto all = lines(0, index_of({{ip("127.0.0.1"), {ListingClass::relay}},
                                  {ip("127.0.0.2"), {ListingClass::socks}},
                                  {ip("127.0.0.8"), {ListingClass::relay}}}));
    all.erase(all.begin(), all.begin() + 6);
    EXPECT_THAT(all,
                ElementsAre("2.0.0.127 120 127.0.0.2 'relay 127.0.0.2'", "8.0.0.127 120 127.0.0.8 'socks 127.0.0.8'",
                            mapped("2") + " 120 127.0.0.2 'relay 127.0.0.2'",
                            mapped("8") + " 120 127.0.0.8 'socks 127.0.0.8'"));
}

TEST_F(ZoneContents, EntriesAreThoseOfTheZonesClasses) {
    using enum ListingClass;
    const auto index = index_of({{ip("5.6.7.8"), {relay, socks}},
                                 {ip("5.6.7.9"), {socks, http}},
                                 {ip("5.6.7.10"), {http}},
                                 {ip("250.16.7.100"), {relay}},
                                 {ip("2001:db8::a"), {relay}}});
    const std::string v6 = "a.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2";
    auto all = lines(0, index);
    all.erase(all.begin(), all.begin() + 10);
    EXPECT_THAT(all,
                ElementsAre("8.7.6.5 120 127.0.0.2 127.0.0.8 'relay, socks 5.6.7.8'",
                            "9.7.6.5 120 127.0.0.8 'socks 5.6.7.9'", "100.7.16.250 120 127.0.0.2 'relay 250.16.7.100'",
                            v6 + " 120 127.0.0.2 'relay 2001:db8::a'"));
    all = lines(1, index);
    all.erase(all.begin(), all.begin() + 7);
    EXPECT_THAT(all,
                ElementsAre("8.7.6.5 120 127.0.0.2 'relay 5.6.7.8'", "100.7.16.250 120 127.0.0.2 'relay 250.16.7.100'",
                            v6 + " 120 127.0.0.2 'relay 2001:db8::a'"));
}

TEST_F(ZoneContents, AListedNetworkIsAWildcard) {
    auto all =
        lines(2, index_of({{ip("5.6.7.8"), {ListingClass::relay}}, {ip("2a00:1:2:3::"), {ListingClass::relay}}}, 64));
    EXPECT_THAT((Lines{all.end() - 2, all.end()}),
                ElementsAre("8.7.6.5 120 127.0.0.2 'relay 5.6.7.8'",
                            "*.3.0.0.0.2.0.0.0.1.0.0.0.0.0.a.2 120 127.0.0.2 'relay 2a00:1:2:3::'"));
}

// A transfer stops where a message is full: whatever was refused comes first the next time.
TEST_F(ZoneContents, AWalkGoesOnWhereItStopped) {
    std::mt19937 random(3);
    std::vector<IndexChange> changes;
    for (int i = 0; i < 500; ++i) {
        const auto number = static_cast<std::uint32_t>(random());
        std::array<std::uint8_t, 16> bytes{0x2a, 0, static_cast<std::uint8_t>(number), static_cast<std::uint8_t>(i)};
        changes.push_back({i % 3 == 0 ? Address::v6(bytes) : Address::v4(number),
                           ClassSet::from_bits(static_cast<std::uint16_t>(1U + number % 7U))});
    }
    const auto index = Index{}.with_changes(changes);
    for (std::size_t zone = 0; zone < table_.zones().size(); ++zone) {
        const Contents contents(table_, table_.zones()[zone]);
        const auto whole = lines_of(contents, index);
        Lines pieces;
        Contents::Cursor cursor;
        for (bool over = false; !over;) {
            std::size_t room = random() % 4;
            over = contents.walk(index, cursor, [&](const Content& content) {
                if (room == 0) return false;
                --room;
                pieces.push_back(line_of(content, contents.zone()));
                return true;
            });
            ASSERT_LE(pieces.size(), whole.size());
        }
        EXPECT_EQ(pieces, whole);
        EXPECT_TRUE(contents.walk(index, cursor, [](const Content&) { return false; })) << "nothing is left";
    }
}

// Every name of a walk exists in the zone as an entry that says the same, and every listed address is in the walk.
TEST_F(ZoneContents, AreWhatTheZoneSays) {
    std::mt19937 random(4);
    std::vector<IndexChange> changes;
    for (int i = 0; i < 300; ++i)
        changes.push_back(
            {Address::v4(5, static_cast<std::uint8_t>(random() % 3), 0, static_cast<std::uint8_t>(random())),
             ClassSet::from_bits(static_cast<std::uint16_t>(random() % 128))});
    const auto index = Index{}.with_changes(changes);
    for (std::size_t zone = 0; zone < 3; ++zone) {
        const Contents contents(table_, table_.zones()[zone]);
        std::size_t entries = 0;
        Contents::Cursor cursor;
        EXPECT_TRUE(contents.walk(index, cursor, [&](const Content& content) {
            if (content.kind != ContentKind::entry) return true;
            ++entries;
            const auto node = contents.zone().find(content.owner, index);
            EXPECT_EQ(node.kind, NodeKind::entry) << name_of(content.owner);
            EXPECT_EQ(node.address, content.node.address);
            EXPECT_EQ(node.classes, content.node.classes);
            EXPECT_TRUE(std::ranges::equal(node.a_values(), content.node.a_values()));
            return true;
        }));
        auto expected = 2 * contents.zone().test_entries().size();
        index.walk([&](const Address&, ClassSet classes) {
            if (!(classes & contents.zone().classes()).empty()) ++expected;
            return true;
        });
        EXPECT_EQ(entries, expected);
    }
}

TEST(ListedName, IsWhatTheStoreCallsIt) {
    for (const char* text : {"0.0.0.0", "1.20.255.100", "255.255.255.255", "2001:db8:1:2:3:4:567:89ab", "::"}) {
        const ListedName name(ip(text), 128);
        EXPECT_EQ(name_of(name.labels()), reversed_name(ip(text)));
    }
}

} // namespace
} // namespace provenbl::zones
