#include "zones/export/entries.hpp"

#include "store/reversed_name.hpp"

#include <algorithm>
#include <array>

namespace provenbl::zones::exports {
namespace {

constexpr std::uint32_t never_listed = 0x7f000001; // 127.0.0.1

std::vector<std::uint8_t> labels_of(std::string_view name) {
    std::vector<std::uint8_t> wire;
    while (!name.empty()) {
        const auto label = name.substr(0, name.find('.'));
        wire.push_back(static_cast<std::uint8_t>(label.size()));
        wire.insert(wire.end(), label.begin(), label.end());
        name.remove_prefix(std::min(name.size(), label.size() + 1));
    }
    return wire;
}

} // namespace

std::vector<Node> test_nodes(const View& view) {
    std::vector<Node> nodes;
    if (view.snapshot.index.is_shut_down()) return nodes;
    for (const auto address : view.zone.test_entries())
        nodes.push_back(view.zone.find(labels_of(reversed_name(Address::v4(address))), Index{}));
    return nodes;
}

bool is_reserved(const Zone& zone, const Address& address) {
    if (!address.is_v4()) return false;
    const auto number = address.to_v4();
    const auto tests = zone.test_entries();
    return number == never_listed || std::binary_search(tests.begin(), tests.end(), number);
}

std::uint64_t walk_entries(const View& view, TestEntries tests, const std::function<bool(const Entry&)>& visit) {
    const auto& index = view.snapshot.index;
    const auto test_entries = tests == TestEntries::with ? test_nodes(view) : std::vector<Node>{};
    auto next_test = test_entries.begin();
    bool going = true;
    // Those of the test entries that come before an address.
    const auto visit_tests = [&](const Address* before) {
        while (going && next_test != test_entries.end() && (before == nullptr || next_test->address < *before)) {
            going = visit(Entry{*next_test, next_test->address.bits(), true});
            ++next_test;
        }
    };
    std::uint64_t listings = 0;
    index.walk([&](const Address& address, ClassSet classes) {
        const auto node = view.zone.entry(address, classes);
        if (node.kind != NodeKind::entry || is_reserved(view.zone, address)) return true;
        visit_tests(&address);
        if (!going) return false;
        ++listings;
        going = visit(Entry{node, address.is_v4() ? address.bits() : index.ipv6_bits(), false});
        return going;
    });
    visit_tests(nullptr);
    return listings;
}

std::string reason(const Zone& zone, const Node& node) {
    std::array<std::uint8_t, TextTemplate::longest_text> text{};
    const auto length = zone.text(node, text);
    return {text.begin(), text.begin() + static_cast<std::ptrdiff_t>(length)};
}

} // namespace provenbl::zones::exports
