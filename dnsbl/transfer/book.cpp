#include "dnsbl/transfer/book.hpp"

#include "dnsbl/wire/query.hpp"
#include "store/log.hpp"
#include "zones/zone_table.hpp"

#include <fmt/format.h>

namespace provenbl::dnsbl::transfer {
namespace {

constexpr auto minute = std::chrono::minutes{1};
// Mirrors are bounded by the store; names of those that are gone stay, and so does a bound.
constexpr std::size_t most_mirrors = 1000;

// What is everyday, or a matter of passing load, is no trouble.
bool is_news(Refusal refusal) {
    return refusal == Refusal::unsigned_ || refusal == Refusal::transport || refusal == Refusal::busy ||
           refusal == Refusal::fixed;
}

} // namespace

std::string_view reason_of(Refusal refusal) {
    switch (refusal) {
    case Refusal::none:
        break;
    case Refusal::signature:
        return "its signature is wrong: the key's name, secret or algorithm, or a clock that is off; compare with "
               "`provenbl mirror show`";
    case Refusal::unsigned_:
        return "it is not signed, and transfers.allow_unsigned has no network of it";
    case Refusal::network:
        return "its key may not be used from there (--from of the mirror)";
    case Refusal::zone:
        return "the zone is not among those of its key (`provenbl mirror list`)";
    case Refusal::clear:
        return "it did not come over TLS, as transfers.require_tls or --tls of the mirror wants it; paste `provenbl "
               "mirror show` there";
    case Refusal::old_tls:
        return "it came over TLS 1.2, and transfers want 1.3 (RFC 9103 7.1)";
    case Refusal::certificate:
        return "it showed no certificate of a client, which dns.tls.client_ca asks for";
    case Refusal::fixed:
        return "static zones are not transferred; copy their files";
    case Refusal::transport:
        return "AXFR goes over TCP";
    case Refusal::busy:
        return "too many transfers are under way (transfers.concurrent, transfers.per_client)";
    }
    return "no reason is known";
}

std::pair<bool, std::uint64_t> Book::may_tell(const Address& client, Refusal why, Time now) {
    const std::unique_lock lock(lines_mutex_, std::try_to_lock);
    if (!lock) {
        untold_.fetch_add(1, std::memory_order_relaxed);
        return {false, 0};
    }
    // Also when the clock went back.
    const bool over = now - minute_ >= minute || now < minute_;
    if (over) {
        minute_ = now;
        told_.clear();
    }
    if (told_.size() >= lines_a_minute || !told_.emplace(client, why).second) {
        untold_.fetch_add(1, std::memory_order_relaxed);
        return {false, 0};
    }
    return {true, untold_.exchange(0, std::memory_order_relaxed)};
}

void Book::refused(std::span<const std::uint8_t> message, const Asker& asker, const Outcome& outcome,
                   const zones::ZoneTable& zones) {
    refused_[static_cast<std::size_t>(outcome.refusal)].fetch_add(1, std::memory_order_relaxed);
    if (!tell_) return;
    const auto [told, untold] = may_tell(asker.client.address, outcome.refusal, asker.now);
    if (!told) return;
    wire::Query query;
    static_cast<void>(wire::read_query(message, query)); // it was read before
    const auto* zone = zones.find(query.lower_name());
    const auto* mirror = asker.mirrors == nullptr ? nullptr : asker.mirrors->find(outcome.mirror);
    tell_(is_news(outcome.refusal) ? Level::news : Level::trouble,
          fmt::format("{} of {} was refused to {}{}: {}{}", query.type == wire::type::axfr ? "AXFR" : "IXFR",
                      zone == nullptr ? "a zone that is not ours" : zone->apex().to_string(),
                      log::client(asker.client.address), mirror == nullptr ? "" : " (mirror " + mirror->name + ")",
                      reason_of(outcome.refusal),
                      untold == 0 ? "" : fmt::format("; {} more refusals before it are not told", untold)));
}

void Book::served(const Served& transfer, Time now) {
    {
        const std::scoped_lock lock(mutex_);
        if (by_mirror_.size() >= most_mirrors && by_mirror_.count(transfer.mirror) == 0) return;
        auto& sum = by_mirror_[transfer.mirror];
        sum.mirror = transfer.mirror;
        if (!transfer.complete)
            ++sum.broken;
        else
            ++(transfer.whole ? sum.whole : sum.differences);
        sum.octets += transfer.octets;
        sum.records += transfer.records;
        sum.messages += transfer.messages;
        sum.took += transfer.took;
        sum.last = now;
    }
    if (!tell_) return;
    const auto level = !transfer.complete ? Level::trouble : transfer.whole ? Level::news : Level::detail;
    tell_(level, fmt::format("{} of {} to {}{}{}: {} records, {} octets, {} ms",
                             transfer.whole ? "all" : "what changed", transfer.zone, log::client(transfer.client),
                             transfer.mirror.empty() ? "" : " (mirror " + transfer.mirror + ")",
                             transfer.complete ? "" : " broke off before its end", transfer.records, transfer.octets,
                             transfer.took.count()));
}

TransferStatistics Book::statistics() const {
    TransferStatistics all;
    for (std::size_t i = 0; i < refused_.size(); ++i) all.refused[i] = refused_[i].load(std::memory_order_relaxed);
    const std::scoped_lock lock(mutex_);
    for (const auto& [name, sum] : by_mirror_) all.served.push_back(sum);
    return all;
}

} // namespace provenbl::dnsbl::transfer
