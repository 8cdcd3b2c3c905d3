#include "tests/unit/tools/api_fixture.hpp"
#include "tools/api/scan_feed.hpp"
#include "tools/cli/event_reader.hpp"

#include <gmock/gmock.h>

namespace provenbl::tools {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class ScanFeed : public ApiFixture {
protected:
    // The names of events, read as our own client reads them.
    static std::vector<std::string> names(const std::string& text) {
        cli::EventReader reader;
        std::vector<std::string> all;
        for (const auto& event : reader.feed(text).value()) {
            all.push_back(event.name);
            last_data = boost::json::parse(event.data).as_object();
        }
        return all;
    }
    void write(const Store::Work& work) {
        const auto done = store->write(work);
        ASSERT_TRUE(done) << done.error().message;
    }
    static inline boost::json::object last_data;
};

TEST_F(ScanFeed, TellsAVisitAsItHappens) {
    std::uint64_t id = 0;
    write([&](WriteTxn& txn) -> Result<> {
        id = ledger::request_scan(txn, suspect, ScanKind::owner, txn.now, {}).value().id;
        return {};
    });
    api::ScanFeed feed{context, {suspect, id}};
    EXPECT_THAT(names(feed.next()), ElementsAre("state"));
    EXPECT_EQ(last_data.at("state"), "queued");
    EXPECT_THAT(feed.next(), IsEmpty());

    write([&](WriteTxn& txn) -> Result<> {
        (void)ledger::start_scan(txn, suspect).value();
        ledger::add_step(txn, suspect, id,
                         {txn.now, "smtp-relay/plain", suspect, 25, Verdict::refused, "554 <x> no\r\nreally"});
        return {};
    });
    EXPECT_THAT(names(feed.next()), ElementsAre("state", "step"));
    EXPECT_EQ(last_data.at("number"), 1);
    EXPECT_EQ(last_data.at("verdict"), "refused");
    EXPECT_EQ(last_data.at("detail"), "554 <x> no\r\nreally") << "a line break in it does not break the stream";

    write([&](WriteTxn& txn) -> Result<> {
        ledger::add_step(txn, suspect, id, {txn.now, "socks5/connect", suspect, 1080, Verdict::closed_port, ""});
        ledger::Finish finish;
        finish.outcome = "Nothing open.";
        (void)ledger::finish_scan(txn, suspect, id, finish).value();
        return {};
    });
    EXPECT_FALSE(feed.ended());
    EXPECT_THAT(names(feed.next()), ElementsAre("step", "finished"));
    EXPECT_EQ(last_data.at("outcome"), "Nothing open.");
    EXPECT_EQ(last_data.at("listed"), false);
    EXPECT_EQ(last_data.at("classes"), boost::json::value(boost::json::array{}));
    EXPECT_TRUE(feed.ended());
    EXPECT_THAT(feed.next(), IsEmpty());
}

TEST_F(ScanFeed, WhatIsOverIsToldAtOnce) {
    prove_with_token(suspect, suspect);
    const auto scan =
        visit(suspect, {{clock.now(), "smtp-relay/plain", suspect, 25, Verdict::open, "250 ok"}}, finish("Open."));
    api::ScanFeed feed{context, {suspect, scan.id}};
    EXPECT_THAT(names(feed.next()), ElementsAre("step", "finished"));
    EXPECT_EQ(last_data.at("listed"), true);
    EXPECT_EQ(last_data.at("classes"), boost::json::value(boost::json::array{"relay"}));
}

TEST_F(ScanFeed, AScanThatIsNotKeptIsGone) {
    api::ScanFeed feed{context, {suspect, 4711}};
    EXPECT_THAT(names(feed.next()), ElementsAre("gone"));
    EXPECT_TRUE(feed.ended());
}

TEST_F(ScanFeed, StepsHideTokens) {
    const auto token = mint.make();
    const auto scan = visit(
        suspect, {{clock.now(), "smtp-relay/plain", suspect, 25, Verdict::refused, "554 <" + token.text + "@p>: no"}});
    api::ScanFeed feed{context, {suspect, scan.id}};
    const auto text = feed.next();
    EXPECT_THAT(text, testing::Not(testing::HasSubstr(token.text)));
    EXPECT_THAT(text, testing::HasSubstr("554 <[token]@p>: no"));
}

TEST(FormatEvent, IsOneNameOneDataLineAndABlank) {
    EXPECT_EQ(api::format_event("step", boost::json::object{{"a", "b\nc"}}),
              "event: step\ndata: {\"a\":\"b\\nc\"}\n\n");
}

TEST(EventReader, TakesBytesAsTheyCome) {
    const std::string stream = ": hello\r\n\r\nevent: a\ndata: 1\ndata: 2\n\nevent: ignored\n\ndata:x\r\n\r\n";
    std::vector<cli::Event> events;
    cli::EventReader reader;
    for (const char c : stream) {
        for (auto& event : reader.feed({&c, 1}).value()) events.push_back(std::move(event));
    }
    EXPECT_THAT(events, ElementsAre(cli::Event{"a", "1\n2"}, cli::Event{"message", "x"}));
}

TEST(EventReader, RefusesAnEndlessEvent) {
    cli::EventReader reader;
    Result<std::vector<cli::Event>> result = std::vector<cli::Event>{};
    for (int i = 0; i < 40 && result; ++i) result = reader.feed("data: " + std::string(100'000, 'x') + "\n");
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, Errc::limit);
}

} // namespace
} // namespace provenbl::tools
