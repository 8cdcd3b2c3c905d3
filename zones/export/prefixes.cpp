#include "zones/export/prefixes.hpp"

#include <bit>

namespace provenbl::zones::exports {
namespace {

// The number of the first bit in which they differ, from the highest; of equal ones, how many bits they have.
unsigned first_difference(const Address& a, const Address& b) {
    const auto left = a.bytes();
    const auto right = b.bytes();
    for (unsigned i = 0; i < left.size() && i < right.size(); ++i) {
        const auto different = static_cast<std::uint8_t>(left[i] ^ right[i]);
        if (different != 0) return 8 * i + static_cast<unsigned>(std::countl_zero(different));
    }
    return a.bits();
}

// Of one family, and in the two halves of one network.
bool are_halves(const Prefix& prefix, const Address& other) {
    return prefix.length() > 0 && prefix.base().bits() == other.bits() &&
           first_difference(prefix.base(), other) == prefix.length() - 1;
}

} // namespace

void PrefixMerger::add(const Prefix& prefix) {
    // What comes later is higher still: where this one does not go on, nothing will.
    if (!waiting_.empty() && !are_halves(waiting_.back(), prefix.base())) finish();
    waiting_.push_back(prefix);
    while (waiting_.size() > 1) {
        auto& before = waiting_[waiting_.size() - 2];
        const auto& last = waiting_.back();
        if (before.length() != last.length() || !are_halves(before, last.base())) break;
        before = Prefix::of(before.base(), before.length() - 1);
        waiting_.pop_back();
    }
}

void PrefixMerger::finish() {
    for (const auto& prefix : waiting_) emit_(prefix);
    waiting_.clear();
}

} // namespace provenbl::zones::exports
