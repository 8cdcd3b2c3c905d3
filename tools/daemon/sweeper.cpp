#include "tools/daemon/sweeper.hpp"

#include "store/log.hpp"
#include "store/sweeps.hpp"

#include <condition_variable>
#include <mutex>
#include <optional>

namespace provenbl::tools {

Sweeper::Sweeper(Store& store, const Pace& pace)
    : store_(store), pace_(pace), thread_([this](const std::stop_token& stop) { run(stop); }) {}

void Sweeper::run(const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock(mutex);
    while (!stop.stop_requested()) never.wait_for(lock, stop, step(), [] { return false; });
}

Duration Sweeper::step() {
    if (!store_.read(sweeps::under_way)) return pace_.between_looks;
    std::optional<sweeps::Step> done;
    const auto written = store_.write([&](WriteTxn& txn) -> Result<> {
        auto stepped = sweeps::step(txn, pace_.examine, pace_.change);
        if (!stepped) return stepped.error();
        done = std::move(*stepped);
        return {};
    });
    if (!written) {
        log::of("store")->warn("an exclusion's listings can't be taken off: {}; tried again later",
                               written.error().message);
        return pace_.after_trouble;
    }
    if (!done) return pace_.between_looks;
    if (done->finished)
        log::of("store")->info("exclusion of {}: all that it covers is off the list, {} hosts",
                               done->sweep.prefix.to_string(), done->sweep.delisted);
    return pace_.between_steps;
}

} // namespace provenbl::tools
