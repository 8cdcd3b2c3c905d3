// All guides that the program was built with, and which of them fit a host.
#pragma once

#include "store/records.hpp"
#include "tools/fixes/guide.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace provenbl::tools::fixes {

// One listed way: what was seen there.
struct Finding {
    ListingClass cls = ListingClass::relay;
    std::uint16_t port = 0;
    std::string software; // a fingerprint, a suspect's own words; empty: unknown
};

// A guide that was chosen, its placeholders filled in.
struct Advice {
    Guide guide;
    bool fits_software = false; // otherwise it is the general one of a class
};

// Pairs of what may be asked for by name: {"squid", "Squid"}.
struct Choice {
    std::string name;
    std::string software;
};

class Library {
public:
    // Reads the embedded files; throws std::logic_error for one that is wrong, which a unit test would have found.
    static const Library& embedded();
    [[nodiscard]] static Result<Library> parse(std::vector<std::pair<std::string, std::string>> files);

    // For each way the guide of its software, then the general guide of each class; each guide once. `asked` is the
    // name or software that somebody asked for and comes first; error not_found says which there are. In `language`
    // where there is a translation, else in English.
    [[nodiscard]] Result<std::vector<Advice>> advise(const Address& host, const std::vector<Finding>& findings,
                                                     std::string_view asked, std::string_view language) const;
    // What else it may be, for these classes.
    [[nodiscard]] std::vector<Choice> choices(ClassSet classes) const;
    [[nodiscard]] const std::vector<Guide>& guides() const { return guides_; }

private:
    [[nodiscard]] const Guide& in_language(const Guide& english, std::string_view language) const;
    std::vector<Guide> guides_;
};

} // namespace provenbl::tools::fixes
