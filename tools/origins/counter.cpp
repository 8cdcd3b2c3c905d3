#include "tools/origins/counter.hpp"

#include "store/hosts.hpp"
#include "store/log.hpp"

#include <fmt/format.h>

#include <condition_variable>

namespace provenbl::tools::origins {
namespace {

// Until it is time, or to stop.
void pause(const std::stop_token& stop, Duration span) {
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock(mutex);
    never.wait_for(lock, stop, span, [] { return false; });
}

} // namespace

Result<Counter::Files> Counter::open() const {
    Files files;
    const auto open_one = [](const std::filesystem::path& path, std::string_view setting,
                             std::optional<LocationFile>& into) -> Result<> {
        if (path.empty()) return {};
        auto opened = LocationFile::open(path);
        if (!opened) return Error{opened.error().code, fmt::format("{}: {}", setting, opened.error().message)};
        into.emplace(std::move(*opened));
        return {};
    };
    if (auto opened = open_one(settings_.country_file, "statistics.country_file", files.country); !opened)
        return opened.error();
    if (auto opened = open_one(settings_.network_file, "statistics.network_file", files.network); !opened)
        return opened.error();
    return files;
}

Result<> Counter::start() {
    if (const auto files = open(); !files) return files.error();
    thread_.emplace([this](const std::stop_token& stop) { run(stop); });
    return {};
}

void Counter::stop() {
    thread_.reset();
}

std::optional<Origins> Counter::last() const {
    const std::lock_guard lock(mutex_);
    return last_;
}

Result<> Counter::count(const std::stop_token& stop) {
    const auto files = open();
    if (!files) return files.error();
    OriginTally tally{files->country.has_value(), files->network.has_value()};
    std::optional<Address> after;
    for (bool more = true; more;) {
        std::vector<Address> piece;
        store_.read([&](const ReadTxn& txn) {
            hosts::walk_listed_after(txn, after, [&](const Address& address, const Listing&) {
                piece.push_back(address);
                return piece.size() < pace_.piece;
            });
        });
        for (const auto& address : piece)
            tally.add(files->country ? files->country->country(address) : std::nullopt,
                      files->network ? files->network->network(address) : std::nullopt);
        more = piece.size() == pace_.piece;
        if (!piece.empty()) after = piece.back();
        if (stop.stop_requested()) return {};
        if (more) pause(stop, pace_.breath);
    }
    auto counted = tally.result(clock_.now());
    const std::lock_guard lock(mutex_);
    last_ = std::move(counted);
    return {};
}

void Counter::run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        try {
            if (const auto counted = count(stop); !counted)
                log::of("api")->warn("{}; the last count stays", counted.error().message);
        } catch (const std::exception& fault) {
            log::of("api")->warn("countries and networks can't be counted: {}; tried again", fault.what());
        }
        pause(stop, settings_.interval);
    }
}

} // namespace provenbl::tools::origins
