#include "dnsbl/guard/key_ring.hpp"

#include <chrono>
#include <exception>

namespace provenbl::dnsbl::guard {
namespace {

constexpr std::chrono::milliseconds look_every{250};

} // namespace

KeyRing::KeyRing(const Store& store) : store_(store), table_(std::make_shared<const KeyTable>()) {}

KeyRing::~KeyRing() {
    stop();
}

void KeyRing::start() {
    catch_up();
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = false;
    }
    thread_ = std::thread([this] { run(); });
}

void KeyRing::stop() {
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void KeyRing::catch_up() {
    std::vector<AccessKey> in_force;
    std::optional<std::uint64_t> known;
    {
        const std::scoped_lock lock(mutex_);
        known = seen_;
        std::erase_if(retired_, [](const auto& table) { return table.use_count() == 1; });
    }
    const auto version = store_.read([&](const ReadTxn& txn) {
        const auto now = access_keys::version(txn);
        if (now != known) {
            access_keys::walk(txn, [&](const AccessKey& key) {
                if (key.in_force()) in_force.push_back(key);
                return true;
            });
        }
        return now;
    });
    if (version == known) return;

    std::vector<KeyEntry> entries;
    const std::scoped_lock lock(mutex_);
    std::map<std::uint64_t, std::shared_ptr<KeyUsage>> kept;
    for (const auto& key : in_force) {
        const auto before = usage_.find(key.id);
        auto usage = before != usage_.end() ? before->second : std::make_shared<KeyUsage>();
        kept.emplace(key.id, usage);
        entries.push_back({key.hash, key.id, key.per_second, key.per_day, std::move(usage)});
    }
    usage_ = std::move(kept);
    if (table_) retired_.push_back(std::move(table_));
    table_ = std::make_shared<const KeyTable>(std::move(entries));
    seen_ = version;
    generation_.fetch_add(1, std::memory_order_release);
}

void KeyRing::run() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        lock.unlock();
        std::string trouble;
        try {
            catch_up();
        } catch (const std::exception& error) {
            trouble = std::string("the access keys can't be read, those known stay in force: ") + error.what();
        }
        lock.lock();
        trouble_ = std::move(trouble);
        wake_.wait_for(lock, look_every, [this] { return stopping_; });
    }
}

std::shared_ptr<const KeyTable> KeyRing::table() const {
    const std::scoped_lock lock(mutex_);
    return table_;
}

std::shared_ptr<const KeyUsage> KeyRing::usage(std::uint64_t id) const {
    const std::scoped_lock lock(mutex_);
    const auto found = usage_.find(id);
    return found == usage_.end() ? nullptr : found->second;
}

std::string KeyRing::trouble() const {
    const std::scoped_lock lock(mutex_);
    return trouble_;
}

} // namespace provenbl::dnsbl::guard
