// What stands at a name of a policy zone: zones/rpz.hpp read backwards, RFC 8020 above it.
//
// Each address has one name: what is spelled otherwise is absent. An empty non-terminal above an IPv6 address is judged
// by the words that it has, not by whether the address is spelled with them: `0.db8.2001` where that zero is in a `zz`
// is NODATA here, and NXDOMAIN at a secondary. No resolver asks for either.
#include "zones/zone.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>

namespace provenbl::zones {
namespace {

constexpr std::size_t octet_count = 4;
constexpr std::size_t word_count = 8;
constexpr std::size_t most_labels = word_count + 2; // the trigger, the words, the length
constexpr std::size_t least_zeros = 2;              // words that `zz` stands for
constexpr std::uint32_t never_listed = 0x7f000001;  // 127.0.0.1

using TextLabels = std::span<const std::string_view>;

// A number in its one spelling; below 0 for anything else.
int read_number(std::string_view label, int base, int most) {
    int value = 0;
    if (label.empty() || (label.size() > 1 && label[0] == '0')) return -1;
    const auto [end, failed] = std::from_chars(label.data(), label.data() + label.size(), value, base);
    if (failed != std::errc{} || end != label.data() + label.size() || value < 0 || value > most) return -1;
    return value;
}

// Words of an IPv6 address from its most significant one on, perhaps with a `zz`.
class Words {
public:
    explicit Words(TextLabels labels) {
        for (const auto label : labels) {
            if (label == "zz" && !zeros_) {
                zeros_ = true;
                before_ = count_;
                continue;
            }
            const auto word = read_number(label, 16, 0xffff);
            good_ = word >= 0 && count_ < word_count;
            if (!good_) return;
            words_[count_++] = word;
        }
        if (!zeros_) before_ = count_;
        good_ = count_ + (zeros_ ? least_zeros : 0) <= word_count;
    }
    // They are a whole address.
    [[nodiscard]] std::optional<Address> whole() const {
        if (!good_ || (!zeros_ && count_ < word_count)) return std::nullopt;
        return with_zeros(word_count - count_);
    }
    // The networks of all addresses that may begin so.
    template <class AnyWithin> [[nodiscard]] bool begins(unsigned bits, const AnyWithin& any_within) const {
        if (!good_) return false;
        if (bits == 64) {
            // The lower half is zero, so that `zz` comes last.
            constexpr std::size_t half = word_count / 2;
            return before_ <= half && (!zeros_ || before_ == count_) &&
                   any_within(Prefix::of(with_zeros(0), static_cast<unsigned>(16 * (zeros_ ? half : count_))));
        }
        if (!zeros_) return any_within(Prefix::of(with_zeros(0), static_cast<unsigned>(16 * count_)));
        const auto most = before_ == count_ ? least_zeros : word_count - count_;
        for (auto zeros = least_zeros; zeros <= most; ++zeros) {
            if (any_within(Prefix::of(with_zeros(zeros), static_cast<unsigned>(16 * (count_ + zeros))))) return true;
        }
        return false;
    }

private:
    [[nodiscard]] Address with_zeros(std::size_t zeros) const {
        std::array<std::uint8_t, 16> bytes{};
        for (std::size_t i = 0; i < count_; ++i) {
            const auto at = 2 * (i < before_ ? i : i + zeros);
            bytes[at] = static_cast<std::uint8_t>(words_[i] >> 8);
            bytes[at + 1] = static_cast<std::uint8_t>(words_[i]);
        }
        return Address::v6(bytes);
    }
    std::array<int, word_count> words_{};
    std::size_t count_ = 0;
    std::size_t before_ = 0; // words before `zz`, or all
    bool zeros_ = false;     // there is a `zz`
    bool good_ = true;
};

} // namespace

Node Zone::policy_node(std::span<const std::uint8_t> relative, const Index& index) const {
    // The one next to the apex first.
    std::array<std::string_view, most_labels> read{};
    std::size_t count = 0;
    for (auto rest = relative; !rest.empty(); rest = after_first_label(rest)) {
        if (count == most_labels) return {};
        read[count++] = {reinterpret_cast<const char*>(&rest[1]), rest[0]};
    }
    std::reverse(read.begin(), read.begin() + static_cast<std::ptrdiff_t>(count));
    if (count == 0 || read[0] != rpz::label(policy_->trigger)) return {};
    const auto labels = TextLabels(read).subspan(1, count - 1);
    const auto any_within = [&](const Prefix& prefix) { return index.any_within(prefix, policy_->classes); };
    const auto listed = [&](const Address& address) {
        Node node;
        if ((index.find(address) & policy_->classes).empty()) return node;
        node.kind = NodeKind::policy;
        node.address = address;
        return node;
    };

    bool exists = false;
    std::uint32_t v4 = 0;
    std::size_t octets = 0;
    for (; octets < labels.size() && octets < octet_count; ++octets) {
        const auto octet = read_number(labels[octets], 10, 255);
        if (octet < 0) break;
        v4 |= static_cast<std::uint32_t>(octet) << (24 - 8 * octets);
    }
    if (octets == octet_count && labels.size() == octet_count + 1 && labels.back() == "32" && v4 != never_listed) {
        if (const auto node = listed(Address::v4(v4)); node.kind == NodeKind::policy) return node;
    }
    if (octets == labels.size()) exists = any_within(Prefix::of(Address::v4(v4), static_cast<unsigned>(8 * octets)));

    const auto bits = index.ipv6_bits();
    if (labels.size() > 1 && labels.back() == (bits == 64 ? "64" : "128")) {
        const auto address = Words(labels.first(labels.size() - 1)).whole();
        if (address && Prefix::of(*address, bits).base() == *address) {
            std::string asked;
            for (auto label = labels.rbegin(); label != labels.rend(); ++label) asked += std::string(*label) + ".";
            asked += read[0];
            const auto node = listed(*address);
            if (node.kind == NodeKind::policy && asked == rpz::owner(Prefix::of(*address, bits), policy_->trigger))
                return node;
        }
    }
    exists = exists || Words(labels).begins(bits, any_within);
    Node node;
    if (exists) node.kind = NodeKind::empty;
    return node;
}

} // namespace provenbl::zones
