// The one writer: a thread that takes queued work, runs a batch in one transaction, commits once.
//
// While a commit waits for the disk the queue fills, so the grouping adapts itself to the load. A piece that
// fails after it has written makes the batch run again without it; so does a map that had to grow.
// Inside store/ only.
#pragma once

#include "store/lmdb.hpp"
#include "store/store.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <shared_mutex>
#include <thread>
#include <vector>

namespace provenbl {

class Writer {
public:
    // `map_mutex` is held shared by every transaction of this process, and alone by whoever changes the map.
    // `committed` is called after each commit, on the writer's thread.
    Writer(lmdb::Environment& environment, const Tables& tables, const Clock& clock, std::size_t queue_limit,
           std::shared_mutex& map_mutex, std::function<void()> committed);
    ~Writer(); // finishes queued work

    void submit(Store::Work work, Store::Done done);

    struct Counters {
        std::uint64_t commits = 0;
        std::uint64_t pieces = 0;
        std::size_t queued = 0;
        std::string trouble;
    };
    [[nodiscard]] Counters counters() const;

private:
    struct Piece {
        Store::Work work;
        Store::Done done;
        Result<> result;
        bool failed = false;
    };
    void run();
    void process(std::vector<Piece>& batch);
    // Runs every piece that has not failed; false when the batch must be run again.
    bool attempt(std::vector<Piece>& batch);
    void grow();

    lmdb::Environment& environment_;
    const Tables& tables_;
    const Clock& clock_;
    const std::size_t queue_limit_;
    std::shared_mutex& map_mutex_;
    std::function<void()> committed_;

    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Piece> queue_;
    Counters counters_;
    bool stopping_ = false;
    std::thread thread_;
};

// What an LMDB fault means to an operator.
[[nodiscard]] Error explain(const lmdb::LmdbError& fault, const std::string& what);

} // namespace provenbl
