#include "tools/exports/rounds.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>

namespace provenbl::tools::exports {
namespace {

constexpr Duration longest_retry = std::chrono::minutes(1);

} // namespace

Rounds::Rounds(const zones::ZoneSet& zones, const std::vector<ExportSettings>& exports, OpenKey open_key, Tell tell)
    : table_(zones), open_key_(std::move(open_key)), tell_(std::move(tell)) {
    for (const auto& settings : exports) {
        Job job;
        job.settings = settings;
        job.target = {settings.format.value(), settings.options, settings.file};
        job.zone = table_.find(zones::DomainName::parse(settings.zone).value().wire());
        jobs_.push_back(std::move(job));
    }
}

Result<Manifest> Rounds::write(const Job& job, const zones::Snapshot& snapshot, Time now, const GoesOn& goes_on) {
    if (!key_) {
        auto opened = open_key_();
        if (!opened) return opened.error();
        key_.emplace(std::move(*opened));
    }
    return export_zone({table_, *job.zone, snapshot}, job.target, *key_, now, goes_on);
}

void Rounds::tell_of(Job& job, const Result<Manifest>& outcome) {
    const auto what = fmt::format("export of {} as {}", job.settings.zone, to_string(job.target.format));
    if (!outcome) {
        // A temporary name is in some messages; it is the same for one process.
        if (outcome.error().message != job.trouble)
            tell_(Level::trouble, fmt::format("{}: {}; tried again", what, outcome.error().message));
        job.trouble = outcome.error().message;
        return;
    }
    const auto done =
        fmt::format("{}: {} entries, serial {}, in {}{}", what, outcome->entries, outcome->serial,
                    job.target.file.string(), outcome->shut_down ? "; the list is shut down, so it is empty" : "");
    tell_(!job.told || !job.trouble.empty() ? Level::news : Level::detail, done);
    job.told = true;
    job.trouble.clear();
}

void Rounds::run(const zones::Snapshot& snapshot, Time now, const GoesOn& goes_on) {
    for (auto& job : jobs_) {
        if (goes_on && !goes_on()) return;
        if (now < job.due || job.written == snapshot.sequence) continue;
        const auto outcome = write(job, snapshot, now, goes_on);
        if (!outcome && outcome.error().code == Errc::closed) return; // on the way out
        tell_of(job, outcome);
        job.due = now + (outcome ? job.settings.interval : std::min(job.settings.interval, longest_retry));
        if (outcome) job.written = snapshot.sequence;
    }
}

Time Rounds::next(Time now) const {
    auto next = now + std::chrono::hours(1);
    for (const auto& job : jobs_) next = std::min(next, std::max(job.due, now));
    return next;
}

} // namespace provenbl::tools::exports
