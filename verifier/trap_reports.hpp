// Mail to a trap of ours: an address that nobody was ever given, so that whoever mails there sends what nobody asked
// for. It files a report of the host that connected, and never more than that: what a visit proves is proven as ever.
//
// The traps are one reporter, whose word counts alone (verifier/report_rules.hpp), with limits against a flood. A
// bounce (null sender) is no report: it comes from a server whose only fault is to answer a forged sender. Thread: the
// sinks' executor; any thread reads the counters.
#pragma once

#include "store/entropy.hpp"
#include "store/store.hpp"
#include "verifier/gate.hpp"
#include "verifier/network.hpp"
#include "verifier/settings.hpp"
#include "verifier/trap_settings.hpp"

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

namespace provenbl::verifier {

struct TrapCounters {
    std::atomic<std::uint64_t> taken{0};
    std::atomic<std::uint64_t> refused{0}; // by a rule: excluded, special-purpose, beyond the limits
    std::atomic<std::uint64_t> failed{0};  // trouble of ours; the sender is asked to come again
    std::atomic<std::uint64_t> bounces{0};
};

class TrapReports {
public:
    TrapReports(Store& store, Entropy& entropy, const Gate& gate, const PolicyRules& rules, TrapSettings settings);

    [[nodiscard]] const std::vector<std::string>& addresses() const { return settings_.addresses; }

    // A mail from `sender` (empty: null) to the trap came from the host. Durable when it returns. An error is trouble
    // of ours: that a rule refuses the report is nothing that the host should learn.
    Awaitable<Result<>> report(Address host, std::string sender, std::string trap);
    [[nodiscard]] const TrapCounters& counters() const { return counters_; }

private:
    Store& store_;
    Entropy& entropy_;
    const Gate& gate_;
    const PolicyRules& rules_;
    const TrapSettings settings_;
    TrapCounters counters_;
};

} // namespace provenbl::verifier
