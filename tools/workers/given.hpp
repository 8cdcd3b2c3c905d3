// A visit that is out: who holds it, and what he has told of it.
#pragma once

#include "store/result.hpp"
#include "tools/workers/bus.hpp"
#include "tools/workers/coordinator.hpp"
#include "verifier/elsewhere.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace provenbl::tools::workers {

struct Coordinator::Given {
    static constexpr std::size_t window = 256; // of requests

    Given(const boost::asio::any_io_executor& executor, Scan scan_, verifier::VisitBooks::Known known_)
        : scan(std::move(scan_)), known(std::move(known_)), timer(executor) {}

    Scan scan;
    verifier::VisitBooks::Known known;
    std::optional<std::uint64_t> order; // its number in the queue
    // Who holds it.
    std::string lease; // empty: nobody
    std::string worker;
    std::uint64_t delivery = 0;
    Time taken{};                   // when he did
    std::set<std::uint64_t> counts; // of his requests; several are on their way at once
    Time heard{};                   // of him; before that, when it was given out
    std::size_t asking = 0;         // of his requests: being answered
    std::set<TokenId> tokens;
    std::vector<ScanStep> steps; // as he claims them; those of a worker that is lost, until they are taken out
    std::size_t written = 0;     // of them: in the books
    bool over = false;           // the result is in: nothing more is taken
    // Nobody may take it any more: it is carried out here, from a time on.
    std::optional<Error> why_home;
    Time home_at{};
    std::shared_ptr<Delivery> result;
    std::optional<verifier::Findings> findings;
    boost::asio::steady_timer timer;

    // What has fallen out of the window counts as made before.
    bool is_new(std::uint64_t count) {
        if (counts.contains(count)) return false; // before it could push another out
        if (counts.size() >= window) {
            if (count < *counts.begin()) return false;
            counts.erase(counts.begin());
        }
        return counts.insert(count).second;
    }
    // All that is probed in the visit: an exclusion covers any of it.
    [[nodiscard]] Result<> allowed_by(const verifier::VisitBooks& books) const {
        auto allowed = books.allows(scan.host);
        for (const auto& target : scan.targets)
            if (allowed) allowed = books.allows(target);
        for (const auto& hole : known.host.holes)
            if (allowed) allowed = books.allows(hole.entry);
        return allowed;
    }
    void go_home(Error why, Time at) {
        why_home = std::move(why);
        home_at = at;
        timer.cancel();
    }
    [[nodiscard]] bool holds(const Address& address) const {
        const auto& targets = scan.targets;
        return address == scan.host || std::find(targets.begin(), targets.end(), address) != targets.end() ||
               std::any_of(known.host.holes.begin(), known.host.holes.end(),
                           [&](const Hole& hole) { return hole.entry == address; });
    }
};

} // namespace provenbl::tools::workers
