// Reads the lines of one part: of a data set, or of a section of a combined one. One class for each family of types.
#pragma once

#include "zones/static/data_set.hpp"
#include "zones/static/definition.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace provenbl::zones::statics {

// What a line may depend on, and where it says that something is wrong with it.
struct LineContext {
    std::function<void(std::string what)> error; // the line is left out
    std::function<void(std::string what)> note;
    std::optional<std::uint64_t> most_addresses; // $MAXRANGE4
};

class PartReader {
public:
    virtual ~PartReader() = default;
    // Defaults end with their file.
    virtual void begin_file() {}
    // A line without space around it; neither empty, nor a comment, nor a special entry.
    virtual void line(std::string_view text, const LineContext& context) = 0;
    // What stays. Speaks of the file as a whole.
    [[nodiscard]] virtual Part finish(const LineContext& context) = 0;

    [[nodiscard]] std::size_t entries() const { return entries_; }
    Variables variables;              // $0 to $9, $=
    std::optional<std::uint32_t> ttl; // $TTL

protected:
    std::size_t entries_ = 0;
};

// Of generic; record_reader.cpp.
[[nodiscard]] std::unique_ptr<PartReader> make_record_reader();
// Of every type but combined.
[[nodiscard]] std::unique_ptr<PartReader> make_reader(SetType type);

} // namespace provenbl::zones::statics
