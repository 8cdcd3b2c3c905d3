// One address family of the index: a frozen base and the overlay of changes since, both shared between
// snapshots. Immutable: a change gives a new Family and costs a copy of the overlay only.
#pragma once

#include "zones/frozen.hpp"
#include "zones/overlay.hpp"

#include <memory>
#include <utility>
#include <vector>

namespace provenbl::zones {

template <class Keys> class Family {
public:
    using Key = typename Keys::Key;
    using Base = Frozen<Keys>;
    using Recent = Overlay<Key>;
    using Change = std::pair<Key, std::uint8_t>;

    Family() : Family(empty_base()) {}
    explicit Family(std::shared_ptr<const Base> base)
        : base_(std::move(base)), recent_(std::make_shared<const Recent>()) {}

    [[nodiscard]] std::uint8_t find(Key key) const {
        if (const auto now = recent_->find(key)) return *now;
        return base_->find(key);
    }
    [[nodiscard]] PerClass within(Key first, Key last) const {
        auto counts = base_->within(first, last);
        if (recent_->size() == 0) return counts;
        const auto difference = recent_->difference(first, last);
        for (std::size_t bit = 0; bit < class_lanes; ++bit) counts[bit] += difference[bit];
        return counts;
    }

    // Changes ascend strictly.
    [[nodiscard]] Family with(const std::vector<Change>& changes) const {
        if (changes.empty()) return *this;
        std::vector<typename Recent::Entry> entries;
        entries.reserve(recent_->size() + changes.size());
        auto change = changes.begin();
        const auto take = [&] {
            entries.push_back({change->first, change->second, base_->find(change->first)});
            ++change;
        };
        for (const auto& old : recent_->entries()) {
            while (change != changes.end() && change->first < old.key) take();
            if (change != changes.end() && change->first == old.key) {
                entries.push_back({old.key, change->second, old.base});
                ++change;
            } else {
                entries.push_back(old);
            }
        }
        while (change != changes.end()) take();
        return Family(base_, std::make_shared<const Recent>(std::move(entries)));
    }

    // Every listed address in order, until visit(key, set) returns false.
    template <class Visit> bool each(Visit&& visit) const {
        const auto changed = recent_->entries();
        std::size_t next = 0;
        const auto changed_before = [&](auto below) {
            for (; next < changed.size() && below(changed[next].key); ++next) {
                if (changed[next].now != 0 && !visit(changed[next].key, changed[next].now)) return false;
            }
            return true;
        };
        const bool whole = base_->each([&](Key key, std::uint8_t set) {
            if (!changed_before([&](Key other) { return other < key; })) return false;
            if (next < changed.size() && changed[next].key == key) {
                const auto now = changed[next++].now;
                return now == 0 || visit(key, now);
            }
            return visit(key, set);
        });
        return whole && changed_before([](Key) { return true; });
    }

    [[nodiscard]] Family merged() const {
        if (recent_->size() == 0) return *this;
        auto base = std::make_shared<Base>();
        base->reserve(base_->size() + recent_->size());
        each([&](Key key, std::uint8_t set) {
            base->append(key, set);
            return true;
        });
        base->seal();
        return Family(std::shared_ptr<const Base>(std::move(base)));
    }

    // The same contents as this, on `newer`'s base, which was compiled from an earlier state of this one.
    [[nodiscard]] Family rebased_on(const Family& newer) const {
        std::vector<Change> changes;
        for (const auto& entry : recent_->entries()) {
            if (newer.find(entry.key) != entry.now) changes.emplace_back(entry.key, entry.now);
        }
        return newer.with(changes);
    }

    [[nodiscard]] bool shares_base(const Family& other) const { return base_ == other.base_; }
    [[nodiscard]] std::size_t recent() const { return recent_->size(); }
    [[nodiscard]] std::size_t memory() const { return base_->memory() + recent_->memory(); }
    // Entries, listed ones only.
    [[nodiscard]] std::size_t size() const {
        auto entries = base_->size();
        for (const auto& entry : recent_->entries()) {
            if (entry.base == 0 && entry.now != 0) ++entries;
            if (entry.base != 0 && entry.now == 0) --entries;
        }
        return entries;
    }

private:
    Family(std::shared_ptr<const Base> base, std::shared_ptr<const Recent> recent)
        : base_(std::move(base)), recent_(std::move(recent)) {}
    static std::shared_ptr<const Base> empty_base() {
        auto base = std::make_shared<Base>();
        base->seal();
        return base;
    }
    std::shared_ptr<const Base> base_;
    std::shared_ptr<const Recent> recent_;
};

} // namespace provenbl::zones
