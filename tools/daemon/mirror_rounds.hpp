// Which mirror is asked how far it is, and when; what its answers come to; and when somebody has to be told. The
// judgement of the mirror watch, without its sockets, its clock and its store.
//
// Each zone at each address is asked in turn, three times a second apart when nothing comes back, and again after the
// interval, a quarter more or less, so that mirrors are not asked all at once. Few questions are out at a time; who is
// most overdue is asked first.
// One alert for each address: when it has been behind, silent or ahead of us for longer than `alert_after`, and one
// word when that is over: when it has what we have, or at least only lacks what is half as old.
#pragma once

#include "tools/api/mirror_lag.hpp"
#include "tools/api/serial_age.hpp"
#include "tools/config/configuration.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace provenbl::tools {

// Who is asked for what.
struct MirrorTarget {
    std::string mirror;
    Endpoint address;
    std::string zone;
    auto operator<=>(const MirrorTarget&) const = default;
};

class MirrorRounds {
public:
    static constexpr unsigned tries = 3;
    static constexpr Duration patience = std::chrono::seconds{1}; // of one try
    static constexpr std::size_t most_targets = 20'000;
    static constexpr std::size_t most_out = 256; // questions at once

    explicit MirrorRounds(MirrorWatchSettings settings) : settings_(settings) {}

    // Other settings from now on.
    void use(const MirrorWatchSettings& settings) { settings_ = settings; }
    // What is known of those that remain stays known. Beyond most_targets none is taken; how many were not.
    std::size_t set_targets(const std::vector<MirrorTarget>& targets, Time now);
    // Who is to be asked now; those who have had all their tries are silent from here on.
    [[nodiscard]] std::vector<MirrorTarget> due(Time now);
    // It was, with this id. `jitter`: any number.
    void asked(const MirrorTarget& target, std::uint16_t id, std::uint32_t jitter, Time now);
    // Whose question is out with this id; empty when nobody's is.
    [[nodiscard]] std::vector<MirrorTarget> outstanding(const Endpoint& address, std::uint16_t id) const;
    void answered(const MirrorTarget& target, std::uint32_t serial, const api::SerialAge& age, Time now);
    // It answers, but has no serial to tell.
    void refused(const MirrorTarget& target, const std::string& why, Time now);

    struct Line {
        bool trouble = false;
        std::string text;
    };
    // What has not been said yet.
    [[nodiscard]] std::vector<Line> lines(Time now);
    [[nodiscard]] std::vector<api::MirrorLag> lags() const;

private:
    struct Entry {
        api::MirrorLag lag;
        unsigned tries = 0; // of what is out; 0: nothing is
        std::uint16_t id = 0;
        Time next{};
        Duration pause = std::chrono::seconds{30}; // after its answer; drawn anew each time
        Time bad_since{};                          // silent, or ahead of us
    };
    // Its question is out no more.
    void take_back(const MirrorTarget& target, const Entry& entry);
    void fail(const MirrorTarget& target, Entry& entry, const std::string& why, Time now);
    [[nodiscard]] Duration trouble_for(const Entry& entry, Time now) const;

    MirrorWatchSettings settings_;
    std::map<MirrorTarget, Entry> entries_;
    std::map<std::pair<std::string, Endpoint>, bool> alerts_;
    // The questions that are out, by where they went and their id: what an answer is looked up in.
    std::multimap<std::pair<Endpoint, std::uint16_t>, MirrorTarget> out_;
};

} // namespace provenbl::tools
