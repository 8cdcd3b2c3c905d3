#include "zones/text_template.hpp"

#include <gtest/gtest.h>

#include <array>

namespace provenbl::zones {
namespace {

std::string rendered(const TextTemplate& text, std::string_view address, ClassSet classes) {
    std::array<std::uint8_t, 255> out{};
    const auto length = text.render(address, classes, out);
    return {out.begin(), out.begin() + static_cast<std::ptrdiff_t>(length)};
}

TEST(TextTemplate, FillsItsPlaceholders) {
    const auto text = TextTemplate::parse("Listed: {classes}. See {page}", "https://bl.example/{address}#why").value();
    EXPECT_EQ(rendered(text, "192.0.2.1", {ListingClass::relay, ListingClass::http}),
              "Listed: relay, http. See https://bl.example/192.0.2.1#why");
    EXPECT_EQ(rendered(text, "2001:db8::1", {ListingClass::chain}),
              "Listed: chain. See https://bl.example/2001:db8::1#why");
    // A test entry that stands for no class.
    EXPECT_EQ(rendered(text, "127.0.0.2", {}), "Listed: test. See https://bl.example/127.0.0.2#why");
}

TEST(TextTemplate, RefusesUnknownPlaceholdersAndControlCharacters) {
    for (const auto* bad : {"{adress}", "x {", "{page", "a\nb", "{}"})
        EXPECT_FALSE(TextTemplate::parse(bad, "https://bl.example/")) << bad;
    EXPECT_FALSE(TextTemplate::parse("{page}", ""));
    EXPECT_FALSE(TextTemplate::parse("{page}", "https://bl.example/{page}")); // no page in a page
    EXPECT_FALSE(TextTemplate::parse("{page}", "https://bl.example/{classes}"));
}

TEST(TextTemplate, KnowsItsLongestText) {
    const auto text = TextTemplate::parse("{address} {classes}.", "").value();
    EXPECT_EQ(text.longest({ListingClass::relay, ListingClass::socks}),
              39U + 1 + std::string("relay, socks").size() + 1);
    // "test" is longer than "web".
    EXPECT_EQ(text.longest({ListingClass::web}), 39U + 1 + 4 + 1);
    EXPECT_EQ(rendered(text, "2001:db8:1111:2222:3333:4444:5555:6666", {ListingClass::web}),
              "2001:db8:1111:2222:3333:4444:5555:6666 web.");
}

TEST(TextTemplate, WritesNothingThatDoesNotFit) {
    const auto text = TextTemplate::parse("{address}!", "").value();
    std::array<std::uint8_t, 9> out{};
    EXPECT_EQ(text.render("192.0.2.1", {}, out), 0U);
    EXPECT_EQ(text.render("192.0.2.", {}, out), 9U);
}

} // namespace
} // namespace provenbl::zones
