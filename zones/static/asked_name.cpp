#include "zones/static/asked_name.hpp"

#include "zones/static/scan.hpp"

#include <algorithm>

namespace provenbl::zones::statics {
namespace {

constexpr std::size_t octet_count = 4;
constexpr std::size_t nibble_count = 32;

int read_octet(std::string_view label) {
    if (label.size() > 3 || (label.size() > 1 && label[0] == '0')) return -1;
    int value = 0;
    for (const char c : label) {
        if (!is_digit(c)) return -1;
        value = value * 10 + (c - '0');
    }
    return value <= 255 ? value : -1;
}

int read_nibble(std::string_view label) {
    if (label.size() != 1) return -1;
    if (is_digit(label[0])) return label[0] - '0';
    return label[0] >= 'a' && label[0] <= 'f' ? label[0] - 'a' + 10 : -1;
}

// What of `block`, which has `bits` bits in common, lies in the IPv4 addresses that stand behind `prefix`.
std::optional<Block<Key4>> embedded_behind(Key6 prefix, unsigned length, const Block<Key6>& block, unsigned bits) {
    const auto common = std::min(bits, length);
    if (((block.first ^ prefix) & mask6(common)) != 0) return std::nullopt;
    if (bits <= length) return Block<Key4>{0, ~Key4{0}};
    const auto shift = 128U - 32U - length;
    const auto mask = mask4(std::min(bits - length, 32U));
    const auto first = static_cast<Key4>(block.first >> shift) & mask;
    return Block<Key4>{first, first | ~mask};
}

} // namespace

AskedName::AskedName(std::span<const std::uint8_t> relative) {
    // The labels' places, then the key from the top one down.
    std::array<std::uint8_t, 128> begins{};
    std::size_t size = 0;
    for (std::size_t at = 0; at < relative.size() && labels_ < begins.size(); at += std::size_t{1} + relative[at])
        begins[labels_++] = static_cast<std::uint8_t>(at);
    for (std::size_t i = 0; i < labels_; ++i) {
        const auto label = relative.subspan(begins[labels_ - 1 - i]);
        const auto taken = std::size_t{1} + label[0];
        std::copy_n(label.begin(), taken, key_.begin() + static_cast<std::ptrdiff_t>(size));
        size += taken;
        ends_[i] = static_cast<std::uint8_t>(size);
    }
    if (labels_ > 0 && labels_ <= nibble_count) read_addresses();
}

void AskedName::read_addresses() {
    Key4 octets = 0;
    Key6 nibbles = 0;
    bool is_v4 = labels_ <= octet_count;
    bool is_v6 = true;
    for (std::size_t i = 0; i < labels_ && (is_v4 || is_v6); ++i) {
        const auto begin = i == 0 ? std::size_t{0} : ends_[i - 1];
        const std::string_view label(&key_[begin + 1], ends_[i] - begin - 1);
        const int octet = is_v4 ? read_octet(label) : -1;
        const int nibble = is_v6 ? read_nibble(label) : -1;
        is_v4 = octet >= 0;
        is_v6 = nibble >= 0;
        if (is_v4) octets = octets << 8U | static_cast<Key4>(octet);
        if (is_v6) nibbles = nibbles << 4U | static_cast<Key6>(nibble);
    }
    if (is_v4) {
        const auto bits = static_cast<unsigned>(8 * labels_);
        const auto first = octets << (32U - bits);
        v4_ = Block<Key4>{first, first | ~mask4(bits)};
    }
    if (!is_v6) return;
    const auto bits = static_cast<unsigned>(4 * labels_);
    const auto first = nibbles << (128U - bits);
    v6_ = Block<Key6>{first, first | ~mask6(bits)};
    constexpr Key6 mapped = static_cast<Key6>(0xffff) << 32U;
    constexpr Key6 six_to_four = static_cast<Key6>(0x2002) << 112U;
    embedded_ = embedded_behind(mapped, 96, *v6_, bits);
    // Of names that are ancestors of both there is only the apex.
    if (!embedded_) embedded_ = embedded_behind(six_to_four, 16, *v6_, bits);
}

} // namespace provenbl::zones::statics
