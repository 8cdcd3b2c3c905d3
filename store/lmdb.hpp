// A thin RAII layer over LMDB. The only header that names its types; nothing outside store/ includes it
// but through store.hpp's transactions.
//
// Faults throw LmdbError (they mean a broken file, a full disk or a programming error); absence is a
// value. Views that a read returns live as long as its transaction and no longer.
#pragma once

#include <lmdb.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace provenbl::lmdb {

using Bytes = std::string_view;

class LmdbError : public std::runtime_error {
public:
    LmdbError(int code, const std::string& what);
    [[nodiscard]] int code() const { return code_; }

private:
    int code_;
};

class Environment {
public:
    struct Options {
        std::size_t map_size = 0;
        unsigned max_tables = 48;
        unsigned max_readers = 1024;
        bool read_only = false;
        bool single_file = false; // `directory` names a data file that nobody writes to; takes no lock
        // A miss reads its page and not what the kernel would read around it, which may be megabytes.
        bool single_pages = false;
    };
    Environment(const std::filesystem::path& directory, const Options& options);
    ~Environment();
    Environment(const Environment&) = delete;
    Environment& operator=(const Environment&) = delete;

    [[nodiscard]] MDB_env* handle() const { return env_; }
    [[nodiscard]] std::size_t map_size() const;
    [[nodiscard]] std::size_t used() const;
    // No transaction of this process may be open. 0 takes the size that another process has set.
    void resize(std::size_t map_size);
    // Frees reader slots of processes that died.
    void check_readers();
    // Writes one consistent snapshot, without its free pages, to a descriptor; commits go on meanwhile.
    void copy(int descriptor);

private:
    MDB_env* env_ = nullptr;
};

// A table that an older file does not have: reads find nothing in it.
inline constexpr MDB_dbi absent_table = 0;

class Transaction {
public:
    Transaction(Environment& environment, bool read_only);
    ~Transaction(); // aborts what was not committed
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;

    void commit();
    void abort();
    [[nodiscard]] MDB_txn* handle() const { return txn_; }
    // Of a read transaction: the id of the last commit, of any process, that it sees.
    [[nodiscard]] std::uint64_t id() const;
    // create is for write transactions; without it a missing table throws.
    [[nodiscard]] MDB_dbi open_table(const char* name, bool create);
    // absent_table when it is missing and create is not set.
    [[nodiscard]] MDB_dbi open_later_table(const char* name, bool create);

    [[nodiscard]] std::optional<Bytes> get(MDB_dbi table, Bytes key) const;
    void put(MDB_dbi table, Bytes key, Bytes value);
    void append(MDB_dbi table, Bytes key, Bytes value); // key is the table's new last
    bool erase(MDB_dbi table, Bytes key);
    [[nodiscard]] std::size_t entries(MDB_dbi table) const;
    // How many put, append and erase calls have written; the writer tells a piece of work that wrote from one that did
    // not.
    [[nodiscard]] std::uint64_t writes() const { return writes_; }

    // Walks keys from `from` on, upwards, until visit returns false.
    void walk(MDB_dbi table, Bytes from, const std::function<bool(Bytes key, Bytes value)>& visit) const;
    // The same over a whole table that will not be read again soon: its pages don't stay mapped, so that they don't
    // count as memory of this process. They stay in the kernel's cache.
    void walk_once(MDB_dbi table, const std::function<bool(Bytes key, Bytes value)>& visit) const;
    // Walks downwards from the last key that is not after `from`.
    void walk_back(MDB_dbi table, Bytes from, const std::function<bool(Bytes key, Bytes value)>& visit) const;
    [[nodiscard]] std::optional<std::pair<Bytes, Bytes>> last(MDB_dbi table) const;

private:
    MDB_txn* txn_ = nullptr;
    bool read_only_;
    std::uint64_t writes_ = 0;
};

} // namespace provenbl::lmdb
