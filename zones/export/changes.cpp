#include "zones/export/changes.hpp"

#include "store/journal.hpp"
#include "store/listing_unit.hpp"
#include "store/notices.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace provenbl::zones::exports {
namespace {

Error too_old(std::uint64_t from, std::string_view why) {
    return {Errc::expired,
            fmt::format("what changed since serial {} can't be told: {}; take the whole file", from, why)};
}

// One change of each address, from the first state to the last.
void condense(std::vector<Changed>& list) {
    std::stable_sort(list.begin(), list.end(),
                     [](const Changed& a, const Changed& b) { return a.address < b.address; });
    std::size_t kept = 0;
    for (std::size_t i = 0; i < list.size();) {
        auto one = list[i];
        for (++i; i < list.size() && list[i].address == one.address; ++i) one.after = list[i].after;
        if (!(one.before == one.after)) list[kept++] = one;
    }
    list.resize(kept);
}

} // namespace

Result<Changes> changes_since(const ReadTxn& txn, ClassSet classes, std::uint64_t from, std::size_t at_most) {
    Changes changes;
    changes.from = from;
    changes.to = journal::last(txn);
    changes.ipv6_bits = listing_unit::ipv6_bits(txn);
    if (from > changes.to)
        return Error{Errc::invalid, fmt::format("serial {} was never reached, the last one is {}; was it another "
                                                "server's? Take the whole file",
                                                from, changes.to)};
    if (from < journal::floor(txn)) return too_old(from, fmt::format("the journal begins at {}", journal::floor(txn)));
    Result<> outcome;
    std::size_t seen = 0;
    journal::walk(txn, from, [&](const Change& change) {
        if (!names_host(change.reason)) {
            outcome = too_old(from, fmt::format("at {} {}", change.sequence,
                                                change.reason == ChangeReason::configuration
                                                    ? "the definition of the zones changed"
                                                    : "the list was shut down or opened again"));
            return false;
        }
        if (++seen > at_most) {
            outcome = too_old(from, fmt::format("there are more than {} changes", at_most));
            return false;
        }
        const auto before = change.before & classes;
        const auto after = change.after & classes;
        if (!(before == after)) changes.list.push_back({change.address, before, after});
        return true;
    });
    if (!outcome) return outcome.error();
    if (notices::shutdown(txn))
        changes.list.clear(); // empty then and now
    else
        condense(changes.list);
    return changes;
}

} // namespace provenbl::zones::exports
