#include "tools/fixes/library.hpp"

#include "store/ascii.hpp"
#include "tools/embedded_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <stdexcept>

namespace provenbl::tools::fixes {

std::span<const EmbeddedText> guide_files(); // made by cmake/embed.cmake

namespace {

// Words of a fingerprint are anybody's; a short name inside a longer word is not meant ("exim" in "eximious").
bool names(const std::string& fingerprint, const std::string& word) {
    const auto is_letter = [](char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; };
    for (auto at = fingerprint.find(word); at != std::string::npos; at = fingerprint.find(word, at + 1)) {
        const auto end = at + word.size();
        if ((at == 0 || !is_letter(fingerprint[at - 1])) && (end == fingerprint.size() || !is_letter(fingerprint[end])))
            return true;
    }
    return false;
}

bool matches(const Guide& guide, const std::string& fingerprint) {
    return std::any_of(guide.match.begin(), guide.match.end(),
                       [&](const std::string& word) { return names(fingerprint, word); });
}

void replace_all(std::string& text, std::string_view placeholder, std::string_view value) {
    for (auto at = text.find(placeholder); at != std::string::npos; at = text.find(placeholder, at + value.size()))
        text.replace(at, placeholder.size(), value);
}

// In a URL and in most commands an IPv6 address stands in brackets.
Guide filled_in(Guide guide, const Address& host, std::uint16_t port) {
    const auto address = host.is_v6() ? "[" + host.to_string() + "]" : host.to_string();
    const auto number = fmt::format("{}", port);
    for (auto& section : guide.sections) {
        for (auto& line : section.lines) {
            replace_all(line, "{address}", address);
            replace_all(line, "{port}", number);
        }
    }
    return guide;
}

} // namespace

Result<Library> Library::parse(std::vector<std::pair<std::string, std::string>> files) {
    std::sort(files.begin(), files.end());
    Library library;
    for (const auto& [file, text] : files) {
        auto guide = parse_guide(file, text);
        if (!guide) return guide.error();
        library.guides_.push_back(std::move(*guide));
    }
    return library;
}

const Library& Library::embedded() {
    static const Library library = [] {
        std::vector<std::pair<std::string, std::string>> files;
        for (const auto& file : guide_files()) files.emplace_back(file.name, file.text);
        auto parsed = parse(std::move(files));
        if (!parsed) throw std::logic_error(parsed.error().message);
        return std::move(*parsed);
    }();
    return library;
}

const Guide& Library::in_language(const Guide& english, std::string_view language) const {
    for (const auto& guide : guides_) {
        if (guide.name == english.name && guide.language == language) return guide;
    }
    return english;
}

std::vector<Choice> Library::choices(ClassSet classes) const {
    std::vector<Choice> all;
    for (const auto& guide : guides_) {
        if (guide.language == "en" && !guide.is_general() && !(guide.classes & classes).empty())
            all.push_back({guide.name, guide.software});
    }
    return all;
}

Result<std::vector<Advice>> Library::advise(const Address& host, const std::vector<Finding>& findings,
                                            std::string_view asked, std::string_view language) const {
    std::vector<Advice> advice;
    const auto add = [&](const Guide& guide, std::uint16_t port, bool fits) {
        const bool known =
            std::any_of(advice.begin(), advice.end(), [&](const Advice& one) { return one.guide.name == guide.name; });
        if (!known) advice.push_back({filled_in(in_language(guide, language), host, port), fits});
    };
    if (!asked.empty()) {
        const auto wanted = lower(asked);
        for (const auto& guide : guides_) {
            if (guide.language != "en" || (guide.name != wanted && !matches(guide, wanted))) continue;
            // The port of a way that it is a guide for, if there is one.
            const auto way = std::find_if(findings.begin(), findings.end(),
                                          [&](const Finding& one) { return guide.classes.contains(one.cls); });
            add(guide, way != findings.end() ? way->port : findings.empty() ? 0 : findings.front().port, true);
        }
        if (advice.empty()) {
            ClassSet every;
            for (const auto cls : all_listing_classes) every.insert(cls);
            std::string known;
            for (const auto& choice : choices(every)) known += (known.empty() ? "" : ", ") + choice.name;
            return Error{Errc::not_found, fmt::format("there is no guide for that software; there are: {}", known)};
        }
    }
    for (const auto& finding : findings) {
        const auto fingerprint = lower(finding.software);
        for (const auto& guide : guides_) {
            if (guide.language == "en" && guide.classes.contains(finding.cls) && matches(guide, fingerprint))
                add(guide, finding.port, true);
        }
    }
    for (const auto& finding : findings) {
        for (const auto& guide : guides_) {
            if (guide.language == "en" && guide.is_general() && guide.classes.contains(finding.cls))
                add(guide, finding.port, false);
        }
    }
    return advice;
}

} // namespace provenbl::tools::fixes
