// Keeps static zones equal to their files.
//
// A thread of its own looks at the files four times a second. A file that has changed (or its
// owner, mode or links: who copies with times leaves no other trace) is read once it has
// looked the same twice in a row; one that does not end with a line end, or is empty, only when it is five seconds old:
// so what is being written is not taken half, and what was renamed into place is served within a second, plus the time
// that it takes to read. A file that changes while it is read is read again. What was read is published as a whole, by
// one pointer. Trouble with a file keeps the last good data of its set, and is told. Old data are freed here, never by
// who answers.
#pragma once

#include "store/clock.hpp"
#include "zones/static/complaint.hpp"
#include "zones/static/file_text.hpp"
#include "zones/static/static_zone.hpp"
#include "zones/static/zone_state.hpp"

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace provenbl::zones::statics {

// All static zones at one moment, as they are configured.
struct Shelf {
    std::vector<std::shared_ptr<const StaticZone>> zones;
};

// Reads one set's files and parses them.
struct LoadedSet {
    std::shared_ptr<const DataSet> set; // null when it is unfit; an error then says why
    Complaints complaints;
    bool unfinished = false; // a file seems to be written just now
    std::vector<FileStamp> stamps;
};
[[nodiscard]] LoadedSet load_set(const SetSource& source, Time now);

class Library {
public:
    // Told of what was taken in (`trouble` false) and of what could not be.
    using Tell = std::function<void(bool trouble, std::string_view text)>;

    Library(std::vector<StaticZoneDefinition> zones, const Clock& clock, Tell tell);
    ~Library(); // stops
    Library(const Library&) = delete;
    Library& operator=(const Library&) = delete;

    // Reads all files, in the caller's thread. The error names every file that is unfit, a line each; nothing is served
    // then.
    Result<> load();
    // After load: looks at the files until stop.
    void start();
    void stop();
    // One look, in the caller's thread. For tests too.
    void look();

    [[nodiscard]] std::uint64_t generation() const { return generation_.load(std::memory_order_acquire); }
    // Never null; without zones before load.
    [[nodiscard]] std::shared_ptr<const Shelf> shelf() const;
    [[nodiscard]] std::vector<ZoneState> states() const;

private:
    struct Set {
        SetSource source;
        std::shared_ptr<const DataSet> good; // what is served
        std::vector<FileStamp> seen;         // at the last look
        std::vector<FileStamp> read;         // when they were read last, whatever came of it
        Time read_at{};
        Time taken_in{};
        std::size_t notes = 0;
        std::size_t bad_lines = 0;
        std::string trouble;
    };
    void run();
    bool take_in(Set& set); // false: nothing new is to be served
    Result<> publish();
    [[nodiscard]] std::vector<std::shared_ptr<const DataSet>> sets_of(std::size_t zone) const;
    void note_states(const Shelf& shelf);

    const std::vector<StaticZoneDefinition> zones_;
    const Clock& clock_;
    const Tell tell_;
    std::vector<Set> sets_;                    // each once, whatever zones it is in; only of who looks
    std::vector<std::vector<std::size_t>> of_; // a zone's sets, in order
    std::mutex look_mutex_;                    // one look at a time; guards sets_
    std::atomic<std::uint64_t> generation_{0};
    mutable std::mutex mutex_; // guards all that follows
    std::condition_variable wake_;
    bool stopping_ = false;
    std::shared_ptr<const Shelf> shelf_ = std::make_shared<const Shelf>();
    std::vector<std::shared_ptr<const Shelf>> retired_; // until nobody reads them
    std::vector<ZoneState> states_;
    std::thread thread_;
};

} // namespace provenbl::zones::statics
