#include "tests/bench/store/measures.hpp"

#include "store/hosts.hpp"
#include "store/journal.hpp"
#include "store/ledger.hpp"
#include "tests/bench/data_set.hpp"
#include "tools/api/why.hpp"
#include "zones/follower.hpp"

#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <fcntl.h>
#include <mutex>
#include <system_error>
#include <thread>
#include <unistd.h>

namespace provenbl::bench {
namespace {

using Steady = std::chrono::steady_clock;
using namespace std::chrono_literals;

std::unique_ptr<Store> open(const std::filesystem::path& directory, const Clock& clock) {
    StoreOptions options;
    options.directory = directory;
    return Store::open(options, clock, "verifier").value();
}

Address spare(std::uint32_t number) {
    return Address::v4(std::uint32_t{spare_octet} << 24U | ((number * 40503U) & 0xffffffU));
}

TokenId token(std::uint64_t run, std::uint32_t number) {
    TokenId id{};
    for (unsigned i = 0; i < 8; ++i) id.at(i) = static_cast<std::uint8_t>(run >> (8 * i));
    for (unsigned i = 0; i < 4; ++i) id.at(8 + i) = static_cast<std::uint8_t>(number >> (8 * i));
    return id;
}

Result<> list_one(WriteTxn& txn, std::uint64_t run, std::uint32_t number) {
    PendingProbe probe;
    probe.id = token(run, number);
    probe.target = {spare(number), 25};
    probe.technique = "smtp-relay/plain";
    probe.written = txn.now;
    probe.expires = txn.now + 24h;
    probe.repeat = "swaks --to TOKEN@probe.example";
    probe.transcript = std::string(200, 't');
    if (auto issued = tokens::issue(txn, probe); !issued) return issued;
    auto evidence = tokens::arrive(txn, probe.id, {txn.now, probe.target.address, 25, std::string(200, 'm')});
    if (!evidence) return evidence.error();
    auto listed = ledger::list(txn, **evidence, txn.now + 24h);
    if (!listed) return listed.error();
    return {};
}

Result<> delist_one(WriteTxn& txn, std::uint32_t number) {
    const auto host = hosts::find(txn, spare(number));
    if (!host) return Error{Errc::not_found, "not there"};
    auto clearance = Clearance::from_silence(*host, Duration::zero(), txn.now);
    if (!clearance) return clearance.error();
    auto cleared = ledger::clear(txn, *clearance, "verifier");
    if (!cleared) return cleared.error();
    return {};
}

} // namespace

Start measure_start(const std::filesystem::path& directory) {
    const SystemClock clock;
    Start start;
    const auto began = Steady::now();
    const auto store = open(directory, clock);
    const auto opened = Steady::now();
    zones::Follower follower(*store);
    follower.start();
    start.listed = follower.snapshot()->index.size();
    start.index = Steady::now() - opened;
    start.open = opened - began;
    follower.stop();
    return start;
}

LatencyHistogram measure_why(const std::filesystem::path& directory, std::uint32_t hosts, std::size_t count) {
    const SystemClock clock;
    const auto store = open(directory, clock);
    const verifier::PolicyRules rules;
    Dice dice(7);
    LatencyHistogram times;
    std::size_t size = 0; // so that nothing is optimized away
    for (std::size_t i = 0; i < count; ++i) {
        const auto address = Address::v4(0x05000000U + dice.below(hosts) * 2);
        const auto began = Steady::now();
        const auto facts =
            store->read([&](const ReadTxn& txn) { return tools::api::read_why_facts(txn, address, clock.now()); });
        size += tools::api::why(facts, rules).reason.size();
        times.add(Steady::now() - began);
    }
    if (size == 0) throw std::runtime_error("nothing was said");
    return times;
}

LatencyHistogram measure_sync(const std::filesystem::path& directory, std::size_t count) {
    const auto path = directory / "sync-probe";
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) throw std::system_error(errno, std::generic_category(), "making " + path.string());
    const std::string page(4096, 'x');
    LatencyHistogram times;
    for (std::size_t i = 0; i < count; ++i) {
        const auto began = Steady::now();
        if (::pwrite(file, page.data(), page.size(), static_cast<off_t>(i * page.size())) < 0 || ::fdatasync(file) != 0)
            throw std::system_error(errno, std::generic_category(), "syncing");
        times.add(Steady::now() - began);
    }
    ::close(file);
    std::filesystem::remove(path);
    return times;
}

Changed measure_changes(const std::filesystem::path& directory, const ChangeLoad& load) {
    const SystemClock clock;
    const auto store = open(directory, clock);
    zones::Follower follower(*store);
    follower.start();
    const auto run = static_cast<std::uint64_t>(clock.now().time_since_epoch().count());
    const auto commits_before = store->statistics().commits;

    Changed result;
    std::mutex mutex;
    std::condition_variable room;
    std::uint64_t outstanding = 0;
    Steady::time_point last{};
    std::atomic<bool> over = false;
    std::thread reader([&] {
        Dice dice(11);
        while (!over) {
            const auto snapshot = follower.snapshot();
            for (int i = 0; i < 200; ++i) {
                static_cast<void>(snapshot->index.find(Address::v4(0x05000000U + dice.below(10'000'000))));
                ++result.lookups;
            }
            std::this_thread::sleep_for(1ms); // the rhythm of the load
        }
    });
    const auto first = static_cast<std::uint32_t>(store->read([](const ReadTxn& txn) { return journal::last(txn); }));
    const auto submit = [&](std::uint32_t step) {
        const auto began = Steady::now();
        // Listings, each of a host of its own, and from 5000 on every second step ends one.
        store->submit(
            [run, step, first](WriteTxn& txn) {
                const bool ends = step > 5001 && step % 2 == 1;
                return ends ? delist_one(txn, first + step - 3) : list_one(txn, run, first + step);
            },
            [&, began](const Result<>& committed) {
                const auto now = Steady::now();
                const std::scoped_lock lock(mutex);
                if (committed) {
                    ++result.changes;
                    result.waited.add(now - began);
                    last = now;
                } else {
                    ++result.refused;
                }
                --outstanding;
                room.notify_one();
            });
    };
    const auto began = Steady::now();
    std::uint32_t step = 0;
    for (auto now = began; now - began < load.duration; now = Steady::now()) {
        const auto due =
            load.rate == 0 ? step + 1000
                           : static_cast<std::uint32_t>(load.rate * std::chrono::duration<double>(now - began).count());
        for (; step < due; ++step) {
            std::unique_lock lock(mutex);
            room.wait(lock, [&] { return outstanding < 20'000; });
            ++outstanding;
            lock.unlock();
            submit(step);
        }
        if (load.rate != 0) std::this_thread::sleep_until(now + 1ms); // the rhythm of the load
    }
    {
        std::unique_lock lock(mutex);
        room.wait(lock, [&] { return outstanding == 0; });
    }
    result.took = last - began;
    result.commits = store->statistics().commits - commits_before;
    const auto final = store->read([](const ReadTxn& txn) { return journal::last(txn); });
    for (int i = 0; i < 2000 && follower.snapshot()->sequence < final; ++i) std::this_thread::sleep_for(1ms);
    result.followed = follower.snapshot()->sequence >= final;
    over = true;
    reader.join();
    follower.stop();
    return result;
}

} // namespace provenbl::bench
