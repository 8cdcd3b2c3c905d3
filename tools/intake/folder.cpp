#include "tools/intake/folder.hpp"

#include "tools/api/plain_text.hpp"
#include "tools/intake/place.hpp"

#include <fmt/format.h>

#include <fstream>
#include <set>

namespace provenbl::tools::intake {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t lists_at_once = 1000; // of one look; more come with the next
constexpr std::size_t most_complaints = 10'000;

bool is_list(const fs::directory_entry& entry) {
    std::error_code failed;
    if (fs::symlink_status(entry.path(), failed).type() != fs::file_type::regular) return false;
    const auto name = entry.path().filename().string();
    return !name.starts_with('.') && !name.ends_with(".tmp") && !name.ends_with(".part") && !name.ends_with(".errors");
}

// NAME, or NAME.2, NAME.3 ...: nothing is replaced.
fs::path free_name(const fs::path& folder, const fs::path& name) {
    std::error_code failed;
    auto free = folder / name;
    for (unsigned i = 2; fs::exists(free, failed) && i < 100'000; ++i)
        free = folder / fmt::format("{}.{}", name.string(), i);
    return free;
}

} // namespace

Folder::Folder(fs::path folder, File file, Tell tell)
    : folder_(std::move(folder)), file_(std::move(file)), tell_(std::move(tell)) {}

Result<> Folder::prepare() const {
    for (const auto& needed : {folder_ / "done", folder_ / "failed"}) {
        std::error_code failed;
        fs::create_directories(needed, failed);
        if (failed)
            return Error{Errc::io,
                         fmt::format("can't make {}: {}; the folder must belong to the user that runs provenbl",
                                     needed.string(), failed.message())};
    }
    return {};
}

bool Folder::look(const std::function<bool()>& stop) {
    std::error_code failed;
    std::set<fs::path> ready; // by name, so that 001 comes before 002
    std::map<fs::path, Seen> now;
    for (fs::directory_iterator each{folder_, failed}, end; !failed && each != end && now.size() < lists_at_once;
         each.increment(failed)) {
        if (!is_list(*each)) continue;
        std::error_code gone;
        const Seen seen{each->file_size(gone), each->last_write_time(gone)};
        if (gone) continue;
        const auto before = seen_.find(each->path());
        if (before != seen_.end() && before->second == seen) ready.insert(each->path());
        now.emplace(each->path(), seen);
    }
    if (failed && waits_ != failed.message()) {
        waits_ = failed.message();
        tell_(true, fmt::format("{} can't be read: {}", folder_.string(), waits_));
    }
    seen_ = std::move(now);
    for (const auto& list : ready) {
        if (stop()) break;
        if (!file_list(list, stop)) return false;
    }
    return !failed;
}

bool Folder::file_list(const fs::path& list, const std::function<bool()>& stop) {
    Place place{list};
    EntryReader reader;
    Progress progress;
    std::ifstream in{list, std::ios::binary};
    if (!in) {
        tell_(true,
              fmt::format("{} can't be opened: it must be readable to the user that runs provenbl", list.string()));
        seen_.erase(list);
        return true;
    }
    if (auto known = place.read()) {
        progress = known->progress;
        reader.resume(std::move(known->state));
        in.seekg(static_cast<std::streamoff>(progress.offset));
    }
    const auto errors = list.parent_path() / ("." + list.filename().string() + ".errors");
    std::ofstream complaints{errors, progress.lines > 0 ? std::ios::app : std::ios::trunc};
    std::uint64_t complained = progress.bad + progress.refused;
    Result<> kept;
    Feeding how;
    how.file = file_;
    how.stop = [&] { return stop() || !kept; };
    how.complain = [&](std::uint64_t number, std::string_view why) {
        if (++complained <= most_complaints) complaints << "line " << number << ": " << api::as_utf8(why) << '\n';
        if (complained == most_complaints) complaints << "more are not written down\n";
    };
    how.after_line = [&](const Progress& at) {
        complaints.flush(); // before the place moves on
        kept = place.write(at, reader.state());
    };
    const auto fed = feed(in, reader, progress, how);
    complaints.close();
    const auto& trouble = !fed ? fed : kept;
    if (!trouble) {
        if (waits_ != trouble.error().message)
            tell_(true,
                  fmt::format("{} waits at line {}: {}", list.string(), progress.lines + 1, trouble.error().message));
        waits_ = trouble.error().message;
        return false;
    }
    if (stop()) return true; // it goes on from its place
    waits_.clear();
    const bool done = progress.taken > 0 || progress.bad + progress.refused == 0;
    tell_(!done, fmt::format("{}: {} lines, {} reports taken, {} refused, {} could not be read", list.string(),
                             progress.lines, progress.taken, progress.refused, progress.bad));
    put_away(list, errors, done);
    place.forget();
    return true;
}

void Folder::put_away(const fs::path& list, const fs::path& errors, bool done) {
    const auto target = free_name(folder_ / (done ? "done" : "failed"), list.filename());
    std::error_code failed;
    fs::rename(list, target, failed);
    // It would be filed again and again.
    if (failed)
        tell_(true, fmt::format("{} can't be moved to {}: {}", list.string(), target.string(), failed.message()));
    seen_.erase(list);
    std::error_code ignored;
    if (fs::file_size(errors, ignored) > 0 && !ignored)
        fs::rename(errors, target.string() + ".errors", ignored);
    else
        fs::remove(errors, ignored);
}

} // namespace provenbl::tools::intake
