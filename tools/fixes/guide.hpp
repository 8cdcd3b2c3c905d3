// A fix guide: what is set wrong in one kind of software, the exact change, and how to see that it has closed.
//
// A guide is a text file (guides/<language>/<name>.guide): a head of `name: value` lines, then sections.
//
//   software: Squid                       what people call it
//   match: squid                          words of a fingerprint that mean it, in lower case; none: a class's general
//   guide classes: http, chain                  what it is a guide for title: Squid: allow your own networks
//
//   [change /etc/squid/squid.conf]        recognise, fault, change WHERE, note, reload, check; in the order of reading
//   - http_access allow all               of a change: an old line, that goes
//   + http_access deny all                a new one, that comes; "  " is one that stays
//
// {address} and {port} in a section are the listed host's. Pure.
#pragma once

#include "store/listing_class.hpp"
#include "store/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace provenbl::tools::fixes {

enum class SectionKind { recognise, fault, change, note, reload, check };
[[nodiscard]] std::string_view to_string(SectionKind kind);
[[nodiscard]] std::string_view heading(SectionKind kind); // for readers: "How to recognise it"

struct Section {
    SectionKind kind = SectionKind::note;
    std::string where; // of a change: the file, or where it is typed
    std::vector<std::string> lines;
};

// A line of a change taken apart.
struct ChangeLine {
    char mark = ' '; // '-', '+' or ' '
    std::string text;
};
[[nodiscard]] ChangeLine change_line(std::string_view line);

struct Guide {
    std::string name; // of the file: "squid"
    std::string language;
    std::string software;
    std::vector<std::string> match;
    ClassSet classes;
    std::string title;
    std::vector<Section> sections;

    [[nodiscard]] bool is_general() const { return match.empty(); }
};

// `file` is "en/squid.guide". Errors: invalid, as "en/squid.guide:12: ...".
[[nodiscard]] Result<Guide> parse_guide(std::string_view file, std::string_view text);

} // namespace provenbl::tools::fixes
