#include "store/writer.hpp"

#include "store/commit_times.hpp"
#include "store/tables.hpp"

#include <algorithm>
#include <cerrno>

namespace provenbl {
namespace {

constexpr std::size_t batch_limit = 2048;
constexpr int most_growths = 12; // for one batch, each a doubling

// Faults of the environment, as against those of one piece of work.
bool concerns_all(int code) {
    return code == ENOSPC || code == EIO || code == EROFS || code == EACCES || code == EDQUOT || code == MDB_PANIC ||
           code == MDB_CORRUPTED || code == MDB_READERS_FULL || code == ENOMEM;
}

} // namespace

Error explain(const lmdb::LmdbError& fault, const std::string& what) {
    const std::string message = what + ": " + fault.what();
    switch (fault.code()) {
    case ENOSPC:
    case EDQUOT:
        return {Errc::disk_full, message + "; free some space: answers go on from what is stored"};
    case EIO:
        // Also what LMDB makes of a write that fell short, which is how some file systems say that they are full.
        return {Errc::io, message + "; the disk is full or it fails: answers go on from what is stored"};
    case EROFS:
        return {Errc::read_only, message + "; remount it writable, or choose another data_directory"};
    case EACCES:
    case EPERM:
        return {Errc::read_only, message + "; the data directory must belong to the user that runs provenbl"};
    case MDB_VERSION_MISMATCH:
        return {Errc::newer_version, message + "; the file was made by another version of LMDB"};
    case MDB_INVALID:
    case MDB_CORRUPTED:
        return {Errc::corrupt, message + "; this is not a provenbl data file, or it is damaged: restore a backup"};
    case MDB_PANIC:
        return {Errc::io, message + "; restart provenbl"};
    default:
        return {Errc::io, message};
    }
}

Writer::Writer(lmdb::Environment& environment, const Tables& tables, const Clock& clock, std::size_t queue_limit,
               std::shared_mutex& map_mutex, std::function<void()> committed)
    : environment_(environment), tables_(tables), clock_(clock), queue_limit_(queue_limit), map_mutex_(map_mutex),
      committed_(std::move(committed)), thread_([this] { run(); }) {}

Writer::~Writer() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    thread_.join();
}

void Writer::submit(Store::Work work, Store::Done done) {
    {
        const std::lock_guard lock(mutex_);
        if (queue_.size() < queue_limit_ && !stopping_) {
            queue_.push_back({std::move(work), std::move(done), {}, false});
            wake_.notify_one();
            return;
        }
    }
    done(Error{Errc::busy, "the store has more queued writes than it may; try again in a moment"});
}

Writer::Counters Writer::counters() const {
    const std::lock_guard lock(mutex_);
    auto counters = counters_;
    counters.queued = queue_.size();
    return counters;
}

void Writer::run() {
    for (;;) {
        std::vector<Piece> batch;
        {
            std::unique_lock lock(mutex_);
            wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
            if (queue_.empty()) return;
            const auto size = std::min(queue_.size(), batch_limit);
            batch.reserve(size);
            std::move(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(size), std::back_inserter(batch));
            queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(size));
        }
        process(batch);
        for (auto& piece : batch) {
            if (piece.done) piece.done(std::move(piece.result));
        }
    }
}

void Writer::process(std::vector<Piece>& batch) {
    std::string trouble;
    int code = MDB_SUCCESS; // what the attempt before failed with
    int growths = 0;
    for (;;) {
        try {
            if (code == MDB_MAP_FULL) grow();
            if (code == MDB_MAP_RESIZED) {
                const std::unique_lock alone(map_mutex_);
                environment_.resize(0);
            }
            code = MDB_SUCCESS;
            if (attempt(batch)) break;
        } catch (const lmdb::LmdbError& fault) {
            const bool again = (fault.code() == MDB_MAP_FULL && ++growths <= most_growths) ||
                               (fault.code() == MDB_MAP_RESIZED && code != MDB_MAP_RESIZED);
            code = fault.code();
            if (again) continue;
            const auto error = explain(fault, "writing to the store");
            trouble = error.message;
            for (auto& piece : batch) {
                if (!piece.failed) piece.result = error;
            }
            break;
        }
    }
    const std::lock_guard lock(mutex_);
    counters_.trouble = trouble;
    ++counters_.commits;
    counters_.pieces += batch.size();
}

bool Writer::attempt(std::vector<Piece>& batch) {
    bool wrote = false;
    const auto begun = std::chrono::steady_clock::now();
    {
        const std::shared_lock map(map_mutex_);
        lmdb::Transaction transaction(environment_, false);
        WriteTxn txn(transaction, tables_, clock_.now());
        for (auto& piece : batch) {
            if (piece.failed) continue;
            const auto before = transaction.writes();
            try {
                piece.result = piece.work(txn);
            } catch (const lmdb::LmdbError& fault) {
                if (concerns_all(fault.code()) || fault.code() == MDB_MAP_FULL || fault.code() == MDB_MAP_RESIZED)
                    throw;
                piece.result = explain(fault, "writing to the store");
                piece.failed = true;
                return false;
            } catch (const std::exception& error) {
                piece.result = Error{Errc::corrupt, std::string("writing to the store: ") + error.what()};
                piece.failed = true;
                if (transaction.writes() != before) return false;
            }
            if (!piece.failed && !piece.result) {
                piece.failed = true;
                if (transaction.writes() != before) return false;
            }
        }
        wrote = transaction.writes() != 0;
        if (wrote) transaction.commit();
    }
    if (wrote) {
        commit_times().add(std::chrono::steady_clock::now() - begun);
        committed_();
    }
    return true;
}

void Writer::grow() {
    const std::unique_lock alone(map_mutex_);
    environment_.resize(environment_.map_size() * 2);
}

} // namespace provenbl
