#include "tools/config/reading.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace provenbl::tools {

std::string Problem::to_string(std::string_view file) const {
    std::string text{file};
    if (at.line > 0) text += fmt::format(":{}:{}", at.line, at.column);
    if (!setting.empty()) text += fmt::format(": {}", setting);
    return text + ": " + message;
}

Reading::Scope::Scope(Reading& reading, std::string_view name, Position at)
    : reading_(reading), length_(reading.path_.size()) {
    if (!reading.path_.empty() && !name.starts_with('[')) reading.path_ += '.';
    reading.path_ += name;
    reading.positions_.emplace(reading.path_, at);
}

void Reading::refuse_setting(const std::string& setting, std::string message) {
    auto place = setting;
    while (!place.empty()) {
        if (const auto found = positions_.find(place); found != positions_.end()) {
            problems_.push_back({found->second, setting, std::move(message)});
            return;
        }
        const auto cut = place.find_last_of(".[");
        place.resize(cut == std::string::npos ? 0 : cut);
    }
    problems_.push_back({{}, setting, std::move(message)});
}

bool Reading::refused(const std::string& setting) const {
    return std::any_of(problems_.begin(), problems_.end(), [&](const Problem& problem) {
        if (!problem.setting.starts_with(setting)) return false;
        return problem.setting.size() == setting.size() || problem.setting[setting.size()] == '.' ||
               problem.setting[setting.size()] == '[';
    });
}

std::vector<Problem> Reading::problems() const {
    auto sorted = problems_;
    std::stable_sort(sorted.begin(), sorted.end(), [](const Problem& a, const Problem& b) {
        return std::pair{a.at.line, a.at.column} < std::pair{b.at.line, b.at.column};
    });
    return sorted;
}

std::string_view nearest(std::string_view given, const std::vector<std::string_view>& known) {
    constexpr std::size_t longest = 64;
    if (given.size() > longest) return {};
    std::string_view best;
    auto best_distance = std::max<std::size_t>(2, given.size() / 3) + 1;
    for (const auto name : known) {
        // Levenshtein, one row at a time.
        std::vector<std::size_t> row(name.size() + 1);
        std::iota(row.begin(), row.end(), std::size_t{0});
        for (std::size_t i = 0; i < given.size(); ++i) {
            auto diagonal = row[0];
            row[0] = i + 1;
            for (std::size_t j = 0; j < name.size(); ++j) {
                const auto replaced = diagonal + (given[i] == name[j] ? 0 : 1);
                diagonal = row[j + 1];
                row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
            }
        }
        if (row.back() < best_distance) {
            best_distance = row.back();
            best = name;
        }
    }
    return best;
}

} // namespace provenbl::tools
