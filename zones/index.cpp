#include "zones/index.hpp"

#include "zones/family.hpp"

#include <algorithm>
#include <optional>
#include <stdexcept>

namespace provenbl::zones {
namespace {

using Family4 = Family<Keys4>;
using Family6 = Family<Keys6>;

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

bool any(const PerClass& counts, ClassSet mask) {
    for (unsigned bit = 0; bit < class_lanes; ++bit) {
        if ((mask.bits() >> bit & 1U) != 0 && counts[bit] > 0) return true;
    }
    return false;
}

std::uint8_t octet(ClassSet classes) {
    return static_cast<std::uint8_t>(classes.bits());
}

} // namespace

struct Index::Parts {
    Family4 v4;
    Family6 v6;
    unsigned ipv6_bits = 128;
    bool shut_down = false;

    // Where the entry of this key is kept.
    [[nodiscard]] Key6 entry(Key6 key) const {
        if (ipv6_bits == 64) key.low = 0;
        return key;
    }
};

Index::Index() : parts_(std::make_shared<const Parts>()) {}

Index Index::shut_down() {
    return Index(std::make_shared<const Parts>(Parts{{}, {}, 128, true}));
}

bool Index::is_shut_down() const {
    return parts_->shut_down;
}

unsigned Index::ipv6_bits() const {
    return parts_->ipv6_bits;
}

ClassSet Index::find(const Address& address) const {
    return ClassSet::from_bits(address.is_v4() ? parts_->v4.find(address.to_v4())
                                               : parts_->v6.find(parts_->entry(key6(address))));
}

ClassSet Index::find4(std::uint32_t address) const {
    return ClassSet::from_bits(parts_->v4.find(address));
}

ClassSet Index::find6(std::uint64_t high, std::uint64_t low) const {
    return ClassSet::from_bits(parts_->v6.find(parts_->entry({high, low})));
}

bool Index::any_within(const Prefix& prefix, ClassSet mask) const {
    if (prefix.base().is_v4()) {
        const auto first = prefix.base().to_v4();
        return any(parts_->v4.within(first, last_of(first, prefix.length())), mask);
    }
    const auto first = parts_->entry(key6(prefix.base()));
    const auto length = std::min(prefix.length(), parts_->ipv6_bits);
    return any(parts_->v6.within(first, last_of(first, length)), mask);
}

Index Index::with_changes(std::span<const IndexChange> changes) const {
    std::vector<IndexChange> sorted(changes.begin(), changes.end());
    std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.address < b.address; });
    std::vector<Family4::Change> v4;
    std::vector<Family6::Change> v6;
    for (std::size_t i = 0; i < sorted.size(); ++i) {
        if (i + 1 < sorted.size() && sorted[i + 1].address == sorted[i].address) continue;
        const auto& address = sorted[i].address;
        if (address.is_v4()) {
            v4.emplace_back(address.to_v4(), octet(sorted[i].after));
        } else {
            v6.emplace_back(key6(address), octet(sorted[i].after));
        }
    }
    Index next(std::make_shared<const Parts>(
        Parts{parts_->v4.with(v4), parts_->v6.with(v6), parts_->ipv6_bits, parts_->shut_down}));
    return next.overlay_size() > overlay_limit ? next.merged() : next;
}

Index Index::merged() const {
    return Index(std::make_shared<const Parts>(
        Parts{parts_->v4.merged(), parts_->v6.merged(), parts_->ipv6_bits, parts_->shut_down}));
}

Index Index::rebased_on(const Index& newer) const {
    return Index(std::make_shared<const Parts>(Parts{parts_->v4.rebased_on(newer.parts_->v4),
                                                     parts_->v6.rebased_on(newer.parts_->v6), parts_->ipv6_bits,
                                                     parts_->shut_down}));
}

bool Index::shares_base(const Index& other) const {
    return parts_->v4.shares_base(other.parts_->v4) && parts_->v6.shares_base(other.parts_->v6);
}

void Index::walk(const std::function<bool(const Address&, ClassSet)>& visit) const {
    const bool whole = parts_->v4.each(
        [&](std::uint32_t key, std::uint8_t set) { return visit(Address::v4(key), ClassSet::from_bits(set)); });
    if (!whole) return;
    parts_->v6.each([&](Key6 key, std::uint8_t set) { return visit(address6(key), ClassSet::from_bits(set)); });
}

std::size_t Index::size() const {
    return parts_->v4.size() + parts_->v6.size();
}

std::size_t Index::size(ListingClass cls) const {
    const auto lane = static_cast<std::size_t>(cls);
    const auto v4 = parts_->v4.within(0, last_of(std::uint32_t{0}, 0));
    const auto v6 = parts_->v6.within({}, last_of(Key6{}, 0));
    return static_cast<std::size_t>(v4[lane]) + static_cast<std::size_t>(v6[lane]);
}

std::size_t Index::overlay_size() const {
    return parts_->v4.recent() + parts_->v6.recent();
}
std::size_t Index::memory() const {
    return parts_->v4.memory() + parts_->v6.memory();
}

struct Index::Builder::State {
    std::shared_ptr<Frozen<Keys4>> v4 = std::make_shared<Frozen<Keys4>>();
    std::shared_ptr<Frozen<Keys6>> v6 = std::make_shared<Frozen<Keys6>>();
    std::optional<Address> last;
    unsigned ipv6_bits = 128;
};

Index::Builder::Builder(std::size_t expected4, std::size_t expected6, unsigned ipv6_bits)
    : state_(std::make_unique<State>()) {
    state_->ipv6_bits = ipv6_bits;
    state_->v4->reserve(expected4);
    state_->v6->reserve(expected6);
}
Index::Builder::~Builder() = default;

void Index::Builder::add(const Address& address, ClassSet classes) {
    if (state_->last && *state_->last >= address)
        throw std::invalid_argument("an index is compiled in order: " + address.to_string() + " follows " +
                                    state_->last->to_string());
    state_->last = address;
    if (classes.empty()) return;
    if (address.is_v4()) {
        state_->v4->append(address.to_v4(), octet(classes));
    } else {
        state_->v6->append(key6(address), octet(classes));
    }
}

Index Index::Builder::build() {
    auto done = std::move(*state_);
    *state_ = {};
    state_->ipv6_bits = done.ipv6_bits;
    done.v4->seal();
    done.v6->seal();
    return Index(std::make_shared<const Parts>(Parts{Family4(std::shared_ptr<const Frozen<Keys4>>(done.v4)),
                                                     Family6(std::shared_ptr<const Frozen<Keys6>>(done.v6)),
                                                     done.ipv6_bits, false}));
}

} // namespace provenbl::zones
