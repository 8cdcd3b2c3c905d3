#include "zones/text_template.hpp"

#include <algorithm>
#include <array>

namespace provenbl::zones {
namespace {

// What {classes} says of a test entry that belongs to no class.
constexpr std::string_view no_class = "test";

// Of every set of classes, made once.
std::string_view class_text(ClassSet classes) {
    static const auto texts = [] {
        std::array<std::string, std::size_t{1} << all_listing_classes.size()> made;
        for (std::size_t bits = 0; bits < made.size(); ++bits)
            made[bits] = bits == 0 ? no_class : to_string(ClassSet::from_bits(static_cast<std::uint16_t>(bits)));
        return made;
    }();
    return texts[classes.bits() % texts.size()];
}

} // namespace

Result<> TextTemplate::append(std::string_view text, const std::string_view* page) {
    const auto unprintable = [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; };
    if (std::any_of(text.begin(), text.end(), unprintable))
        return Error{Errc::invalid, "'" + std::string(text.substr(0, 80)) + "' has control characters; write one line"};
    while (!text.empty()) {
        const auto open = text.find('{');
        if (open != 0) {
            add_literal(text.substr(0, open));
            if (open == std::string_view::npos) break;
            text.remove_prefix(open);
        }
        const auto close = text.find('}');
        const auto name = text.substr(0, close == std::string_view::npos ? close : close + 1);
        if (name == "{address}") {
            pieces_.push_back({Kind::address, {}});
        } else if (name == "{classes}" && page != nullptr) {
            pieces_.push_back({Kind::classes, {}});
        } else if (name == "{page}" && page != nullptr) {
            if (page->empty()) return Error{Errc::invalid, "{page} is used, but page is not set"};
            if (auto done = append(*page, nullptr); !done) return done;
        } else {
            const std::string known = page != nullptr ? "{address}, {classes} and {page}" : "{address}";
            return Error{Errc::invalid,
                         "'" + std::string(name.substr(0, 40)) + "' is no placeholder; expected " + known};
        }
        text.remove_prefix(name.size());
    }
    return {};
}

// Neighbours become one: what is rendered a million times is put together once.
void TextTemplate::add_literal(std::string_view text) {
    if (pieces_.empty() || pieces_.back().kind != Kind::literal) pieces_.push_back({Kind::literal, {}});
    pieces_.back().text += text;
}

Result<TextTemplate> TextTemplate::parse(std::string_view text, std::string_view page) {
    TextTemplate made;
    if (auto done = made.append(text, &page); !done) return done.error();
    return made;
}

std::size_t TextTemplate::longest(ClassSet classes) const {
    // A test entry may say `no_class` whatever the zone's classes are.
    const auto longest_classes = std::max(class_text(classes).size(), no_class.size());
    std::size_t length = 0;
    for (const auto& piece : pieces_) {
        switch (piece.kind) {
        case Kind::literal:
            length += piece.text.size();
            break;
        case Kind::address:
            length += longest_address;
            break;
        case Kind::classes:
            length += longest_classes;
            break;
        }
    }
    return length;
}

std::size_t TextTemplate::render(std::string_view address, ClassSet classes, std::span<std::uint8_t> out) const {
    std::size_t length = 0;
    bool fits = true;
    const auto put = [&](std::string_view part) {
        fits = fits && part.size() <= out.size() - length;
        if (!fits) return;
        std::copy(part.begin(), part.end(), out.begin() + static_cast<std::ptrdiff_t>(length));
        length += part.size();
    };
    for (const auto& piece : pieces_) {
        switch (piece.kind) {
        case Kind::literal:
            put(piece.text);
            break;
        case Kind::address:
            put(address);
            break;
        case Kind::classes:
            put(class_text(classes));
            break;
        }
    }
    return fits ? length : 0;
}

} // namespace provenbl::zones
