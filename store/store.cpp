#include "store/store.hpp"

#include "store/creation.hpp"
#include "store/journal.hpp"
#include "store/lock_file.hpp"
#include "store/tables.hpp"
#include "store/writer.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <future>
#include <system_error>

namespace provenbl {
namespace {

// A file that was cut short ends the process at the first look behind its end, so it is refused here. LMDB itself may
// leave the last few pages unwritten, when a transaction freed them that had made them.
Result<> whole_file(const StoreOptions& options, std::size_t used) {
    constexpr std::size_t unwritten = std::size_t{4} << 20U;
    const auto file = options.single_file ? options.directory : options.directory / "data.mdb";
    std::error_code failed;
    const auto size = std::filesystem::file_size(file, failed);
    if (failed || size >= used || used - size <= std::min(unwritten, used / 8)) return {};
    return Error{Errc::corrupt, file.string() + " was cut short: it has " + std::to_string(size) + " bytes of " +
                                    std::to_string(used) + "; restore a backup"};
}

bool lacks_some(const Tables& tables) {
    return tables.access_keys == lmdb::absent_table || tables.mirrors == lmdb::absent_table;
}

} // namespace

struct Store::Impl {
    LockFile lock;
    std::optional<lmdb::Environment> environment;
    Tables tables{};
    std::atomic<bool> lacks_tables = false; // an older version wrote the store; tables changes under map_mutex alone
    mutable std::shared_mutex map_mutex;
    mutable std::mutex change_mutex;
    mutable std::condition_variable changed;
    std::optional<Writer> writer; // last: its thread uses all of the above

    // New tables and a migration may need more room than the map has.
    Result<> open_tables_growing(bool read_only) {
        for (;;) {
            try {
                lmdb::Transaction txn(*environment, read_only);
                const auto opened = open_tables(txn, !read_only);
                if (!opened) return opened.error();
                txn.commit();
                tables = *opened;
                lacks_tables = lacks_some(*opened);
                return {};
            } catch (const lmdb::LmdbError& fault) {
                if (fault.code() != MDB_MAP_FULL) throw;
            }
            environment->resize(environment->map_size() * 2);
        }
    }

    // For who reads a store that an older version wrote: takes in the tables that a running responder
    // must see once the new writer has made them.
    // Alone, because LMDB wants no other transaction to use a table while it is opened; who is not alone tries later.
    void find_new_tables() {
        const std::unique_lock alone(map_mutex, std::try_to_lock);
        if (!alone || !lacks_tables) return;
        try {
            lmdb::Transaction txn(*environment, true);
            tables.access_keys = txn.open_later_table("access_keys", false);
            tables.mirrors = txn.open_later_table("mirrors", false);
            txn.commit();
            lacks_tables = lacks_some(tables);
        } catch (const lmdb::LmdbError& fault) {
            if (fault.code() != MDB_MAP_RESIZED) throw; // the read that follows deals with it
        }
    }

    void committed() {
        { const std::lock_guard guard(change_mutex); }
        changed.notify_all();
    }
};

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Store::~Store() = default;

Result<std::unique_ptr<Store>> Store::open(const StoreOptions& options, const Clock& clock, const std::string& role) {
    const auto& directory = options.directory;
    const bool read_only = options.read_only || options.single_file;
    std::error_code failed;
    if (!read_only) std::filesystem::create_directories(directory, failed);
    if (options.single_file && !std::filesystem::is_regular_file(directory, failed))
        return Error{failed ? Errc::io : Errc::not_found,
                     directory.string() + " is no file that can be read" + (failed ? ": " + failed.message() : "")};
    if (!options.single_file && (failed || !std::filesystem::is_directory(directory, failed)))
        return Error{failed == std::errc::no_space_on_device      ? Errc::disk_full
                     : failed == std::errc::read_only_file_system ? Errc::read_only
                                                                  : Errc::io,
                     "can't use the data directory " + directory.string() + ": " +
                         (failed ? failed.message() : "it is not a directory") +
                         "; create it for the user that runs provenbl"};

    auto impl = std::make_unique<Impl>();
    if (!role.empty()) {
        auto lock = LockFile::take(directory, role);
        if (!lock) return lock.error();
        impl->lock = std::move(*lock);
    }
    try {
        if (!read_only) {
            if (const auto made = create_data_file(directory); !made) return made.error();
        }
        lmdb::Environment::Options how;
        how.map_size = options.initial_map_size;
        how.read_only = read_only;
        how.single_file = options.single_file;
        how.single_pages = options.single_pages;
        impl->environment.emplace(directory, how);
        // A file that has outgrown our initial size tells its own.
        impl->environment->resize(std::max(options.initial_map_size, impl->environment->map_size()));
        if (auto whole = whole_file(options, impl->environment->used()); !whole) return whole.error();
        if (!options.single_file) impl->environment->check_readers();
        auto opened = impl->open_tables_growing(read_only);
        if (!opened) return opened.error();
    } catch (const lmdb::LmdbError& fault) {
        return explain(fault, "opening the store in " + directory.string());
    }
    auto* const self = impl.get();
    if (!read_only)
        impl->writer.emplace(*impl->environment, impl->tables, clock, options.queue_limit, impl->map_mutex,
                             [self] { self->committed(); });
    return std::unique_ptr<Store>(new Store(std::move(impl)));
}

void Store::read_erased(const std::function<void(const ReadTxn&)>& function) const {
    if (impl_->lacks_tables.load(std::memory_order_relaxed)) impl_->find_new_tables();
    for (;;) {
        {
            const std::shared_lock map(impl_->map_mutex);
            std::optional<lmdb::Transaction> transaction;
            try {
                transaction.emplace(*impl_->environment, true);
            } catch (const lmdb::LmdbError& fault) {
                if (fault.code() != MDB_MAP_RESIZED) throw;
            }
            if (transaction) {
                function(ReadTxn(*transaction, impl_->tables));
                return;
            }
        }
        // Another process has grown the file.
        const std::unique_lock alone(impl_->map_mutex);
        impl_->environment->resize(0);
    }
}

Result<> Store::copy(int descriptor) const {
    for (;;) {
        try {
            const std::shared_lock map(impl_->map_mutex);
            impl_->environment->copy(descriptor);
            return {};
        } catch (const lmdb::LmdbError& fault) {
            // Only before the first byte: the snapshot is opened first.
            if (fault.code() != MDB_MAP_RESIZED) return explain(fault, "copying the store");
        }
        const std::unique_lock alone(impl_->map_mutex);
        impl_->environment->resize(0);
    }
}

void Store::submit(Work work, Done done) {
    if (!impl_->writer) {
        done(Error{Errc::read_only, "the store was opened read-only"});
        return;
    }
    impl_->writer->submit(std::move(work), std::move(done));
}

Result<> Store::write(Work work) {
    // Shared, because the writer may still be inside set_value when the waiter is already gone.
    const auto promise = std::make_shared<std::promise<Result<>>>();
    auto future = promise->get_future();
    submit(std::move(work), [promise](Result<> result) { promise->set_value(std::move(result)); });
    return future.get();
}

// Asked of a transaction, not of the environment: mdb_env_info already tells of a commit that readers can't see yet.
std::uint64_t Store::version() const {
    return read([](const ReadTxn& txn) { return txn.txn.id(); });
}

std::uint64_t Store::wait_for_change(std::uint64_t seen, Duration timeout) const {
    // For commits of other processes. Where all of ours are told of at once they are rare, and a process that waits
    // must not wake up a thousand times a second for them; who only reads sees nothing else.
    const Duration poll{impl_->writer ? 5 : 1};
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    std::unique_lock lock(impl_->change_mutex);
    for (;;) {
        const auto now = version();
        if (now != seen) return now;
        const auto left = std::chrono::ceil<Duration>(deadline - std::chrono::steady_clock::now());
        if (left <= Duration::zero()) return now;
        impl_->changed.wait_for(lock, std::min(left, poll));
    }
}

StoreStatistics Store::statistics() const {
    StoreStatistics all;
    if (impl_->writer) {
        const auto counters = impl_->writer->counters();
        all.commits = counters.commits;
        all.pieces = counters.pieces;
        all.queued = counters.queued;
    }
    read([&](const ReadTxn& txn) {
        const auto& tables = impl_->tables;
        all.map_size = impl_->environment->map_size();
        all.map_used = impl_->environment->used();
        all.hosts = txn.txn.entries(tables.hosts);
        all.listed4 = txn.txn.entries(tables.listed4);
        all.listed6 = txn.txn.entries(tables.listed6);
        all.journal = journal::last(txn);
        all.due = txn.txn.entries(tables.due);
        all.pending_tokens = txn.txn.entries(tables.tokens);
    });
    return all;
}

std::string Store::trouble() const {
    return impl_->writer ? impl_->writer->counters().trouble : std::string();
}

} // namespace provenbl
