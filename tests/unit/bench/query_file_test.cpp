#include "tests/bench/query_file.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <stdexcept>
#include <unistd.h>

namespace provenbl::bench {
namespace {

class QueryFileTest : public testing::Test {
protected:
    void TearDown() override { std::filesystem::remove(file_); }
    const std::filesystem::path file_ =
        std::filesystem::temp_directory_path() / ("provenbl-queries-" + std::to_string(::getpid()));
};

TEST_F(QueryFileTest, AQueryIsARFC1035Message) {
    const auto wire = wire_query(Address::v4(192, 0, 2, 99), Type::txt, false);
    const std::string expected("\0\0\0\0\0\1\0\0\0\0\0\0"
                               "\2"
                               "99"
                               "\1"
                               "2"
                               "\1"
                               "0"
                               "\3"
                               "192"
                               "\2"
                               "bl"
                               "\7"
                               "example"
                               "\0\0\x10\0\1",
                               12 + 3 + 2 + 2 + 4 + 3 + 8 + 5);
    EXPECT_EQ(wire, expected);
    EXPECT_EQ(wire_query(Address::v4(192, 0, 2, 99), Type::txt, true).size(), wire.size() + 11);
}

TEST_F(QueryFileTest, ReadsBackWhatWasWrittenWithTheRightMix) {
    const auto set = make_data_set(10'000, 1);
    QueryMix mix;
    mix.count = 20'000;
    write_queries(file_, set, mix, 2);
    const QueryFile read(file_);
    ASSERT_EQ(read.queries().size(), mix.count);
    std::size_t hits = 0;
    std::size_t aaaa_hits = 0;
    for (const auto& query : read.queries()) {
        if (query.expected.rcode == noerror) ++hits;
        if (query.expected.rcode == noerror && query.expected.answers == 0) ++aaaa_hits;
        if (query.expected.rcode == nxdomain) {
            ASSERT_EQ(query.expected.answers, 0);
        }
    }
    EXPECT_NEAR(static_cast<double>(hits), 6'000, 300);
    EXPECT_NEAR(static_cast<double>(aaaa_hits), 480, 120);
}

TEST_F(QueryFileTest, RefusesAFileThatIsNoneOrIsCutShort) {
    EXPECT_THROW(QueryFile{"/nonexistent"}, std::runtime_error);
    const auto set = make_data_set(5'000, 1);
    QueryMix mix;
    mix.count = 1'000;
    write_queries(file_, set, mix, 2);
    std::filesystem::resize_file(file_, std::filesystem::file_size(file_) - 1);
    EXPECT_THROW(QueryFile{file_}, std::runtime_error);
    std::ofstream(file_) << "something else";
    EXPECT_THROW(QueryFile{file_}, std::runtime_error);
}

} // namespace
} // namespace provenbl::bench
