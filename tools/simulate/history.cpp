#include "tools/simulate/history.hpp"

#include "tools/transfer/json_values.hpp"
#include "tools/transfer/record_json.hpp"
#include "verifier/technique.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <istream>
#include <utility>

namespace provenbl::tools::simulate {
namespace json = boost::json;
namespace {

using transfer::WrongValue;

constexpr std::size_t longest_line = std::size_t{32} << 20U; // as export writes them
constexpr std::size_t most_events = 1'000'000;
constexpr std::size_t most_problems = 100;

// A member of an object, once; whatever nobody has asked for is a mistake that must not pass in silence.
class Members {
public:
    explicit Members(const json::object& object) : object_(object) {}

    template <class T> bool optional(std::string_view name, T& value) {
        const auto* const found = find(name);
        if (found == nullptr) return false;
        try {
            transfer::read(*found, value);
        } catch (const WrongValue& wrong) {
            throw WrongValue(fmt::format("'{}' {}", name, wrong.what()));
        }
        return true;
    }
    template <class T> void needed(std::string_view name, T& value) {
        if (!optional(name, value)) throw WrongValue(fmt::format("'{}' is missing", name));
    }
    const json::value* find(std::string_view name) {
        asked_.push_back(name);
        return object_.if_contains({name.data(), name.size()});
    }
    const json::array* list(std::string_view name) {
        const auto* const found = find(name);
        if (found == nullptr) return nullptr;
        if (!found->is_array()) throw WrongValue(fmt::format("'{}' is no list", name));
        return &found->get_array();
    }
    void expect_no_other() const {
        for (const auto& member : object_) {
            const std::string_view key(member.key().data(), member.key().size());
            if (std::find(asked_.begin(), asked_.end(), key) == asked_.end())
                throw WrongValue(fmt::format("'{}' is no member that is known here", key.substr(0, 40)));
        }
    }

private:
    const json::object& object_;
    std::vector<std::string_view> asked_;
};

void must_be_known(const std::string& technique) {
    if (verifier::find_technique(technique) == nullptr)
        throw WrongValue(fmt::format("'{}' is no technique that is known here", technique.substr(0, 60)));
}

Step step_of(const json::value& from, const Event& event) {
    if (!from.is_object()) throw WrongValue("'steps' holds something that is no object");
    Members members(from.get_object());
    Step step;
    step.step.at = event.at;
    step.step.target = event.host;
    members.needed("technique", step.step.technique);
    members.needed("port", step.step.port);
    members.needed("verdict", step.step.verdict);
    members.optional("detail", step.step.detail);
    members.optional("target", step.step.target);
    Address exit;
    if (members.optional("exit", exit)) step.exit = exit;
    members.expect_no_other();
    must_be_known(step.step.technique);
    return step;
}

Event event_of(const json::object& object) {
    Members members(object);
    Event event;
    std::string what;
    members.needed("event", what);
    members.needed("at", event.at);
    if (what == "time") {
        event.what = Event::What::time;
    } else if (what == "exclude") {
        event.what = Event::What::exclude;
        members.needed("prefix", event.exclusion.prefix);
        members.optional("reason", event.exclusion.reason);
        members.optional("until", event.exclusion.until);
        event.host = event.exclusion.prefix.base();
    } else if (what == "report" || what == "owner" || what == "visit") {
        members.needed("host", event.host);
        event.what = what == "report" ? Event::What::report : what == "owner" ? Event::What::owner : Event::What::visit;
    } else {
        throw WrongValue(
            fmt::format("'{}' is no event; there are report, owner, visit, exclude and time", what.substr(0, 40)));
    }
    if (event.what == Event::What::report) {
        event.reporter = "operator";
        members.optional("reporter", event.reporter);
        members.optional("trap", event.trap);
        if (const auto* const number = members.find("standing")) {
            json::error_code failed;
            event.standing = number->to_number<std::int32_t>(failed);
            if (failed || *event.standing < -100 || *event.standing > 100)
                throw WrongValue("'standing' is no whole number from -100 to 100");
        }
        if (const auto* const ports = members.list("ports"))
            for (const auto& port : *ports) transfer::read(port, event.ports.emplace_back());
    }
    if (event.what == Event::What::visit) {
        ScanKind kind{};
        if (members.optional("kind", kind)) event.kind = kind;
        const auto* const steps = members.list("steps");
        if (steps == nullptr) throw WrongValue("'steps' is missing: what did the visit find?");
        for (const auto& step : *steps) event.steps.push_back(step_of(step, event));
    }
    members.expect_no_other();
    return event;
}

// A listing that ended by what a visit found. Whatever else ends one (an exclusion, a purge, the operator's hand) is no
// rule of the policy.
std::optional<Verdict> ended_by(ChangeReason reason) {
    switch (reason) {
    case ChangeReason::secured:
        return Verdict::refused;
    case ChangeReason::silent:
    case ChangeReason::expired:
        return Verdict::unreachable;
    case ChangeReason::inconclusive:
        return Verdict::inconclusive;
    default:
        return std::nullopt;
    }
}

struct FromExport {
    std::optional<Event> operator()(const Report& report) const {
        Event event;
        event.what = Event::What::report;
        event.at = report.received;
        event.host = report.named == Address{} ? report.host : report.named;
        event.reporter = report.reporter.empty() ? "somebody" : report.reporter; // left out without --private
        event.ports = report.ports;
        return event;
    }
    std::optional<Event> operator()(const CaseEvidence& evidence) const {
        if (evidence.cls == ListingClass::chain) return std::nullopt; // told by its entry
        must_be_known(evidence.technique);
        Event event;
        event.what = Event::What::visit;
        event.at = evidence.arrived;
        event.host = evidence.host;
        event.kind = ScanKind::report;
        Step step;
        step.step = {event.at,      evidence.technique,   evidence.entry.address, evidence.entry.port,
                     Verdict::open, "the token came back"};
        if (evidence.exit != Address{} && evidence.exit != evidence.entry.address) step.exit = evidence.exit;
        event.steps.push_back(std::move(step));
        return event;
    }
    std::optional<Event> operator()(const Change& change) const {
        const auto verdict = ended_by(change.reason);
        if (!verdict || !change.after.empty()) return std::nullopt;
        Event event;
        event.what = Event::What::visit;
        event.at = change.at;
        event.host = change.address;
        event.kind = change.actor == "owner" ? ScanKind::owner : ScanKind::rescan;
        event.every_way = verdict;
        return event;
    }
    std::optional<Event> operator()(const Exclusion& exclusion) const {
        Event event;
        event.what = Event::What::exclude;
        event.at = exclusion.created;
        event.host = exclusion.prefix.base();
        event.exclusion = exclusion;
        return event;
    }
    std::optional<Event> operator()(const AuditLine&) const { return std::nullopt; }
    std::optional<Event> operator()(const Host&) const { return std::nullopt; }
    std::optional<Event> operator()(const Mirror&) const { return std::nullopt; }
};

std::optional<Event> from_export(const json::object& object, const std::string& type) {
    if (type == "export" || type == "end") return std::nullopt;
    const auto record = transfer::from_json(object);
    if (!record) throw WrongValue(record.error().message);
    return std::visit(FromExport{}, *record);
}

class Reading {
public:
    History take() {
        // Of an export: its tables come one after the other. Nothing else may be out of order.
        if (exported_)
            std::stable_sort(history_.events.begin(), history_.events.end(),
                             [](const Event& a, const Event& b) { return a.at < b.at; });
        return std::move(history_);
    }
    bool full() const { return history_.problems.size() >= most_problems; }

    void line(std::size_t number, const std::string& text) {
        if (text.find_first_not_of(" \t\r") == std::string::npos) return;
        try {
            json::error_code failed;
            const auto value = json::parse(text, failed);
            if (failed || !value.is_object()) throw WrongValue(failed ? "no JSON: " + failed.message() : "no object");
            const auto& object = value.get_object();
            const auto* const type = object.if_contains("type");
            const bool exported = type != nullptr && type->is_string();
            exported_ = exported_ || exported;
            auto event = exported ? from_export(object, std::string(type->get_string())) : event_of(object);
            if (!event) return;
            if (!exported && event->at < latest_)
                throw WrongValue(fmt::format("{} is before the line above it", provenbl::to_string(event->at)));
            if (history_.events.size() >= most_events)
                throw WrongValue(fmt::format("more than {} events", most_events));
            latest_ = std::max(latest_, event->at);
            event->line = number;
            history_.events.push_back(std::move(*event));
        } catch (const WrongValue& wrong) {
            problem(number, wrong.what());
        }
    }
    void problem(std::size_t number, std::string message) { history_.problems.push_back({number, std::move(message)}); }

private:
    History history_;
    bool exported_ = false;
    Time latest_{};
};

} // namespace

std::string_view to_string(Event::What what) {
    switch (what) {
    case Event::What::report:
        return "report";
    case Event::What::owner:
        return "owner";
    case Event::What::visit:
        return "visit";
    case Event::What::exclude:
        return "exclude";
    case Event::What::time:
        return "time";
    }
    return "unknown";
}

History read_history(std::istream& in) {
    Reading reading;
    std::string text;
    std::size_t number = 1;
    std::streambuf* const from = in.rdbuf();
    for (int c = from->sbumpc();; c = from->sbumpc()) {
        const bool end = c == std::char_traits<char>::eof();
        if (end || c == '\n') {
            reading.line(number, text);
            if (end || reading.full()) return reading.take();
            text.clear();
            ++number;
        } else if (text.size() == longest_line) {
            reading.problem(number, fmt::format("longer than {} bytes", longest_line));
            return reading.take();
        } else {
            text += static_cast<char>(c);
        }
    }
}

std::string write_event(const Event& event) {
    using transfer::show;
    json::object object{{"at", show(event.at)}, {"event", to_string(event.what)}};
    if (event.what == Event::What::exclude) {
        object["prefix"] = show(event.exclusion.prefix);
        object["reason"] = show(event.exclusion.reason);
        if (event.exclusion.until != Time{}) object["until"] = show(event.exclusion.until);
    } else if (event.what != Event::What::time) {
        object["host"] = show(event.host);
    }
    if (event.what == Event::What::report) {
        object["reporter"] = show(event.reporter);
        if (event.standing) object["standing"] = *event.standing;
        if (event.trap) object["trap"] = true;
        if (!event.ports.empty()) object["ports"] = json::array(event.ports.begin(), event.ports.end());
    }
    if (event.what == Event::What::visit) {
        if (event.kind) object["kind"] = show(*event.kind);
        json::array steps;
        for (const auto& each : event.steps) {
            json::object step{{"technique", show(each.step.technique)},
                              {"port", each.step.port},
                              {"verdict", show(each.step.verdict)}};
            if (!each.step.detail.empty()) step["detail"] = show(each.step.detail);
            if (each.step.target != event.host) step["target"] = show(each.step.target);
            if (each.exit) step["exit"] = show(*each.exit);
            steps.push_back(std::move(step));
        }
        object["steps"] = std::move(steps);
    }
    return json::serialize(object);
}

} // namespace provenbl::tools::simulate
