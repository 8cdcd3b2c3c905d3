#include "zones/static/library.hpp"

#include "zones/static/parse.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>

namespace provenbl::zones::statics {
namespace {

constexpr std::chrono::milliseconds look_every{250};
// A file that seems to be unfinished is taken for what it is after so long without a change.
constexpr Duration unfinished_for = std::chrono::seconds{5};
// What was refused may be right now: its time has come, or its disk is back.
constexpr Duration try_again_after = std::chrono::minutes{1};
constexpr std::size_t most_told = 3; // errors of one set

std::int64_t seconds(Time time) {
    return std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()).count();
}

std::vector<FileStamp> stamps_of(const SetSource& source) {
    std::vector<FileStamp> stamps;
    for (const auto& path : source.paths) stamps.push_back(stamp_of(path));
    return stamps;
}

std::string errors_of(const Complaints& complaints) {
    std::string text;
    std::size_t told = 0;
    for (const auto& one : complaints.kept()) {
        if (one.severity != Severity::error || told == most_told) continue;
        text += (told++ > 0 ? "; " : "") + one.to_string();
    }
    if (complaints.errors() > told) text += fmt::format("; and {} more", complaints.errors() - told);
    return text;
}

} // namespace

LoadedSet load_set(const SetSource& source, Time now) {
    LoadedSet loaded;
    std::vector<std::string> texts;
    for (const auto& path : source.paths) {
        auto file = read_file(path);
        if (!file) {
            loaded.unfinished = loaded.unfinished || file.error().code == Errc::busy;
            // The message begins with the path.
            loaded.complaints.add({Severity::error, path, 0, file.error().message.substr(path.size() + 2)});
            continue;
        }
        const auto age = now.time_since_epoch() - std::chrono::nanoseconds{file->stamp.modified};
        if (!file->text.ends_with('\n') && age < unfinished_for) loaded.unfinished = true;
        loaded.stamps.push_back(file->stamp);
        texts.push_back(std::move(file->text));
    }
    if (loaded.complaints.errors() > 0) return loaded;
    std::vector<SourceText> sources;
    std::int64_t newest = 0;
    for (std::size_t i = 0; i < texts.size(); ++i) {
        sources.push_back({source.paths[i], texts[i]});
        newest = std::max(newest, loaded.stamps[i].modified / 1'000'000'000);
    }
    ParseOptions options;
    options.skip_bad_lines = source.skip_bad_lines;
    options.now = seconds(now);
    auto parsed = parse(source.type, sources, options);
    loaded.complaints = std::move(parsed.complaints);
    if (parsed.set) parsed.set->newest = static_cast<std::uint32_t>(newest);
    loaded.set = std::move(parsed.set);
    return loaded;
}

Library::Library(std::vector<StaticZoneDefinition> zones, const Clock& clock, Tell tell)
    : zones_(std::move(zones)), clock_(clock), tell_(std::move(tell)) {
    for (const auto& zone : zones_) {
        auto& of_zone = of_.emplace_back();
        for (const auto& source : zone.sets) {
            const auto known =
                std::find_if(sets_.begin(), sets_.end(), [&](const Set& set) { return set.source == source; });
            of_zone.push_back(static_cast<std::size_t>(known - sets_.begin()));
            if (known == sets_.end()) sets_.push_back(Set{source, {}, {}, {}, {}, {}, 0, 0, {}});
        }
    }
}

Library::~Library() {
    stop();
}

Result<> Library::load() {
    const std::scoped_lock lock(look_mutex_);
    std::string unfit;
    for (auto& set : sets_) {
        set.seen = stamps_of(set.source);
        take_in(set);
        if (!set.good) unfit += (unfit.empty() ? "" : "\n") + set.trouble;
    }
    if (!unfit.empty()) return Error{Errc::invalid, unfit};
    return publish();
}

bool Library::take_in(Set& set) {
    const auto now = clock_.now();
    auto loaded = load_set(set.source, now);
    // At the start there is nothing better than what is there.
    if (loaded.unfinished && set.good) return false;
    set.read = set.seen;
    set.read_at = now;
    if (!loaded.set) {
        auto trouble = errors_of(loaded.complaints);
        if (trouble != set.trouble && set.good) tell_(true, trouble + "; the last good data stay");
        set.trouble = std::move(trouble);
        return false;
    }
    if (set.good) tell_(false, fmt::format("{}: {} entries are served", set.source.paths.front(), loaded.set->entries));
    if (loaded.complaints.errors() > 0)
        tell_(true,
              fmt::format("{}; {} bad lines are left out", errors_of(loaded.complaints), loaded.complaints.errors()));
    set.trouble.clear();
    set.good = std::move(loaded.set);
    set.taken_in = now;
    set.notes = loaded.complaints.notes();
    set.bad_lines = loaded.complaints.errors();
    return true;
}

std::vector<std::shared_ptr<const DataSet>> Library::sets_of(std::size_t zone) const {
    std::vector<std::shared_ptr<const DataSet>> sets;
    for (const auto set : of_[zone]) sets.push_back(sets_[set].good);
    return sets;
}

Result<> Library::publish() {
    auto fresh = std::make_shared<Shelf>();
    for (std::size_t i = 0; i < zones_.size(); ++i) {
        auto zone = StaticZone::make(zones_[i], i, sets_of(i));
        if (!zone) return zone.error();
        fresh->zones.push_back(std::move(*zone));
    }
    note_states(*fresh);
    const std::scoped_lock lock(mutex_);
    retired_.push_back(std::exchange(shelf_, std::move(fresh)));
    generation_.fetch_add(1, std::memory_order_release);
    return {};
}

void Library::note_states(const Shelf& shelf) {
    std::vector<ZoneState> states;
    for (std::size_t i = 0; i < zones_.size(); ++i) {
        ZoneState state;
        state.apex = zones_[i].apex;
        state.entries = shelf.zones[i]->entries();
        state.serial = shelf.zones[i]->serial();
        state.expires = Time{std::chrono::seconds{shelf.zones[i]->expires()}};
        for (const auto place : of_[i]) {
            const auto& set = sets_[place];
            state.taken_in = std::max(state.taken_in, set.taken_in);
            state.notes += set.notes;
            state.bad_lines += set.bad_lines;
            if (!set.trouble.empty()) state.trouble += (state.trouble.empty() ? "" : "; ") + set.trouble;
        }
        if (shelf.zones[i]->expired(clock_.now()))
            state.trouble += (state.trouble.empty() ? "" : "; ") + std::string{"the data have expired ($TIMESTAMP)"};
        states.push_back(std::move(state));
    }
    const std::scoped_lock lock(mutex_);
    states_ = std::move(states);
}

void Library::look() {
    const std::scoped_lock looking(look_mutex_);
    std::vector<std::shared_ptr<const Shelf>> free;
    {
        const std::scoped_lock lock(mutex_);
        const auto unused =
            std::partition(retired_.begin(), retired_.end(), [](const auto& shelf) { return shelf.use_count() > 1; });
        std::move(unused, retired_.end(), std::back_inserter(free));
        retired_.erase(unused, retired_.end());
    }
    free.clear(); // may take a while, and holds nobody up
    bool fresh = false;
    const auto now = clock_.now();
    for (auto& set : sets_) {
        auto stamps = stamps_of(set.source);
        const bool settled = stamps == set.seen;
        set.seen = std::move(stamps);
        const bool changed = set.seen != set.read;
        const bool again = !set.trouble.empty() && now - set.read_at >= try_again_after;
        if (settled && (changed || again) && take_in(set)) fresh = true;
    }
    if (fresh) {
        if (const auto published = publish(); !published) tell_(true, published.error().message);
    }
    note_states(*shelf());
}

void Library::start() {
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = false;
    }
    if (!zones_.empty()) thread_ = std::thread([this] { run(); });
}

void Library::stop() {
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void Library::run() {
    std::string told;
    std::unique_lock lock(mutex_);
    while (!wake_.wait_for(lock, look_every, [this] { return stopping_; })) {
        lock.unlock();
        std::string trouble;
        try {
            look();
        } catch (const std::exception& error) { // no memory: what is served stays
            trouble = error.what();
        }
        if (!trouble.empty() && trouble != told)
            tell_(true, fmt::format("static zones can't be read anew, the last good data stay: {}", trouble));
        told = std::move(trouble);
        lock.lock();
    }
}

std::shared_ptr<const Shelf> Library::shelf() const {
    const std::scoped_lock lock(mutex_);
    return shelf_;
}

std::vector<ZoneState> Library::states() const {
    const std::scoped_lock lock(mutex_);
    return states_;
}

} // namespace provenbl::zones::statics
