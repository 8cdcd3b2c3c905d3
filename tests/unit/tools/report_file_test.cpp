// `provenbl report --file`: a whole list through the API, to its end or from where it was cut short.
#include "tests/support/temporary_directory.hpp"
#include "tools/cli/report_file.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <iterator>
#include <map>
#include <sstream>

namespace provenbl::tools::cli {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using testing::ElementsAre;
using testing::HasSubstr;

class ReportFile : public testing::Test {
protected:
    class Server final : public Client {
    public:
        Result<Reply> request(std::string_view method, const std::string& target, const std::string& body) override {
            EXPECT_EQ(method, "POST");
            EXPECT_EQ(target, "/v1/reports");
            const auto value = json::parse(body).as_object();
            const auto address = text_of(value, "address");
            if (gone_at == address) return Error{Errc::unreachable, "nobody listens at unix:/x.sock"};
            bodies.push_back(value);
            filed.push_back(address);
            const auto told = says.find(address);
            return told == says.end() ? Reply{201, "{}"} : told->second;
        }
        Result<Reply> follow(const std::string&, const std::function<bool(const Event&)>&) override {
            return Error{Errc::invalid, "not asked for"};
        }
        std::string gone_at;
        std::map<std::string, Reply> says;
        std::vector<std::string> filed;
        std::vector<json::object> bodies;
    };

    Exit run(bool as_json = false) {
        out.str("");
        err.str("");
        Terminal terminal{out, err, false};
        Session session{server, terminal, as_json};
        return report_file(session, list(), [this] { return stop_after != 0 && server.filed.size() >= stop_after; });
    }
    [[nodiscard]] fs::path list() const { return directory.path() / "list.txt"; }
    [[nodiscard]] fs::path place() const { return directory.path() / ".list.txt.progress"; }
    void put(const std::string& text) { std::ofstream{list(), std::ios::binary} << text; }
    [[nodiscard]] std::string errors() const {
        std::ifstream in{list().string() + ".errors"};
        return {std::istreambuf_iterator<char>{in}, {}};
    }

    test::TemporaryDirectory directory;
    Server server;
    std::size_t stop_after = 0;
    std::ostringstream out;
    std::ostringstream err;
};

TEST_F(ReportFile, EveryLineIsAReport) {
    put("address,class,port,comment\n198.51.100.1,socks,1080,seen\n198.51.100.2,,,\n");
    EXPECT_EQ(run(), Exit::done);
    EXPECT_THAT(out.str(), HasSubstr("3 lines: 2 reports taken, 0 refused, 0 could not be read"));
    EXPECT_EQ(json::serialize(server.bodies.front()),
              R"({"address":"198.51.100.1","ports":[1080],"comment":"reported as socks: seen"})");
    EXPECT_FALSE(fs::exists(place()));
    EXPECT_FALSE(fs::exists(list().string() + ".errors"));
}

TEST_F(ReportFile, WhatMadeNoReportIsWrittenBesideIt) {
    put("198.51.100.1\nwrong\n198.51.100.2\n");
    server.says["198.51.100.2"] = Reply{403, R"({"detail": "198.51.100.2 is excluded"})"};
    EXPECT_EQ(run(), Exit::failed);
    EXPECT_THAT(errors(), HasSubstr("line 2: "));
    EXPECT_THAT(errors(), HasSubstr("line 3: 198.51.100.2: 198.51.100.2 is excluded\n"));
    EXPECT_THAT(err.str(), HasSubstr("list.txt.errors"));
}

TEST_F(ReportFile, AServerThatGoesAwayIsGoneOnWith) {
    put("198.51.100.1\nwrong\n198.51.100.2\n198.51.100.3\n");
    server.gone_at = "198.51.100.2";
    EXPECT_EQ(run(), Exit::failed);
    EXPECT_THAT(err.str(), HasSubstr("stopped before line 3: nobody listens"));
    EXPECT_TRUE(fs::exists(place()));
    server.gone_at.clear();
    EXPECT_EQ(run(true), Exit::failed) << "line 2 made no report";
    EXPECT_THAT(server.filed, ElementsAre("198.51.100.1", "198.51.100.2", "198.51.100.3")) << "none twice";
    EXPECT_THAT(errors(), HasSubstr("line 2: ")) << "what was said before is kept";
    const auto result = json::parse(out.str()).as_object();
    EXPECT_EQ(json::serialize(result), R"({"event":"result","lines":4,"taken":3,"refused":0,"bad":1,"complete":true})");
    EXPECT_FALSE(fs::exists(place()));
}

TEST_F(ReportFile, CtrlCKeepsThePlace) {
    put("198.51.100.1\n198.51.100.2\n198.51.100.3\n");
    stop_after = 2;
    EXPECT_EQ(run(), Exit::failed);
    EXPECT_THAT(err.str(), HasSubstr("stopped before line 3; the same command goes on from there"));
    stop_after = 0;
    EXPECT_EQ(run(), Exit::done);
    EXPECT_EQ(server.filed.size(), 3U);
}

TEST_F(ReportFile, WhoMayNotReportIsToldOnce) {
    put("198.51.100.1\n198.51.100.2\n");
    server.says["198.51.100.1"] = Reply{401, R"({"detail": "reports need a key"})"};
    EXPECT_EQ(run(), Exit::failed);
    EXPECT_EQ(server.filed.size(), 1U);
    EXPECT_THAT(err.str(), HasSubstr("reports need a key"));
}

TEST_F(ReportFile, AStreamIsReadOnce) {
    Terminal terminal{out, err, false};
    Session session{server, terminal, false};
    std::istringstream in{"198.51.100.1\nwrong\n"};
    EXPECT_EQ(report_stream(session, in, [] { return false; }), Exit::failed);
    EXPECT_THAT(err.str(), HasSubstr("line 2: "));
    EXPECT_THAT(out.str(), HasSubstr("2 lines: 1 reports taken"));
}

TEST_F(ReportFile, AListThatIsNotThereIsWrongUsage) {
    EXPECT_EQ(run(), Exit::usage);
    EXPECT_THAT(err.str(), HasSubstr("can't be read"));
}

} // namespace
} // namespace provenbl::tools::cli
