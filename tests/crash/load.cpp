#include "tests/crash/load.hpp"

#include "store/backup.hpp"
#include "store/check.hpp"
#include "store/hosts.hpp"
#include "store/journal.hpp"
#include "store/ledger.hpp"
#include "store/migrate.hpp"
#include "store/replay.hpp"
#include "store/tables.hpp"
#include "tests/support/random_history.hpp"

#include <fmt/format.h>

#include <fstream>
#include <memory>
#include <random>
#include <semaphore>
#include <thread>
#include <unistd.h>

namespace provenbl::crash {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t smallest_map = std::size_t{64} << 10U; // so that it grows and grows
constexpr std::ptrdiff_t at_once = 200;                      // pieces of work under way
constexpr Time epoch{std::chrono::hours(24 * 365 * 56)};
const test::HistorySettings history{500, false};

std::unique_ptr<Store> open(const std::filesystem::path& directory, const Clock& clock) {
    auto opened = Store::open({directory, false, smallest_map}, clock, "verifier");
    if (!opened) throw BadResult(opened.error());
    return std::move(*opened);
}

class Faults {
public:
    explicit Faults(Found& found) : found_(found) {}
    template <class... Args> void operator()(fmt::format_string<Args...> text, Args&&... args) {
        if (found_.faults.size() < 20) found_.faults.push_back(fmt::format(text, std::forward<Args>(args)...));
    }

private:
    Found& found_;
};

// What was acknowledged; a line that the kill has cut short was not.
std::vector<std::string> whole_lines(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line) && !in.eof();) lines.push_back(line);
    return lines;
}

void compare_hosts(const ReadTxn& txn, const replay::Index& index, Faults& fault) {
    std::size_t listed = 0;
    txn.txn.walk(txn.tables.hosts, {}, [&](lmdb::Bytes, lmdb::Bytes value) {
        const auto host = codec::decode<Host>(value);
        const auto entry = index.find(host.address);
        if (host.listed()) ++listed;
        if (host.listed() != entry.has_value() ||
            (entry && (entry->classes != host.classes() || entry->case_id != host.case_id)))
            fault("host {} and the serving index are apart", host.address.to_string());
        return true;
    });
    if (listed != index.size()) fault("{} hosts are listed, {} are in the serving index", listed, index.size());
}

void check_all(Store& store, const std::string& which, Faults& fault) {
    check::Options options;
    options.finding = [&](const check::Finding& finding) {
        fault("{}: check finds {} {}: {}", which, finding.table, finding.key, finding.what);
    };
    // When exclusions end is a matter of the events' clock; what one covers that is in force at all times must be gone.
    if (const auto done = check::run(store, options, Time::max()); !done) fault("{}: {}", which, done.error().message);
}

// A backup that has its name is whole, and every listing in it is explained.
void look_into(const std::filesystem::path& file, std::uint64_t serial, bool check, Faults& fault) {
    const auto manifest = backup::verify(file);
    if (!manifest) {
        fault("{}", manifest.error().message);
        return;
    }
    if (manifest->serial > serial) fault("{} is ahead of its store", file.string());
    StoreOptions options;
    options.directory = file;
    options.single_file = true;
    options.initial_map_size = 0;
    const ManualClock clock{epoch};
    const auto copy = Store::open(options, clock);
    if (!copy) {
        fault("{}", copy.error().message);
        return;
    }
    (*copy)->read([&](const ReadTxn& txn) {
        const auto index = replay::journal(
            txn, [&](const Change&, const Error& error) { fault("{}: {}", file.string(), error.message); });
        if (index.last() != manifest->serial) fault("{} is not of serial {}", file.string(), manifest->serial);
        replay::compare(txn, index, [&](const replay::Difference& difference) {
            fault("{}: nothing explains {}", file.string(), difference.address.to_string());
            return true;
        });
    });
    if (check) check_all(**copy, file.string(), fault);
}

} // namespace

void run_load(const Load& load) {
    ManualClock clock{epoch + std::chrono::hours(load.start_hour)};
    const auto store = open(load.directory, clock);
    store
        ->write([](WriteTxn& txn) -> Result<> {
            ledger::requeue_interrupted(txn);
            return {};
        })
        .value();
    std::jthread copier;
    if (!load.backups.empty()) {
        std::filesystem::create_directories(load.backups);
        copier = std::jthread([&](const std::stop_token& stop) {
            // One that the disk refused, or whose name is taken, is followed by the next. There is none of a store that
            // LMDB wants opened anew (a meta page that could not be written): the life goes on without.
            try {
                while (!stop.stop_requested()) (void)backup::make(*store, load.backups, clock);
            } catch (const std::exception& unreadable) {
                fmt::print(stderr, "no more backups: {}\n", unreadable.what());
            }
        });
    }
    std::mt19937_64 dice(load.seed);
    std::counting_semaphore<at_once> room(at_once);
    for (std::uint64_t done = 0; load.events == 0 || done < load.events; ++done) {
        room.acquire();
        clock.advance(10s);
        const auto said = std::make_shared<std::vector<std::string>>();
        store->submit(
            [said, seed = dice()](WriteTxn& txn) { return test::random_event(txn, seed, history, said.get()); },
            [said, &room, &load](const Result<>& committed) {
                std::string lines;
                if (committed) {
                    for (const auto& line : *said) lines += line + "\n";
                }
                if (!lines.empty() &&
                    ::write(load.promises, lines.data(), lines.size()) != static_cast<ssize_t>(lines.size()))
                    std::abort(); // without its log the test means nothing
                room.release();
            });
    }
    for (std::ptrdiff_t i = 0; i < at_once; ++i) room.acquire();
}

Found look(const std::filesystem::path& directory, const std::filesystem::path& promises, std::uint64_t serial_at_least,
           const std::filesystem::path& backups, bool check) {
    Found found;
    Faults fault(found);
    const ManualClock clock{epoch};
    const auto store = open(directory, clock);
    store->read([&](const ReadTxn& txn) {
        for (const auto& line : whole_lines(promises)) {
            if (line.starts_with("cut ")) continue;
            ++found.promises;
            if (const auto missing = test::unkept_promise(txn, line); !missing.empty())
                fault("promised '{}': {}", line, missing);
        }
        const auto index = replay::journal(
            txn, [&](const Change&, const Error& error) { fault("the journal can't be replayed: {}", error.message); });
        found.serial = index.last();
        found.listed = index.size();
        if (journal::last(txn) != txn.txn.entries(txn.tables.journal)) fault("the journal has gaps");
        if (found.serial < serial_at_least) fault("the serial went back from {} to {}", serial_at_least, found.serial);
        replay::compare(txn, index, [&](const replay::Difference& difference) {
            fault("{} is {} and its journal says {}", difference.address.to_string(),
                  difference.served ? "listed" : "not listed", difference.replayed ? "listed" : "not listed");
            return true;
        });
        compare_hosts(txn, index, fault);
        const auto last_report = txn.txn.last(txn.tables.reports);
        if (last_report && keys::to_number(last_report->first) != txn.txn.entries(txn.tables.reports))
            fault("a report is missing between others");
    });
    found.map_size = store->statistics().map_size;
    std::error_code none;
    for (const auto& entry : std::filesystem::directory_iterator(backups, none)) {
        if (entry.path().extension() != ".backup") continue; // not finished
        ++found.backups;
        look_into(entry.path(), found.serial, check, fault);
    }
    if (check) check_all(*store, directory.string(), fault);
    return found;
}

// A dropped table's handle is closed even where the transaction has to be tried again in a larger map: so that it need
// not be, there are free pages. LMDB uses those of a transaction again from the next but one on.
static void make_room(Store& store) {
    constexpr std::size_t octets = std::size_t{128} << 10U;
    for (const auto& room : {std::string(octets, 'r'), std::string("r"), std::string("s")}) {
        store
            .write([&room](WriteTxn& txn) -> Result<> {
                txn.txn.put(txn.tables.meta, "room", room);
                return {};
            })
            .value();
    }
}

void make_older(const std::filesystem::path& directory) {
    const ManualClock clock{epoch};
    const auto store = open(directory, clock);
    make_room(*store);
    store
        ->write([](WriteTxn& txn) -> Result<> {
            for (const auto table : {txn.tables.host_reports, txn.tables.audit}) {
                if (const int code = mdb_drop(txn.txn.handle(), table, 1); code != MDB_SUCCESS)
                    return Error{Errc::io, mdb_strerror(code)};
            }
            txn.txn.put(txn.tables.meta, "schema", keys::number(oldest_schema));
            return {};
        })
        .value();
}

void damage(const std::filesystem::path& directory, std::uint64_t seed) {
    const ManualClock clock{epoch};
    open(directory, clock)
        ->write([seed](WriteTxn& txn) -> Result<> {
            std::mt19937_64 dice(seed);
            const auto& tables = txn.tables;
            for (const auto table : {tables.listed4, tables.listed6, tables.due, tables.running, tables.token_expiry,
                                     tables.journal_hosts, tables.host_reports}) {
                std::vector<std::string> keys;
                txn.txn.walk(table, {}, [&](lmdb::Bytes key, lmdb::Bytes) {
                    if (dice() % 3 == 0) keys.emplace_back(key);
                    return true;
                });
                for (const auto& key : keys) txn.txn.erase(table, key);
            }
            for (std::uint32_t i = 0; i < 50; ++i) {
                const auto nobody = Address::v4(0x09000000U + static_cast<std::uint32_t>(dice() % 0xffff));
                txn.txn.put(tables.listed4, keys::bare(nobody), codec::encode(Listing{{ListingClass::web}, 1, 1}));
                txn.txn.put(tables.journal_hosts, keys::address(nobody) + keys::number(i), {});
            }
            return {};
        })
        .value();
}

std::uint64_t repair(const std::filesystem::path& directory) {
    const ManualClock clock{epoch};
    const auto store = open(directory, clock);
    check::Options options;
    options.repair = true;
    options.repairs_at_once = 40;
    return check::run(*store, options, Time::max()).value().repaired;
}

} // namespace provenbl::crash
