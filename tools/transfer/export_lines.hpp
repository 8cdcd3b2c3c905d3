// A store as JSON lines: one object a line, the header first, {"type": "end", "records": N} last, so that a file that
// was cut short is known as one.
#pragma once

#include "store/transfer.hpp"

#include <cstdint>
#include <functional>
#include <iosfwd>

namespace provenbl::tools::transfer {

class LineSink final : public provenbl::transfer::Sink {
public:
    // `told` hears of the records so far, every 10,000.
    LineSink(std::ostream& out, bool with_private, std::function<void(std::uint64_t)> told = {});
    Result<> begin(const provenbl::transfer::Header& header) override;
    Result<> take(const provenbl::transfer::Record& record) override;
    Result<> end(std::uint64_t records) override;
    [[nodiscard]] std::uint64_t records() const { return records_; }

private:
    Result<> line(const std::string& text);
    std::ostream& out_;
    bool with_private_;
    std::function<void(std::uint64_t)> told_;
    std::uint64_t records_ = 0;
    std::uint64_t withheld_ = 0; // mirrors: without their keys they would be none
};

} // namespace provenbl::tools::transfer
