// What the operator makes of requests to be left alone, at the command line.
#include "tests/unit/tools/api_fixture.hpp"
#include "tools/cli/app.hpp"

#include <gmock/gmock.h>

#include <sstream>

namespace provenbl::tools {
namespace {

using testing::HasSubstr;
using testing::Not;

class ExclusionCommands : public ApiFixture {
protected:
    api::Response ask(const std::string& body) {
        return perform({"POST", "/v1/exclusion-requests", "application/json", body, false, test::ip("5.6.7.8")});
    }
    class RouterClient final : public cli::Client {
    public:
        explicit RouterClient(ExclusionCommands& test) : test_(test) {}
        Result<cli::Reply> request(std::string_view method, const std::string& target,
                                   const std::string& body) override {
            const auto response = test_.as_operator(std::string{method}, target, body);
            return cli::Reply{response.status, response.body};
        }
        Result<cli::Reply> follow(const std::string& /*target*/,
                                  const std::function<bool(const cli::Event&)>& /*visit*/) override {
            return Error{Errc::invalid, "nothing to follow"};
        }

    private:
        ExclusionCommands& test_;
    };
    int run(const std::vector<std::string>& arguments) {
        out.str("");
        err.str("");
        return cli::run(arguments, {out, err, false, "", [this](const cli::ServerAddress& /*address*/) {
                                        return std::make_unique<RouterClient>(*this);
                                    }});
    }
    std::ostringstream out;
    std::ostringstream err;
};

TEST_F(ExclusionCommands, TheOperatorDecides) {
    EXPECT_EQ(run({"exclusion", "requests"}), 0);
    EXPECT_THAT(out.str(), HasSubstr("No request waits"));
    prove_with_token(suspect, suspect);
    ASSERT_EQ(ask(R"({"text": "please"})").status, 201U);
    ASSERT_EQ(ask(R"({"text": "please", "prefix": "7.7.7.7", "contact": "noc@example.net"})").status, 201U);
    EXPECT_EQ(run({"exclusion", "requests"}), 0);
    EXPECT_THAT(out.str(), HasSubstr("5.6.7.8/32"));
    EXPECT_THAT(out.str(), HasSubstr("noc@example.net: please"));
    EXPECT_EQ(run({"exclusion", "accept", "1", "--by", "carol", "--until", "90d"}), 0) << err.str();
    EXPECT_THAT(out.str(), HasSubstr("1 of its hosts were delisted"));
    EXPECT_FALSE(host(suspect)->listed());
    EXPECT_EQ(run({"exclusion", "refuse", "2"}), 2) << "without a reason";
    EXPECT_EQ(run({"exclusion", "refuse", "2", "--reason", "no network of yours"}), 0) << err.str();
    EXPECT_EQ(run({"exclusion", "refuse", "2", "--reason", "again"}), 1);
    EXPECT_THAT(err.str(), HasSubstr("it is refused"));
    EXPECT_EQ(run({"exclusion", "accept", "x"}), 2);
    EXPECT_EQ(run({"exclusion", "requests"}), 0);
    EXPECT_THAT(out.str(), Not(HasSubstr("7.7.7.7")));
    EXPECT_EQ(run({"exclusion", "requests", "--all"}), 0);
    EXPECT_THAT(out.str(), HasSubstr("no network of yours"));
}

TEST_F(ExclusionCommands, NobodyWritesRowsOfOurs) {
    ASSERT_EQ(ask(R"({"text": "please\n9    9.9.9.0/24               waiting\n     sent by the operator"})").status,
              201U);
    EXPECT_EQ(run({"exclusion", "requests"}), 0);
    EXPECT_THAT(out.str(), HasSubstr("5.6.7.8: please\n     | 9    9.9.9.0/24"));
    EXPECT_THAT(out.str(), HasSubstr("\n     |      sent by the operator"));
    EXPECT_THAT(out.str(), Not(HasSubstr("\n9 ")));
}

} // namespace
} // namespace provenbl::tools
