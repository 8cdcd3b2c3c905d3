#include "tools/workers/register.hpp"

#include "store/durable_file.hpp"
#include "store/log.hpp"
#include "store/mirrors.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <sstream>

namespace provenbl::tools::workers {
namespace {

constexpr std::uintmax_t largest_file = std::uintmax_t{1} << 20U;

std::filesystem::path file_in(const std::filesystem::path& directory) {
    return directory / register_name;
}

Result<> save(const std::filesystem::path& directory, const std::vector<Member>& members) {
    std::string text = "# Who may carry out visits: `provenbl worker add`, `provenbl worker remove`.\n";
    for (const auto& member : members)
        text += fmt::format("{} {} {}\n", member.name, member.key.base64(), member.added);
    auto file = DurableFile::create(file_in(directory), 0644);
    if (!file) return file.error();
    if (auto written = file->write(text); !written) return written;
    give_to_owner_of(directory, file->descriptor());
    return file->publish(file_in(directory), true);
}

} // namespace

Result<std::vector<Member>> read_register(const std::filesystem::path& directory) {
    const auto path = file_in(directory);
    std::vector<Member> members;
    std::error_code code;
    const auto size = std::filesystem::file_size(path, code);
    if (code == std::errc::no_such_file_or_directory) return members;
    if (code) return file_error(code.value(), path, "reading");
    if (size > largest_file) return Error{Errc::limit, path.string() + " is too large for a list of workers"};
    std::ifstream stream(path);
    if (!stream) return file_error(errno, path, "reading");
    std::size_t number = 0;
    for (std::string line; std::getline(stream, line);) {
        ++number;
        if (line.empty() || line.front() == '#') continue;
        std::istringstream words(line);
        std::string name;
        std::string key;
        std::string added;
        words >> name >> key >> added;
        auto parsed = signing::PublicKey::parse(key);
        if (!mirrors::is_name(name) || !parsed)
            return Error{Errc::invalid,
                         fmt::format("line {} of {} is not NAME KEY TIME; take it out", number, path.string())};
        members.push_back({name, std::move(*parsed), added});
    }
    if (stream.bad()) return Error{Errc::io, path.string() + " can't be read"};
    if (members.size() > most_workers) return Error{Errc::limit, path.string() + " names too many workers"};
    return members;
}

Result<Member> add_member(const std::filesystem::path& directory, std::string_view name, std::string_view key,
                          Time now) {
    if (!mirrors::is_name(name))
        return Error{Errc::invalid, fmt::format("'{}' is no name for a worker; expected a to z, 0 to 9 and '-' inside, "
                                                "at most 63 characters",
                                                name.substr(0, 80))};
    auto parsed = signing::PublicKey::parse(key);
    if (!parsed)
        return Error{Errc::invalid, "this is no key of a worker: expected what `provenbl worker key` prints there"};
    auto members = read_register(directory);
    if (!members) return members.error();
    for (const auto& member : *members) {
        if (member.name == name)
            return Error{Errc::conflict, fmt::format("there is a worker {} already; remove that one first", name)};
        if (member.key == *parsed)
            return Error{Errc::conflict, fmt::format("this is the key of the worker {} already", member.name)};
    }
    if (members->size() >= most_workers) return Error{Errc::limit, "there are 1000 workers; remove some first"};
    members->push_back({std::string(name), std::move(*parsed), to_string(now)});
    if (auto saved = save(directory, *members); !saved) return saved.error();
    return members->back();
}

Result<Member> remove_member(const std::filesystem::path& directory, std::string_view name) {
    auto members = read_register(directory);
    if (!members) return members.error();
    const auto found =
        std::find_if(members->begin(), members->end(), [&](const Member& of) { return of.name == name; });
    if (found == members->end())
        return Error{Errc::not_found,
                     fmt::format("there is no worker '{}'; `provenbl worker list` shows which there are", name)};
    auto removed = std::move(*found);
    members->erase(found);
    if (auto saved = save(directory, *members); !saved) return saved.error();
    return removed;
}

void Register::refresh() {
    const auto stamp = stamp_of(file_in(directory_));
    if (stamp == read_) return;
    auto members = read_register(directory_); // empty where there is none
    members_.clear();
    if (members)
        members_ = std::move(*members);
    else
        log::of("workers")->error("no worker is believed: {}", members.error().message);
    read_ = stamp; // last: what throws is tried again
}

std::optional<std::string> Register::name_of(const signing::PublicKey& key) {
    const std::lock_guard lock(mutex_);
    refresh();
    for (const auto& member : members_)
        if (member.key == key) return member.name;
    return std::nullopt;
}

std::size_t Register::size() {
    const std::lock_guard lock(mutex_);
    refresh();
    return members_.size();
}

} // namespace provenbl::tools::workers
