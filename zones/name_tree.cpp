// The derived name tree: RFC 5782 sections 2.1, 2.4 and 5, RFC 8020.
//
// Labels are read strictly: "02" and "002" are not "2", 256 is no octet, so each address has one name.
#include "zones/zone.hpp"

#include <algorithm>

namespace provenbl::zones {
namespace {

constexpr std::size_t nibble_count = 32;
constexpr std::size_t octet_count = 4;
constexpr std::size_t mapped_nibbles = 24;         // of ::ffff:0:0/96
constexpr std::uint32_t never_listed = 0x7f000001; // 127.0.0.1

// Below 0 for what is no octet in its one spelling.
int read_octet(std::span<const std::uint8_t> label) {
    if (label.empty() || label.size() > 3 || (label.size() > 1 && label[0] == '0')) return -1;
    int value = 0;
    for (const auto c : label) {
        if (c < '0' || c > '9') return -1;
        value = value * 10 + (c - '0');
    }
    return value <= 255 ? value : -1;
}

int read_nibble(std::span<const std::uint8_t> label) {
    if (label.size() != 1) return -1;
    if (label[0] >= '0' && label[0] <= '9') return label[0] - '0';
    if (label[0] >= 'a' && label[0] <= 'f') return label[0] - 'a' + 10;
    return -1;
}

unsigned mapped_nibble(std::size_t from_top) {
    return from_top < 20 ? 0x0U : 0xfU;
}

Node empty_if(bool exists) {
    Node node;
    if (exists) node.kind = NodeKind::empty;
    return node;
}

} // namespace

// The labels above the apex, read as octets and as nibbles, the one next to the apex (the most significant) first.
struct Zone::Labels {
    std::size_t count = 0;
    bool octets = true;
    bool nibbles = true;
    std::array<std::uint8_t, octet_count> octet{};
    std::array<std::uint8_t, nibble_count> nibble{};

    explicit Labels(std::span<const std::uint8_t> relative) {
        for (auto rest = relative; !rest.empty(); rest = after_first_label(rest)) {
            if (count == nibble_count) {
                octets = nibbles = false;
                return;
            }
            const auto label = rest.subspan(1, rest[0]);
            const int as_nibble = nibbles ? read_nibble(label) : -1;
            nibbles = as_nibble >= 0;
            if (nibbles) nibble[count] = static_cast<std::uint8_t>(as_nibble);
            const int as_octet = octets && count < octet_count ? read_octet(label) : -1;
            octets = as_octet >= 0;
            if (octets) octet[count] = static_cast<std::uint8_t>(as_octet);
            if (!octets && !nibbles) return;
            ++count;
        }
        // They came with the least significant first.
        std::reverse(nibble.begin(), nibble.begin() + static_cast<std::ptrdiff_t>(count));
        if (octets) std::reverse(octet.begin(), octet.begin() + static_cast<std::ptrdiff_t>(count));
    }

    [[nodiscard]] std::uint32_t as_v4() const {
        return static_cast<std::uint32_t>(octet[0]) << 24U | static_cast<std::uint32_t>(octet[1]) << 16U |
               static_cast<std::uint32_t>(octet[2]) << 8U | octet[3];
    }
    // How many of the leading nibbles are those of ::ffff:0:0/96.
    [[nodiscard]] std::size_t mapped() const {
        std::size_t same = 0;
        while (same < count && same < mapped_nibbles && nibble[same] == mapped_nibble(same)) ++same;
        return same;
    }
    // The part below ::ffff:0:0/96, absent nibbles zero.
    [[nodiscard]] std::uint32_t mapped_v4() const {
        std::uint32_t address = 0;
        for (std::size_t at = mapped_nibbles; at < nibble_count; ++at) address = address << 4U | nibble[at];
        return address;
    }
    [[nodiscard]] Address as_v6() const {
        std::array<std::uint8_t, 16> bytes{};
        for (std::size_t at = 0; at < bytes.size(); ++at)
            bytes[at] = static_cast<std::uint8_t>(nibble[2 * at] << 4U | nibble[2 * at + 1]);
        return Address::v6(bytes);
    }
};

bool Zone::is_test(std::uint32_t address) const {
    return std::binary_search(test_entries_.begin(), test_entries_.end(), address);
}

bool Zone::test_within(std::uint32_t first, unsigned length) const {
    const auto at = std::lower_bound(test_entries_.begin(), test_entries_.end(), first);
    return at != test_entries_.end() && (length == 0 || (*at ^ first) >> (32 - length) == 0);
}

Node Zone::test_entry(std::uint32_t address) const {
    Node node;
    node.kind = NodeKind::entry;
    node.address = Address::v4(address);
    for (const auto cls : all_listing_classes) {
        if (classes_.contains(cls) && codes_[static_cast<std::size_t>(cls)] == address) node.classes.insert(cls);
    }
    node.codes[0] = address;
    node.code_count = 1;
    return node;
}

Node Zone::entry(const Address& address, ClassSet listed) const {
    Node node;
    node.classes = listed & classes_;
    if (node.classes.empty()) return node;
    node.kind = NodeKind::entry;
    node.address = address;
    for (const auto cls : all_listing_classes) {
        if (node.classes.contains(cls)) node.codes[node.code_count++] = codes_[static_cast<std::size_t>(cls)];
    }
    const auto end = node.codes.begin() + node.code_count;
    std::sort(node.codes.begin(), end);
    node.code_count = static_cast<std::uint8_t>(std::unique(node.codes.begin(), end) - node.codes.begin());
    return node;
}

Node Zone::derived4(const Labels& labels, const Index& index) const {
    const auto address = labels.as_v4();
    if (labels.count == octet_count) {
        if (is_test(address)) return test_entry(address);
        if (address == never_listed) return {};
        return entry(Address::v4(address), index.find(Address::v4(address)));
    }
    const auto length = static_cast<unsigned>(8 * labels.count);
    return empty_if(test_within(address, length) ||
                    index.any_within(Prefix::of(Address::v4(address), length), classes_));
}

Node Zone::derived6(const Labels& labels, const Index& index) const {
    const auto mapped = labels.mapped();
    if (mapped == mapped_nibbles) {
        const auto address = labels.mapped_v4();
        if (labels.count == nibble_count) return is_test(address) ? test_entry(address) : Node{};
        return empty_if(test_within(address, static_cast<unsigned>(4 * (labels.count - mapped_nibbles))));
    }
    if (labels.count == nibble_count) return entry(labels.as_v6(), index.find(labels.as_v6()));
    // An ancestor of ::ffff:0:0/96 is one of the test entries.
    if (mapped == labels.count) return empty_if(true);
    return empty_if(index.any_within(Prefix::of(labels.as_v6(), static_cast<unsigned>(4 * labels.count)), classes_));
}

Node Zone::derived(std::span<const std::uint8_t> relative, const Index& index) const {
    const Labels labels(relative);
    if (labels.octets) {
        const auto node = derived4(labels, index);
        if (node.kind != NodeKind::nothing) return node;
    }
    return labels.nibbles ? derived6(labels, index) : Node{};
}

bool Zone::keeps_numbers_free() const {
    return std::none_of(fixed_.begin(), fixed_.end(), [](const Fixed& fixed) {
        std::span<const std::uint8_t> top = fixed.relative;
        while (after_first_label(top).size() > 0) top = after_first_label(top);
        const auto label = top.subspan(1);
        return read_octet(label) >= 0 || read_nibble(label) >= 0;
    });
}

Node Zone::find(std::span<const std::uint8_t> relative, const Index& index) const {
    Node node;
    if (relative.empty()) {
        node.kind = NodeKind::apex;
        return node;
    }
    for (const auto& record : records_) {
        if (!std::equal(record.owner.begin(), record.owner.end(), relative.begin(), relative.end())) continue;
        node.kind = NodeKind::property;
        node.record = &record;
        return node;
    }
    const auto* fixed = fixed_.empty() ? nullptr : find_fixed(relative);
    if (fixed != nullptr && !fixed->addresses.empty()) {
        node.kind = NodeKind::host;
        node.addresses = fixed->addresses;
        return node;
    }
    if (!classes_.empty() && !index.is_shut_down()) node = derived(relative, index);
    if (policy_ && !index.is_shut_down()) node = policy_node(relative, index);
    if (fixed != nullptr && node.kind == NodeKind::nothing) node.kind = NodeKind::empty;
    return node;
}

} // namespace provenbl::zones
