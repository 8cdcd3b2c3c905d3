// One reported host, as a line of a list says it. Three kinds of list, told apart by their first line:
//
//   text        198.51.100.7            # a comment          addresses, one a line
//   CSV         address,class,port,comment                   with this header; columns in any order, only address must
//   be JSON lines  {"address": "...", "class": "socks", "ports": [1080], "comment": "..."}
//
// Pure: bytes in, values out. What a line says is foreign: bounded, checked, and never believed.
#pragma once

#include "store/address.hpp"
#include "store/listing_class.hpp"
#include "store/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace provenbl::tools::intake {

inline constexpr std::size_t longest_line = 4096;
inline constexpr std::size_t most_ports = 16;
inline constexpr std::size_t longest_comment = 900; // the API takes 1000, and the class is put in front

struct Entry {
    Address address;
    std::vector<std::uint16_t> ports;
    std::optional<ListingClass> cls; // what the reporter takes it for
    std::string comment;
    bool operator==(const Entry&) const = default;
    // The comment with the class in front: what a report says.
    [[nodiscard]] std::string remark() const;
};

class EntryReader {
public:
    // The next line, without its end. Nothing for an empty line, a comment, or the header. The error says what is wrong
    // with the line.
    [[nodiscard]] Result<std::optional<Entry>> read(std::string_view line);

    // What the lines so far say of the kind, for who goes on in the middle of a list.
    enum class Kind : std::uint8_t { unknown, text, csv, json };
    struct State {
        Kind kind = Kind::unknown;
        std::vector<std::string> columns; // of a CSV
    };
    [[nodiscard]] const State& state() const { return state_; }
    void resume(State state) { state_ = std::move(state); }

private:
    [[nodiscard]] Result<std::optional<Entry>> read_csv(std::string_view line) const;
    State state_;
};

} // namespace provenbl::tools::intake
