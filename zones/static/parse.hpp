// Files of a data set -> the data set, or everything that is wrong with them (rbldnsd(8), "Dataset types and formats").
//
// Pure, and proof against hostile input: lines, entries, values and complaints are bounded, and the cost is that of
// sorting what was read.
#pragma once

#include "zones/static/complaint.hpp"
#include "zones/static/data_set.hpp"
#include "zones/static/definition.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace provenbl::zones::statics {

struct SourceText {
    std::string name; // for complaints
    std::string_view text;
};

struct ParseOptions {
    bool skip_bad_lines = false; // as rbldnsd does; else one bad line makes the set unfit
    std::int64_t now = 0;        // seconds since 1970: data of the future are refused
    std::size_t longest_line = 16384;
    std::size_t most_entries = 50'000'000;
};

struct Parsed {
    std::shared_ptr<DataSet> set; // null when it is unfit; an error then says why
    Complaints complaints;
};

// The files count as one.
[[nodiscard]] Parsed parse(SetType type, std::span<const SourceText> files, const ParseOptions& options);

} // namespace provenbl::zones::statics
