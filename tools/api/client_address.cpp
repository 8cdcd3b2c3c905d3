#include "tools/api/client_address.hpp"

#include "store/ascii.hpp"

#include <algorithm>
#include <optional>

namespace provenbl::tools::api {
namespace {

constexpr std::size_t most_hops = 32;

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

// "192.0.2.1", "192.0.2.1:80", "2001:db8::1", "[2001:db8::1]:80", each perhaps in quotes. Nothing for "unknown" and
// for the names that hide a node (RFC 7239 6.3).
std::optional<Address> node(std::string_view text) {
    text = trimmed(text);
    if (text.size() >= 2 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
    if (text.starts_with('[')) {
        const auto end = text.find(']');
        if (end == std::string_view::npos) return std::nullopt;
        text = text.substr(1, end - 1);
    } else if (std::count(text.begin(), text.end(), ':') == 1) {
        text = text.substr(0, text.find(':'));
    }
    const auto address = Address::parse(text);
    return address ? std::optional{*address} : std::nullopt;
}

// The value of for= in one element of Forwarded (RFC 7239 4): "for=192.0.2.1;proto=https".
std::string_view for_of(std::string_view element) {
    while (!element.empty()) {
        const auto end = std::min(element.find(';'), element.size());
        const auto pair = trimmed(element.substr(0, end));
        const auto equals = pair.find('=');
        if (equals == 3 && lower(pair.substr(0, equals)) == "for") return pair.substr(4);
        element.remove_prefix(std::min(end + 1, element.size()));
    }
    return {};
}

} // namespace

ClientAddress client_address(const Address& peer, std::string_view header, ForwardedHeader kind,
                             std::span<const Prefix> trusted) {
    const auto is_ours = [&](const Address& address) {
        return std::any_of(trusted.begin(), trusted.end(), [&](const Prefix& one) { return one.contains(address); });
    };
    ClientAddress client{peer, is_ours(peer)};
    for (std::size_t hop = 0; client.is_proxy && hop < most_hops && !header.empty(); ++hop) {
        const auto comma = header.rfind(',');
        const auto element = comma == std::string_view::npos ? header : header.substr(comma + 1);
        header = header.substr(0, comma == std::string_view::npos ? 0 : comma);
        const auto said = node(kind == ForwardedHeader::forwarded ? for_of(element) : element);
        if (!said) break; // our own proxy does not know, or hides it
        client = {*said, is_ours(*said)};
    }
    return client;
}

} // namespace provenbl::tools::api
