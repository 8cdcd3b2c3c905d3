#include "zones/index.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

namespace provenbl::zones {
namespace {

// Entries that the builder adds at once.
constexpr std::size_t builder_piece = 16384;

Key6 key6(const Address& address) {
    Key6 key;
    const auto bytes = address.bytes();
    for (std::size_t i = 0; i < 8; ++i) {
        key.high = key.high << 8U | bytes[i];
        key.low = key.low << 8U | bytes[i + 8];
    }
    return key;
}

Address address6(const Key6& key) {
    std::array<std::uint8_t, 16> bytes{};
    for (unsigned i = 0; i < 8; ++i) {
        bytes[i] = static_cast<std::uint8_t>(key.high >> (56 - 8 * i));
        bytes[i + 8] = static_cast<std::uint8_t>(key.low >> (56 - 8 * i));
    }
    return Address::v6(bytes);
}

// The last key of the prefix that starts at `key`.
std::uint32_t last_of(std::uint32_t key, unsigned length) {
    return length >= 32 ? key : key | (0xffffffffU >> length);
}
Key6 last_of(Key6 key, unsigned length) {
    constexpr auto all = ~std::uint64_t{0};
    if (length < 64) return {key.high | (all >> length), all};
    if (length < 128) return {key.high, key.low | (all >> (length - 64))};
    return key;
}

std::uint8_t octet(ClassSet classes) {
    return static_cast<std::uint8_t>(classes.bits());
}

} // namespace

Index Index::shut_down() {
    Index made;
    made.shut_down_ = true;
    return made;
}

ClassSet Index::find(const Address& address) const {
    return ClassSet::from_bits(address.is_v4() ? v4_.find(address.to_v4()) : v6_.find(entry(key6(address))));
}

bool Index::any_within(const Prefix& prefix, ClassSet mask) const {
    if (prefix.base().is_v4()) {
        const auto first = prefix.base().to_v4();
        return v4_.any_within(first, last_of(first, prefix.length()), octet(mask));
    }
    const auto first = entry(key6(prefix.base()));
    return v6_.any_within(first, last_of(first, std::min(prefix.length(), ipv6_bits_)), octet(mask));
}

Index Index::with_changes(std::span<const IndexChange> changes) const {
    std::vector<IndexChange> sorted(changes.begin(), changes.end());
    std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.address < b.address; });
    std::vector<Tree4::Change> v4;
    std::vector<Tree6::Change> v6;
    for (std::size_t i = 0; i < sorted.size(); ++i) {
        if (i + 1 < sorted.size() && sorted[i + 1].address == sorted[i].address) continue;
        const auto& address = sorted[i].address;
        if (address.is_v4()) {
            v4.emplace_back(address.to_v4(), octet(sorted[i].after));
        } else {
            v6.emplace_back(key6(address), octet(sorted[i].after));
        }
    }
    Index next = *this;
    next.v4_ = v4_.with(v4);
    next.v6_ = v6_.with(v6);
    return next;
}

void Index::walk(const std::function<bool(const Address&, ClassSet)>& visit) const {
    const bool whole =
        v4_.each([&](std::uint32_t key, SetBits set) { return visit(Address::v4(key), ClassSet::from_bits(set)); });
    if (!whole) return;
    v6_.each([&](const Key6& key, SetBits set) { return visit(address6(key), ClassSet::from_bits(set)); });
}

bool Index::walk_after(const std::optional<Address>& after, ClassSet mask,
                       const std::function<bool(const Address&, ClassSet)>& visit) const {
    if (!after || after->is_v4()) {
        const auto last = after ? after->to_v4() : 0;
        const bool more = !after || last != last_of(0, 0);
        const bool whole =
            !more || v4_.each_from(after ? last + 1 : 0, octet(mask), [&](std::uint32_t key, SetBits set) {
                return visit(Address::v4(key), ClassSet::from_bits(set));
            });
        if (!whole) return false;
    }
    Key6 first;
    if (after && after->is_v6()) {
        first = key6(*after);
        if (first == last_of(Key6{}, 0)) return true;
        ++first.low;
        if (first.low == 0) ++first.high;
    }
    return v6_.each_from(first, octet(mask),
                         [&](const Key6& key, SetBits set) { return visit(address6(key), ClassSet::from_bits(set)); });
}

std::size_t Index::size() const {
    return v4_.totals().entries + v6_.totals().entries;
}

std::size_t Index::size(ListingClass cls) const {
    const auto lane = static_cast<std::size_t>(cls);
    return v4_.totals().of_class[lane] + v6_.totals().of_class[lane];
}

std::size_t Index::memory() const {
    return v4_.memory() + v6_.memory();
}

void Index::Builder::add(const Address& address, ClassSet classes) {
    if (last_ && *last_ >= address)
        throw std::invalid_argument("an index is compiled in order: " + address.to_string() + " follows " +
                                    last_->to_string());
    last_ = address;
    if (classes.empty()) return;
    if (address.is_v4()) {
        v4_.emplace_back(address.to_v4(), octet(classes));
    } else {
        v6_.emplace_back(key6(address), octet(classes));
    }
    if (v4_.size() + v6_.size() >= builder_piece) take();
}

void Index::Builder::take() {
    index_.v4_ = index_.v4_.with(v4_);
    index_.v6_ = index_.v6_.with(v6_);
    v4_.clear();
    v6_.clear();
}

Index Index::Builder::build() {
    take();
    last_.reset();
    auto made = std::move(index_);
    index_ = Index{};
    index_.ipv6_bits_ = made.ipv6_bits_;
    return made;
}

} // namespace provenbl::zones
