// The writer's promises where space ends: no half record, TC only for what matters, the OPT always fits.
#include "dnsbl/wire/response.hpp"
#include "ldns_oracle.hpp"
#include "question.hpp"

#include <gtest/gtest.h>

#include <array>

namespace provenbl::dnsbl::testing {
namespace {

using wire::Response;
using wire::Section;

class ResponseTest : public ::testing::Test {
protected:
    Bytes sent_ = with_opt(question("a.bl.example", wire::type::a));
    wire::Query query_;
    std::array<std::uint8_t, 4096> out_{};

    void SetUp() override { ASSERT_EQ(wire::read_query(sent_, query_), wire::Reading::query); }
    OracleAnswer finish(Response& response) {
        const auto size = response.finish();
        return read_with_ldns({out_.data(), size});
    }
    static void write_a(Response& response, Section section, std::uint32_t value) {
        response.begin(section, Response::question_name, wire::type::a, wire::cls::in, 60);
        response.u32(value);
        response.end();
    }
};

TEST_F(ResponseTest, NamesPointIntoTheQuestion) {
    Response response(out_, 512, query_, {.udp_size = 1232});
    response.set_apex(2);
    response.begin(Section::answer, response.apex(), wire::type::ns, wire::cls::in, 60);
    response.name({.labels = {3, 'n', 's', '1'}, .below_apex = true});
    response.end();
    response.begin(Section::additional, wire::ZoneName{{3, 'n', 's', '1'}, true}, wire::type::a, wire::cls::in, 60);
    response.u32(0xc0000235);
    response.end();
    const auto answer = finish(response);
    EXPECT_EQ(answer.answers, std::vector<std::string>{"bl.example. 60 IN NS ns1.bl.example."});
    EXPECT_EQ(answer.additionals, std::vector<std::string>{"ns1.bl.example. 60 IN A 192.0.2.53"});
}

// For every limit: the message keeps to it, ldns reads it, and it is whole or has TC and no record.
TEST_F(ResponseTest, AnAnswerThatDoesNotFitIsTruncatedWhole) {
    bool truncated = false;
    bool whole = false;
    for (std::size_t limit = wire::plain_udp_size; limit < 800; ++limit) {
        Response response(out_, limit, query_,
                          {.udp_size = 1232, .error = wire::ExtendedError::none, .nsid = "server-1"});
        for (unsigned i = 0; i < 40; ++i) write_a(response, Section::answer, 0x7f000002 + i);
        const auto size = response.finish();
        ASSERT_LE(size, limit);
        const auto answer = read_with_ldns({out_.data(), size});
        EXPECT_EQ(answer.tc, answer.answers.empty());
        EXPECT_EQ(answer.answers.size(), answer.tc ? 0U : 40U);
        EXPECT_TRUE(answer.edns);
        EXPECT_EQ(answer.nsid, "server-1");
        truncated = truncated || answer.tc;
        whole = whole || !answer.tc;
    }
    EXPECT_TRUE(truncated);
    EXPECT_TRUE(whole);
}

// RFC 2181 9: no TC when only additional records are left out.
TEST_F(ResponseTest, AdditionalRecordsAreLeftOutWithoutTc) {
    Response response(out_, 512, query_, {.udp_size = 1232});
    write_a(response, Section::answer, 0x7f000002);
    for (unsigned i = 0; i < 100; ++i) write_a(response, Section::additional, i);
    const auto answer = finish(response);
    EXPECT_FALSE(answer.tc);
    EXPECT_EQ(answer.answers.size(), 1U);
    EXPECT_GT(answer.additionals.size(), 10U);
    EXPECT_LT(answer.additionals.size(), 100U);
}

TEST_F(ResponseTest, ARecordThatOverflowsLeavesRoomForASmallerOne) {
    Response response(out_, 512, query_, {.udp_size = 1232});
    response.begin(Section::additional, Response::question_name, wire::type::txt, wire::cls::in, 60);
    for (int i = 0; i < 600; ++i) response.u8(1);
    response.end();
    write_a(response, Section::answer, 0x7f000002);
    const auto answer = finish(response);
    EXPECT_FALSE(answer.tc);
    EXPECT_EQ(answer.answers, std::vector<std::string>{"a.bl.example. 60 IN A 127.0.0.2"});
}

TEST_F(ResponseTest, UpperRcodeBitsTravelInTheOpt) {
    Response response(out_, 512, query_, {.udp_size = 1232});
    response.set_rcode(wire::Rcode::badvers);
    response.set_error(wire::ExtendedError::prohibited);
    const auto answer = finish(response);
    EXPECT_EQ(answer.rcode, 16U);
    EXPECT_EQ(answer.extended_error, 18U);
}

} // namespace
} // namespace provenbl::dnsbl::testing
