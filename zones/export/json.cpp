// JSON lines: an object that says what this is, then one object for each listing, or for each change.
#include "zones/export/presentation.hpp"
#include "zones/export/writers.hpp"

namespace provenbl::zones::exports {
namespace {

void write_header(const View& view, const Changes* changes, Output& out) {
    out.print(R"({{"type":"zone","zone":{},"serial":{})", json_text(view.zone.apex().to_string()),
              view.snapshot.serial());
    if (changes != nullptr) out.print(R"(,"since":{})", changes->from);
    out.print(R"(,"shut_down":{}}})"
              "\n",
              view.snapshot.index.is_shut_down());
}

void write_entry(const View& view, std::string_view type, const Entry& entry, Output& out) {
    out.print(R"({{"type":"{}","address":"{}","classes":[)", type, entry.text());
    bool first = true;
    for (const auto cls : all_listing_classes) {
        if (!entry.node.classes.contains(cls)) continue;
        out.print(R"({}"{}")", first ? "" : ",", to_string(cls));
        first = false;
    }
    out.put(R"(],"codes":[)");
    first = true;
    for (const auto code : entry.node.a_values()) {
        out.print(R"({}"{}")", first ? "" : ",", Address::v4(code).to_string());
        first = false;
    }
    out.print(R"(],"text":{}}})"
              "\n",
              json_text(reason(view.zone, entry.node)));
}

} // namespace

std::uint64_t write_json(const View& view, Output& out) {
    write_header(view, nullptr, out);
    return walk_entries(view, TestEntries::without, [&](const Entry& entry) {
        write_entry(view, "listed", entry, out);
        return out.good();
    });
}

std::uint64_t write_json_changes(const View& view, const Changes& changes, Output& out) {
    write_header(view, &changes, out);
    return walk_changes(view, changes, [&](const ChangedEntry& changed) {
        if (changed.is)
            write_entry(view, changed.was ? "changed" : "listed", changed.entry, out);
        else
            out.print(R"({{"type":"delisted","address":"{}"}})"
                      "\n",
                      changed.entry.text());
        return out.good();
    });
}

} // namespace provenbl::zones::exports
