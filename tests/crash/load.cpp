#include "tests/crash/load.hpp"

#include "store/backup.hpp"
#include "store/hosts.hpp"
#include "store/journal.hpp"
#include "store/ledger.hpp"
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

// A backup that has its name is whole, and every listing in it is explained.
void look_into(const std::filesystem::path& file, std::uint64_t serial, Faults& fault) {
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
            // One that the disk refused, or whose name is taken, is followed by the next.
            while (!stop.stop_requested()) (void)backup::make(*store, load.backups, clock);
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
           const std::filesystem::path& backups) {
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
        look_into(entry.path(), found.serial, fault);
    }
    return found;
}

} // namespace provenbl::crash
