// Policy zones as they are served: which names exist, what stands there, what a transfer has.
#include "zones/contents.hpp"
#include "zones/zone_table.hpp"

#include <gmock/gmock.h>

#include <random>

namespace provenbl::zones {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Address ip(const char* text) {
    return Address::parse(text).value();
}

ZoneSet set() {
    ZoneSet made;
    ZoneDefinition list;
    list.apex = "bl.example";
    list.classes = {ListingClass::relay, ListingClass::socks, ListingClass::http};
    list.codes = default_codes();
    list.page = "https://bl.example/{address}";
    list.name_servers = {{"ns1.example.net", {}}};
    made.zones.push_back(list);
    PolicyZoneDefinition policy;
    policy.apex = "rpz.example";
    policy.zone = "bl.example";
    policy.classes = {ListingClass::relay, ListingClass::socks};
    policy.name_servers = list.name_servers;
    made.policy_zones.push_back(policy);
    return made;
}

Index index_of(const std::vector<std::pair<Address, ClassSet>>& listed, unsigned ipv6_bits = 128) {
    Index::Builder builder(ipv6_bits);
    for (const auto& [address, classes] : listed) builder.add(address, classes);
    return builder.build();
}

std::vector<std::uint8_t> labels(const std::string& text) {
    const auto name = DomainName::parse(text).value();
    return {name.wire().begin(), name.wire().end() - 1};
}

std::string name_of(std::span<const std::uint8_t> labels) {
    std::string text;
    for (auto rest = labels; !rest.empty(); rest = after_first_label(rest))
        text += (text.empty() ? "" : ".") + std::string(rest.begin() + 1, rest.begin() + 1 + rest[0]);
    return text;
}

class PolicyZone : public ::testing::Test {
protected:
    void use(const std::function<void(PolicyZoneDefinition&)>& change) {
        auto changed = set();
        change(changed.policy_zones[0]);
        ASSERT_TRUE(validate(changed)) << validate(changed).error().message;
        table_.emplace(changed);
    }
    [[nodiscard]] const Zone& zone() const { return table_->zones().back(); }
    [[nodiscard]] NodeKind kind(const std::string& name, const Index& index) const {
        return zone().find(labels(name), index).kind;
    }
    // "owner target-or-address" of all but the NS.
    [[nodiscard]] std::vector<std::string> lines(const Index& index) const {
        std::vector<std::string> all;
        Contents::Cursor cursor;
        EXPECT_TRUE(Contents(*table_, zone()).walk(index, cursor, [&](const Content& content) {
            if (content.kind == ContentKind::name_server) return true;
            all.push_back(name_of(content.owner) + " " +
                          (content.target != nullptr ? content.target->to_string() : content.address.to_string()));
            return true;
        }));
        return all;
    }
    std::optional<ZoneTable> table_{std::in_place, set()};
    const Index listed_ = index_of({{ip("127.0.0.1"), {ListingClass::relay}},
                                    {ip("192.0.2.99"), {ListingClass::relay, ListingClass::http}},
                                    {ip("198.51.100.7"), {ListingClass::http}},
                                    {ip("2001:db8::1:0:0:1"), {ListingClass::socks}}});
};

TEST_F(PolicyZone, HasARecordForEachListingOfItsClasses) {
    use([](auto& policy) { policy.action = rpz::Action::drop; });
    // Neither test entries, which a resolver would act on, nor 127.0.0.1.
    EXPECT_THAT(lines(listed_),
                ElementsAre("32.99.2.0.192.rpz-client-ip rpz-drop", "128.1.0.0.1.zz.db8.2001.rpz-client-ip rpz-drop"));
    EXPECT_TRUE(lines(Index::shut_down()).empty());
}

TEST_F(PolicyZone, TheActionIsWhatTheNameLeadsTo) {
    const auto index = index_of({{ip("192.0.2.99"), {ListingClass::relay}}});
    const auto target = [&] {
        const auto all = lines(index);
        return all.at(0).substr(all.at(0).find(' ') + 1);
    };
    EXPECT_TRUE(zone().policy()->target->wire().size() == 1) << "the root: NXDOMAIN";
    use([](auto& policy) { policy.action = rpz::Action::nodata; });
    EXPECT_THAT(zone().policy()->target->wire(), ElementsAre(1, '*', 0));
    use([](auto& policy) { policy.action = rpz::Action::passthru; });
    EXPECT_EQ(target(), "rpz-passthru");
    use([](auto& policy) { policy.action = rpz::Action::tcp_only; });
    EXPECT_EQ(target(), "rpz-tcp-only");
    use([](auto& policy) { policy.redirect = "wall.example"; });
    EXPECT_EQ(target(), "wall.example");
    use([](auto& policy) { policy.redirect = "192.0.2.1"; });
    EXPECT_EQ(target(), "192.0.2.1");
    EXPECT_FALSE(zone().policy()->target);
    use([](auto& policy) { policy.trigger = rpz::Trigger::response_ip; });
    EXPECT_THAT(lines(index), ElementsAre(::testing::StartsWith("32.99.2.0.192.rpz-ip ")));
}

TEST_F(PolicyZone, EachAddressHasOneNameAndEmptyOnesAboveIt) {
    for (const char* name : {"32.99.2.0.192.rpz-client-ip", "128.1.0.0.1.zz.db8.2001.rpz-client-ip"})
        EXPECT_EQ(kind(name, listed_), NodeKind::policy) << name;
    for (const char* name :
         {"99.2.0.192.rpz-client-ip", "2.0.192.rpz-client-ip", "0.192.rpz-client-ip", "192.rpz-client-ip",
          "rpz-client-ip", "1.0.0.1.zz.db8.2001.rpz-client-ip", "0.0.1.zz.db8.2001.rpz-client-ip",
          "zz.db8.2001.rpz-client-ip", "db8.2001.rpz-client-ip", "2001.rpz-client-ip"})
        EXPECT_EQ(kind(name, listed_), NodeKind::empty) << name;
    for (const char* name : {"32.7.100.51.198.rpz-client-ip",
                             "32.1.0.0.127.rpz-client-ip",
                             "31.99.2.0.192.rpz-client-ip",
                             "24.0.2.0.192.rpz-client-ip",
                             "32.099.2.0.192.rpz-client-ip",
                             "32.99.2.0.192.rpz-ip",
                             "99.2.0.192",
                             "032.99.2.0.192.rpz-client-ip",
                             "x.32.99.2.0.192.rpz-client-ip",
                             "128.1.zz.0.1.0.0.db8.2001.rpz-client-ip",
                             "128.1.0.0.1.zz.0db8.2001.rpz-client-ip",
                             "128.1.0.0.1.0.0.db8.2001.rpz-client-ip",
                             "2.rpz-client-ip",
                             "64.zz.db8.2001.rpz-client-ip",
                             "zz.zz.rpz-client-ip",
                             "10000.2001.rpz-client-ip",
                             "1.2.3.4.5.6.7.8.9.rpz-client-ip",
                             "1.2.3.4.5.6.7.8.9.10.11.rpz-client-ip",
                             "128.rpz-client-ip",
                             "2.0.0.127",
                             "32.2.0.0.127.rpz-client-ip"})
        EXPECT_EQ(kind(name, listed_), NodeKind::nothing) << name;
    EXPECT_EQ(kind("rpz-client-ip", Index{}), NodeKind::nothing);
    EXPECT_EQ(kind("rpz-client-ip", Index::shut_down()), NodeKind::nothing);
}

TEST_F(PolicyZone, ANetworkIsNamedByItsLength) {
    const auto index = index_of({{ip("2a00:1:2:3::"), {ListingClass::relay}}}, 64);
    EXPECT_THAT(lines(index), ElementsAre(HasSubstr("64.zz.3.2.1.2a00.rpz-client-ip")));
    EXPECT_EQ(kind("64.zz.3.2.1.2a00.rpz-client-ip", index), NodeKind::policy);
    EXPECT_EQ(kind("64.5.zz.3.2.1.2a00.rpz-client-ip", index), NodeKind::nothing) << "host bits";
    EXPECT_EQ(kind("128.zz.3.2.1.2a00.rpz-client-ip", index), NodeKind::nothing);
}

// Whatever a transfer has is answered, and so is all that is above it.
TEST_F(PolicyZone, EveryNameOfATransferIsFound) {
    std::mt19937 random(7);
    std::vector<IndexChange> changes;
    for (int i = 0; i < 400; ++i) {
        // Many zeros, so that `zz` stands everywhere.
        std::array<std::uint8_t, 16> v6{0x20, 0x01};
        for (std::size_t at = 2; at < v6.size(); ++at)
            v6[at] = random() % 3 == 0 ? static_cast<std::uint8_t>(random()) : std::uint8_t{0};
        const auto v4 = Address::v4(static_cast<std::uint32_t>(random()));
        changes.push_back({i % 2 == 0 ? Address::v6(v6) : v4, {ListingClass::relay}});
    }
    const auto index = Index{}.with_changes(changes);
    std::size_t count = 0;
    Contents::Cursor cursor;
    EXPECT_TRUE(Contents(*table_, zone()).walk(index, cursor, [&](const Content& content) {
        if (content.kind != ContentKind::alias) return true;
        ++count;
        EXPECT_EQ(zone().find(content.owner, index).kind, NodeKind::policy) << name_of(content.owner);
        for (auto rest = after_first_label(content.owner); !rest.empty(); rest = after_first_label(rest))
            EXPECT_EQ(zone().find(rest, index).kind, NodeKind::empty) << name_of(rest);
        return true;
    }));
    EXPECT_EQ(count, index.size());
}

// A class that comes to another leaves the record as it is: a difference says nothing of it.
TEST_F(PolicyZone, OnlyComingAndGoingDiffers) {
    using enum ListingClass;
    const Contents contents(*table_, zone());
    EXPECT_FALSE(contents.differs({relay}, {relay, socks}));
    EXPECT_FALSE(contents.differs({http}, {}));
    EXPECT_TRUE(contents.differs({http}, {http, socks}));
    EXPECT_TRUE(contents.differs({relay, http}, {http}));
    const Contents list(*table_, table_->zones()[0]);
    EXPECT_TRUE(list.differs({relay}, {relay, socks}));
}

TEST_F(PolicyZone, WhatIsWrongIsSaid) {
    const auto complaint = [](const std::function<void(PolicyZoneDefinition&)>& breakage) {
        auto broken = set();
        breakage(broken.policy_zones[0]);
        const auto result = validate(broken);
        return result ? std::string("nothing") : result.error().message;
    };
    EXPECT_THAT(complaint([](auto& policy) { policy.zone = "other.example"; }), HasSubstr("is no list of ours"));
    EXPECT_THAT(complaint([](auto& policy) { policy.classes = {ListingClass::web}; }), HasSubstr("does not list all"));
    EXPECT_THAT(complaint([](auto& policy) { policy.classes = {}; }), HasSubstr("classes: is empty"));
    EXPECT_THAT(complaint([](auto& policy) { policy.redirect = "not a name"; }), HasSubstr("redirect: "));
    EXPECT_THAT(complaint([](auto& policy) { policy.apex = "bl.example"; }), HasSubstr("is defined twice"));
    EXPECT_THAT(complaint([](auto& policy) { policy.name_servers.clear(); }), HasSubstr("name_servers: is empty"));
    EXPECT_THAT(complaint([](auto& policy) { policy.access = ZoneAccess::key; }), HasSubstr("access: differs"));
}

} // namespace
} // namespace provenbl::zones
