#include "tools/daemon/exporter.hpp"

#include "store/log.hpp"

#include <exception>
#include <sys/resource.h>

namespace provenbl::tools {
namespace {

using namespace std::chrono_literals;

// A serial that has not moved costs a look at the snapshot.
constexpr Duration shortest_pause = 250ms;
constexpr Duration longest_pause = 5s;

void tell(exports::Rounds::Level level, const std::string& text) {
    switch (level) {
    case exports::Rounds::Level::detail:
        log::of("exports")->debug("{}", text);
        break;
    case exports::Rounds::Level::news:
        log::of("exports")->info("{}", text);
        break;
    case exports::Rounds::Level::trouble:
        log::of("exports")->warn("{}", text);
        break;
    }
}

} // namespace

Exporter::Exporter(const Configuration& configuration, const Clock& clock, TakeSnapshot take_snapshot)
    : clock_(clock), take_snapshot_(std::move(take_snapshot)),
      rounds_(
          configuration.zones, configuration.exports,
          [directory = configuration.store.directory] { return signing::SigningKey::of(directory); }, tell),
      thread_([this] { run(); }) {}

Exporter::~Exporter() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    stop_.notify_all();
    thread_.join();
}

bool Exporter::pause(Duration span) {
    std::unique_lock lock(mutex_);
    return !stop_.wait_for(lock, span, [this] { return stopping_.load(); });
}

void Exporter::run() {
    // On Linux this is the calling thread alone: whoever answers comes first.
    ::setpriority(PRIO_PROCESS, 0, 10);
    auto wait = Duration{0};
    std::string trouble;
    while (pause(wait)) {
        try {
            const auto snapshot = take_snapshot_();
            rounds_.run(*snapshot, clock_.now(), [this] { return !stopping_; });
            trouble.clear();
        } catch (const std::exception& error) {
            if (trouble != error.what()) log::of("exports")->warn("{}; tried again", error.what());
            trouble = error.what();
        }
        const auto now = clock_.now();
        wait = std::clamp(rounds_.next(now) - now, shortest_pause, longest_pause);
    }
}

} // namespace provenbl::tools
