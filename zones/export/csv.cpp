// CSV (RFC 4180): a line of names, then one line for each listing. Classes and codes are separated by blanks, in the
// same order only within each.
#include "zones/export/presentation.hpp"
#include "zones/export/writers.hpp"

#include <fmt/ranges.h>

#include <vector>

namespace provenbl::zones::exports {
namespace {

void write_row(const View& view, std::string_view before, const Entry& entry, Output& out) {
    std::vector<std::string_view> classes;
    for (const auto cls : all_listing_classes) {
        if (entry.node.classes.contains(cls)) classes.push_back(to_string(cls));
    }
    std::vector<std::string> codes;
    for (const auto code : entry.node.a_values()) codes.push_back(Address::v4(code).to_string());
    out.print("{}{},{},{},{}\r\n", before, entry.text(), fmt::join(classes, " "), fmt::join(codes, " "),
              csv_field(reason(view.zone, entry.node)));
}

} // namespace

std::uint64_t write_csv(const View& view, Output& out) {
    out.put("address,classes,codes,text\r\n");
    return walk_entries(view, TestEntries::without, [&](const Entry& entry) {
        write_row(view, {}, entry, out);
        return out.good();
    });
}

std::uint64_t write_csv_changes(const View& view, const Changes& changes, Output& out) {
    out.put("change,address,classes,codes,text\r\n");
    return walk_changes(view, changes, [&](const ChangedEntry& changed) {
        if (changed.is)
            write_row(view, changed.was ? "changed," : "listed,", changed.entry, out);
        else
            out.print("delisted,{},,,\r\n", changed.entry.text());
        return out.good();
    });
}

} // namespace provenbl::zones::exports
