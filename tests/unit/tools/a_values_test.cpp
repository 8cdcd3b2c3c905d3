// What pages and commands say of DNS is what the zones answer.
#include "store/reversed_name.hpp"
#include "tests/unit/tools/api_fixture.hpp"
#include "zones/zone_table.hpp"

#include <gtest/gtest.h>

namespace provenbl::tools {
namespace {

using AValues = ApiFixture;

TEST_F(AValues, AreWhatTheZonesAnswer) {
    std::vector<Address> addresses{test::ip("5.6.7.8"), test::ip("2001:500::1"), test::ip("126.0.0.2"),
                                   test::ip("127.0.1.2")};
    for (std::uint8_t last = 0; last < 20; ++last) addresses.push_back(Address::v4(127, 0, 0, last));
    std::vector<ClassSet> sets{{}, {ListingClass::relay, ListingClass::http, ListingClass::chain}};
    for (const auto cls : all_listing_classes) sets.push_back({cls});
    // A zone that answers two classes alike, and the classes in another order than their codes.
    auto all = configuration.zones;
    auto& first = all.zones.at(0);
    first.codes[ListingClass::relay] = Address::v4(127, 0, 0, 12);
    first.codes[ListingClass::http] = first.codes.at(ListingClass::socks);
    ASSERT_TRUE(zones::validate(all)) << zones::validate(all).error().message;
    const zones::ZoneTable table{all};
    std::size_t entries = 0;
    for (const auto& definition : all.zones) {
        for (const auto& address : addresses) {
            const auto name = zones::DomainName::parse(reversed_name(address) + "." + definition.apex).value();
            const auto* const zone = table.find(name.wire());
            ASSERT_NE(zone, nullptr);
            for (const auto set : sets) {
                const auto index = zones::Index{}.with_changes(std::vector<zones::IndexChange>{{address, set}});
                const auto node = zone->find(name.relative_to(zone->apex()), index);
                std::vector<Address> answered;
                for (const auto value : node.a_values()) answered.push_back(Address::v4(value));
                EXPECT_EQ(zones::a_values(definition, address, set), answered)
                    << definition.apex << " " << address.to_string() << " " << to_string(set);
                entries += answered.size();
            }
        }
    }
    EXPECT_GT(entries, 100U);
}

} // namespace
} // namespace provenbl::tools
