// What is written down of transfers, and what of it reaches the log.
#include "dnsbl/transfer/book.hpp"
#include "question.hpp"
#include "served_zones.hpp"
#include "zones/zone_table.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <thread>

namespace provenbl::dnsbl::transfer {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using testing::at;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::question;
using ::testing::SizeIs;

class TransferBookTest : public ::testing::Test {
protected:
    using Level = Book::Level;
    static constexpr Time noon{1'800'014'400'000ms};
    const zones::ZoneTable table_{testing::served_zones()};
    std::vector<std::pair<Level, std::string>> told_;
    Book book_{[this](Level level, std::string_view text) { told_.emplace_back(level, text); }};

    void refuse(Refusal why, const char* client, Time now = noon, const char* zone = "bl.example") {
        Asker asker{.transport = Transport::tcp, .client = {at(client), 5353}, .now = now};
        Outcome outcome;
        outcome.refusal = why;
        book_.refused(question(zone, wire::type::axfr), asker, outcome, table_);
    }
    std::uint64_t refused(Refusal why) const { return book_.statistics().refused[static_cast<std::size_t>(why)]; }
};

TEST_F(TransferBookTest, ARefusalIsCountedAndTold) {
    refuse(Refusal::clear, "192.0.2.1");
    EXPECT_EQ(refused(Refusal::clear), 1U);
    ASSERT_THAT(told_, SizeIs(1));
    EXPECT_EQ(told_[0].first, Level::trouble);
    EXPECT_THAT(told_[0].second,
                AllOf(HasSubstr("AXFR of bl.example was refused to 192.0.2.0/24"), HasSubstr("did not come over TLS")));
    refuse(Refusal::unsigned_, "192.0.2.1", noon, "elsewhere.example");
    EXPECT_EQ(told_[1].first, Level::news) << "strangers try this every day";
    EXPECT_THAT(told_[1].second, HasSubstr("a zone that is not ours"));
}

TEST_F(TransferBookTest, ManyThreadsLoseNoCountAndTellFewLines) {
    std::atomic<unsigned> lines{0};
    Book book([&](Level, std::string_view) { ++lines; });
    std::vector<std::thread> threads;
    for (unsigned thread = 0; thread < 4; ++thread) {
        threads.emplace_back([&, thread] {
            const auto asked = question("bl.example", wire::type::axfr);
            Outcome outcome;
            outcome.refusal = Refusal::unsigned_;
            for (unsigned i = 0; i < 500; ++i) {
                const Asker asker{.client = {Address::v4(0xc0000200U + thread * 500 + i), 53}, .now = noon};
                book.refused(asked, asker, outcome, table_);
            }
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(book.statistics().refused[static_cast<std::size_t>(Refusal::unsigned_)], 2000U);
    EXPECT_EQ(lines, Book::lines_a_minute);
}

TEST_F(TransferBookTest, EachClientAndReasonOnceAMinuteAndFewInAll) {
    for (unsigned i = 0; i < 100; ++i) refuse(Refusal::signature, "192.0.2.1");
    EXPECT_THAT(told_, SizeIs(1));
    for (unsigned i = 2; i < 200; ++i) refuse(Refusal::signature, ("192.0.2." + std::to_string(i)).c_str());
    EXPECT_THAT(told_, SizeIs(Book::lines_a_minute));
    EXPECT_THAT(told_[1].second, HasSubstr("; 99 more")) << "with the next line";
    EXPECT_EQ(refused(Refusal::signature), 298U) << "all are counted";
    refuse(Refusal::signature, "192.0.2.1", noon + 1min);
    ASSERT_THAT(told_, SizeIs(Book::lines_a_minute + 1));
    EXPECT_THAT(told_.back().second, HasSubstr("; 189 more"));
    refuse(Refusal::signature, "192.0.2.2", noon + 1min);
    EXPECT_EQ(told_.back().second.find("more"), std::string::npos);
    refuse(Refusal::signature, "192.0.2.2", noon - 1h);
    EXPECT_THAT(told_, SizeIs(Book::lines_a_minute + 3)) << "the clock went back";
}

TEST_F(TransferBookTest, EveryReasonHasANameAndWords) {
    for (std::size_t i = 0; i < refusal_names.size(); ++i) {
        EXPECT_FALSE(refusal_names[i].empty());
        if (i > 0) {
            EXPECT_NE(reason_of(static_cast<Refusal>(i)), reason_of(Refusal::none)) << refusal_names[i];
        }
    }
    EXPECT_EQ(refusal_names[static_cast<std::size_t>(Refusal::busy)], "busy");
}

TEST_F(TransferBookTest, WhatAMirrorTookIsSummed) {
    Served transfer{"ns2", "bl.example", at("192.0.2.1"), true, true, 1000, 20, 2, 30ms};
    book_.served(transfer, noon);
    transfer.whole = false;
    book_.served(transfer, noon + 1s);
    transfer.complete = false;
    book_.served(transfer, noon + 2s);
    transfer.mirror.clear();
    book_.served(transfer, noon);
    const auto all = book_.statistics().served;
    ASSERT_THAT(all, SizeIs(2));
    EXPECT_EQ(all[0].mirror, "");
    EXPECT_EQ(all[1].mirror, "ns2");
    EXPECT_EQ(all[1].whole, 1U);
    EXPECT_EQ(all[1].differences, 1U);
    EXPECT_EQ(all[1].broken, 1U);
    EXPECT_EQ(all[1].octets, 3000U);
    EXPECT_EQ(all[1].records, 60U);
    EXPECT_EQ(all[1].messages, 6U);
    EXPECT_EQ(all[1].took, 90ms);
    EXPECT_EQ(all[1].last, noon + 2s);
    ASSERT_THAT(told_, SizeIs(4));
    EXPECT_EQ(told_[0].first, Level::news);
    EXPECT_EQ(told_[1].first, Level::detail) << "differences come every second";
    EXPECT_EQ(told_[2].first, Level::trouble);
    EXPECT_THAT(told_[2].second, HasSubstr("broke off"));
}

} // namespace
} // namespace provenbl::dnsbl::transfer
