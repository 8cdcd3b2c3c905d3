// How many mails that report came, and what became of them. One thread counts, any thread reads.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace provenbl::tools::intake {

enum class MailOutcome : std::uint8_t {
    taken,   // at least one report
    refused, // none, for good: unreadable, or a rule says so
    later,   // none now: the sender was asked to come again
    nothing, // it is no report of abuse, and needs no answer
};
inline constexpr std::array<std::string_view, 4> mail_outcomes{"taken", "refused", "later", "nothing"};
// mail::Kind in its order, and what no kind was found of.
inline constexpr std::array<std::string_view, 6> mail_kinds{"arf", "xarf", "hopm", "forwarded", "spam", "none"};

struct MailCount {
    std::string_view kind;
    std::string_view outcome;
    std::uint64_t count = 0;
};

class MailCounts {
public:
    void add(std::size_t kind, MailOutcome outcome) { ++counts_.at(kind).at(static_cast<std::size_t>(outcome)); }
    [[nodiscard]] std::vector<MailCount> all() const {
        std::vector<MailCount> all;
        for (std::size_t kind = 0; kind < mail_kinds.size(); ++kind) {
            for (std::size_t outcome = 0; outcome < mail_outcomes.size(); ++outcome)
                all.push_back({mail_kinds[kind], mail_outcomes[outcome], counts_[kind][outcome]});
        }
        return all;
    }

private:
    std::array<std::array<std::atomic<std::uint64_t>, mail_outcomes.size()>, mail_kinds.size()> counts_{};
};

} // namespace provenbl::tools::intake
