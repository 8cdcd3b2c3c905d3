#include "dnsbl/transfer/mirror_ring.hpp"

#include "store/mirrors.hpp"

#include <chrono>
#include <exception>

namespace provenbl::dnsbl::transfer {
namespace {

constexpr std::chrono::milliseconds look_every{250};

// An error says which mirror's record makes no sense here: it was written by a newer version, or by hand.
Result<MirrorEntry> entry_of(const Mirror& mirror) {
    const auto wrong = [&](const std::string& why) {
        return Error{Errc::invalid,
                     "the mirror '" + mirror.name + "' can't be served: " + why + "; remove it and add it again"};
    };
    MirrorEntry entry;
    entry.id = mirror.id;
    entry.name = mirror.name;
    entry.notify = mirror.addresses;
    entry.from = mirror.from;
    entry.tls = mirror.tls;
    entry.reads_catalog = mirror.kind == MirrorKind::bind || mirror.kind == MirrorKind::knot;
    const auto key = zones::DomainName::parse(mirror.key_name);
    if (!key) return wrong(key.error().message);
    entry.key.name = *key;
    const auto algorithm = wire::parse_tsig_algorithm(mirror.algorithm);
    if (!algorithm) return wrong("'" + mirror.algorithm + "' is no algorithm that is known here");
    entry.key.algorithm = *algorithm;
    if (mirror.secret.empty()) return wrong("it has no secret");
    entry.key.secret.assign(mirror.secret.begin(), mirror.secret.end());
    for (const auto& text : mirror.zones) {
        auto zone = zones::DomainName::parse(text);
        if (!zone) return wrong(zone.error().message);
        entry.zones.push_back(std::move(*zone));
    }
    return entry;
}

} // namespace

MirrorRing::MirrorRing(const Store& store, std::vector<Prefix> allow_unsigned, bool require_tls)
    : store_(store), allow_unsigned_(std::move(allow_unsigned)), require_tls_(require_tls),
      access_(std::make_shared<const TransferAccess>(std::vector<MirrorEntry>{}, allow_unsigned_, require_tls_)) {}

MirrorRing::~MirrorRing() {
    stop();
}

void MirrorRing::start() {
    catch_up();
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = false;
    }
    thread_ = std::thread([this] { run(); });
}

void MirrorRing::stop() {
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void MirrorRing::catch_up() {
    std::vector<Mirror> in_force;
    std::optional<std::uint64_t> known;
    {
        const std::scoped_lock lock(mutex_);
        known = seen_;
    }
    const auto version = store_.read([&](const ReadTxn& txn) {
        const auto now = mirrors::version(txn);
        if (now != known) {
            mirrors::walk(txn, [&](const Mirror& mirror) {
                if (mirror.in_force()) in_force.push_back(mirror);
                return true;
            });
        }
        return now;
    });
    if (version == known) return;

    std::vector<MirrorEntry> entries;
    std::string unusable;
    for (const auto& mirror : in_force) {
        auto entry = entry_of(mirror);
        if (entry)
            entries.push_back(std::move(*entry));
        else
            unusable = entry.error().message;
    }
    auto next = std::make_shared<const TransferAccess>(std::move(entries), allow_unsigned_, require_tls_);
    const std::scoped_lock lock(mutex_);
    access_.swap(next);
    unusable_ = std::move(unusable);
    seen_ = version;
    generation_.fetch_add(1, std::memory_order_release);
}

void MirrorRing::run() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        lock.unlock();
        std::string trouble;
        try {
            catch_up();
        } catch (const std::exception& error) {
            trouble = std::string("the mirrors can't be read, those known stay in force: ") + error.what();
        }
        lock.lock();
        trouble_ = std::move(trouble);
        wake_.wait_for(lock, look_every, [this] { return stopping_; });
    }
}

std::shared_ptr<const TransferAccess> MirrorRing::access() const {
    const std::scoped_lock lock(mutex_);
    return access_;
}

std::string MirrorRing::trouble() const {
    const std::scoped_lock lock(mutex_);
    return trouble_.empty() ? unusable_ : trouble_;
}

} // namespace provenbl::dnsbl::transfer
