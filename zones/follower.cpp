#include "zones/follower.hpp"

#include "store/hosts.hpp"
#include "store/journal.hpp"
#include "store/listing_unit.hpp"
#include "store/notices.hpp"

#include <exception>
#include <vector>

namespace provenbl::zones {
namespace {

using namespace std::chrono_literals;

// How long a wait for commits lasts at most, so that stop is seen. Short for another
// reason too: the store's version can move while the commit is still being synced, when a read does not see it
// yet; this look again is then the one that finds it. It costs a read transaction, a microsecond or two.
constexpr Duration longest_wait = 5ms;
// Changes that are read in one transaction; the rest of a long backlog comes with the next one.
constexpr std::size_t changes_at_once = 20'000;

} // namespace

Follower::Follower(const Store& store) : store_(store), current_(std::make_shared<const Snapshot>()) {}

Follower::~Follower() {
    stop();
}

void Follower::start() {
    catch_up();
    stopping_ = false;
    thread_ = std::thread([this] { run(); });
}

void Follower::stop() {
    stopping_ = true;
    if (thread_.joinable()) thread_.join();
}

std::shared_ptr<const Snapshot> Follower::snapshot() const {
    const std::scoped_lock lock(mutex_);
    return current_;
}

std::string Follower::trouble() const {
    const std::scoped_lock lock(mutex_);
    return trouble_;
}

void Follower::publish(std::shared_ptr<const Snapshot> next) {
    {
        const std::scoped_lock lock(mutex_);
        current_.swap(next);
    }
    // After the swap: who sees the new generation gets the new snapshot.
    generation_.fetch_add(1, std::memory_order_release);
    retired_.push_back(std::move(next));
}

void Follower::free_retired() {
    // Nobody can get hold of a retired one any more, so a count of one is ours and stays.
    std::erase_if(retired_, [](const auto& snapshot) { return snapshot.use_count() == 1; });
}

std::shared_ptr<Snapshot> Follower::begin(const ReadTxn& txn) {
    auto next = std::make_shared<Snapshot>();
    auto noted = journal::configuration(txn);
    next->definition = std::move(noted.digest);
    next->defined_at = noted.sequence;
    return next;
}

std::shared_ptr<const Snapshot> Follower::shut_down(const ReadTxn& txn, std::uint64_t sequence) {
    auto next = begin(txn);
    next->index = Index::shut_down();
    next->sequence = sequence;
    return next;
}

std::shared_ptr<const Snapshot> Follower::compile(const ReadTxn& txn) const {
    Index::Builder builder(listing_unit::ipv6_bits(txn));
    hosts::walk_listed(txn, [&](const Address& address, const Listing& listing) {
        builder.add(address, listing.classes);
        return true;
    });
    auto next = begin(txn);
    next->index = builder.build();
    next->sequence = journal::last(txn);
    return next;
}

std::shared_ptr<const Snapshot> Follower::advance(const ReadTxn& txn, const Snapshot& from) const {
    std::vector<IndexChange> changes;
    auto next = begin(txn);
    next->sequence = from.sequence;
    std::size_t seen = 0;
    journal::walk(txn, from.sequence, [&](const Change& change) {
        next->sequence = change.sequence;
        if (names_host(change.reason)) changes.push_back({change.address, change.after});
        return ++seen < changes_at_once;
    });
    next->index = changes.empty() ? from.index : from.index.with_changes(changes);
    return next;
}

void Follower::catch_up() {
    const std::scoped_lock lock(update_mutex_);
    while (true) {
        const auto now = snapshot();
        const auto next = store_.read([&](const ReadTxn& txn) -> std::shared_ptr<const Snapshot> {
            const auto last = journal::last(txn);
            // A journal that ends before what was seen is another one: the store was replaced. One that begins after it
            // has been trimmed since, or the index was repaired.
            const bool anew = !compiled_ || last < now->sequence || now->sequence < journal::floor(txn);
            if (!anew && last == now->sequence) return nullptr;
            if (notices::shutdown(txn)) return shut_down(txn, last);
            if (anew || now->index.is_shut_down() || now->index.ipv6_bits() != listing_unit::ipv6_bits(txn))
                return compile(txn);
            return advance(txn, *now);
        });
        if (!next) break;
        compiled_ = true;
        publish(next);
    }
    free_retired();
}

void Follower::run() {
    std::uint64_t seen = 0;
    while (!stopping_) {
        std::string trouble;
        try {
            seen = store_.wait_for_change(seen, longest_wait);
            catch_up();
        } catch (const std::exception& error) {
            // A broken store throws at once, so that nothing has been waited for.
            std::this_thread::sleep_for(longest_wait);
            trouble = std::string("the index can't follow the store, answers stay as they were: ") + error.what();
        }
        {
            const std::scoped_lock lock(mutex_);
            trouble_ = std::move(trouble);
        }
    }
}

} // namespace provenbl::zones
