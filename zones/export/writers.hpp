// One writer for each format, inside zones/export/ only. Each returns how many listings it wrote; trouble stays in the
// output.
#pragma once

#include "zones/export/format.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace provenbl::zones::exports {

std::uint64_t write_rbldnsd(const View& view, Output& out);
std::uint64_t write_bind(const View& view, Output& out);
std::uint64_t write_rpz(const View& view, const Options& options, Output& out);
std::uint64_t write_cidr(const View& view, Output& out);
std::uint64_t write_postfix(const View& view, Output& out);
std::uint64_t write_nftables(const View& view, const std::string& set, Output& out);
std::uint64_t write_ipset(const View& view, const std::string& set, Output& out);
std::uint64_t write_json(const View& view, Output& out);
std::uint64_t write_csv(const View& view, Output& out);

std::uint64_t write_nftables_changes(const View& view, const Changes& changes, const std::string& set, Output& out);
std::uint64_t write_ipset_changes(const View& view, const Changes& changes, const std::string& set, Output& out);
std::uint64_t write_json_changes(const View& view, const Changes& changes, Output& out);
std::uint64_t write_csv_changes(const View& view, const Changes& changes, Output& out);

// What a comment at the top of a file says: "bl.example, serial 17"; and of a list that is shut down, that it is.
[[nodiscard]] std::string headline(const View& view);

// The changes that concern entries, as entries: `was` and `is` say whether it is one before and after.
struct ChangedEntry {
    Entry entry; // as it is now, or as it was
    bool was;
    bool is;
};
std::uint64_t walk_changes(const View& view, const Changes& changes,
                           const std::function<bool(const ChangedEntry&)>& visit);

} // namespace provenbl::zones::exports
