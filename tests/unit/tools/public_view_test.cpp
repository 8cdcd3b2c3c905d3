// When exactly a report's visit was asked for, made and ended is the operator's to know.
#include "tests/unit/tools/api_fixture.hpp"
#include "tools/api/scan_feed.hpp"

#include <gmock/gmock.h>

namespace provenbl::tools {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

class PublicView : public ApiFixture {
protected:
    // At 05:07:09 somebody reports the host; its visit ends at 05:09:09.
    void report_and_visit() {
        clock.advance(5h + 7min + 9s);
        write([&](WriteTxn& txn) -> Result<> {
            Report report;
            report.host = suspect;
            auto filed = ledger::file_report(txn, report, txn.now);
            if (!filed) return filed.error();
            id = filed->scan_id;
            auto started = ledger::start_scan(txn, suspect);
            if (!started) return started.error();
            return {};
        });
        clock.advance(1min);
        write([&](WriteTxn& txn) -> Result<> {
            ledger::add_step(txn, suspect, id, {txn.now, "smtp-relay/plain", suspect, 25, Verdict::refused, "554 no"});
            return {};
        });
        clock.advance(1min);
        write([&](WriteTxn& txn) -> Result<> {
            auto ended = ledger::finish_scan(txn, suspect, id, finish("Nothing open."));
            if (!ended) return ended.error();
            return {};
        });
    }
    void write(const Store::Work& work) {
        const auto done = store->write(work);
        ASSERT_TRUE(done) << done.error().message;
    }
    std::string scan_path() const { return "/v1/hosts/5.6.7.8/scans/" + std::to_string(id); }

    std::uint64_t id = 0;
    const std::vector<std::string> public_paths{"/v1/hosts/5.6.7.8", "/v1/hosts/5.6.7.8/history",
                                                "/v1/hosts/5.6.7.8/why", "/5.6.7.8"};
};

TEST_F(PublicView, OfAReportsVisitThePublicSeesTheDay) {
    report_and_visit();
    const auto day = to_string(std::chrono::floor<std::chrono::days>(clock.now()));
    auto paths = public_paths;
    paths.push_back(scan_path());
    for (const auto& path : paths) {
        const auto body = as_public("GET", path).body;
        for (const char* const minute : {"05:07", "05:08"}) EXPECT_THAT(body, Not(HasSubstr(minute))) << path;
        // The answer's own time is now.
        if (path != "/v1/hosts/5.6.7.8") {
            EXPECT_THAT(body, Not(HasSubstr("05:09"))) << path;
        }
    }
    const auto shown = json(as_public("GET", scan_path()));
    for (const char* const time : {"requested", "due", "started", "finished"})
        EXPECT_EQ(shown.at(time).as_string(), day) << time;
    EXPECT_EQ(shown.at("steps").as_array().at(0).at("at").as_string(), day);
    EXPECT_EQ(shown.at("outcome"), "Nothing open.");
    EXPECT_EQ(json(as_public("GET", "/v1/hosts/5.6.7.8")).at("last_visit").at("finished").as_string(), day);
    EXPECT_THAT(as_public("GET", "/5.6.7.8").body,
                HasSubstr("Last visit <time datetime=\"" + day.substr(0, 10) + "\">"));

    api::ScanFeed feed{context, {suspect, id}};
    const auto events = feed.next();
    EXPECT_THAT(events, HasSubstr("Nothing open."));
    EXPECT_THAT(events, Not(HasSubstr("05:0")));
}

TEST_F(PublicView, TheOperatorSeesAll) {
    report_and_visit();
    const auto shown = json(as_operator("GET", scan_path()));
    EXPECT_THAT(std::string(shown.at("requested").as_string()), HasSubstr("05:07:09"));
    EXPECT_THAT(std::string(shown.at("started").as_string()), HasSubstr("05:07:09"));
    EXPECT_THAT(std::string(shown.at("finished").as_string()), HasSubstr("05:09:09"));
    EXPECT_THAT(std::string(shown.at("steps").as_array().at(0).at("at").as_string()), HasSubstr("05:08:09"));
    EXPECT_THAT(as_operator("GET", "/v1/hosts/5.6.7.8/history").body, HasSubstr("05:09:09"));
    api::ScanFeed feed{context, {suspect, id, true}};
    EXPECT_THAT(feed.next(), HasSubstr("05:09:09"));
}

TEST_F(PublicView, AnOwnersVisitIsShownAsItWasButNotTheReportBehindIt) {
    clock.advance(5h);
    write([&](WriteTxn& txn) -> Result<> {
        Report report;
        report.host = suspect;
        auto filed = ledger::file_report(txn, report, txn.now);
        if (!filed) return filed.error();
        id = filed->scan_id;
        return {};
    });
    EXPECT_THAT(as_public("GET", scan_path()).body, Not(HasSubstr("05:00")));
    clock.advance(10min);
    write([&](WriteTxn& txn) -> Result<> {
        auto asked = ledger::request_scan(txn, suspect, ScanKind::owner, txn.now, {});
        if (!asked) return asked.error();
        EXPECT_EQ(asked->id, id) << "the one that the report had queued";
        return {};
    });
    const auto body = as_public("GET", scan_path()).body;
    EXPECT_THAT(body, HasSubstr("05:10:00"));
    EXPECT_THAT(body, Not(HasSubstr("05:00")));
}

} // namespace
} // namespace provenbl::tools
