// Prefixes, one a line, neighbours put together: as few lines as cover what is listed, and nothing else.
#include "zones/export/prefixes.hpp"
#include "zones/export/writers.hpp"

namespace provenbl::zones::exports {

std::uint64_t write_cidr(const View& view, Output& out) {
    out.print("# {}\n", headline(view));
    PrefixMerger merger([&](const Prefix& prefix) { out.print("{}\n", prefix.to_string()); });
    const auto listings = walk_entries(view, TestEntries::without, [&](const Entry& entry) {
        merger.add(entry.covered());
        return out.good();
    });
    merger.finish();
    return listings;
}

} // namespace provenbl::zones::exports
