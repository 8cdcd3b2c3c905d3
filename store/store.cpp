#include "store/store.hpp"

#include "store/lock_file.hpp"
#include "store/tables.hpp"
#include "store/writer.hpp"

#include <algorithm>
#include <condition_variable>
#include <future>
#include <system_error>

namespace provenbl {

struct Store::Impl {
    LockFile lock;
    std::optional<lmdb::Environment> environment;
    Tables tables{};
    mutable std::shared_mutex map_mutex;
    mutable std::mutex change_mutex;
    mutable std::condition_variable changed;
    std::optional<Writer> writer; // last: its thread uses all of the above

    void committed() {
        { const std::lock_guard guard(change_mutex); }
        changed.notify_all();
    }
};

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Store::~Store() = default;

Result<std::unique_ptr<Store>> Store::open(const StoreOptions& options, const Clock& clock, const std::string& role) {
    const auto& directory = options.directory;
    std::error_code failed;
    if (!options.read_only) std::filesystem::create_directories(directory, failed);
    if (failed || !std::filesystem::is_directory(directory, failed))
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
        impl->environment.emplace(directory,
                                  lmdb::Environment::Options{options.initial_map_size, 16, 1024, options.read_only});
        // A file that has outgrown our initial size tells its own.
        impl->environment->resize(std::max(options.initial_map_size, impl->environment->map_size()));
        impl->environment->check_readers();
        lmdb::Transaction txn(*impl->environment, options.read_only);
        const auto tables = open_tables(txn, !options.read_only);
        if (!tables) return tables.error();
        impl->tables = *tables;
        txn.commit();
    } catch (const lmdb::LmdbError& fault) {
        return explain(fault, "opening the store in " + directory.string());
    }
    auto* const self = impl.get();
    if (!options.read_only)
        impl->writer.emplace(*impl->environment, impl->tables, clock, options.queue_limit, impl->map_mutex,
                             [self] { self->committed(); });
    return std::unique_ptr<Store>(new Store(std::move(impl)));
}

void Store::read_erased(const std::function<void(const ReadTxn&)>& function) const {
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
    constexpr Duration poll{5}; // for commits of other processes
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
        const auto last = txn.txn.last(tables.journal);
        all.journal = last ? keys::to_number(last->first) : 0;
        all.due = txn.txn.entries(tables.due);
        all.pending_tokens = txn.txn.entries(tables.tokens);
    });
    return all;
}

std::string Store::trouble() const {
    return impl_->writer ? impl_->writer->counters().trouble : std::string();
}

} // namespace provenbl
