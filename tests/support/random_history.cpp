#include "tests/support/random_history.hpp"

#include "store/exclusions.hpp"
#include "store/hosts.hpp"
#include "store/journal.hpp"
#include "store/ledger.hpp"
#include "store/purges.hpp"
#include "store/sweeps.hpp"
#include "store/tables.hpp"
#include "store/tokens.hpp"

#include <fmt/format.h>

#include <array>
#include <random>
#include <sstream>

namespace provenbl::test {
namespace {

using namespace std::chrono_literals;

struct Way {
    const char* technique;
    std::uint16_t port;
    ListingClass cls;
    SinkKind sink;
};
constexpr std::array ways{Way{"smtp-relay/plain", 25, ListingClass::relay, SinkKind::mail},
                          Way{"smtp-relay/percent", 25, ListingClass::relay, SinkKind::mail},
                          Way{"socks5/connect", 1080, ListingClass::socks, SinkKind::callback},
                          Way{"http/connect", 3128, ListingClass::http, SinkKind::callback},
                          Way{"http/connect", 8080, ListingClass::http, SinkKind::callback}};
constexpr Duration token_life = 6h;

std::string hex(const TokenId& id) {
    std::string text;
    for (const auto byte : id) text += fmt::format("{:02x}", byte);
    return text;
}

TokenId from_hex(const std::string& text) {
    TokenId id{};
    for (std::size_t i = 0; i < id.size(); ++i)
        id.at(i) = static_cast<std::uint8_t>(std::stoul(text.substr(2 * i, 2), nullptr, 16));
    return id;
}

// The one token of this host and way that may be under way in these hours: so that a later event finds it again.
TokenId token_of(std::uint32_t host, std::size_t way, std::uint64_t hours) {
    TokenId id{};
    for (unsigned i = 0; i < 4; ++i) id.at(i) = static_cast<std::uint8_t>(host >> (8 * i));
    for (unsigned i = 0; i < 8; ++i) id.at(4 + i) = static_cast<std::uint8_t>(hours >> (8 * i));
    id.at(12) = static_cast<std::uint8_t>(way);
    return id;
}

// What a change is, in one line without its texts.
std::string line_of(const Change& change) {
    return fmt::format("change {} {} {} {} {} {} {}", change.sequence, change.at.time_since_epoch().count(),
                       change.address.to_string(), change.before.bits(), change.after.bits(),
                       static_cast<unsigned>(change.reason), change.case_id);
}

class Event {
public:
    Event(WriteTxn& txn, std::uint64_t seed, const HistorySettings& settings, std::vector<std::string>* said)
        : txn_(txn), settings_(settings), said_(said), engine_(seed), number_(below(settings.hosts)),
          host_(history_host(number_)) {}

    Result<> run() {
        const auto draw = below(1000);
        if (draw < 200) return report();
        if (draw < 440) return issue();
        if (draw < 680) return come_back();
        if (draw < 900) return visit();
        if (draw < 908) return exclude();
        if (draw < 920) return end_exclusion();
        if (draw < 930) return sweep();
        if (draw < 970) return age();
        if (draw < 983) return fail();
        if (draw < 987) return configure();
        if (draw < 992) return list_by_hand();
        if (draw < 996) return end_by_hand();
        if (draw < 997) return purge();
        if (settings_.forget) tokens::sweep(txn_, txn_.now, 1000);
        return {};
    }

private:
    std::uint32_t below(std::uint32_t limit) { return static_cast<std::uint32_t>(engine_() % limit); }
    bool percent(std::uint32_t chance) { return below(100) < chance; }
    void say(std::string line) {
        if (said_ != nullptr) said_->push_back(std::move(line));
    }
    [[nodiscard]] std::uint64_t hours() const {
        return static_cast<std::uint64_t>(txn_.now.time_since_epoch() / token_life);
    }

    // Refusals by rule are no failures: what they leave behind is committed.
    Result<> report() {
        Report wanted;
        wanted.host = host_;
        wanted.reporter = "reporter " + std::to_string(below(20));
        wanted.comment = std::string(below(200), 'x');
        wanted.ports = {static_cast<std::uint16_t>(1 + below(60'000))};
        if (const auto filed = ledger::file_report(txn_, wanted, txn_.now))
            say(fmt::format("report {} {}", filed->id, host_.to_string()));
        return {};
    }

    Result<> issue() {
        const auto way = below(ways.size());
        PendingProbe probe;
        probe.id = token_of(number_, way, hours());
        probe.target = {host_, ways.at(way).port};
        probe.technique = ways.at(way).technique;
        probe.cls = ways.at(way).cls;
        probe.sink = ways.at(way).sink;
        probe.written = txn_.now;
        probe.expires = txn_.now + token_life;
        if (!tokens::issue(txn_, probe)) return {};
        say("token " + hex(probe.id));
        return percent(40) ? come_back(probe.id) : Result<>{};
    }

    Result<> come_back() {
        const auto way = below(ways.size());
        return come_back(token_of(number_, way, hours() - below(2)));
    }
    Result<> come_back(const TokenId& id) {
        const auto exit = percent(10) ? history_host(below(settings_.hosts)) : host_;
        const auto arrived = tokens::arrive(txn_, id, {txn_.now, exit, 25, std::string(below(800), 'm')});
        if (!arrived) return {};
        say("arrival " + hex(id));
        std::optional<Evidence> evidence = *arrived;
        if (!evidence && percent(90)) {
            auto confirmed = tokens::confirm(txn_, id);
            if (confirmed) evidence.emplace(std::move(*confirmed));
        }
        if (!evidence) return {};
        say_proof(ledger::list(txn_, *evidence, txn_.now + 24h), id);
        if (exit != host_) say_proof(ledger::list_exit(txn_, *evidence, txn_.now + 24h), id);
        if (percent(50)) tokens::attach_conversation(txn_, id, std::string(below(2000), 't'), "Sham 1.0");
        return {};
    }
    void say_proof(const Result<Host>& listed, const TokenId& id) {
        if (!listed) return;
        for (const auto& evidence : hosts::evidence(txn_, listed->address, listed->case_id)) {
            if (evidence.token == id)
                say(fmt::format("evidence {} {} {} {}", listed->address.to_string(), evidence.case_id, evidence.ordinal,
                                evidence.arrived.time_since_epoch().count()));
        }
    }

    // Begins a visit, ends the one that is under way, or both.
    Result<> visit() {
        auto known = hosts::find(txn_, host_);
        if (!known || known->running_scan == 0) {
            if (!ledger::request_scan(txn_, host_, static_cast<ScanKind>(below(3)), txn_.now, {25})) return {};
            const auto started = ledger::start_scan(txn_, host_);
            if (!started || percent(20)) return {};
            known = hosts::find(txn_, host_);
        }
        const auto mood = below(6); // all refuse, some refuse, nothing answers, all open
        std::vector<Hole> shut;
        for (const auto& hole : known->holes) {
            const auto verdict = mood == 0                    ? Verdict::refused
                                 : mood == 1                  ? (percent(50) ? Verdict::refused : Verdict::open)
                                 : mood == 2 && below(2) == 0 ? Verdict::closed_port
                                 : mood == 2                  ? Verdict::unreachable
                                                              : Verdict::open;
            ledger::add_step(txn_, host_, known->running_scan,
                             {txn_.now, hole.technique, hole.entry, hole.port, verdict, "as it was said"});
            if (verdict != Verdict::open) shut.push_back(hole);
        }
        ledger::Finish finish;
        finish.outcome = "looked at";
        finish.answered = mood != 2;
        if (known->listed()) finish.next_due = txn_.now + 24h;
        const auto scan = ledger::finish_scan(txn_, host_, known->running_scan, finish);
        if (!scan || shut.empty()) return {};
        const auto clearance =
            Clearance::from_scan(*scan, shut, mood == 2 ? ChangeReason::silent : ChangeReason::secured);
        if (clearance) (void)ledger::clear(txn_, *clearance, percent(50) ? "owner" : "verifier");
        return {};
    }

    Result<> exclude() {
        const auto prefix = Prefix::of(host_, host_.bits() - 4);
        const auto until = percent(95) ? txn_.now + std::chrono::minutes(1 + below(600)) : Time{};
        // In steps so small that several are needed.
        (void)sweeps::begin(txn_, {prefix, "asked for", "operator", txn_.now, until}, 1 + below(16), 1 + below(4));
        return {};
    }
    Result<> sweep() {
        (void)sweeps::step(txn_, 1 + below(16), 1 + below(4));
        return {};
    }
    Result<> end_exclusion() {
        std::optional<Prefix> first;
        exclusions::walk(txn_, [&](const Exclusion& exclusion) {
            first = exclusion.prefix;
            return percent(90);
        });
        if (first) exclusions::remove(txn_, *first);
        return {};
    }

    Result<> age() {
        const auto known = hosts::find(txn_, host_);
        if (!known || !known->listed()) return {};
        const auto clearance =
            percent(50) ? Clearance::from_silence(*known, 8h, txn_.now) : Clearance::from_age(*known, 8h, txn_.now);
        if (clearance) (void)ledger::clear(txn_, *clearance, "verifier");
        return {};
    }

    // Writes much and then is refused.
    Result<> fail() {
        (void)ledger::exclude(txn_, {Prefix::of(host_, 8), "a mistake", "operator", txn_.now, {}});
        (void)report();
        if (said_ != nullptr) said_->clear();
        return Error{Errc::invalid, "this was never meant"};
    }

    Result<> list_by_hand() {
        const auto until = txn_.now + std::chrono::minutes(1 + below(600));
        (void)ledger::list_manually(txn_, host_,
                                    {ways.at(below(ways.size())).cls, "seen", "operator", txn_.now, until});
        return {};
    }
    // What has come to its end, or all of it.
    Result<> end_by_hand() {
        const auto known = hosts::find(txn_, host_);
        if (!known || known->manual.empty()) return {};
        const auto clearance =
            percent(50) ? Clearance::from_end(*known, txn_.now) : Clearance::from_withdrawal(*known, "a mistake");
        if (clearance) (void)ledger::clear(txn_, *clearance, "operator", "bob");
        return {};
    }
    Result<> purge() {
        PurgeFilter filter;
        filter.everywhere = false;
        filter.prefix = Prefix::of(host_, host_.bits() - 5);
        const auto begun = purges::begin(txn_, filter, "a bad batch", "bob");
        if (begun) (void)purges::step(txn_, begun->id);
        return {};
    }

    Result<> configure() {
        journal::note_configuration(txn_, std::to_string(below(1000)));
        return {};
    }

    WriteTxn& txn_;
    const HistorySettings& settings_;
    std::vector<std::string>* said_;
    std::mt19937_64 engine_;
    std::uint32_t number_;
    Address host_;
};

} // namespace

Address history_host(std::uint32_t number) {
    // Neighbours share prefixes, so that an exclusion covers several.
    if (number % 4 != 3) return Address::v4(0x05000000U + number);
    std::array<std::uint8_t, 16> bytes{0x2a, 0x00, 0x14, 0x50};
    for (unsigned i = 0; i < 4; ++i) bytes.at(15 - i) = static_cast<std::uint8_t>(number >> (8 * i));
    return Address::v6(bytes);
}

Result<> random_event(WriteTxn& txn, std::uint64_t seed, const HistorySettings& settings,
                      std::vector<std::string>* said) {
    if (said != nullptr) said->clear();
    const auto before = journal::last(txn);
    auto result = Event(txn, seed, settings, said).run();
    if (result && said != nullptr) {
        journal::walk(txn, before, [&](const Change& change) {
            said->push_back(line_of(change));
            return true;
        });
    }
    return result;
}

std::string unkept_promise(const ReadTxn& txn, const std::string& line) {
    std::istringstream words(line);
    std::string kind;
    std::string name;
    words >> kind;
    if (kind == "report") {
        std::uint64_t id = 0;
        words >> id >> name;
        const auto report = get_record<Report>(txn, txn.tables.reports, keys::number(id));
        return report && report->host.to_string() == name ? "" : "the report is gone";
    }
    if (kind == "token" || kind == "arrival") {
        words >> name;
        const auto probe = tokens::find(txn, from_hex(name));
        if (!probe) return "the token is gone";
        return kind == "token" || probe->arrived ? "" : "its arrival is gone";
    }
    if (kind == "evidence") {
        std::uint64_t case_id = 0;
        unsigned ordinal = 0;
        Duration::rep arrived = 0;
        words >> name >> case_id >> ordinal >> arrived;
        const auto address = Address::parse(name).value();
        std::string there;
        for (const auto& evidence : hosts::evidence(txn, address, case_id)) {
            // The proof of the same hole that was redeemed last takes its place; it may have arrived before, as long
            // ago as tokens live.
            if (evidence.ordinal == ordinal && (evidence.arrived + token_life).time_since_epoch().count() >= arrived)
                return "";
            there += fmt::format("{}{} of {}", there.empty() ? "" : ", ", evidence.ordinal,
                                 evidence.arrived.time_since_epoch().count());
        }
        return "the evidence is gone; the case has " + (there.empty() ? "none" : there);
    }
    if (kind == "change") {
        std::uint64_t sequence = 0;
        words >> sequence;
        std::string found;
        journal::walk(txn, sequence - 1, [&](const Change& change) {
            found = line_of(change);
            return false;
        });
        return found == line ? "" : "the journal has '" + found + "' there";
    }
    return "this promise is not understood";
}

} // namespace provenbl::test
