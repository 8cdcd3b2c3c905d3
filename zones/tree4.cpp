#include "zones/tree4.hpp"

#include <algorithm>
#include <vector>

namespace provenbl::zones {
namespace {

// Cuts the changes off that share the bits above `shift` with the first.
std::span<const Tree4::Change> take_group(std::span<const Tree4::Change>& changes, unsigned shift) {
    const auto upper = changes.front().first >> shift;
    const auto end = std::find_if(changes.begin(), changes.end(),
                                  [&](const auto& change) { return change.first >> shift != upper; });
    const auto size = static_cast<std::size_t>(end - changes.begin());
    const auto group = changes.first(size);
    changes = changes.subspan(size);
    return group;
}

} // namespace

Tree4::Tree4() : root_(new Root) {}

boost::intrusive_ptr<const Leaf4> Tree4::changed(const Leaf4* old, Changes changes, ClassTotals& totals) {
    std::vector<Entry4> entries;
    auto next = changes.begin();
    const auto take = [&](SetBits before) {
        totals.change(before, next->second);
        if (next->second != 0) entries.push_back({low(next->first), next->second});
        ++next;
    };
    if (old != nullptr) {
        old->each([&](std::uint16_t key, SetBits set) {
            while (next != changes.end() && low(next->first) < key) take(0);
            if (next != changes.end() && low(next->first) == key)
                take(set);
            else
                entries.push_back({key, set});
            return true;
        });
    }
    while (next != changes.end()) take(0);
    return Leaf4::make(entries);
}

boost::intrusive_ptr<const Tree4::Page> Tree4::changed(const Page* old, Changes changes, ClassTotals& totals) {
    boost::intrusive_ptr<Page> page(old != nullptr ? new Page(*old) : new Page);
    while (!changes.empty()) {
        const auto group = take_group(changes, 16);
        const auto at = in_page(group.front().first);
        page->leaves[at] = changed(page->leaves[at].get(), group, totals);
        page->bits[at] = page->leaves[at] ? page->leaves[at]->bucket_bits() : std::uint8_t{0};
    }
    page->classes = 0;
    for (const auto& leaf : page->leaves) page->classes |= leaf ? leaf->classes() : SetBits{0};
    if (page->classes == 0) return nullptr;
    return page;
}

boost::intrusive_ptr<const Tree4::Middle> Tree4::changed(const Middle* old, Changes changes, ClassTotals& totals) {
    boost::intrusive_ptr<Middle> middle(old != nullptr ? new Middle(*old) : new Middle);
    while (!changes.empty()) {
        const auto group = take_group(changes, 21);
        auto& page = middle->pages[in_middle(group.front().first)];
        page = changed(page.get(), group, totals);
    }
    middle->classes = 0;
    for (const auto& page : middle->pages) middle->classes |= page ? page->classes : SetBits{0};
    if (middle->classes == 0) return nullptr;
    return middle;
}

Tree4 Tree4::with(Changes changes) const {
    if (changes.empty()) return *this;
    boost::intrusive_ptr<Root> root(new Root(*root_));
    while (!changes.empty()) {
        const auto group = take_group(changes, 26);
        auto& middle = root->middles[in_root(group.front().first)];
        middle = changed(middle.get(), group, root->totals);
    }
    return Tree4(root);
}

bool Tree4::any_within(Key first, Key last, SetBits mask) const {
    // Keys in 64 bits, so that the end of the space is no special case.
    for (std::uint64_t at = first; at <= last;) {
        const auto key = static_cast<Key>(at);
        const auto covers = [&](std::uint64_t size) { return at % size == 0 && at + size - 1 <= last; };
        const auto* const middle = root_->middles[in_root(key)].get();
        const auto* const page = page_of(key);
        const auto* const leaf = page != nullptr ? page->leaves[in_page(key)].get() : nullptr;
        constexpr std::uint64_t of_middle = 1U << 26U;
        constexpr std::uint64_t of_page = 1U << 21U;
        constexpr std::uint64_t of_leaf = 1U << 16U;
        if (covers(of_middle)) {
            if (middle != nullptr && (middle->classes & mask) != 0) return true;
            at += of_middle;
        } else if (covers(of_page)) {
            if (page != nullptr && (page->classes & mask) != 0) return true;
            at += of_page;
        } else if (covers(of_leaf)) {
            if (leaf != nullptr && (leaf->classes() & mask) != 0) return true;
            at += of_leaf;
        } else {
            // A prefix that is no whole /16 lies inside one.
            bool any = false;
            if (leaf != nullptr && (leaf->classes() & mask) != 0) {
                leaf->each_within(low(first), low(last), [&](std::uint16_t, SetBits set) {
                    any = (set & mask) != 0;
                    return !any;
                });
            }
            return any;
        }
    }
    return false;
}

std::size_t Tree4::memory() const {
    std::size_t size = sizeof(Root);
    for (const auto& middle : root_->middles) {
        if (!middle) continue;
        size += sizeof(Middle);
        for (const auto& page : middle->pages) {
            if (!page) continue;
            size += sizeof(Page);
            for (const auto& leaf : page->leaves) size += leaf ? leaf->memory() : 0;
        }
    }
    return size;
}

} // namespace provenbl::zones
