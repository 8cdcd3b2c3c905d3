// Keeps the tally of the journal up to date in the background, so that a page of it costs nothing.
//
// At its beginning it counts what is listed (one walk over the serving index), then it reads the journal from its floor
// in pieces, each a short read transaction, with a breath between them; from then on only what is new. A thread of its
// own; a reader gets a copy, which is a few KiB.
#pragma once

#include "store/store.hpp"
#include "tools/pages/tally.hpp"

#include <cstdint>
#include <mutex>
#include <optional>
#include <thread>

namespace provenbl::tools::api {

class JournalReader {
public:
    struct Pace {
        std::size_t piece = 2000; // entries in one read transaction
        Duration breath = std::chrono::milliseconds{2};
        Duration look = std::chrono::seconds{1}; // for what is new
    };
    struct Reading {
        pages::Tally tally;
        std::uint64_t position = 0; // the last entry that was read
        std::uint64_t last = 0;     // the newest that there was then
        bool counted = false;       // what is listed has been counted
    };

    explicit JournalReader(const Store& store, const Pace& pace) : store_(store), pace_(pace) {}
    ~JournalReader() { stop(); }
    JournalReader(const JournalReader&) = delete;
    JournalReader& operator=(const JournalReader&) = delete;

    void start();
    void stop();
    [[nodiscard]] Reading reading() const;
    // Reads to the end in the caller's thread. For tests. Throws what the store throws.
    void catch_up();

private:
    void run(const std::stop_token& stop);
    // Whether there is more.
    bool step(const std::stop_token& stop);

    const Store& store_;
    const Pace pace_;
    std::uint64_t standing_from_ = 0; // what is listed was counted as of this entry
    mutable std::mutex mutex_;        // guards reading_
    Reading reading_;
    std::optional<std::jthread> thread_;
};

} // namespace provenbl::tools::api
