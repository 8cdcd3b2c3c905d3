// The words of a letter in one language: a text file of sections with {placeholders}.
//
// Files are <language>.letter; lines that begin with '#' before the first section are comments. Each section may hold
// the placeholders that the program knows for it and no others, so that a letter never goes out with a gap. Pure.
#pragma once

#include "store/result.hpp"

#include <array>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace provenbl::tools::letters {

// Every letter is made of these; each must be there.
inline constexpr std::array section_names{
    std::string_view{"subject"},      std::string_view{"subject-many"}, std::string_view{"opening"},
    std::string_view{"finding"},      std::string_view{"class-relay"},  std::string_view{"class-socks"},
    std::string_view{"class-http"},   std::string_view{"class-chain"},  std::string_view{"class-wingate"},
    std::string_view{"class-router"}, std::string_view{"class-web"},    std::string_view{"relay"},
    std::string_view{"proxy"},        std::string_view{"effects"},      std::string_view{"fix"},
    std::string_view{"questions"},    std::string_view{"removal"},      std::string_view{"closing"},
    std::string_view{"technical"}};

class LetterTemplate {
public:
    // `file` is what errors name: "de.letter:12: ...". The language is its name without the suffix.
    static Result<LetterTemplate> parse(std::string_view file, std::string_view text);

    [[nodiscard]] const std::string& language() const { return language_; }
    using Values = std::map<std::string, std::string, std::less<>>;
    // A placeholder without a value stays empty. `section` is one of section_names.
    [[nodiscard]] std::string fill(std::string_view section, const Values& values) const;

private:
    std::string language_;
    std::map<std::string, std::string, std::less<>> sections_;
};

// All languages that there are: the built-in ones, and files of a directory in their place or beside them.
class LetterTemplates {
public:
    // Errors name the file and the line. An empty directory name means the built-in ones alone.
    static Result<LetterTemplates> load(const std::string& directory);
    // Of a parent language ("pt" for "pt-br") or English where there is none.
    [[nodiscard]] const LetterTemplate& in(std::string_view language) const;
    [[nodiscard]] bool has(std::string_view language) const { return all_.contains(language); }
    [[nodiscard]] std::vector<std::string> languages() const;

private:
    std::map<std::string, LetterTemplate, std::less<>> all_;
};

// The language that people of a domain's country probably read, of those that we have; empty: no idea.
[[nodiscard]] std::string_view language_of_domain(std::string_view domain);

} // namespace provenbl::tools::letters
