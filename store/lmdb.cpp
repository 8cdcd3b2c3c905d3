#include "store/lmdb.hpp"

#include "store/durable_file.hpp"

#include <algorithm>
#include <cstdio>
#include <fcntl.h>
#include <sys/mman.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace provenbl::lmdb {
namespace {

constexpr std::uintptr_t asked_at_once = 256U << 10;

void check(int code, const char* what) {
    if (code != MDB_SUCCESS) throw LmdbError(code, what);
}

MDB_val to_val(Bytes bytes) {
    return {bytes.size(), const_cast<char*>(bytes.data())};
}
Bytes to_bytes(const MDB_val& value) {
    return {static_cast<const char*>(value.mv_data), value.mv_size};
}

// LMDB ends the process after this: a page that it relies on is not what it must be.
void say_damaged(MDB_env* /*env*/, const char* what) {
    std::fprintf(stderr, "provenbl: the data file is damaged (%s); restore a backup\n", what);
}

class Cursor {
public:
    Cursor(MDB_txn* txn, MDB_dbi table) { check(mdb_cursor_open(txn, table, &cursor_), "opening a cursor"); }
    ~Cursor() { mdb_cursor_close(cursor_); }
    Cursor(const Cursor&) = delete;
    Cursor& operator=(const Cursor&) = delete;

    // False when there is no such entry.
    bool move(MDB_val& key, MDB_val& value, MDB_cursor_op op) {
        const int code = mdb_cursor_get(cursor_, &key, &value, op);
        if (code == MDB_NOTFOUND) return false;
        check(code, "walking a table");
        return true;
    }

private:
    MDB_cursor* cursor_ = nullptr;
};

} // namespace

LmdbError::LmdbError(int code, const std::string& what)
    : std::runtime_error(what + ": " + mdb_strerror(code)), code_(code) {}

Environment::Environment(const std::filesystem::path& directory, const Options& options) {
    check(mdb_env_create(&env_), "creating the environment");
    try {
        check(mdb_env_set_assert(env_, say_damaged), "setting what a damaged page says");
        check(mdb_env_set_maxdbs(env_, options.max_tables), "setting the number of tables");
        check(mdb_env_set_maxreaders(env_, options.max_readers), "setting the number of readers");
        check(mdb_env_set_mapsize(env_, options.map_size), "setting the map size");
        // NOTLS: a read transaction belongs to its object, not to a thread.
        const unsigned flags = MDB_NOTLS | (options.read_only || options.single_file ? MDB_RDONLY : 0U) |
                               (options.single_file ? MDB_NOSUBDIR | MDB_NOLOCK : 0U) |
                               (options.single_pages ? MDB_NORDAHEAD : 0U);
        // Root must not keep the lock file from the service's user. Made here, and not given away afterwards: to close
        // a second descriptor of it would let go of LMDB's own locks.
        std::error_code unknown;
        if (!options.single_file && ::geteuid() == 0 && std::filesystem::exists(directory / "data.mdb", unknown)) {
            const Descriptor made(
                ::open((directory / "lock.mdb").c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640));
            if (made) give_to_owner_of(directory, made.get());
        }
        check(mdb_env_open(env_, directory.c_str(), flags, 0640), "opening the data file");
    } catch (...) {
        mdb_env_close(env_);
        throw;
    }
}

Environment::~Environment() {
    mdb_env_close(env_);
}

std::size_t Environment::map_size() const {
    MDB_envinfo info{};
    check(mdb_env_info(env_, &info), "asking for the map size");
    return info.me_mapsize;
}

std::size_t Environment::used() const {
    MDB_envinfo info{};
    MDB_stat stat{};
    check(mdb_env_info(env_, &info), "asking for the last page");
    check(mdb_env_stat(env_, &stat), "asking for the page size");
    return (info.me_last_pgno + 1) * stat.ms_psize;
}

void Environment::resize(std::size_t map_size) {
    check(mdb_env_set_mapsize(env_, map_size), "growing the map");
}

void Environment::check_readers() {
    int dead = 0;
    check(mdb_reader_check(env_, &dead), "checking the reader table");
}

void Environment::copy(int descriptor) {
    check(mdb_env_copyfd2(env_, descriptor, MDB_CP_COMPACT), "copying the data");
}

Transaction::Transaction(Environment& environment, bool read_only) : read_only_(read_only) {
    check(mdb_txn_begin(environment.handle(), nullptr, read_only ? MDB_RDONLY : 0U, &txn_), "beginning a transaction");
}

Transaction::~Transaction() {
    abort();
}

void Transaction::commit() {
    check(mdb_txn_commit(std::exchange(txn_, nullptr)), "committing");
}

void Transaction::abort() {
    if (txn_ != nullptr) mdb_txn_abort(std::exchange(txn_, nullptr));
}

std::uint64_t Transaction::id() const {
    return mdb_txn_id(txn_);
}

MDB_dbi Transaction::open_table(const char* name, bool create) {
    MDB_dbi table = 0;
    check(mdb_dbi_open(txn_, name, create ? MDB_CREATE : 0U, &table), name);
    return table;
}

MDB_dbi Transaction::open_later_table(const char* name, bool create) {
    MDB_dbi table = 0;
    const int code = mdb_dbi_open(txn_, name, create ? MDB_CREATE : 0U, &table);
    if (code == MDB_NOTFOUND && !create) return absent_table;
    check(code, name);
    return table;
}

std::optional<Bytes> Transaction::get(MDB_dbi table, Bytes key) const {
    if (table == absent_table) return std::nullopt;
    auto key_value = to_val(key);
    MDB_val value{};
    const int code = mdb_get(txn_, table, &key_value, &value);
    if (code == MDB_NOTFOUND) return std::nullopt;
    check(code, "reading");
    return to_bytes(value);
}

void Transaction::put(MDB_dbi table, Bytes key, Bytes value) {
    auto key_value = to_val(key);
    auto data = to_val(value);
    ++writes_;
    check(mdb_put(txn_, table, &key_value, &data, 0), "writing");
}

void Transaction::append(MDB_dbi table, Bytes key, Bytes value) {
    auto key_value = to_val(key);
    auto data = to_val(value);
    ++writes_;
    check(mdb_put(txn_, table, &key_value, &data, MDB_APPEND), "appending");
}

bool Transaction::erase(MDB_dbi table, Bytes key) {
    auto key_value = to_val(key);
    ++writes_;
    const int code = mdb_del(txn_, table, &key_value, nullptr);
    if (code == MDB_NOTFOUND) return false;
    check(code, "erasing");
    return true;
}

std::size_t Transaction::entries(MDB_dbi table) const {
    if (table == absent_table) return 0;
    MDB_stat stat{};
    check(mdb_stat(txn_, table, &stat), "counting");
    return stat.ms_entries;
}

void Transaction::walk(MDB_dbi table, Bytes from, const std::function<bool(Bytes, Bytes)>& visit) const {
    if (table == absent_table) return;
    Cursor cursor(txn_, table);
    auto key = to_val(from);
    MDB_val value{};
    // An empty key can't be looked for; it means the beginning.
    bool more = cursor.move(key, value, from.empty() ? MDB_FIRST : MDB_SET_RANGE);
    while (more && visit(to_bytes(key), to_bytes(value))) more = cursor.move(key, value, MDB_NEXT);
}

void Transaction::walk_once(MDB_dbi table, const std::function<bool(Bytes, Bytes)>& visit) const {
    const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
    std::uintptr_t lowest = UINTPTR_MAX;
    std::uintptr_t highest = 0;
    std::uintptr_t last_page = 0;
    std::uintptr_t asked_until = 0;
    walk(table, {}, [&](Bytes key, Bytes value) {
        const auto at = reinterpret_cast<std::uintptr_t>(value.data());
        const auto this_page = at / page * page;
        // Where the pages of a table lie side by side, the next ones are asked for in time: the kernel may have been
        // told not to expect that.
        if (read_only_ && this_page == last_page + page && this_page >= asked_until) {
            madvise(reinterpret_cast<void*>(this_page), asked_at_once, MADV_WILLNEED);
            asked_until = this_page + asked_at_once;
        }
        last_page = this_page;
        lowest = std::min(lowest, at);
        highest = std::max(highest, at);
        return visit(key, value);
    });
    // What a write transaction has written lies in memory of its own, which must not be touched.
    if (!read_only_ || lowest > highest) return;
    lowest = lowest / page * page;
    // All of it is in the map; what is read again is mapped again.
    madvise(reinterpret_cast<void*>(lowest), highest + 1 - lowest, MADV_DONTNEED);
}

void Transaction::walk_back(MDB_dbi table, Bytes from, const std::function<bool(Bytes, Bytes)>& visit) const {
    if (table == absent_table) return;
    Cursor cursor(txn_, table);
    auto key = to_val(from);
    MDB_val value{};
    bool more = cursor.move(key, value, MDB_SET_RANGE);
    if (!more) {
        more = cursor.move(key, value, MDB_LAST);
    } else if (to_bytes(key) != from) {
        more = cursor.move(key, value, MDB_PREV);
    }
    while (more && visit(to_bytes(key), to_bytes(value))) more = cursor.move(key, value, MDB_PREV);
}

std::optional<std::pair<Bytes, Bytes>> Transaction::last(MDB_dbi table) const {
    if (table == absent_table) return std::nullopt;
    Cursor cursor(txn_, table);
    MDB_val key{};
    MDB_val value{};
    if (!cursor.move(key, value, MDB_LAST)) return std::nullopt;
    return std::pair{to_bytes(key), to_bytes(value)};
}

} // namespace provenbl::lmdb
