#include "tools/api/scan_feed.hpp"

#include "store/hosts.hpp"
#include "tools/api/describe.hpp"
#include "tools/api/public_view.hpp"

namespace provenbl::tools::api {
namespace json = boost::json;

std::string format_event(std::string_view name, const json::value& data) {
    // Serialized JSON holds no line break, so one data line is enough.
    return "event: " + std::string{name} + "\ndata: " + json::serialize(data) + "\n\n";
}

std::string ScanFeed::next() {
    if (ended_) return {};
    struct View {
        std::optional<Scan> scan;
        HostFacts facts;
    };
    const auto view = context_.store.read([&](const ReadTxn& txn) {
        return View{hosts::scan(txn, follow_.host, follow_.scan_id),
                    read_facts(txn, follow_.host, context_.clock.now())};
    });
    const auto reader = reader_of(follow_.is_operator);
    if (!view.scan) {
        ended_ = true;
        return format_event("gone", json::object{{"scan", follow_.scan_id}});
    }
    const auto scan = seen_by(reader, *view.scan);
    std::string events;
    if (scan.state != state_ && scan.state != ScanState::finished) {
        events += format_event(
            "state", json::object{{"scan", scan.id}, {"state", to_string(scan.state)}, {"due", describe(scan.due)}});
    }
    state_ = scan.state;
    // A visit that was taken up again after a crash begins anew.
    if (scan.steps.size() < steps_) steps_ = 0;
    for (; steps_ < scan.steps.size(); ++steps_)
        events += format_event("step", describe(scan.steps[steps_], steps_ + 1, context_));
    if (scan.state == ScanState::finished) {
        ended_ = true;
        auto data = describe(scan, context_);
        data.erase("steps");
        auto facts = describe(seen_by(reader, view.facts), context_);
        data["listed"] = facts["listed"];
        data["classes"] = facts["classes"];
        data["next_visit"] = facts["next_visit"];
        events += format_event("finished", data);
    }
    return events;
}

} // namespace provenbl::tools::api
