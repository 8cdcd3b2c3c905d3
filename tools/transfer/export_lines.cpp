#include "tools/transfer/export_lines.hpp"

#include "tools/transfer/record_json.hpp"

#include <ostream>

namespace provenbl::tools::transfer {
namespace json = boost::json;

LineSink::LineSink(std::ostream& out, bool with_private, std::function<void(std::uint64_t)> told)
    : out_(out), with_private_(with_private), told_(std::move(told)) {}

Result<> LineSink::line(const std::string& text) {
    out_ << text << '\n';
    if (!out_) return Error{Errc::io, "the export can't be written on; is the disk full, or the reader gone?"};
    return {};
}

Result<> LineSink::begin(const provenbl::transfer::Header& header) {
    return line(json::serialize(to_json(header)));
}

Result<> LineSink::take(const provenbl::transfer::Record& record) {
    if (!with_private_ && std::holds_alternative<Mirror>(record)) {
        ++withheld_;
        return {};
    }
    if (++records_ % 10'000 == 0 && told_) told_(records_);
    return line(json::serialize(to_json(record, with_private_)));
}

Result<> LineSink::end(std::uint64_t records) {
    auto written = line(json::serialize(json::object{{"type", "end"}, {"records", records - withheld_}}));
    out_.flush();
    if (written && !out_) return Error{Errc::io, "the export can't be written to its end; is the disk full?"};
    return written;
}

} // namespace provenbl::tools::transfer
