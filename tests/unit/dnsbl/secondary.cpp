#include "secondary.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace provenbl::dnsbl::testing {
namespace {

std::vector<std::string> words(const std::string& line) {
    std::istringstream stream(line);
    std::vector<std::string> all;
    for (std::string word; stream >> word;) all.push_back(word);
    return all;
}

// The SOA without its serial.
std::string rest_of(const std::string& soa) {
    auto all = words(soa);
    all.at(6).clear();
    std::string text;
    for (const auto& word : all) text += word + " ";
    return text;
}

} // namespace

bool Secondary::is_soa(const std::string& record) const {
    const auto all = words(record);
    return all.size() > 3 && all[0] == apex_ + "." && all[3] == "SOA";
}

std::uint32_t Secondary::serial_of(const std::string& soa) {
    return static_cast<std::uint32_t>(std::stoul(words(soa).at(6)));
}

std::vector<std::string> Secondary::at(const std::string& name) const {
    std::vector<std::string> found;
    const auto start = name + ". ";
    for (auto record = records_.lower_bound(start); record != records_.end() && record->starts_with(start); ++record)
        found.push_back(*record);
    return found;
}

void Secondary::take(std::span<const std::vector<std::uint8_t>> messages) {
    ASSERT_FALSE(messages.empty());
    std::vector<std::string> all;
    octets_ = 0;
    for (std::size_t i = 0; i < messages.size(); ++i) {
        octets_ += messages[i].size();
        const auto read = read_with_ldns(messages[i]);
        ASSERT_EQ(read.rcode, 0U);
        EXPECT_TRUE(read.qr && read.aa && !read.tc && !read.ra);
        // RFC 5936 2.2.2: in the first, and then no more.
        EXPECT_EQ(read.questions.size(), i == 0 ? 1U : 0U);
        EXPECT_TRUE(read.authorities.empty());
        EXPECT_FALSE(read.answers.empty()) << "a message without a record";
        all.insert(all.end(), read.answers.begin(), read.answers.end());
    }
    count_ = all.size();
    ASSERT_TRUE(is_soa(all.front()) && is_soa(all.back())) << "RFC 5936 2.2: the SOA comes first and last";
    incremental_ = current_ = false;
    if (all.size() == 1) {
        current_ = true;
        return;
    }
    ASSERT_EQ(all.front(), all.back());
    if (all.size() > 2 && is_soa(all[1]))
        take_difference(all);
    else
        take_whole(all);
    soa_ = rest_of(all.front());
    serial_ = serial_of(all.front());
}

void Secondary::take_whole(std::span<const std::string> all) {
    records_.clear();
    for (const auto& record : all.subspan(1, all.size() - 2)) {
        EXPECT_FALSE(is_soa(record));
        EXPECT_TRUE(records_.insert(record).second) << "twice: " << record;
    }
}

void Secondary::take_difference(std::span<const std::string> all) {
    incremental_ = true;
    EXPECT_EQ(serial_of(all[1]), serial_) << "RFC 1995 4: from what we have";
    EXPECT_EQ(rest_of(all[1]), soa_) << "only the serial of a SOA changes without a whole transfer";
    bool adding = false;
    for (const auto& record : all.subspan(2, all.size() - 3)) {
        if (is_soa(record)) {
            EXPECT_FALSE(adding) << "one sequence";
            EXPECT_EQ(record, all.front());
            adding = true;
        } else if (adding) {
            EXPECT_TRUE(records_.insert(record).second) << "there already: " << record;
        } else {
            EXPECT_EQ(records_.erase(record), 1U) << "not there: " << record;
        }
    }
    EXPECT_TRUE(adding);
}

} // namespace provenbl::dnsbl::testing
