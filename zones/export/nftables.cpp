// Commands for `nft -f`, which does all of a file in one transaction: the sets NAME_4 and NAME_6 of the table
// `inet provenbl` are emptied and filled.
//
// Neighbours are not put together, so that a file of changes can take a single address out again. All elements are in
// one command: nft looks at the whole set for each.
#include "zones/export/writers.hpp"

#include <vector>

namespace provenbl::zones::exports {
namespace {

constexpr std::string_view table = "inet provenbl";

// A command about elements of a set, begun with the first.
class Elements {
public:
    Elements(Output& out, std::string_view command, std::string set)
        : out_(out), command_(command), set_(std::move(set)) {}
    void add(const std::string& element) {
        if (!begun_) out_.print("{} element {} {} {{\n", command_, table, set_);
        begun_ = true;
        out_.print("{},\n", element);
    }
    void finish() {
        if (begun_) out_.put("}\n");
        begun_ = false;
    }

private:
    Output& out_;
    std::string_view command_;
    std::string set_;
    bool begun_ = false;
};

} // namespace

std::uint64_t write_nftables(const View& view, const std::string& set, Output& out) {
    out.print("# {}\nadd table {}\n", headline(view), table);
    for (const char family : {'4', '6'}) {
        out.print("add set {} {}_{} {{ type ipv{}_addr; flags interval; }}\n", table, set, family, family);
        out.print("flush set {} {}_{}\n", table, set, family);
    }
    Elements v4(out, "add", set + "_4");
    Elements v6(out, "add", set + "_6");
    const auto listings = walk_entries(view, TestEntries::without, [&](const Entry& entry) {
        if (entry.node.address.is_v6()) v4.finish();
        (entry.node.address.is_v4() ? v4 : v6).add(entry.text());
        return out.good();
    });
    v4.finish();
    v6.finish();
    return listings;
}

std::uint64_t write_nftables_changes(const View& view, const Changes& changes, const std::string& set, Output& out) {
    out.print("# {}: changes since {}\n", headline(view), changes.from);
    for (const bool listed : {false, true}) {
        for (const bool v4 : {true, false}) {
            Elements elements(out, listed ? "add" : "delete", set + (v4 ? "_4" : "_6"));
            walk_changes(view, changes, [&](const ChangedEntry& changed) {
                const bool wanted = changed.was != changed.is && changed.is == listed;
                if (wanted && changed.entry.node.address.is_v4() == v4) elements.add(changed.entry.text());
                return out.good();
            });
            elements.finish();
        }
    }
    return walk_changes(view, changes, [](const ChangedEntry&) { return true; });
}

} // namespace provenbl::zones::exports
