#include "tests/bench/ledger_load.hpp"

#include "store/hosts.hpp"
#include "store/ledger.hpp"
#include "store/tokens.hpp"

#include <algorithm>
#include <mutex>
#include <semaphore>

namespace provenbl::bench {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr std::uint64_t stride = 999'999'937; // prime: one host after the other, scattered

Result<> list(WriteTxn& txn, const Address& address, std::uint64_t number) {
    PendingProbe probe;
    for (unsigned i = 0; i < 8; ++i) probe.id.at(i) = static_cast<std::uint8_t>(number * stride >> (8 * i));
    const auto began = static_cast<std::uint64_t>(txn.now.time_since_epoch().count());
    for (unsigned i = 0; i < 8; ++i) probe.id.at(8 + i) = static_cast<std::uint8_t>(began >> (8 * i));
    probe.target = {address, 25};
    probe.technique = "smtp-relay/plain";
    probe.written = txn.now;
    probe.expires = txn.now + 24h;
    probe.repeat = "swaks --server " + address.to_string() + " --to token@probes.example";
    if (auto issued = tokens::issue(txn, probe); !issued) return issued;
    auto evidence = tokens::arrive(txn, probe.id,
                                   {txn.now, address, 25,
                                    "Received: from " + address.to_string() +
                                        " by mx.probes.example\r\nSubject: probe\r\n\r\nThis mail was sent "
                                        "to find out whether a mail server relays for strangers.\r\n"});
    if (!evidence) return evidence.error();
    if (!*evidence) return Error{Errc::invalid, "a mail is its own proof"};
    const auto listed = ledger::list(txn, **evidence, txn.now + 24h);
    return listed ? Result<>() : Result<>(listed.error());
}

Result<> delist(WriteTxn& txn, const Address& address) {
    const auto host = hosts::find(txn, address);
    if (!host) return Error{Errc::not_found, address.to_string() + " is not known"};
    const auto clearance = Clearance::from_age(*host, Duration::zero(), txn.now);
    if (!clearance) return clearance.error();
    const auto cleared = ledger::clear(txn, *clearance, "verifier");
    return cleared ? Result<>() : Result<>(cleared.error());
}

} // namespace

LedgerLoadResult run_ledger_load(Store& store, const Life& life, const LedgerLoad& load) {
    LedgerLoadResult result;
    std::mutex mutex; // of the result, which the writer's thread fills
    std::counting_semaphore<> room(load.at_once);
    const auto submit = [&](Store::Work work) {
        room.acquire();
        store.submit(std::move(work), [&, asked = Clock::now()](const Result<>& committed) {
            {
                const std::lock_guard lock(mutex);
                result.durable.add(Clock::now() - asked);
                ++(committed ? result.changes : result.refused);
            }
            room.release();
        });
    };
    const auto unlisted = life.hosts / life.listed_every - 1;
    const auto host = [&](std::uint64_t number) {
        return life.address(number * (stride % unlisted) % unlisted * life.listed_every + 1);
    };
    const auto lag = static_cast<std::uint64_t>(2 * load.at_once); // so that its listing is committed by then
    const auto commits = store.statistics().commits;
    const auto began = Clock::now();
    for (std::uint64_t number = 0; Clock::now() - began < load.duration; ++number) {
        submit([address = host(number), number](WriteTxn& txn) { return list(txn, address, number); });
        if (number >= lag) submit([address = host(number - lag)](WriteTxn& txn) { return delist(txn, address); });
    }
    for (std::ptrdiff_t i = 0; i < load.at_once; ++i) room.acquire();
    result.took = Clock::now() - began;
    result.commits = store.statistics().commits - commits;
    return result;
}

} // namespace provenbl::bench
