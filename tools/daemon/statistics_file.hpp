// How a responder in a process of its own shows its figures: it has no API, so it writes them to a file
// (dns.statistics_file), and the process that has the API reads that.
//
// A file is replaced as a whole (written beside it, then renamed), so a reader never sees half of one. Readers
// trust nothing in it: no more than 4 MiB of a regular file are read.
#pragma once

#include "store/clock.hpp"
#include "store/result.hpp"

#include <boost/json.hpp>

#include <condition_variable>
#include <filesystem>
#include <functional>
#include <mutex>
#include <thread>

namespace provenbl::tools {

// The object gets a member "written", the time.
[[nodiscard]] Result<> write_statistics(const std::filesystem::path& file, boost::json::object statistics, Time now);
// Figures that have not been renewed for half a minute get a member "stale": their process may be gone.
[[nodiscard]] Result<boost::json::object> read_statistics(const std::filesystem::path& file, Time now);

// Writes every few seconds, on a thread of its own. What fails is logged once, until it works again.
class StatisticsWriter {
public:
    StatisticsWriter(std::filesystem::path file, const Clock& clock, std::function<boost::json::object()> statistics);
    ~StatisticsWriter(); // writes a last time, and stops
    StatisticsWriter(const StatisticsWriter&) = delete;
    StatisticsWriter& operator=(const StatisticsWriter&) = delete;

private:
    void run();
    void write();

    const std::filesystem::path file_;
    const Clock& clock_;
    const std::function<boost::json::object()> statistics_;
    bool failing_ = false;
    std::mutex mutex_;
    std::condition_variable wake_;
    bool stopping_ = false;
    std::thread thread_;
};

} // namespace provenbl::tools
