// Commands for `ipset restore`. New sets are filled and swapped in, so rules that name NAME_4 and NAME_6 match the old
// list or the new one, never half of one.
//
// maxelem is always the same: `create -exist` refuses a set that is there with another one. It reserves nothing.
#include "zones/export/writers.hpp"

#include <algorithm>
#include <bit>

namespace provenbl::zones::exports {
namespace {

constexpr std::uint64_t most = 1U << 24U;
constexpr std::uint64_t least_buckets = 1024;

std::string create(const std::string& name, bool v4, unsigned ipv6_bits) {
    const bool networks = !v4 && ipv6_bits != 128;
    return fmt::format("create {} hash:{} family {} maxelem {}", name, networks ? "net" : "ip", v4 ? "inet" : "inet6",
                       most);
}

} // namespace

std::uint64_t write_ipset(const View& view, const std::string& set, Output& out) {
    const auto bits = view.snapshot.index.ipv6_bits();
    out.print("# {}\n", headline(view));
    // As many buckets as the whole list may need, or the kernel makes the table anew again and again.
    const auto buckets = std::bit_ceil(std::max<std::uint64_t>(least_buckets, view.snapshot.index.size() / 4));
    for (const bool v4 : {true, false}) {
        const auto name = set + (v4 ? "_4" : "_6");
        out.print("{} -exist\n", create(name, v4, bits));
        out.print("{} hashsize {} -exist\nflush {}.new\n", create(name + ".new", v4, bits),
                  v4 ? buckets : least_buckets, name);
    }
    const auto listings = walk_entries(view, TestEntries::without, [&](const Entry& entry) {
        out.print("add {}_{}.new {}\n", set, entry.node.address.is_v4() ? '4' : '6', entry.text());
        return out.good();
    });
    for (const char family : {'4', '6'})
        out.print("swap {}_{}.new {}_{}\ndestroy {}_{}.new\n", set, family, set, family, set, family);
    return listings;
}

std::uint64_t write_ipset_changes(const View& view, const Changes& changes, const std::string& set, Output& out) {
    out.print("# {}: changes since {}\n", headline(view), changes.from);
    return walk_changes(view, changes, [&](const ChangedEntry& changed) {
        if (changed.was != changed.is)
            out.print("{} {}_{} {} -exist\n", changed.is ? "add" : "del", set,
                      changed.entry.node.address.is_v4() ? '4' : '6', changed.entry.text());
        return out.good();
    });
}

} // namespace provenbl::zones::exports
