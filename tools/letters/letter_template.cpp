#include "tools/letters/letter_template.hpp"

#include "tools/embedded_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace provenbl::tools::letters {

std::span<const EmbeddedText> template_files(); // made by cmake/embed.cmake

namespace {

constexpr std::string_view suffix = ".letter";
constexpr std::size_t largest_file = std::size_t{64} * 1024;
constexpr std::size_t most_files = 200;

std::vector<std::string_view> known_in(std::string_view section) {
    if (section == "subject") return {"address"};
    if (section == "subject-many") return {"count"};
    if (section == "opening") return {"contact"};
    if (section == "finding") return {"address", "port", "what", "since", "page"};
    if (section == "removal") return {"list"};
    if (section == "closing") return {"operator", "optout"};
    return {};
}

// Calls text(part) and placeholder(name) in turn; what is no {name} of small letters is text.
template <class Text, class Placeholder> void split(std::string_view source, Text text, Placeholder placeholder) {
    while (!source.empty()) {
        const auto open = source.find('{');
        const auto close = open == std::string_view::npos ? open : source.find('}', open);
        if (close == std::string_view::npos) break;
        text(source.substr(0, open));
        placeholder(source.substr(open + 1, close - open - 1));
        source.remove_prefix(close + 1);
    }
    text(source);
}

bool is_utf8(std::string_view bytes) {
    for (std::size_t i = 0; i < bytes.size();) {
        const auto lead = static_cast<unsigned char>(bytes[i]);
        const std::size_t size = lead < 0x80                   ? 1
                                 : lead >= 0xc2 && lead < 0xe0 ? 2
                                 : (lead & 0xf0U) == 0xe0      ? 3
                                 : lead >= 0xf0 && lead < 0xf5 ? 4
                                                               : 0;
        if (size == 0 || i + size > bytes.size()) return false;
        for (std::size_t j = 1; j < size; ++j) {
            if ((static_cast<unsigned char>(bytes[i + j]) & 0xc0U) != 0x80) return false;
        }
        i += size;
    }
    return true;
}

Result<std::string> contents_of(const std::filesystem::path& path) {
    std::ifstream stream{path, std::ios::binary};
    if (!stream) return Error{Errc::io, fmt::format("can't read {}: {}", path.string(), std::strerror(errno))};
    std::string text(largest_file + 1, '\0');
    stream.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(stream.gcount()));
    if (text.size() > largest_file)
        return Error{Errc::limit, fmt::format("{} is larger than any letter", path.string())};
    return text;
}

} // namespace

Result<LetterTemplate> LetterTemplate::parse(std::string_view file, std::string_view text) {
    std::size_t number = 0;
    const auto wrong = [&](std::string_view what) {
        return Error{Errc::invalid, fmt::format("{}:{}: {}", file, number, what)};
    };
    LetterTemplate made;
    const auto slash = file.rfind('/');
    made.language_ = file.substr(slash == std::string_view::npos ? 0 : slash + 1);
    if (!file.ends_with(suffix)) return wrong("a template's file is LANGUAGE.letter");
    made.language_.resize(made.language_.size() - suffix.size());
    std::string* section = nullptr;
    std::string_view name;
    while (!text.empty()) {
        ++number;
        const auto end = text.find('\n');
        auto line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (!is_utf8(line)) return wrong("this is not UTF-8");
        if (line.starts_with('[')) {
            const auto close = line.find(']');
            const auto found = std::find(section_names.begin(), section_names.end(),
                                         line.substr(1, close == std::string_view::npos ? close : close - 1));
            if (found == section_names.end())
                return wrong(fmt::format("there is no such section; there are: {}", fmt::join(section_names, ", ")));
            name = *found;
            if (made.sections_.contains(name)) return wrong(fmt::format("the section '{}' comes twice", name));
            section = &made.sections_[std::string{name}];
            continue;
        }
        if (section == nullptr) {
            if (!line.empty() && !line.starts_with('#')) return wrong("expected a section such as [subject]");
            continue;
        }
        std::string_view unknown;
        bool found_unknown = false;
        const auto known = known_in(name);
        split(
            line, [](std::string_view) {},
            [&](std::string_view placeholder) {
                if (std::find(known.begin(), known.end(), placeholder) != known.end() || found_unknown) return;
                unknown = placeholder;
                found_unknown = true;
            });
        if (found_unknown)
            return wrong(known.empty()
                             ? fmt::format("there is no {{{}}}, and no placeholder at all, in '{}'", unknown, name)
                             : fmt::format("there is no {{{}}} in '{}'; there are {{{}}}", unknown, name,
                                           fmt::join(known, "}, {")));
        section->append(line).append("\n");
    }
    for (const auto& wanted : section_names) {
        const auto found = made.sections_.find(wanted);
        if (found == made.sections_.end()) return wrong(fmt::format("the section '{}' is missing", wanted));
        auto& body = found->second;
        while (body.ends_with('\n')) body.pop_back();
        if (body.empty()) return wrong(fmt::format("the section '{}' is empty", wanted));
    }
    for (const auto* const one_line : {"subject", "subject-many"}) {
        if (made.sections_.find(one_line)->second.find('\n') != std::string::npos)
            return wrong(fmt::format("the section '{}' has more than one line", one_line));
    }
    return made;
}

std::string LetterTemplate::fill(std::string_view section, const Values& values) const {
    std::string text;
    const auto found = sections_.find(section);
    if (found == sections_.end()) return text;
    split(
        found->second, [&](std::string_view part) { text += part; },
        [&](std::string_view placeholder) {
            if (const auto value = values.find(placeholder); value != values.end()) text += value->second;
        });
    return text;
}

Result<LetterTemplates> LetterTemplates::load(const std::string& directory) {
    LetterTemplates templates;
    const auto take = [&](std::string_view file, std::string_view text) -> Result<> {
        auto parsed = LetterTemplate::parse(file, text);
        if (!parsed) return parsed.error();
        const auto language = parsed->language();
        templates.all_.insert_or_assign(language, std::move(*parsed));
        return {};
    };
    for (const auto& file : template_files()) {
        if (auto taken = take(file.name, file.text); !taken) return taken.error();
    }
    if (directory.empty()) return templates;
    std::error_code code;
    std::vector<std::filesystem::path> files;
    for (std::filesystem::directory_iterator at{directory, code}, end; !code && at != end; at.increment(code)) {
        if (at->path().extension() == suffix) files.push_back(at->path());
        if (files.size() > most_files) return Error{Errc::limit, directory + " holds too many templates"};
    }
    if (code)
        return Error{Errc::io, fmt::format("can't read the letters' templates in {}: {}", directory, code.message())};
    for (const auto& file : files) {
        const auto text = contents_of(file);
        if (!text) return text.error();
        if (auto taken = take(file.string(), *text); !taken) return taken.error();
    }
    return templates;
}

const LetterTemplate& LetterTemplates::in(std::string_view language) const {
    for (auto name = language; !name.empty();) {
        if (const auto found = all_.find(name); found != all_.end()) return found->second;
        const auto dash = name.rfind('-');
        name = dash == std::string_view::npos ? std::string_view{} : name.substr(0, dash);
    }
    return all_.find("en")->second;
}

std::vector<std::string> LetterTemplates::languages() const {
    std::vector<std::string> names;
    for (const auto& [name, letter] : all_) names.push_back(name);
    return names;
}

std::string_view language_of_domain(std::string_view domain) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 55> countries{
        {{"de", "de"}, {"at", "de"}, {"ch", "de"}, {"li", "de"}, {"fr", "fr"}, {"be", "fr"}, {"lu", "fr"}, {"mc", "fr"},
         {"re", "fr"}, {"sn", "fr"}, {"ci", "fr"}, {"ma", "fr"}, {"tn", "fr"}, {"dz", "fr"}, {"es", "es"}, {"mx", "es"},
         {"ar", "es"}, {"cl", "es"}, {"pe", "es"}, {"ve", "es"}, {"ec", "es"}, {"uy", "es"}, {"py", "es"}, {"bo", "es"},
         {"gt", "es"}, {"cr", "es"}, {"pa", "es"}, {"do", "es"}, {"hn", "es"}, {"ni", "es"}, {"sv", "es"}, {"cu", "es"},
         {"pt", "pt"}, {"br", "pt"}, {"ao", "pt"}, {"mz", "pt"}, {"cv", "pt"}, {"cn", "zh"}, {"tw", "zh"}, {"hk", "zh"},
         {"mo", "zh"}, {"sg", "en"}, {"jp", "ja"}, {"kr", "ko"}, {"ru", "ru"}, {"su", "ru"}, {"by", "ru"}, {"kz", "ru"},
         {"kg", "ru"}, {"uk", "en"}, {"us", "en"}, {"au", "en"}, {"nz", "en"}, {"ie", "en"}, {"ca", "en"}}};
    const auto top = domain.substr(domain.rfind('.') == std::string_view::npos ? 0 : domain.rfind('.') + 1);
    const auto found =
        std::find_if(countries.begin(), countries.end(), [&](const auto& one) { return one.first == top; });
    return found == countries.end() ? std::string_view{} : found->second;
}

} // namespace provenbl::tools::letters
