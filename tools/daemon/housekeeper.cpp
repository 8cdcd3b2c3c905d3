#include "tools/daemon/housekeeper.hpp"

#include "store/exclusion_requests.hpp"
#include "store/log.hpp"

namespace provenbl::tools {

Housekeeper::Housekeeper(Store& store, const retention::Rules& rules, const Pace& pace)
    : store_(store), rules_(rules), pace_(pace), thread_([this] { run(); }) {}

Housekeeper::~Housekeeper() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    stop_.notify_all();
    thread_.join();
}

bool Housekeeper::pause(Duration span) {
    std::unique_lock lock(mutex_);
    return !stop_.wait_for(lock, span, [this] { return stopping_; });
}

void Housekeeper::run() {
    do round();
    while (pause(pace_.between_rounds));
}

// Who asked to be excluded is not remembered for ever.
void Housekeeper::forget_requests() {
    const auto written = store_.write([](WriteTxn& txn) -> Result<> {
        exclusion_requests::forget(txn);
        return {};
    });
    if (!written) log::of("store")->warn("old requests for exclusion: {}; tried again later", written.error().message);
}

void Housekeeper::round() {
    forget_requests();
    retention::Round round;
    for (bool more = true; more;) {
        auto next = round;
        const auto written = store_.write([&](WriteTxn& txn) -> Result<> {
            next = round; // a piece may run twice
            more = next.forget(txn, rules_, pace_.records_at_once);
            return {};
        });
        if (!written) {
            log::of("store")->warn("retention: {}; tried again later", written.error().message);
            return;
        }
        round = next;
        if (more && !pause(pace_.between_pieces)) return;
    }
    const auto& counts = round.counts();
    if (counts.all() == 0) return;
    log::of("store")->info(
        "retention: forgot {} evidence, {} visits, {} reports, {} hosts; {} journal entries became audit lines",
        counts.evidence, counts.scans, counts.reports, counts.hosts, counts.journal);
}

} // namespace provenbl::tools
