// A and TXT values of a data set, each kept once (rbldnsd(8), "Resulting A values and TXT templates").
//
// A ValueMaker collects while the files are read; ValueTable is what stays. Substitution variables may be defined after
// their use, so texts are put together when all is read: `$$`, `$0` to `$9`, the base template `$=`. A single `$`, the
// entry that was asked for, stays open until then. No text grows beyond 255 octets.
#pragma once

#include "store/result.hpp"
#include "zones/static/range_map.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace provenbl::zones::statics {

inline constexpr std::size_t longest_text = 255;

// What follows an entry, or stands in a line of its own behind a colon.
struct WrittenValue {
    std::optional<std::uint32_t> a;       // absent: that of the default
    std::optional<std::string_view> text; // absent: that of the default; empty: no TXT
};
// "", ":2", ":127.0.0.2:text", ":2:", "text".
[[nodiscard]] Result<WrittenValue> parse_value(std::string_view text);
// An A value as inet_aton reads it, "127.0.0.2" or "127.2"; takes it away from the text. Nothing when there is none;
// `octets`: how many were written.
[[nodiscard]] std::optional<std::uint32_t> take_a_value(std::string_view& text, unsigned& octets);

// $0 to $9, and $= in the last place; absent: not defined.
struct Variables {
    static constexpr std::size_t base = 10;
    std::array<std::optional<std::string>, 11> text;
};

class ValueTable {
public:
    struct Value {
        std::uint32_t a = 0;
        std::uint32_t text = 0; // its place
    };

    // One or several; none for nothing.
    [[nodiscard]] std::span<const Value> at(const Ref& ref) const;
    // The text with the entry in its open places, cut at 255 octets; empty: no TXT record.
    [[nodiscard]] std::string text(const Value& value, std::string_view entry) const;

private:
    friend class ValueMaker;
    static constexpr Ref list_bit = 0x80000000;
    static constexpr char open_place = '\0'; // no line holds one
    std::vector<Value> values_;              // Ref is the place and one
    std::vector<Value> listed_;              // the lists' items, one list after the other
    std::vector<std::uint32_t> list_ends_;   // into listed_
    std::string texts_;
    std::vector<std::uint32_t> text_ends_; // into texts_
};

class ValueMaker {
public:
    // An entry's own value over the default's.
    [[nodiscard]] Ref value(std::uint32_t a, std::string_view text);
    [[nodiscard]] Ref value(const WrittenValue& written, Ref by_default);
    // 127.0.0.2 and no text.
    [[nodiscard]] Ref plain() { return value(0x7f000002, {}); }
    // Several values at one place, each once, ascending.
    [[nodiscard]] Ref list(const std::vector<Ref>& refs);
    // Lists may grow with the square of what is written; so they are bounded.
    static constexpr std::size_t most_at_one_place = 64;
    static constexpr std::size_t most_in_lists = 16'000'000;
    [[nodiscard]] bool too_many() const {
        return in_lists_ > most_in_lists || text_bytes_ > most_text_bytes || texts_.size() > most_texts;
    }

    [[nodiscard]] ValueTable finish(const Variables& variables) const;

private:
    static constexpr std::size_t most_text_bytes = std::size_t{1} << 30U;
    static constexpr std::size_t most_texts = 16'000'000; // at 255 octets each they stay below 4 GiB
    struct Made {
        std::uint32_t a;
        std::uint32_t text;
    };
    std::vector<Made> values_;
    std::unordered_map<std::uint64_t, Ref> known_values_;
    std::unordered_map<std::string, std::uint32_t> known_texts_;
    std::vector<const std::string*> texts_; // keys of known_texts_, which stay where they are
    std::map<std::vector<Ref>, std::uint32_t> lists_;
    std::vector<const std::vector<Ref>*> list_order_;
    std::size_t in_lists_ = 0;
    std::size_t text_bytes_ = 0;
};

} // namespace provenbl::zones::statics
