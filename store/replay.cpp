#include "store/replay.hpp"

#include "store/journal.hpp"
#include "store/tables.hpp"

namespace provenbl::replay {
namespace {

constexpr std::uint64_t progress_every = 100'000;

std::uint32_t seconds(Time time) {
    return static_cast<std::uint32_t>(
        std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count());
}

} // namespace

Result<> Index::apply(const Change& change) {
    Result<> result;
    // A journal that was trimmed begins later than at 1; from its first entry on there is no gap.
    if (last_ != 0 && change.sequence != last_ + 1)
        result = Error{Errc::corrupt, "journal entry " + std::to_string(change.sequence) + " follows " +
                                          std::to_string(last_) + ": entries between them are missing"};
    last_ = change.sequence;
    // Entries about the list as a whole name no address.
    if (change.before.empty() && change.after.empty()) return result;

    const auto known = listed_.find(change.address);
    const auto before = known == listed_.end() ? ClassSet{} : known->second.classes;
    if (before != change.before)
        result = Error{Errc::corrupt, "journal entry " + std::to_string(change.sequence) + " says that " +
                                          change.address.to_string() + " was listed for " + to_string(change.before) +
                                          ", the entries before it say for " + to_string(before)};
    if (change.after.empty()) {
        listed_.erase(change.address);
        return result;
    }
    auto& listing = listed_[change.address];
    if (change.before.empty()) listing.since = seconds(change.at);
    listing.classes = change.after;
    listing.case_id = change.case_id;
    return result;
}

std::optional<Listing> Index::find(const Address& address) const {
    const auto found = listed_.find(address);
    if (found == listed_.end()) return std::nullopt;
    return found->second;
}

void Index::walk(const std::function<void(const Address&, const Listing&)>& visit) const {
    for (const auto& [address, listing] : listed_) visit(address, listing);
}

void compare(const ReadTxn& txn, const Index& index, const std::function<bool(const Difference&)>& visit) {
    bool more = true;
    std::size_t found = 0; // of what was replayed
    for (const auto table : {txn.tables.listed4, txn.tables.listed6}) {
        if (!more) return;
        txn.txn.walk(table, {}, [&](lmdb::Bytes key, lmdb::Bytes value) {
            const auto address = keys::to_bare(key);
            const auto replayed = index.find(address);
            if (replayed) ++found;
            if (!replayed || codec::encode(*replayed) != value)
                more = visit({address, replayed, codec::decode<Listing>(value)});
            return more;
        });
    }
    if (!more || found == index.size()) return;
    index.walk([&](const Address& address, const Listing& listing) {
        const auto table = address.is_v4() ? txn.tables.listed4 : txn.tables.listed6;
        if (more && !txn.txn.get(table, keys::bare(address))) more = visit({address, listing, std::nullopt});
    });
}

Index journal(const ReadTxn& txn, const std::function<void(const Change&, const Error&)>& fault,
              const std::function<void(std::uint64_t)>& progress) {
    Index index;
    provenbl::journal::walk(txn, 0, [&](const Change& change) {
        if (const auto applied = index.apply(change); !applied) fault(change, applied.error());
        if (progress && change.sequence % progress_every == 0) progress(change.sequence);
        return true;
    });
    return index;
}

} // namespace provenbl::replay
