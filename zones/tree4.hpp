// The IPv4 index: a tree of three levels over the upper 16 bits (6, 5 and 5 of them), with a leaf for each /16.
//
// Immutable; a copy costs a pointer. A change gives a new tree that shares all but the changed leaves and the way to
// them, about a hundred pointers each; so there is no overlay to look into first, nothing to merge, and never a second
// copy of the list. Every branch knows the classes of all that is below it, which answers "is there any entry of these
// classes inside this prefix" without a walk.
#pragma once

#include "zones/leaf4.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <utility>

namespace provenbl::zones {

class Tree4 {
public:
    using Key = std::uint32_t; // host order
    using Change = std::pair<Key, SetBits>;

    Tree4();

    // 0 when it is not listed.
    [[nodiscard]] SetBits find(Key key) const {
        const auto* const page = page_of(key);
        const auto* const leaf = page != nullptr ? page->leaves[in_page(key)].get() : nullptr;
        return leaf != nullptr ? leaf->find(low(key), leaf->bucket_bits()) : SetBits{0};
    }
    // The same in steps, each of which asks the memory for what the next one needs: for a batch.
    struct Place {
        const Leaf4* leaf = nullptr;
        unsigned bits = 0;
    };
    void prefetch(Key key) const {
        if (const auto* const page = page_of(key); page != nullptr) {
            __builtin_prefetch(&page->leaves[in_page(key)]);
            __builtin_prefetch(&page->bits[in_page(key)]);
        }
    }
    [[nodiscard]] Place place(Key key) const {
        const auto* const page = page_of(key);
        if (page == nullptr) return {};
        const Place found{page->leaves[in_page(key)].get(), page->bits[in_page(key)]};
        if (found.leaf != nullptr) found.leaf->prefetch_directory(low(key), found.bits);
        return found;
    }
    static void prefetch(const Place& place, Key key) {
        if (place.leaf != nullptr) place.leaf->prefetch_bucket(low(key), place.bits);
    }
    static SetBits find(const Place& place, Key key) {
        return place.leaf != nullptr ? place.leaf->find(low(key), place.bits) : SetBits{0};
    }

    // Has any entry from `first` to `last` a class of `mask`? The two are the ends of a prefix.
    [[nodiscard]] bool any_within(Key first, Key last, SetBits mask) const;
    // Changes ascend strictly; a set of 0 removes.
    [[nodiscard]] Tree4 with(std::span<const Change> changes) const;
    [[nodiscard]] const ClassTotals& totals() const { return root_->totals; }
    [[nodiscard]] std::size_t memory() const;

    // visit(key, set), in order, until it returns false. Returns whether it was called for all.
    template <class Visit> bool each(Visit&& visit) const {
        for (Key middle = 0; middle < root_->middles.size(); ++middle) {
            if (!root_->middles[middle]) continue;
            for (Key page = 0; page < fan; ++page) {
                const auto* const pages = root_->middles[middle]->pages[page].get();
                for (Key leaf = 0; pages != nullptr && leaf < fan; ++leaf) {
                    const Key upper = middle << 26U | page << 21U | leaf << 16U;
                    if (pages->leaves[leaf] && !pages->leaves[leaf]->each([&](std::uint16_t key, SetBits set) {
                            return visit(upper | key, set);
                        }))
                        return false;
                }
            }
        }
        return true;
    }

    // The same of what has a class of `mask`, from `first` on. To the beginning it is as far as to an entry.
    template <class Visit> bool each_from(Key first, SetBits mask, Visit&& visit) const {
        constexpr std::uint64_t of_middle = 1U << 26U;
        constexpr std::uint64_t of_page = 1U << 21U;
        constexpr std::uint64_t of_leaf = 1U << 16U;
        const auto next = [](std::uint64_t at, std::uint64_t size) { return (at / size + 1) * size; };
        // Keys in 64 bits, so that the end of the space is no special case.
        for (std::uint64_t at = first; at >> 32U == 0;) {
            const auto key = static_cast<Key>(at);
            const auto* const middle = root_->middles[in_root(key)].get();
            const auto* const page = middle != nullptr ? middle->pages[in_middle(key)].get() : nullptr;
            const auto* const leaf = page != nullptr ? page->leaves[in_page(key)].get() : nullptr;
            if (middle == nullptr || (middle->classes & mask) == 0) {
                at = next(at, of_middle);
                continue;
            }
            if (page == nullptr || (page->classes & mask) == 0) {
                at = next(at, of_page);
                continue;
            }
            if (leaf != nullptr && (leaf->classes() & mask) != 0) {
                const Key upper = key & 0xffff0000U;
                const bool whole = leaf->each_within(low(key), 0xffff, [&](std::uint16_t entry, SetBits set) {
                    return (set & mask) == 0 || visit(upper | entry, set);
                });
                if (!whole) return false;
            }
            at = next(at, of_leaf);
        }
        return true;
    }

private:
    static constexpr std::size_t fan = 32;
    struct Page : boost::intrusive_ref_counter<Page, boost::thread_safe_counter> {
        std::array<std::uint8_t, fan> bits{}; // of the leaves' buckets
        std::array<boost::intrusive_ptr<const Leaf4>, fan> leaves;
        SetBits classes = 0;
    };
    struct Middle : boost::intrusive_ref_counter<Middle, boost::thread_safe_counter> {
        std::array<boost::intrusive_ptr<const Page>, fan> pages;
        SetBits classes = 0;
    };
    struct Root : boost::intrusive_ref_counter<Root, boost::thread_safe_counter> {
        std::array<boost::intrusive_ptr<const Middle>, 64> middles;
        ClassTotals totals;
    };
    using Changes = std::span<const Change>;

    explicit Tree4(boost::intrusive_ptr<const Root> root) : root_(std::move(root)) {}
    static std::size_t in_root(Key key) { return key >> 26U; }
    static std::size_t in_middle(Key key) { return key >> 21U & 31U; }
    static std::size_t in_page(Key key) { return key >> 16U & 31U; }
    static std::uint16_t low(Key key) { return static_cast<std::uint16_t>(key); }
    [[nodiscard]] const Page* page_of(Key key) const {
        const auto* const middle = root_->middles[in_root(key)].get();
        return middle != nullptr ? middle->pages[in_middle(key)].get() : nullptr;
    }
    static boost::intrusive_ptr<const Middle> changed(const Middle* old, Changes changes, ClassTotals& totals);
    static boost::intrusive_ptr<const Page> changed(const Page* old, Changes changes, ClassTotals& totals);
    static boost::intrusive_ptr<const Leaf4> changed(const Leaf4* old, Changes changes, ClassTotals& totals);

    boost::intrusive_ptr<const Root> root_; // never null
};

} // namespace provenbl::zones
