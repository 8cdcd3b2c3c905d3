#include "tests/bench/data_set.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace provenbl::bench {
namespace {

void expect_ascending(const std::vector<Entry>& entries) {
    for (std::size_t i = 1; i < entries.size(); ++i) ASSERT_LT(entries[i - 1].address, entries[i].address) << i;
}

TEST(DataSet, HasTheSharesItPromises) {
    const auto set = make_data_set(100'000, 1);
    EXPECT_EQ(set.v4.size(), 100'000U);
    EXPECT_EQ(set.v6.size(), 5'000U);
    EXPECT_EQ(set.networks.size(), 117U); // 30 % in whole /24s
    EXPECT_EQ(set.singles.size() + set.networks.size() * 256, set.v4.size());
    expect_ascending(set.v4);
    expect_ascending(set.v6);
}

TEST(DataSet, IsTheSameForASeedAndOtherForAnother) {
    const auto same = [](const DataSet& a, const DataSet& b) {
        return std::equal(a.v4.begin(), a.v4.end(), b.v4.begin(), b.v4.end(),
                          [](const Entry& x, const Entry& y) { return x.address == y.address && x.cls == y.cls; });
    };
    EXPECT_TRUE(same(make_data_set(5'000, 7), make_data_set(5'000, 7)));
    EXPECT_FALSE(same(make_data_set(5'000, 7), make_data_set(5'000, 8)));
}

TEST(DataSet, LeavesTheSpareNetworkAndLoopbackAlone) {
    const auto set = make_data_set(100'000, 3);
    for (const auto& entry : set.v4) {
        const auto octet = entry.address.to_v4() >> 24U;
        ASSERT_NE(octet, spare_octet);
        ASSERT_NE(octet, 127U);
        ASSERT_LT(octet, 224U);
    }
}

} // namespace
} // namespace provenbl::bench
