#include "tools/api/journal_reader.hpp"

#include "store/hosts.hpp"
#include "store/journal.hpp"

#include <spdlog/spdlog.h>

#include <condition_variable>

namespace provenbl::tools::api {
namespace {

// When the case of a change began: the case is named by the entry that opened it.
Time opened(const ReadTxn& txn, const Change& change) {
    if (!change.after.empty() || change.case_id == 0) return {};
    Time at{};
    journal::walk(txn, change.case_id - 1, [&](const Change& first) {
        if (first.sequence == change.case_id && first.address == change.address) at = first.at;
        return false;
    });
    return at;
}

} // namespace

void JournalReader::start() {
    thread_.emplace([this](const std::stop_token& stop) { run(stop); });
}

void JournalReader::stop() {
    thread_.reset();
}

JournalReader::Reading JournalReader::reading() const {
    const std::lock_guard lock(mutex_);
    return reading_;
}

void JournalReader::catch_up() {
    while (step({})) {
    }
}

void JournalReader::run(const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock(mutex);
    while (!stop.stop_requested()) {
        auto wait = pace_.look;
        try {
            if (step(stop)) wait = pace_.breath;
        } catch (const std::exception& fault) {
            spdlog::warn("the journal can't be counted: {}; tried again", fault.what());
        }
        never.wait_for(lock, stop, wait, [] { return false; });
    }
}

bool JournalReader::step(const std::stop_token& stop) {
    auto next = reading();
    store_.read([&](const ReadTxn& txn) {
        next.last = journal::last(txn);
        const auto floor = journal::floor(txn);
        if (!next.counted) {
            next.tally = {};
            hosts::walk_listed(txn, [&](const Address&, const Listing& listing) {
                next.tally.begin_with(listing.classes);
                return !stop.stop_requested();
            });
            standing_from_ = next.last;
            next.position = floor;
            next.counted = !stop.stop_requested();
            return;
        }
        // What lay between was trimmed, or never was: what is listed can't be followed over it.
        if (next.position < floor || next.position > next.last) {
            const bool followed = next.position <= next.last && floor <= standing_from_;
            next.position = floor;
            next.counted = followed;
            if (!followed) return;
        }
        std::size_t read = 0;
        journal::walk(txn, next.position, [&](const Change& change) {
            next.position = change.sequence;
            next.tally.add_to_history(change, opened(txn, change));
            if (change.sequence > standing_from_) next.tally.add_to_standing(change);
            return ++read < pace_.piece && !stop.stop_requested();
        });
    });
    const bool more = !next.counted || next.position < next.last;
    const std::lock_guard lock(mutex_);
    reading_ = next;
    return more && !stop.stop_requested();
}

} // namespace provenbl::tools::api
