#include "dnsbl/watch/query_log.hpp"
#include "seen.hpp"
#include "tests/support/temporary_directory.hpp"

#include <gmock/gmock.h>

#include <fcntl.h>
#include <fstream>
#include <sys/stat.h>
#include <unistd.h>

namespace provenbl::dnsbl::watch {
namespace {

using dnsbl::testing::Bytes;
using dnsbl::testing::Seen;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(Sampler, OneInOneIsAll) {
    Sampler sampler(1, 7);
    for (int i = 0; i < 1000; ++i) EXPECT_TRUE(sampler.take());
}

TEST(Sampler, TakesItsShareAtUnevenDistances) {
    Sampler sampler(100, 7);
    int taken = 0;
    int gap = 0;
    int longest = 0;
    int in_step = 0; // with traffic of period 100
    for (int i = 0; i < 1'000'000; ++i) {
        ++gap;
        if (!sampler.take()) continue;
        ++taken;
        longest = std::max(longest, gap);
        gap = 0;
        if (i % 100 == 0) ++in_step;
    }
    EXPECT_NEAR(taken, 10'000, 300);
    EXPECT_LT(longest, 200);
    EXPECT_NEAR(in_step, 100, 50);
}

TEST(Ring, FullMeansNo) {
    Ring<int> ring(3); // rounded up
    for (int i = 0; i < 4; ++i) {
        auto* const item = ring.claim();
        ASSERT_NE(item, nullptr);
        *item = i;
        ring.publish();
    }
    EXPECT_EQ(ring.claim(), nullptr);
    EXPECT_EQ(*ring.front(), 0);
    ring.pop();
    EXPECT_NE(ring.claim(), nullptr);
    EXPECT_EQ(*ring.front(), 1);
}

TEST(Ring, KeepsTheOrderBetweenTwoThreads) {
    Ring<int> ring(16);
    constexpr int count = 100'000;
    std::thread writer([&] {
        for (int i = 0; i < count;) {
            if (auto* const item = ring.claim(); item != nullptr) {
                *item = i++;
                ring.publish();
            } else {
                std::this_thread::yield();
            }
        }
    });
    for (int i = 0; i < count;) {
        if (const auto* const item = ring.front(); item != nullptr) {
            ASSERT_EQ(*item, i++);
            ring.pop();
        } else {
            std::this_thread::yield();
        }
    }
    writer.join();
    EXPECT_EQ(ring.front(), nullptr);
}

class QueryLogTest : public ::testing::Test {
protected:
    test::TemporaryDirectory directory_;
    const std::filesystem::path file_ = directory_.path() / "query.log";
    const WallTime now_{std::chrono::seconds{1'800'000'000}};
    QueryLogSettings settings_{.file = file_.string()};
    const Seen listed_{"99.2.0.192.bl.example"};
    const Seen absent_{"1.2.0.192.bl.example"};
    const Seen elsewhere_{"elsewhere.example"};
    const Seen garbage_{Bytes{1, 2, 3}};

    static const std::vector<std::string>& zones() {
        static const std::vector<std::string> names{"bl.example", "relay.bl.example", "probe.example"};
        return names;
    }
    // The name, or else the last word, of each line.
    static std::vector<std::string> lines(const std::filesystem::path& file) {
        std::vector<std::string> found;
        std::ifstream stream{file};
        for (std::string line; std::getline(stream, line);) found.push_back(line);
        return found;
    }
};

TEST_F(QueryLogTest, WritesWhatAllThreadsSaw) {
    QueryLog log(settings_, zones(), 1);
    auto& one = log.add_lane();
    auto& other = log.add_lane();
    one.offer(listed_.observation());
    other.offer(absent_.observation());
    log.drain(now_);
    EXPECT_THAT(lines(file_), ElementsAre(HasSubstr(" 99.2.0.192.bl.example A bl.example NOERROR 127.0.0.2,127.0.0.9"),
                                          HasSubstr(" 1.2.0.192.bl.example A bl.example NXDOMAIN ")));
    EXPECT_EQ(log.written(), 2U);
    EXPECT_EQ(log.dropped(), 0U);
}

TEST_F(QueryLogTest, OnlyWhatIsAskedFor) {
    const std::vector<std::pair<Only, std::size_t>> expected{
        {Only::all, 4}, {Only::listed, 1}, {Only::refused, 1}, {Only::errors, 1}, {Only::dropped, 1}};
    for (const auto& [only, count] : expected) {
        std::filesystem::remove(file_);
        settings_.only = only;
        QueryLog log(settings_, zones(), 1);
        auto& lane = log.add_lane();
        for (const auto* seen : {&listed_, &absent_, &elsewhere_, &garbage_}) lane.offer(seen->observation());
        log.drain(now_);
        EXPECT_EQ(lines(file_).size(), count) << static_cast<int>(only);
    }
}

TEST_F(QueryLogTest, AFullQueueDropsAndTheLogSaysSo) {
    settings_.queue = 4;
    QueryLog log(settings_, zones(), 1);
    auto& lane = log.add_lane();
    for (int i = 0; i < 10; ++i) lane.offer(listed_.observation());
    EXPECT_EQ(log.dropped(), 6U);
    log.drain(now_);
    EXPECT_EQ(log.written(), 5U);
    EXPECT_EQ(lines(file_).size(), 5U);
    EXPECT_EQ(lines(file_)[0], "2027-01-15T08:00:00.000Z missing 6");
    log.drain(now_);
    EXPECT_EQ(lines(file_).size(), 5U) << "what was told is not told again";
}

TEST_F(QueryLogTest, GoesOnInTheNewFileAfterRotation) {
    QueryLog log(settings_, zones(), 1);
    auto& lane = log.add_lane();
    const auto once = [&](const Seen& seen) {
        lane.offer(seen.observation());
        log.drain(now_);
    };
    once(listed_);
    std::filesystem::rename(file_, file_.string() + ".1");
    once(absent_);
    EXPECT_THAT(lines(file_.string() + ".1"), ElementsAre(HasSubstr("99.2.0.192")));
    EXPECT_THAT(lines(file_), ElementsAre(HasSubstr(" 1.2.0.192")));
    std::filesystem::remove(file_);
    once(elsewhere_);
    EXPECT_THAT(lines(file_), ElementsAre(HasSubstr("elsewhere.example")));
    std::filesystem::resize_file(file_, 0); // copytruncate
    once(absent_);
    EXPECT_THAT(lines(file_), ElementsAre(HasSubstr(" 1.2.0.192")));
}

TEST_F(QueryLogTest, AFullDiskIsOutlived) {
    std::filesystem::create_symlink("/dev/full", file_);
    settings_.queue = 4;
    QueryLog log(settings_, zones(), 1);
    auto& lane = log.add_lane();
    for (int i = 0; i < 12; ++i) {
        lane.offer(listed_.observation());
        log.drain(now_);
    }
    EXPECT_EQ(log.written(), 0U);
    EXPECT_GT(log.dropped(), 0U);
    std::filesystem::remove(file_); // there is room again
    log.drain(now_);
    const auto all = lines(file_);
    EXPECT_EQ(log.written(), all.size());
    EXPECT_EQ(all.size() - 1 + log.dropped(), 12U) << "one line says what is missing";
    for (const auto& line : all) EXPECT_THAT(line, ::testing::StartsWith("2027-01-15T08:00:00"));
}

TEST_F(QueryLogTest, AFileThatCannotBeOpenedIsTriedAgain) {
    const auto later = directory_.path() / "later";
    settings_.file = (later / "query.log").string();
    QueryLog log(settings_, zones(), 1);
    auto& lane = log.add_lane();
    lane.offer(listed_.observation());
    log.drain(now_);
    EXPECT_EQ(log.written(), 0U);
    std::filesystem::create_directory(later);
    log.drain(now_);
    EXPECT_EQ(log.written(), 1U);
}

// A pipe takes as much as it holds: lines are cut, and go on where they were cut.
TEST_F(QueryLogTest, ALineThatWasCutGoesOn) {
    ASSERT_EQ(mkfifo(file_.c_str(), 0600), 0);
    const int reader = open(file_.c_str(), O_RDONLY | O_NONBLOCK);
    ASSERT_GE(reader, 0);
    settings_.queue = 4096;
    QueryLog log(settings_, zones(), 1);
    auto& lane = log.add_lane();
    constexpr std::uint64_t count = 2000; // twice what a pipe holds
    for (std::uint64_t i = 0; i < count; ++i) lane.offer(listed_.observation());
    std::string all;
    std::array<char, 5000> some{};
    for (int turn = 0; turn < 1000 && log.written() < count; ++turn) {
        log.drain(now_);
        for (auto got = read(reader, some.data(), some.size()); got > 0; got = read(reader, some.data(), some.size()))
            all.append(some.data(), static_cast<std::size_t>(got));
    }
    close(reader);
    EXPECT_EQ(log.written(), count);
    std::istringstream stream{all};
    std::uint64_t whole = 0;
    for (std::string line; std::getline(stream, line); ++whole) ASSERT_EQ(line.size(), all.find('\n'));
    EXPECT_EQ(whole, count);
}

TEST_F(QueryLogTest, ItsThreadWritesWhatWaitsBeforeItEnds) {
    QueryLog log(settings_, zones(), 1);
    auto& lane = log.add_lane();
    log.start();
    for (int i = 0; i < 100; ++i) lane.offer(absent_.observation());
    log.stop();
    EXPECT_EQ(lines(file_).size(), 100U);
}

} // namespace
} // namespace provenbl::dnsbl::watch
