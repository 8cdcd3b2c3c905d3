// cidr_table(5) of Postfix: what check_client_access answers, with the zone's reason. An address alone has no length,
// so that the same lines can be compiled with postmap(1), too.
#include "zones/export/writers.hpp"

namespace provenbl::zones::exports {

std::uint64_t write_postfix(const View& view, Output& out) {
    out.print("# {}\n", headline(view));
    return walk_entries(view, TestEntries::without, [&](const Entry& entry) {
        out.print("{}\tREJECT {}\n", entry.text(), reason(view.zone, entry.node));
        return out.good();
    });
}

} // namespace provenbl::zones::exports
