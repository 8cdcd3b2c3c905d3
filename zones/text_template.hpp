// The TXT reason of a listing: a text with {address}, {classes} and {page}, cut into pieces once.
//
// One record with one character-string of at most 255 octets: some mail servers read only the first string
// of the first TXT (RFC 5782 2.1 wants the reason to hold a URL, so what is cut off would be the point of it).
#pragma once

#include "store/listing_class.hpp"
#include "store/result.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace provenbl::zones {

class TextTemplate {
public:
    static constexpr std::size_t longest_text = 255;
    static constexpr std::size_t longest_address = 39; // eight groups of four digits

    TextTemplate() = default;
    // {page} is replaced by `page`, which may itself hold {address}. Errors name the placeholder.
    static Result<TextTemplate> parse(std::string_view text, std::string_view page);

    // Its length for the longest address and these classes.
    [[nodiscard]] std::size_t longest(ClassSet classes) const;
    // Writes the text and returns its length, 0 when it does not fit.
    [[nodiscard]] std::size_t render(std::string_view address, ClassSet classes, std::span<std::uint8_t> out) const;

private:
    enum class Kind : std::uint8_t { literal, address, classes };
    struct Piece {
        Kind kind;
        std::string text;
    };
    Result<> append(std::string_view text, const std::string_view* page);
    void add_literal(std::string_view text);
    std::vector<Piece> pieces_;
};

} // namespace provenbl::zones
