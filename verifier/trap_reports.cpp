#include "verifier/trap_reports.hpp"

#include "store/log.hpp"
#include "verifier/commit.hpp"
#include "verifier/report_filing.hpp"

#include <algorithm>
#include <utility>

namespace provenbl::verifier {
namespace {

constexpr std::uint32_t per_hour = 2000;
constexpr std::uint32_t per_day = 20'000;

} // namespace

TrapReports::TrapReports(Store& store, Entropy& entropy, const Gate& gate, const PolicyRules& rules,
                         TrapSettings settings)
    : store_(store), entropy_(entropy), gate_(gate), rules_(rules), settings_(std::move(settings)) {}

Awaitable<Result<>> TrapReports::report(Address host, std::string sender, std::string trap) {
    if (sender.empty()) {
        ++counters_.bounces;
        co_return Result<>{};
    }
    Report report;
    report.host = host;
    std::replace_if(
        trap.begin(), trap.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
    report.comment = "mail to the trap " + trap;
    const OwnReporter who{settings_.reporter, "mail to the mail sink's traps", true, per_hour, per_day};
    Store::Work work = [this, report = std::move(report), who, key = no_key(entropy_)](WriteTxn& txn) -> Result<> {
        const auto reporter = own_reporter(txn, who, key);
        if (!reporter) return reporter.error();
        FiledReport filed;
        return file_report(txn, gate_, rules_, *reporter, report, filed, {ReportWay::Kind::trap, {}});
    };
    auto done = co_await commit(store_, std::move(work));
    if (done) {
        ++counters_.taken;
        co_return done;
    }
    if (done.error().code == Errc::not_allowed) {
        ++counters_.refused;
        log::of("verifier")->debug("no report of mail to a trap from {}: {}", host.to_string(), done.error().message);
        co_return Result<>{};
    }
    ++counters_.failed;
    log::of("verifier")->error("mail to a trap could not be reported: {}", done.error().message);
    co_return done;
}

} // namespace provenbl::verifier
