// `provenbl policy simulate`: golden histories (tests/unit/tools/histories/NAME.jsonl gives NAME.expected, under the
// shipped configuration), other rules, mistakes by line, and what an export and a store give.
#include "store/hosts.hpp"
#include "store/ledger.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tools/cli/app.hpp"
#include "tools/simulate/simulation.hpp"
#include "tools/transfer/record_json.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace provenbl::tools {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const std::filesystem::path source = PROVENBL_SOURCE_DIR;
const auto shipped = source / "packaging" / "provenbl.yaml";

std::string content(const std::filesystem::path& path) {
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

class Simulate : public ::testing::Test {
protected:
    int run(const std::vector<std::string>& arguments) {
        out.str("");
        err.str("");
        return cli::run(arguments, {out, err, false, "", [](const cli::ServerAddress&) {
                                        ADD_FAILURE() << "asks a server";
                                        return std::unique_ptr<cli::Client>();
                                    }});
    }
    std::string write(const std::string& name, const std::string& text) {
        const auto path = directory.path() / name;
        std::ofstream(path) << text;
        return path;
    }
    // The shipped configuration with one line of it changed.
    std::string changed(const std::string& from, const std::string& to) {
        auto text = content(shipped);
        const auto at = text.find(from);
        EXPECT_NE(at, std::string::npos) << from;
        return write("changed.yaml", text.replace(at, from.size(), to));
    }
    [[nodiscard]] std::vector<boost::json::object> objects() const {
        std::vector<boost::json::object> all;
        std::stringstream lines(out.str());
        for (std::string line; std::getline(lines, line);) all.push_back(boost::json::parse(line).as_object());
        return all;
    }
    static std::string history(const std::string& name) {
        return source / "tests" / "unit" / "tools" / "histories" / (name + ".jsonl");
    }

    test::TemporaryDirectory directory;
    std::ostringstream out, err;
};

class GoldenHistory : public Simulate, public ::testing::WithParamInterface<const char*> {};

TEST_P(GoldenHistory, is_told_as_expected) {
    ASSERT_EQ(run({"policy", "simulate", history(GetParam()), "-c", shipped}), 0) << err.str();
    auto expected = std::filesystem::path(history(GetParam())).replace_extension(".expected");
    EXPECT_EQ(out.str(), content(expected));
    EXPECT_THAT(err.str(), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(All, GoldenHistory,
                         ::testing::Values("closed_at_its_owners_request", "silent_for_three_days",
                                           "back_within_a_month", "who_reports", "a_chain_and_half_a_repair"),
                         [](const auto& name) { return std::string(name.param); });

TEST_F(Simulate, another_rule_tells_another_story) {
    const auto told = [&](const std::string& configuration) {
        EXPECT_EQ(run({"policy", "simulate", history("silent_for_three_days"), "-c", configuration, "--json"}), 0)
            << err.str();
        std::vector<std::string> decisions;
        for (const auto& object : objects())
            if (object.contains("decision")) decisions.emplace_back(object.at("decision").as_string());
        return decisions;
    };
    EXPECT_EQ(told(shipped), (std::vector<std::string>{"listed", "unchanged", "unchanged", "unchanged", "delisted"}));
    EXPECT_EQ(told(changed("silent_scans: 3 ", "silent_scans: 2 ")),
              (std::vector<std::string>{"listed", "unchanged", "unchanged", "delisted", "unchanged"}));
    // What a chain ends in is listed where the rules say so.
    ASSERT_EQ(run({"policy", "simulate", history("a_chain_and_half_a_repair"), "-c",
                   changed("list_exits: false", "list_exits: true"), "--json"}),
              0);
    EXPECT_THAT(out.str(), HasSubstr(R"("event":"outlook","host":"9.9.9.9")"));
}

TEST_F(Simulate, json_has_all_that_is_told) {
    ASSERT_EQ(run({"policy", "simulate", history("closed_at_its_owners_request"), "-c", shipped, "--json"}), 0);
    const auto all = objects();
    ASSERT_EQ(all.size(), 8U);
    const auto& listed = all.at(1);
    EXPECT_EQ(listed.at("line"), 2);
    EXPECT_EQ(listed.at("at"), "2026-11-01T10:00:05Z");
    EXPECT_EQ(listed.at("host"), "5.6.7.8");
    EXPECT_EQ(listed.at("decision"), "listed");
    EXPECT_EQ(listed.at("before"), "none");
    EXPECT_EQ(listed.at("after"), "socks");
    EXPECT_THAT(std::string(listed.at("why").as_string()), HasSubstr("Proven open, and listed"));
    EXPECT_EQ(listed.at("next").at("kind"), "rescan");
    EXPECT_EQ(all.at(6).at("decision"), "delisted");
}

TEST_F(Simulate, mistakes_are_told_by_line_and_nothing_is_simulated) {
    const auto file = write("wrong.jsonl", R"({"at": "2026-11-01T10:00:00Z", "event": "time"}

not json
[1]
{"at": "2026-11-01T10:00:00Z", "event": "rescan", "host": "5.6.7.8"}
{"at": "yesterday", "event": "owner", "host": "5.6.7.8"}
{"at": "2026-11-01T10:00:00Z", "event": "owner", "host": "5.6.7"}
{"at": "2026-11-01T10:00:00Z", "event": "owner", "host": "5.6.7.8", "port": 25}
{"at": "2026-10-01T10:00:00Z", "event": "owner", "host": "5.6.7.8"}
{"at": "2026-11-01T10:00:00Z", "event": "visit", "host": "5.6.7.8"}
{"at": "2026-11-01T10:00:00Z", "event": "visit", "host": "5.6.7.8", "steps": [{"technique": "smtp-relay/x", "port": 25, "verdict": "open"}]}
{"at": "2026-11-01T10:00:00Z", "event": "visit", "host": "5.6.7.8", "steps": [{"technique": "web/page", "port": 80, "verdict": "maybe"}]}
{"at": "2026-11-01T10:00:00Z", "event": "report", "host": "5.6.7.8", "standing": 1000}
)");
    EXPECT_EQ(run({"policy", "simulate", file, "-c", shipped}), 2);
    EXPECT_THAT(out.str(), IsEmpty());
    for (const auto* words :
         {":3: no JSON", ":4: no object", ":5: 'rescan' is no event; there are report, owner, visit, exclude and time",
          ":6: 'at'", ":7: 'host'", ":8: 'port' is no member", ":9: 2026-10-01T10:00:00Z is before the line above it",
          ":10: 'steps' is missing", ":11: 'smtp-relay/x' is no technique", ":12: 'verdict'", ":13: 'standing'"})
        EXPECT_THAT(err.str(), HasSubstr(words));
    EXPECT_THAT(err.str(), Not(HasSubstr(":1:")));
    EXPECT_EQ(run({"policy", "simulate", write("empty.jsonl", "\n"), "-c", shipped}), 2);
    EXPECT_THAT(err.str(), HasSubstr("holds no event"));
    EXPECT_EQ(run({"policy", "simulate", "/nonexistent.jsonl", "-c", shipped}), 2);
    EXPECT_EQ(run({"policy", "simulate", file, "-c", "/nonexistent.yaml"}), 2);
}

TEST_F(Simulate, an_export_is_a_history_in_the_order_of_time) {
    const Time begin{1'793'000'000s};
    const auto address = Address::v4(5, 6, 7, 8);
    Report report;
    report.id = 1;
    report.host = report.named = address;
    report.received = report.last = begin;
    CaseEvidence evidence;
    evidence.host = address;
    evidence.case_id = 1;
    evidence.technique = "socks5/connect";
    evidence.cls = ListingClass::socks;
    evidence.entry = {address, 1080};
    evidence.exit = address;
    evidence.arrived = begin + 1min;
    Change secured;
    secured.sequence = 2;
    secured.at = begin + 1h;
    secured.address = address;
    secured.before = ClassSet{ListingClass::socks};
    secured.reason = ChangeReason::secured;
    secured.actor = "owner";
    const auto line = [](const provenbl::transfer::Record& record) {
        return boost::json::serialize(transfer::to_json(record, false)) + "\n";
    };
    const auto file = write("export.jsonl", boost::json::serialize(transfer::to_json(provenbl::transfer::Header{})) +
                                                "\n" + line(secured) + line(evidence) + line(Host{}) + line(report) +
                                                "{\"type\":\"end\",\"records\":4}\n");
    ASSERT_EQ(run({"policy", "simulate", file, "-c", shipped, "--json"}), 0) << err.str();
    const auto all = objects();
    ASSERT_EQ(all.size(), 3U) << out.str();
    EXPECT_EQ(all[0].at("decision"), "queued");
    EXPECT_EQ(all[1].at("decision"), "listed");
    EXPECT_EQ(all[1].at("line"), 3);
    EXPECT_EQ(all[2].at("decision"), "delisted");
}

// What a store knows of a host, written as a history, tells the same story under the same rules.
TEST_F(Simulate, the_history_of_a_host_comes_from_the_store) {
    const auto address = Address::v4(5, 6, 7, 8);
    ManualClock clock{Time{1'793'000'000s}};
    const auto data = directory.path() / "data";
    std::filesystem::create_directory(data);
    {
        auto opened = Store::open({data}, clock);
        ASSERT_TRUE(opened);
        const auto visit = [&](ScanKind kind, Verdict verdict) {
            clock.advance(48h);
            ASSERT_TRUE((*opened)->write([&](WriteTxn& txn) -> Result<> {
                if (kind == ScanKind::report) {
                    Report report;
                    report.host = address;
                    report.reporter = "operator";
                    if (auto filed = ledger::file_report(txn, report, txn.now); !filed) return filed.error();
                } else if (auto asked = ledger::request_scan(txn, address, kind, txn.now, {}); !asked) {
                    return asked.error();
                }
                const auto scan = ledger::start_scan(txn, address);
                if (!scan) return scan.error();
                ledger::add_step(txn, address, scan->id,
                                 {txn.now, "socks5/connect", address, 1080, verdict, "words of the host"});
                const auto ended = ledger::finish_scan(txn, address, scan->id, {});
                return ended ? Result<>{} : Result<>{ended.error()};
            }));
        };
        visit(ScanKind::report, Verdict::open);
        visit(ScanKind::owner, Verdict::refused);
    }
    ASSERT_EQ(run({"policy", "history", "5.6.7.8", "--data", data}), 0) << err.str();
    EXPECT_THAT(out.str(), HasSubstr("words of the host"));
    const auto file = write("history.jsonl", out.str());
    ASSERT_EQ(run({"policy", "simulate", file, "-c", shipped, "--json"}), 0) << err.str();
    std::vector<std::string> told;
    for (const auto& object : objects())
        told.push_back(std::string(object.at("event").as_string()) + " " +
                       std::string(object.at("decision").as_string()));
    EXPECT_EQ(told, (std::vector<std::string>{"report queued", "visit listed", "owner queued", "visit delisted"}));
    EXPECT_EQ(run({"policy", "history", "9.9.9.9", "--data", data}), 1);
    EXPECT_EQ(run({"policy", "history", "9.9.9", "--data", data}), 2);
}

} // namespace
} // namespace provenbl::tools
