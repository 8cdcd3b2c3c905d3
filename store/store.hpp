// The store: one LMDB environment, many readers, one writer that groups commits.
//
// Reading: read(fn) runs a plain function in a read transaction. It never spans a wait: no coroutine, no
// I/O inside.
// Writing: submit(work, done) queues work for the writer thread, which runs many pieces in one transaction
// and commits once. A piece that returns an Error leaves no trace and disturbs no other. `done` is called
// on the writer's thread after the commit is durable (or with the Error).
// Work may be run more than once (after the map has grown, or when a neighbour failed), so it may touch
// nothing but the transaction and its own results.
// Several processes may open one store; wait_for_change sees commits of all of them.
#pragma once

#include "store/clock.hpp"
#include "store/result.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace provenbl {

namespace lmdb {
class Transaction;
}
struct Tables; // tables.hpp, inside store/

class ReadTxn {
public:
    ReadTxn(lmdb::Transaction& transaction, const Tables& tables) : txn(transaction), tables(tables) {}
    lmdb::Transaction& txn;
    const Tables& tables;
};

// A write transaction reads what it has written.
class WriteTxn : public ReadTxn {
public:
    WriteTxn(lmdb::Transaction& transaction, const Tables& tables, Time now) : ReadTxn(transaction, tables), now(now) {}
    const Time now;
};

struct StoreOptions {
    std::filesystem::path directory;
    bool read_only = false;
    std::size_t initial_map_size = std::size_t{1} << 30; // grows by doubling
    std::size_t queue_limit = 100'000;                   // pieces of work; more are refused with Errc::busy
    bool single_file = false; // `directory` names a data file, such as a backup: read-only, takes no lock
    // For who looks up records here and there, not for who reads whole tables: a miss reads one page from the disk.
    bool single_pages = false;
};

struct StoreStatistics {
    std::uint64_t commits = 0;
    std::uint64_t pieces = 0; // of work, so pieces/commits is the grouping
    std::size_t queued = 0;
    std::size_t map_size = 0;
    std::size_t map_used = 0;
    std::uint64_t hosts = 0;
    std::uint64_t listed4 = 0;
    std::uint64_t listed6 = 0;
    std::uint64_t journal = 0; // last sequence
    std::uint64_t due = 0;
    std::uint64_t pending_tokens = 0;
};

class Store {
public:
    // Refuses (with what to do) a directory that can't be used, a full or read-only disk, a file of a newer
    // version, and a second writer: `role` names a lock that one process at a time may hold ("" takes none).
    static Result<std::unique_ptr<Store>> open(const StoreOptions& options, const Clock& clock,
                                               const std::string& role = "");
    ~Store(); // finishes queued work
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;

    using Work = std::function<Result<>(WriteTxn&)>;
    using Done = std::function<void(Result<>)>;

    template <class F> auto read(F&& function) const {
        using R = std::invoke_result_t<F, const ReadTxn&>;
        if constexpr (std::is_void_v<R>) {
            read_erased([&](const ReadTxn& txn) { function(txn); });
        } else {
            std::optional<R> result;
            read_erased([&](const ReadTxn& txn) { result.emplace(function(txn)); });
            return std::move(*result);
        }
    }

    // Writes a consistent snapshot of everything to a descriptor, as an LMDB data file; commits go on meanwhile, and
    // the file grows by what they would have reused.
    Result<> copy(int descriptor) const;

    void submit(Work work, Done done);
    // Blocks until the commit is durable. For start-up, tools and tests; never inside a coroutine.
    Result<> write(Work work);

    // Grows with every commit of any process.
    [[nodiscard]] std::uint64_t version() const;
    // Returns the version as soon as it differs from `seen`, or after `timeout`. Commits of this process wake
    // it at once, those of others within a few milliseconds.
    std::uint64_t wait_for_change(std::uint64_t seen, Duration timeout) const;

    [[nodiscard]] StoreStatistics statistics() const;
    // Errors of the writer that an operator must see (disk full); empty when all is well.
    [[nodiscard]] std::string trouble() const;

private:
    struct Impl;
    explicit Store(std::unique_ptr<Impl> impl);
    void read_erased(const std::function<void(const ReadTxn&)>& function) const;
    std::unique_ptr<Impl> impl_;
};

} // namespace provenbl
