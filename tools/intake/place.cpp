#include "tools/intake/place.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>

namespace provenbl::tools::intake {
namespace json = boost::json;
namespace {

constexpr std::size_t largest = 32768; // a header of a longest line, twice over

std::uint64_t number_of(const json::object& object, const char* name) {
    json::error_code failed;
    const auto* const value = object.if_contains(name);
    return value != nullptr && value->is_number() ? value->to_number<std::uint64_t>(failed) : 0;
}

} // namespace

Place::Place(const std::filesystem::path& list)
    : list_(list), path_(list.parent_path() / ("." + list.filename().string() + ".progress")), identity_(identity()) {}

Place::~Place() {
    if (fd_ >= 0) ::close(fd_);
}

std::string Place::identity() const {
    struct stat about {};
    if (::stat(list_.c_str(), &about) != 0) return {};
    return fmt::format("{}:{}:{}:{}", about.st_dev, about.st_ino, about.st_mtim.tv_sec, about.st_mtim.tv_nsec);
}

std::optional<Place::Known> Place::read() const {
    std::ifstream in{path_};
    std::string text(largest, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    // Shorter words may leave the end of longer ones behind.
    text.resize(std::min(text.find('\n'), text.size()));
    json::error_code failed;
    const auto value = json::parse(text, failed);
    if (failed || !value.is_object()) return std::nullopt;
    const auto& object = value.get_object();
    const auto* const of = object.if_contains("list");
    if (of == nullptr || !of->is_string() ||
        std::string_view{of->get_string().data(), of->get_string().size()} != identity_ || identity_.empty())
        return std::nullopt;
    Known known;
    known.progress = {number_of(object, "offset"), number_of(object, "lines"), number_of(object, "taken"),
                      number_of(object, "refused"), number_of(object, "bad")};
    const auto kind = number_of(object, "kind");
    if (kind > static_cast<std::uint64_t>(EntryReader::Kind::json)) return std::nullopt;
    known.state.kind = static_cast<EntryReader::Kind>(kind);
    if (const auto* const columns = object.if_contains("columns"); columns != nullptr && columns->is_array()) {
        for (const auto& column : columns->get_array())
            if (column.is_string()) known.state.columns.emplace_back(column.get_string().c_str());
    }
    return known;
}

Result<> Place::write(const Progress& progress, const EntryReader::State& state) {
    const auto trouble = [this] {
        return Error{Errc::io, fmt::format("can't write {}: {}; without it a list that is cut short would begin anew",
                                           path_.string(), std::strerror(errno))};
    };
    if (fd_ < 0) {
        fd_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (fd_ < 0) return trouble();
    }
    json::array columns;
    for (const auto& column : state.columns) columns.emplace_back(column);
    const auto text = json::serialize(json::object{{"list", identity_},
                                                   {"offset", progress.offset},
                                                   {"lines", progress.lines},
                                                   {"taken", progress.taken},
                                                   {"refused", progress.refused},
                                                   {"bad", progress.bad},
                                                   {"kind", static_cast<unsigned>(state.kind)},
                                                   {"columns", std::move(columns)}}) +
                      "\n";
    // One call, so that a killed process leaves the old words or the new ones.
    if (::pwrite(fd_, text.data(), text.size(), 0) != static_cast<ssize_t>(text.size())) return trouble();
    return {};
}

void Place::forget() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
}

} // namespace provenbl::tools::intake
