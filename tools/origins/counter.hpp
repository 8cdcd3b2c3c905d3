// Counts now and then, in the background, of which countries and networks the listed hosts are.
//
// A thread of its own: it opens the files anew for each count, so that newer ones are taken as they come, and walks the
// serving index in pieces, each a short read transaction, with a breath between them. A reader gets a copy of the last
// count. Files that can't be read are an error at the start, and a line in the log later: the last count stays.
#pragma once

#include "store/store.hpp"
#include "tools/origins/origins.hpp"
#include "tools/origins/settings.hpp"

#include <mutex>
#include <optional>
#include <thread>

namespace provenbl::tools::origins {

class Counter {
public:
    struct Pace {
        std::size_t piece = 1000; // hosts in one read transaction
        Duration breath = std::chrono::milliseconds{10};
    };
    Counter(const Store& store, const Clock& clock, Settings settings, const Pace& pace)
        : store_(store), clock_(clock), settings_(std::move(settings)), pace_(pace) {}
    ~Counter() { stop(); }
    Counter(const Counter&) = delete;
    Counter& operator=(const Counter&) = delete;

    // Looks at the files, then counts. Errors name the setting and the file.
    [[nodiscard]] Result<> start();
    void stop();
    [[nodiscard]] std::optional<Origins> last() const; // nothing before the first count is over
    [[nodiscard]] const std::string& credit() const { return settings_.credit; }

    // One count in the caller's thread. Throws what the store throws.
    [[nodiscard]] Result<> count(const std::stop_token& stop = {});

private:
    struct Files {
        std::optional<LocationFile> country;
        std::optional<LocationFile> network;
    };
    [[nodiscard]] Result<Files> open() const;
    void run(const std::stop_token& stop);

    const Store& store_;
    const Clock& clock_;
    const Settings settings_;
    const Pace pace_;
    mutable std::mutex mutex_; // guards last_
    std::optional<Origins> last_;
    std::optional<std::jthread> thread_;
};

} // namespace provenbl::tools::origins
