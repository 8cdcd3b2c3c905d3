// The IPv6 index: sorted leaves of about a hundred entries under branches, in one tree of three levels.
//
// Immutable and shared like the IPv4 index (zones/tree4.hpp), but over keys that are too long and too sparse for a
// fixed fan: leaves and branches split when they grow. About 18 bytes an entry.
#pragma once

#include "zones/class_totals.hpp"

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>

#include <algorithm>
#include <compare>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace provenbl::zones {

struct Key6 {
    std::uint64_t high = 0; // host order, as `low`
    std::uint64_t low = 0;
    auto operator<=>(const Key6&) const = default;
};

class Tree6 {
public:
    using Key = Key6;
    using Change = std::pair<Key, SetBits>;

    Tree6();

    // 0 when it is not listed.
    [[nodiscard]] SetBits find(const Key& key) const;
    // Has any entry from `first` to `last` a class of `mask`?
    [[nodiscard]] bool any_within(const Key& first, const Key& last, SetBits mask) const;
    // Changes ascend strictly; a set of 0 removes.
    [[nodiscard]] Tree6 with(std::span<const Change> changes) const;
    [[nodiscard]] const ClassTotals& totals() const { return root_->totals; }
    [[nodiscard]] std::size_t memory() const;

    // visit(key, set), in order, until it returns false. Returns whether it was called for all.
    template <class Visit> bool each(Visit&& visit) const {
        for (const auto& branch : root_->children) {
            for (const auto& leaf : branch->children) {
                for (std::size_t at = 0; at < leaf->keys.size(); ++at) {
                    if (!visit(leaf->keys[at], leaf->sets[at])) return false;
                }
            }
        }
        return true;
    }

    // The same of what has a class of `mask`, from `first` on. To the beginning it is as far as to an entry.
    template <class Visit> bool each_from(const Key& first, SetBits mask, Visit&& visit) const {
        for (auto b = child_of(root_->firsts, first); b < root_->children.size(); ++b) {
            const auto& branch = *root_->children[b];
            if ((branch.classes & mask) == 0) continue;
            for (auto l = child_of(branch.firsts, first); l < branch.children.size(); ++l) {
                const auto& leaf = *branch.children[l];
                if ((leaf.classes & mask) == 0) continue;
                auto at = static_cast<std::size_t>(std::lower_bound(leaf.keys.begin(), leaf.keys.end(), first) -
                                                   leaf.keys.begin());
                for (; at < leaf.keys.size(); ++at) {
                    if ((leaf.sets[at] & mask) != 0 && !visit(leaf.keys[at], leaf.sets[at])) return false;
                }
            }
        }
        return true;
    }

private:
    // Which child a key belongs to; the first one also takes what stands before it.
    static std::size_t child_of(const std::vector<Key>& firsts, const Key& key) {
        const auto after = std::upper_bound(firsts.begin(), firsts.end(), key);
        return after == firsts.begin() ? 0 : static_cast<std::size_t>(after - firsts.begin()) - 1;
    }
    struct Leaf : boost::intrusive_ref_counter<Leaf, boost::thread_safe_counter> {
        std::vector<Key> keys; // never empty
        std::vector<SetBits> sets;
        SetBits classes = 0;
        [[nodiscard]] const Key& first() const { return keys.front(); }
    };
    // The first keys stand beside the pointers, so that a search touches no child but the one that it is for.
    template <class Child> struct Children {
        std::vector<Key> firsts;
        std::vector<boost::intrusive_ptr<const Child>> children;
        SetBits classes = 0;
        void add(boost::intrusive_ptr<const Child> child) {
            firsts.push_back(child->first());
            classes |= child->classes;
            children.push_back(std::move(child));
        }
        [[nodiscard]] const Key& first() const { return firsts.front(); }
    };
    struct Branch : Children<Leaf>, boost::intrusive_ref_counter<Branch, boost::thread_safe_counter> {};
    struct Root : Children<Branch>, boost::intrusive_ref_counter<Root, boost::thread_safe_counter> {
        ClassTotals totals;
    };
    using Changes = std::span<const Change>;

    explicit Tree6(boost::intrusive_ptr<const Root> root) : root_(std::move(root)) {}
    static void change(const Leaf* old, Changes changes, Branch& into, ClassTotals& totals);
    static void change(const Branch* old, Changes changes, Root& into, ClassTotals& totals);

    boost::intrusive_ptr<const Root> root_; // never null
};

} // namespace provenbl::zones
