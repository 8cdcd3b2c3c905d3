#include "zones/tree6.hpp"

#include <algorithm>

namespace provenbl::zones {
namespace {

constexpr std::size_t most_entries = 128; // of a leaf, and leaves of a branch
constexpr std::size_t after_split = 96;

// Cuts the changes off that belong to child `at`.
std::span<const Tree6::Change> take_group(std::span<const Tree6::Change>& changes, const std::vector<Key6>& firsts,
                                          std::size_t at) {
    auto end = changes.end();
    if (at + 1 < firsts.size())
        end = std::find_if(changes.begin(), changes.end(),
                           [&](const auto& change) { return change.first >= firsts[at + 1]; });
    const auto size = static_cast<std::size_t>(end - changes.begin());
    const auto group = changes.first(size);
    changes = changes.subspan(size);
    return group;
}

// How many of `left` go into the next piece: all while they fit, else shares of about `after_split`.
std::size_t piece_of(std::size_t left) {
    if (left <= most_entries) return left;
    const auto pieces = (left + after_split - 1) / after_split;
    return (left + pieces - 1) / pieces;
}

} // namespace

Tree6::Tree6() : root_(new Root) {}

SetBits Tree6::find(const Key& key) const {
    if (root_->children.empty()) return 0;
    const auto& branch = *root_->children[child_of(root_->firsts, key)];
    const auto& leaf = *branch.children[child_of(branch.firsts, key)];
    const auto at = std::lower_bound(leaf.keys.begin(), leaf.keys.end(), key);
    if (at == leaf.keys.end() || *at != key) return 0;
    return leaf.sets[static_cast<std::size_t>(at - leaf.keys.begin())];
}

bool Tree6::any_within(const Key& first, const Key& last, SetBits mask) const {
    const auto concerns = [&](const Key& from, const auto& child) {
        return from <= last && (child.classes & mask) != 0;
    };
    for (auto b = child_of(root_->firsts, first); b < root_->children.size(); ++b) {
        const auto& branch = *root_->children[b];
        if (root_->firsts[b] > last) return false;
        if (!concerns(root_->firsts[b], branch)) continue;
        for (auto l = child_of(branch.firsts, first); l < branch.children.size(); ++l) {
            const auto& leaf = *branch.children[l];
            if (branch.firsts[l] > last) return false;
            if (!concerns(branch.firsts[l], leaf)) continue;
            auto at = static_cast<std::size_t>(std::lower_bound(leaf.keys.begin(), leaf.keys.end(), first) -
                                               leaf.keys.begin());
            for (; at < leaf.keys.size() && leaf.keys[at] <= last; ++at) {
                if ((leaf.sets[at] & mask) != 0) return true;
            }
        }
    }
    return false;
}

void Tree6::change(const Leaf* old, Changes changes, Branch& into, ClassTotals& totals) {
    std::vector<Change> entries;
    auto next = changes.begin();
    const auto take = [&](SetBits before) {
        totals.change(before, next->second);
        if (next->second != 0) entries.push_back(*next);
        ++next;
    };
    for (std::size_t at = 0; old != nullptr && at < old->keys.size(); ++at) {
        while (next != changes.end() && next->first < old->keys[at]) take(0);
        if (next != changes.end() && next->first == old->keys[at])
            take(old->sets[at]);
        else
            entries.emplace_back(old->keys[at], old->sets[at]);
    }
    while (next != changes.end()) take(0);
    for (std::size_t from = 0; from < entries.size();) {
        const auto size = piece_of(entries.size() - from);
        boost::intrusive_ptr<Leaf> leaf(new Leaf);
        leaf->keys.reserve(size);
        leaf->sets.reserve(size);
        for (const auto end = from + size; from < end; ++from) {
            leaf->keys.push_back(entries[from].first);
            leaf->sets.push_back(entries[from].second);
            leaf->classes |= entries[from].second;
        }
        into.add(std::move(leaf));
    }
}

void Tree6::change(const Branch* old, Changes changes, Root& into, ClassTotals& totals) {
    Branch all;
    if (old == nullptr) change(static_cast<const Leaf*>(nullptr), changes, all, totals);
    for (std::size_t at = 0; old != nullptr && at < old->children.size(); ++at) {
        const auto group = take_group(changes, old->firsts, at);
        if (group.empty())
            all.add(old->children[at]);
        else
            change(old->children[at].get(), group, all, totals);
    }
    for (std::size_t from = 0; from < all.children.size();) {
        const auto size = piece_of(all.children.size() - from);
        boost::intrusive_ptr<Branch> branch(new Branch);
        branch->firsts.reserve(size);
        branch->children.reserve(size);
        for (const auto end = from + size; from < end; ++from) branch->add(all.children[from]);
        into.add(std::move(branch));
    }
}

Tree6 Tree6::with(Changes changes) const {
    if (changes.empty()) return *this;
    boost::intrusive_ptr<Root> root(new Root);
    root->totals = root_->totals;
    if (root_->children.empty()) change(static_cast<const Branch*>(nullptr), changes, *root, root->totals);
    for (std::size_t at = 0; at < root_->children.size(); ++at) {
        const auto group = take_group(changes, root_->firsts, at);
        if (group.empty())
            root->add(root_->children[at]);
        else
            change(root_->children[at].get(), group, *root, root->totals);
    }
    return Tree6(root);
}

std::size_t Tree6::memory() const {
    constexpr auto child = sizeof(Key) + sizeof(void*);
    std::size_t size = sizeof(Root) + root_->children.size() * (sizeof(Branch) + child);
    for (const auto& branch : root_->children) {
        size += branch->children.size() * (sizeof(Leaf) + child);
        for (const auto& leaf : branch->children) size += leaf->keys.size() * (sizeof(Key) + sizeof(SetBits));
    }
    return size;
}

} // namespace provenbl::zones
