#include "dnsbl/watch/query_log.hpp"

#include "dnsbl/watch/query_line.hpp"
#include "store/log.hpp"

#include <algorithm>

namespace provenbl::dnsbl::watch {
namespace {

constexpr std::size_t gather_limit = std::size_t{64} << 10U; // octets that are written at once
constexpr auto interval = std::chrono::milliseconds(10);     // a full queue each time is 200,000 records a second

} // namespace

bool QueryLog::Lane::wanted(const Outcome& outcome) const {
    const bool answered = outcome.size > 0;
    switch (only_) {
    case Only::all:
        return true;
    case Only::listed:
        return answered && outcome.listed;
    case Only::refused:
        return answered && outcome.rcode == wire::Rcode::refused;
    case Only::errors:
        return answered && outcome.rcode != wire::Rcode::noerror && outcome.rcode != wire::Rcode::nxdomain;
    case Only::dropped:
        return !answered;
    }
    return true;
}

QueryLog::QueryLog(QueryLogSettings settings, std::vector<std::string> zones, std::uint64_t seed)
    : settings_(std::move(settings)), zones_(std::move(zones)), seed_(seed), file_(settings_.file) {}

QueryLog::~QueryLog() {
    stop();
}

QueryLog::Lane& QueryLog::add_lane() {
    return lanes_.emplace_back(settings_, seed_ + 0x9e3779b97f4a7c15 * (lanes_.size() + 1));
}

void QueryLog::start() {
    thread_ = std::thread([this] { run(); });
}

void QueryLog::stop() {
    if (!thread_.joinable()) return;
    {
        const std::scoped_lock lock{mutex_};
        stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

void QueryLog::run() {
    std::unique_lock lock{mutex_};
    while (!wake_.wait_for(lock, interval, [this] { return stopping_; })) {
        lock.unlock();
        drain(std::chrono::system_clock::now());
        lock.lock();
    }
    drain(std::chrono::system_clock::now());
}

void QueryLog::drain(WallTime now) {
    // What can't be written stays in the rings, which are bounded.
    if (!ready() || !flush()) return;
    tell_of_gap(now);
    for (auto& lane : lanes_) {
        // Records that come meanwhile wait for the next turn: no thread can keep us with its own.
        auto left = settings_.queue;
        for (const auto* record = lane.ring_.front(); record != nullptr && left > 0; record = lane.ring_.front()) {
            append_line(pending_, *record, settings_, zones_);
            lane.ring_.pop();
            --left;
            if (pending_.size() >= gather_limit && !flush()) return;
        }
    }
    if (!flush()) return;
    if (failing_) log::of("dns")->info("the query log is written to {} again", settings_.file);
    failing_ = false;
}

bool QueryLog::ready() {
    const auto opened = file_.follow();
    if (!opened) {
        say_failed(opened.error());
        return false;
    }
    if (*opened && torn_) {
        // The rest of a line whose beginning is in another file.
        const auto end = pending_.find('\n');
        pending_.erase(0, end == std::string::npos ? end : end + 1);
        torn_ = false;
    }
    return true;
}

bool QueryLog::flush() {
    if (pending_.empty()) return true;
    const auto taken = file_.write(pending_);
    if (!taken) {
        say_failed(taken.error());
        return false;
    }
    if (*taken > 0) torn_ = pending_[*taken - 1] != '\n';
    const auto end = pending_.begin() + static_cast<std::ptrdiff_t>(*taken);
    written_.add(static_cast<std::uint64_t>(std::count(pending_.begin(), end, '\n')));
    pending_.erase(pending_.begin(), end);
    return pending_.empty();
}

void QueryLog::tell_of_gap(WallTime now) {
    const auto all = dropped();
    if (all == told_dropped_) return;
    append_gap(pending_, all - told_dropped_, now, settings_);
    // Once in the server's own log; how many they are now, statistics tell.
    if (told_dropped_ == 0)
        log::of("dns")->warn(
            "the query log drops records: more come than {} takes; sample fewer (dns.query_log.sample)",
            settings_.file);
    told_dropped_ = all;
}

void QueryLog::say_failed(const Error& error) {
    if (!failing_)
        log::of("dns")->error("{}; queries are not logged until it can be: make room, or check dns.query_log.file",
                              error.message);
    failing_ = true;
}

std::uint64_t QueryLog::dropped() const {
    std::uint64_t sum = 0;
    for (const auto& lane : lanes_) sum += lane.dropped_.get();
    return sum;
}

} // namespace provenbl::dnsbl::watch
